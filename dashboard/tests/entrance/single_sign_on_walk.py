"""Walks single sign-on against a provider of its own. Run by test_single_sign_on.py, in a process of its own."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django

PROVIDER: dict[str, Any] = {"email_verified": True, "port": 0}


class Provider(BaseHTTPRequestHandler):
    """Says that whoever asks is Ana."""

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{PROVIDER['port']}"
        endpoints = ("authorization", "token", "userinfo")
        config = {f"{name}_endpoint": f"{here}/{name}" for name in endpoints} | {"issuer": here, "jwks_uri": here}
        person = {"sub": "7", "email": "ana@example.org", "email_verified": PROVIDER["email_verified"]}
        self.answer(person if self.path == "/userinfo" else config)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "x", "token_type": "Bearer"})

    def answer(self, content: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def walk(server: HTTPServer) -> list[str]:
    from django.core.management import call_command  # noqa: PLC0415 - after the settings are there
    from django.test import Client  # noqa: PLC0415

    from properties.tests.builders import make_user  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)

    def log_in() -> str:
        client = Client(headers={"host": "localhost"})
        assert b"Log in with Acme" in client.get("/accounts/login/").content
        away = client.post("/accounts/oidc/sso/login/")["Location"]
        asked = parse_qs(urlsplit(away).query)
        assert asked["code_challenge_method"] == ["S256"]
        back = client.get("/accounts/oidc/sso/login/callback/", {"code": "1", "state": asked["state"][0]}, follow=True)
        assert back.status_code == 200
        return "in" if "_auth_user_id" in client.session else "out"

    found = [log_in()]
    make_user("ana@example.org")
    PROVIDER["email_verified"] = False
    found.append(log_in())
    PROVIDER["email_verified"] = True
    found.append(log_in())
    # Known by number from now on.
    PROVIDER["email_verified"] = False
    return [*found, log_in()]


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Provider)
    PROVIDER["port"] = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    django.setup()
    sys.stdout.write(json.dumps(walk(server)))
