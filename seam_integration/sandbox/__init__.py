"""A local stand-in for Seam: speaks Seam's HTTP API, knows nothing of Latchkey.

app = create_app(api_key="seam_test_key")       # a WSGI application
session.mount(endpoint, SandboxAdapter(app))    # in the same process, without a socket
with Server(app) as server: server.url          # on a socket
"""

from .adapter import SandboxAdapter
from .clock import Clock
from .server import SeamSandbox, create_app
from .serving import Server
from .store import InUse

__all__ = ["Clock", "InUse", "SandboxAdapter", "SeamSandbox", "Server", "create_app"]
