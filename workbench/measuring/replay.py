"""Answers Seam's listings from memory, recorded from the sandbox, so that only the client costs time.

python -m workbench.measuring.replay 10000    # prints its address and the account's id, then serves until killed
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from seam_sandbox import SandboxAdapter, create_app

PAGE = 500
KEY = "seam_test_replay"
ENDPOINT = "http://replay.test"
CREDENTIALS = {"password": "1234", "api_key_id": "ABC123ABC", "api_key": "ABC123ABC"}


def record(locks: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read the account and all devices of `fleet-N` from the sandbox."""
    app = create_app(api_key=KEY)
    with requests.Session() as session:
        session.mount(ENDPOINT, SandboxAdapter(app))
        session.headers["Authorization"] = f"Bearer {KEY}"

        def ask(path: str, **body: Any) -> dict[str, Any]:
            return dict(session.post(ENDPOINT + path, json=body).json())

        webview = ask("/connect_webviews/create", accepted_providers=["wyze"], wait_for_device_creation=True)
        form = {"email": f"fleet-{locks}@example.com", **CREDENTIALS, "action": "connect"}
        session.post(webview["connect_webview"]["url"], data=form, allow_redirects=False)
        account = ask("/connected_accounts/list")["connected_accounts"][0]
        devices: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = ask("/devices/list", limit=PAGE, **cursor)
            devices += answer["devices"]
            if not answer["pagination"]["has_next_page"]:
                return account, devices
            cursor = {"page_cursor": answer["pagination"]["next_page_cursor"]}


class Replay:
    """Answers rendered once per variant; with another variant number every lock has changed."""

    def __init__(self, account: dict[str, Any], devices: list[dict[str, Any]]) -> None:
        self.account = json.dumps({"connected_account": account, "ok": True}).encode()
        self.devices = devices
        self.turn_to(0)

    def turn_to(self, variant: int) -> None:
        for at, device in enumerate(self.devices):
            device["properties"]["locked"] = bool((at + variant) % 2)
            device["properties"]["battery_level"] = device["properties"]["battery"]["level"] = self._level(at, variant)
        starts = range(0, max(1, len(self.devices)), PAGE)
        self.pages = [self._page(start, self.devices[start : start + PAGE]) for start in starts]

    @staticmethod
    def _level(at: int, variant: int) -> float:
        return round(0.4 + (at + variant) % 50 / 100, 2)

    def _page(self, start: int, devices: list[dict[str, Any]]) -> bytes:
        more = start + PAGE < len(self.devices)
        pagination = {"has_next_page": more, "next_page_cursor": str(start // PAGE + 1) if more else None}
        return json.dumps({"devices": devices, "pagination": pagination, "ok": True}).encode()

    def answer(self, path: str, body: dict[str, Any]) -> bytes:
        if path == "/devices/list":
            return self.pages[int(body.get("page_cursor") or 0)]
        if path == "/devices/unmanaged/list":
            return b'{"devices": [], "pagination": {"has_next_page": false}, "ok": true}'
        if path == "/variant":
            self.turn_to(int(body["number"]))
        return self.account


def serve(replay: Replay) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._send(replay.answer(self.path, json.loads(given or b"{}")))

        def do_GET(self) -> None:
            """Answer the SDK, which uses GET."""
            parts = urlsplit(self.path)
            self._send(replay.answer(parts.path, dict(parse_qsl(parts.query))))

        def _send(self, body: bytes) -> None:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}"
            self.wfile.write(f"{head}\r\n\r\n".encode() + body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(json.dumps({"port": server.server_port, **json.loads(replay.account)}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(Replay(*record(int(sys.argv[1]))))
