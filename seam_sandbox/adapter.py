"""Lets ``requests`` call the sandbox in process and raises its faults as ``requests`` errors.

session.mount("https://connect.getseam.com", SandboxAdapter(create_app(api_key="seam_test_key")))
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from seam_sandbox.server import SeamSandbox


class SandboxAdapter(BaseAdapter):
    def __init__(self, app: SeamSandbox) -> None:
        super().__init__()
        self.app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: None | float | tuple[float, float] | tuple[float, None] = None,
        verify: bool | str = True,
        cert: None | bytes | str | tuple[bytes | str, bytes | str] = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        read_timeout = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            chunks, status, headers = run_wsgi_app(self.app, _build_environ(request, read_timeout))
        except ConnectionResetError as reset:
            raise requests.ConnectionError(reset, request=request) from reset
        try:
            body = b"".join(chunks)
        except ConnectionResetError as reset:
            raise requests.exceptions.ChunkedEncodingError(reset, request=request) from reset
        return _build_response(request, status, headers, body)

    def close(self) -> None:
        """Do nothing: the application outlives the sessions it is mounted on."""


def _build_environ(request: requests.PreparedRequest, read_timeout: float | None) -> dict[str, Any]:
    parts, body = urlsplit(request.url or ""), request.body or b""
    builder = EnvironBuilder(
        method=request.method or "GET",
        base_url=f"{parts.scheme}://{parts.netloc}",
        path=parts.path or "/",
        query_string=parts.query,
        headers=list(request.headers.items()),
        data=body.encode() if isinstance(body, str) else body,
    )

    def sleep(seconds: float) -> None:
        """Return at once, or raise the timeout that the client would have hit."""
        if read_timeout is not None and seconds >= read_timeout:
            raise requests.ReadTimeout(f"no answer within {read_timeout:g} s", request=request)

    return builder.get_environ() | {"sandbox.sleep": sleep, "sandbox.raise_errors": True}


def _build_response(request: requests.PreparedRequest, status: str, headers: Headers, body: bytes) -> requests.Response:
    code, _, reason = status.partition(" ")
    raw = HTTPResponse(
        body=BytesIO(body),
        headers=HTTPHeaderDict(headers.items()),
        status=int(code),
        reason=reason,
        preload_content=False,
    )
    return HTTPAdapter().build_response(request, raw)
