"""The sandbox as a web application: Seam's API over HTTP, with its order of checks and its envelopes."""

import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.http import http_date

from seam_sandbox import controls, endpoints, webview  # noqa: F401  (endpoints registers all of them)
from seam_sandbox.incoming.faults import Rule, omit_rows
from seam_sandbox.incoming.registry import ENDPOINTS, QUERY_METHODS, Answer, Endpoint
from seam_sandbox.incoming.validation import Params, check, from_query
from seam_sandbox.lifecycles.deliveries import Post
from seam_sandbox.state import Sandbox
from seam_sandbox.world.errors import Problem, invalid_input
from seam_sandbox.world.shapes import dump_json
from seam_sandbox.world.simulated_clock import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HTML_FAULT = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
WEBVIEW_PATH = "/connect_webviews/view"


class SeamSandbox:
    """A WSGI application; tests in the same process may use ``world``, ``clock`` and ``faults``."""

    def __init__(self, api_key: str, state_path: Path | None = None, clock: Clock | None = None) -> None:
        if not api_key.startswith("seam_"):
            raise ValueError("An API key starts with seam_")
        self.sandbox = Sandbox(api_key, state_path, clock)
        self.api_key = api_key
        self.clock, self.world, self.faults = self.sandbox.clock, self.sandbox.world, self.sandbox.faults
        self.wsgi_app: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = self._respond

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self.wsgi_app(environ, start_response)

    def tick(self) -> None:
        """Run every transition that is due by now."""
        self.sandbox.tick()

    def advance(self, **duration: float) -> None:
        """Move the clock forward by a duration and run every transition that becomes due."""
        self.clock.advance(timedelta(**duration))
        self.sandbox.tick()

    def deliver_due(self, post: Post) -> int:
        """Post every due webhook with ``post(url, headers, body) -> status``; return how many were posted."""
        return self.sandbox.deliver_due(post)

    def close(self) -> None:
        self.sandbox.close()

    def _respond(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        is_control = request.path.startswith(controls.PREFIX)
        rule = None if is_control or request.path == WEBVIEW_PATH else self._find_fault(request.path)
        response = _answer_before_work(rule) or self._answer_request(request)
        if not is_control:
            self._record_call(request, response.status_code, rule)
        if rule and rule.what == "misreport":
            response = _error_on_demand(rule)
        if rule and rule.what == "omit" and response.status_code == 200:
            response = _render_json(200, omit_rows(json.loads(response.get_data()), rule.only))
        if rule and rule.what == "answer_lost":
            raise ConnectionResetError("answer lost on demand")
        if rule and rule.what == "hang":
            environ.get("sandbox.sleep", time.sleep)(rule.seconds)
        if rule and rule.what == "date":
            response.headers["Date"] = http_date(time.time() + rule.seconds)
        response.headers["seam-request-id"] = str(uuid.uuid4())
        body = response(environ, start_response)
        return _send_half(response.get_data()) if rule and rule.what == "cut_off" else body

    def _find_fault(self, path: str) -> Rule | None:
        with self.sandbox.lock:
            return self.faults.find_for_request(path)

    def _answer_request(self, request: Request) -> Response:
        try:
            if request.path == WEBVIEW_PATH:
                return webview.view(self.sandbox, request)
            if request.path.startswith(controls.PREFIX):
                return self._call_control(request)
            return _render_json(200, self._call_endpoint(request))
        except Problem as problem:
            return _render_json(problem.status, problem.envelope(), problem.headers)
        except Exception:
            if request.environ.get("sandbox.raise_errors"):
                raise
            return _render_json(500, Problem(500, "internal_server_error", "Internal server error").envelope())

    def _call_endpoint(self, request: Request) -> Answer:
        endpoint = ENDPOINTS.get(request.path)
        if endpoint is None:
            raise Problem(404, "not_found", f"Route not found: {request.path}")
        self._authenticate(request)
        _check_method(request, endpoint.methods)
        given, is_query = _read_params(request)
        params = check(endpoint.fields, given, is_query)
        return self._run_endpoint(endpoint, params, request.host_url.rstrip("/"))

    def _run_endpoint(self, endpoint: Endpoint, params: Params, base_url: str) -> Answer:
        with self.sandbox.lock:
            self.sandbox.tick()
            self.world.base_url = base_url
            try:
                return endpoint.answer(self.world, params)
            finally:
                self.sandbox.save()

    def _call_control(self, request: Request) -> Response:
        control = controls.CONTROLS.get(request.path)
        if control is None:
            raise Problem(404, "not_found", f"Route not found: {request.path}")
        is_open = request.method == "GET" and request.path in controls.OPEN
        if not is_open:
            self._authenticate(request)
        _check_method(request, tuple(control))
        given, _ = _read_params(request)
        with self.sandbox.lock:
            self.sandbox.tick()
            try:
                return _render_json(200, control[request.method](self.sandbox, given))
            finally:
                self.sandbox.save()

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem(401, "unauthorized", "No authentication methods succeeded for this request.")
        if token.startswith(("seam_cst", "seam_pk", "ey")):
            raise Problem(401, "auth_method_does_not_apply", "This endpoint wants an API key.")
        if not secrets.compare_digest(token.strip().encode(), self.api_key.encode()):
            raise Problem(401, "unauthorized", "API Key not found.")

    def _record_call(self, request: Request, status: int, rule: Rule | None) -> None:
        """Record method, path and status of a call, but no parameters: they may contain PINs."""
        with self.sandbox.lock:
            self.sandbox.calls[request.path] += 1
            self.sandbox.requests.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "status": status,
                    "at": self.world.now,
                    "fault": rule.what if rule else None,
                }
            )


def create_app(api_key: str, state_path: str | Path | None = None, clock: Clock | None = None) -> SeamSandbox:
    """Create a sandbox, in memory or kept in a file, on real time or on the given clock."""
    return SeamSandbox(api_key, Path(state_path) if state_path else None, clock)


def _check_method(request: Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        allowed = ", ".join(methods)
        message = f"Method {request.method} not allowed. Allowed: {allowed}"
        raise Problem(405, "method_not_allowed", message, {"Allow": allowed})


def _read_params(request: Request) -> tuple[Params, bool]:
    """Read the parameters, and whether they came in a query, where every value is text."""
    body = request.get_data()
    if not body:
        return from_query(dict(request.args.lists())), request.method in QUERY_METHODS or bool(request.args)
    if request.mimetype != "application/json":
        raise Problem(400, "invalid_content_type", "Content-Type must be application/json.")
    try:
        given = json.loads(body)
    except ValueError:
        raise invalid_input({}, ["The body is not valid JSON"]) from None
    if not isinstance(given, dict):
        raise invalid_input({}, ["Expected object"])
    return given, False


def _render_json(status: int, answer: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(encode(answer), status, headers, content_type="application/json; charset=utf-8")


def encode(answer: dict[str, Any]) -> bytes:
    """Encode the answer as JSON; bytes in it, alone or in a list, are JSON already."""

    def part(value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        if isinstance(value, list) and value and isinstance(value[0], bytes):
            return b"[" + b",".join(value) + b"]"
        return dump_json(value)

    parts = [b'"%s":%s' % (key.encode(), part(value)) for key, value in ({"ok": True} | answer).items()]
    return b"{" + b",".join(parts) + b"}"


def _answer_before_work(rule: Rule | None) -> Response | None:
    """Answer as a server that failed before it did the work, if the rule says so."""
    if rule is None:
        return None
    if rule.what == "reset":
        raise ConnectionResetError("connection reset on demand")
    if rule.what == "empty_503":
        return Response(b"", 503)
    if rule.what == "html":
        return Response(HTML_FAULT, 502, content_type="text/html")
    if rule.what == "status":
        return _error_on_demand(rule)
    return None


def _error_on_demand(rule: Rule) -> Response:
    kind = rule.type or ("rate_limit_exceeded" if rule.status == 429 else "internal_server_error")
    retry = {"Retry-After": f"{rule.retry_after:g}"} if rule.retry_after is not None else {}
    return _render_json(rule.status, Problem(rule.status, kind, "A fault on demand.").envelope(), retry)


def _send_half(body: bytes) -> Iterator[bytes]:
    """Send half of the promised body, then break the connection."""
    yield body[: len(body) // 2]
    raise ConnectionResetError("body cut off on demand")
