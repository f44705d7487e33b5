"""A local stand-in for Seam that speaks Seam's HTTP API and knows nothing of Latchkey.

app = create_app(api_key="seam_test_key")       # a WSGI application
session.mount(endpoint, SandboxAdapter(app))    # in the same process, without a socket
with Server(app) as server: server.url          # on a socket
"""

from seam_sandbox.adapter import SandboxAdapter
from seam_sandbox.server import SeamSandbox, create_app
from seam_sandbox.serving import Server
from seam_sandbox.world.simulated_clock import Clock
from seam_sandbox.world.store import InUse

__all__ = ["Clock", "InUse", "SandboxAdapter", "SeamSandbox", "Server", "create_app"]
