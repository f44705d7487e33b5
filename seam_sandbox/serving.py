"""Serves the sandbox on a socket, keeps its clock running and posts its webhooks.

Werkzeug's own handler closes each connection after one answer. Seam's clients keep theirs open, so this one does too.
"""

import io
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore, Thread

import requests
from werkzeug.datastructures import Headers
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from seam_sandbox.lifecycles.deliveries import SignedMessage
from seam_sandbox.server import SeamSandbox

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
WEBHOOK_TIMEOUT_SECONDS = 15
WEBHOOK_SENDERS = 8


class KeepAliveHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75  # seconds until an idle connection is closed

    def run_wsgi(self) -> None:
        """Read the whole body first, so that unread bytes do not become the next request."""
        environ = self.make_environ()
        length = int(self.headers.get("Content-Length") or 0)
        if not environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(length))
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ)
            self.wfile.write(self._build_head(status, headers) + next(iter(chunks), b""))
            for chunk in chunks:
                self.wfile.write(chunk)
        except ConnectionError:  # the client disconnected, or a fault rule breaks the connection
            self.close_connection = True

    def _build_head(self, status: str, headers: Headers) -> bytes:
        lines = [f"HTTP/1.1 {status}"] + ([] if "Date" in headers else [f"Date: {self.date_time_string()}"])
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log(self, type: str, message: str, *args: object) -> None:
        """Log nothing: addresses of webviews are secrets."""


class Server:
    """A running sandbox: ``with Server(app) as server: server.url``."""

    def __init__(self, app: SeamSandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = app
        with socket.create_server((host, port), backlog=128) as listening:  # raises OSError if the port is taken
            self._http: BaseWSGIServer = make_server(
                host, port, app, threaded=True, request_handler=KeepAliveHandler, fd=listening.fileno()
            )
        self.url = f"http://{host}:{self._http.port}"
        self._stopped = Event()
        self._free_senders = Semaphore(WEBHOOK_SENDERS)
        self._senders = ThreadPoolExecutor(WEBHOOK_SENDERS, thread_name_prefix="webhook")
        self._session = requests.Session()
        self._session.trust_env = False  # webhooks bypass any proxy of the environment
        self._ticker = Thread(target=self._keep_time, name="sandbox-clock", daemon=True)

    def __enter__(self) -> "Server":
        self._ticker.start()
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._stop()

    def run(self) -> None:
        """Serve until interrupted."""
        self._ticker.start()
        try:
            self._http.serve_forever()
        finally:
            self._stop()

    def _stop(self) -> None:
        self._stopped.set()
        self._ticker.join()
        self._senders.shutdown(wait=False, cancel_futures=True)
        self._http.server_close()
        self.app.close()

    def _keep_time(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            try:
                self.app.tick()
                self._send_due()
            except Exception:  # an error in one tick must not stop the clock
                logger.exception("A tick of the sandbox's clock failed")

    def _send_due(self) -> None:
        """Hand messages to idle senders; the rest stays in the outbox, which survives a crash."""
        while self._free_senders.acquire(blocking=False):
            message = self.app.sandbox.take_message()
            if message is None:
                self._free_senders.release()
                return
            self._senders.submit(self._send, message)

    def _send(self, message: SignedMessage | None) -> None:
        """Post one message, then whatever else is due."""
        try:
            while message and not self._stopped.is_set():
                self.app.sandbox.report(message, self._post(message))
                message = self.app.sandbox.take_message()
        finally:
            self._free_senders.release()

    def _post(self, message: SignedMessage) -> int:
        try:
            return self._session.post(
                message.url,
                data=message.body,
                headers=message.headers,
                timeout=WEBHOOK_TIMEOUT_SECONDS,
                allow_redirects=False,
            ).status_code
        except requests.RequestException:
            return 0
