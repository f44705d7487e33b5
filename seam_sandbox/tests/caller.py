"""A small client of the sandbox for its own tests."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from seam_sandbox import SandboxAdapter, SeamSandbox

API_KEY = "seam_test_key"
ENDPOINT = "http://seam.test"
CREDENTIALS = {"password": "1234", "api_key_id": "ABC123ABC", "api_key": "ABC123ABC"}

Object = dict[str, Any]


class Caller:
    def __init__(self, app: SeamSandbox) -> None:
        self.session = requests.Session()
        self.session.mount(ENDPOINT, SandboxAdapter(app))
        self.session.headers["Authorization"] = f"Bearer {API_KEY}"

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, ENDPOINT + path, **more)

    def post(self, path: str, **params: Any) -> requests.Response:
        return self.send("POST", path, json=params)

    def __call__(self, path: str, **params: Any) -> Object:
        """Return the answer, which has to be a success."""
        response = self.post(path, **params)
        assert response.status_code == 200, response.text
        answer: Object = response.json()
        return answer

    def refused(self, path: str, **params: Any) -> tuple[int, str]:
        """Return the status and the type of an error."""
        response = self.post(path, **params)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["error"]["type"]

    def validation_errors(self, path: str, **params: Any) -> Object:
        """Return the validation errors: field → messages."""
        response = self.post(path, **params)
        assert response.status_code == 400, response.text
        errors: Object = response.json()["error"]["validation_errors"]
        return {field: each["_errors"] for field, each in errors.items() if field != "_errors"}

    # The page

    def webview(self, **params: Any) -> Object:
        chosen = {"accepted_providers": ["wyze"], "wait_for_device_creation": True} | params
        found: Object = self("/connect_webviews/create", **chosen)["connect_webview"]
        return found

    def log_in(self, url: str, email: str = "jane@example.com", **more: str) -> requests.Response:
        form = {"email": email, **CREDENTIALS, "action": "connect", **more}
        return self.session.post(url, data=form, allow_redirects=False)

    def link(self, email: str, **params: Any) -> Object:
        """Link an account and return the webview as it is afterwards."""
        webview = self.webview(**params)
        response = self.log_in(webview["url"], email)
        assert response.status_code < 400, response.text
        found: Object = self("/connect_webviews/get", connect_webview_id=webview["connect_webview_id"])
        return dict(found["connect_webview"])

    # Shortcuts

    def advance(self, step: str) -> str:
        return str(self("/_sandbox/clock", advance=step)["now"])

    def now(self) -> str:
        return str(self.send("GET", "/_sandbox/clock").json()["now"])

    def device(self, name: str = "Lake House Front Door") -> Object:
        return dict(self("/devices/get", name=name)["device"])

    def device_id(self, name: str = "Lake House Front Door") -> str:
        return str(self.device(name)["device_id"])

    def create_code(self, door: str = "Lake House Front Door", **params: Any) -> Object:
        created = self("/access_codes/create", device_id=self.device_id(door), **params)
        return dict(created["access_code"])

    def code(self, code: Object) -> Object:
        """Return the code as it is now."""
        return dict(self("/access_codes/get", access_code_id=code["access_code_id"])["access_code"])

    def is_gone(self, code: Object) -> bool:
        response = self.post("/access_codes/get", access_code_id=code["access_code_id"])
        return response.status_code == 404

    def events(self, *types: str, since: str = "2000-01-01", **params: Any) -> list[Object]:
        chosen = {"event_types": list(types)} if types else {}
        return list(self("/events/list", since=since, **chosen, **params)["events"])

    def event_types(self, since: str = "2000-01-01", **params: Any) -> list[str]:
        """Return the types of all events, in order."""
        return [event["event_type"] for event in self.events(since=since, **params)]

    def set_device(self, device_id: str, **properties: Any) -> None:
        self("/_sandbox/devices", device_id=device_id, set=properties)


def error_codes(shown: Object) -> list[str]:
    return [error["error_code"] for error in shown["errors"]]


def warning_codes(shown: Object) -> list[str]:
    return [warning["warning_code"] for warning in shown["warnings"]]


def mutations(code: Object) -> list[str]:
    return [mutation["mutation_code"] for mutation in code["pending_mutations"]]


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
