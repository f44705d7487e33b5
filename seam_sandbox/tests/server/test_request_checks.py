"""Requests are checked in Seam's order: credentials, method, parameters, existence."""

import uuid

import pytest

from seam_sandbox import create_app
from seam_sandbox.tests.caller import API_KEY, ENDPOINT, Caller

UNKNOWN = str(uuid.uuid4())


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", "unauthorized"),
        ("Basic abc", "unauthorized"),
        ("Bearer ", "unauthorized"),
        ("Bearer seam_other_key", "unauthorized"),
        ("Bearer seam_cst_of_a_guest", "auth_method_does_not_apply"),
    ],
)
def test_credentials_are_checked_first(seam: Caller, header: str, kind: str) -> None:
    seam.session.headers["Authorization"] = header
    response = seam.send("PUT", "/devices/get", json={"device_id": "nonsense"})
    assert response.status_code == 401
    assert response.json()["error"]["type"] == kind


def test_method_is_checked_after_credentials(seam: Caller) -> None:
    response = seam.send("PUT", "/devices/get", json={"device_id": "nonsense"})
    assert response.status_code == 405
    assert response.json()["error"]["type"] == "method_not_allowed"
    assert response.headers["Allow"] == "GET, POST"


def test_content_type_is_checked_after_method(seam: Caller) -> None:
    response = seam.send("POST", "/devices/get", data={"device_id": "nonsense"})
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_content_type")


def test_parameters_are_checked_after_content_type(seam: Caller) -> None:
    assert seam.validation_errors("/devices/get", device_id="nonsense") == {"device_id": ["Invalid uuid"]}


@pytest.mark.parametrize(
    ("path", "field", "kind"),
    [
        ("/devices/get", "device_id", "device_not_found"),
        ("/devices/unmanaged/get", "device_id", "device_not_found"),
        ("/locks/lock_door", "device_id", "device_not_found"),
        ("/access_codes/get", "access_code_id", "access_code_not_found"),
        ("/access_codes/delete", "access_code_id", "access_code_not_found"),
        ("/access_codes/unmanaged/get", "access_code_id", "access_code_not_found"),
        ("/action_attempts/get", "action_attempt_id", "action_attempt_not_found"),
        ("/connect_webviews/get", "connect_webview_id", "connect_webview_not_found"),
        ("/connected_accounts/get", "connected_account_id", "connected_account_not_found"),
        ("/events/get", "event_id", "event_not_found"),
        ("/webhooks/get", "webhook_id", "webhook_not_found"),
    ],
)
def test_existence_is_checked_last(seam: Caller, path: str, field: str, kind: str) -> None:
    assert seam.refused(path, **{field: UNKNOWN}) == (404, kind)


def test_unknown_route_answers_404(seam: Caller) -> None:
    assert seam.refused("/thermostats/list") == (404, "not_found")
    assert seam.refused("/_sandbox/nothing") == (404, "not_found")


def test_each_answer_has_its_own_request_id(seam: Caller) -> None:
    answers = [seam.post("/workspaces/get"), seam.post("/nowhere"), seam.post("/devices/get")]
    assert len({answer.headers["seam-request-id"] for answer in answers}) == 3


def test_body_is_refused_when_not_json(seam: Caller) -> None:
    headers = {"Content-Type": "application/json"}
    for body in ("{", "[1]", '"text"'):
        response = seam.send("POST", "/devices/list", data=body, headers=headers)
        assert response.status_code == 400, body


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_number_is_refused_when_not_numeric(seam: Caller, number: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = seam.send("POST", "/devices/list", data=f'{{"limit": {number}}}', headers=headers)
    assert response.json()["error"]["validation_errors"]["limit"]["_errors"]


def test_app_refuses_malformed_api_key() -> None:
    with pytest.raises(ValueError, match="seam_"):
        create_app(api_key="secret")


def test_every_invalid_parameter_is_named(seam: Caller) -> None:
    response = seam.post(
        "/access_codes/create_multiple",
        device_ids=[UNKNOWN, "nonsense"],
        code="12a4",
        starts_at="yesterday",
        name=5,
        unknown="ignored",
    )
    error = response.json()["error"]
    assert error["type"] == "invalid_input"
    assert error["validation_errors"] == {
        "_errors": [],
        "device_ids": {"_errors": [], "1": {"_errors": ["Invalid uuid"]}},
        "code": {"_errors": ["Must contain only digits"]},
        "starts_at": {"_errors": ["Invalid date"]},
        "name": {"_errors": ["Expected string, received number"]},
    }


@pytest.mark.parametrize(
    ("path", "params", "complaints"),
    [
        ("/devices/get", {"device_id": 7}, {"device_id": ["Expected string, received number"]}),
        ("/devices/get", {"device_id": UNKNOWN.replace("-", "")}, {"device_id": ["Invalid uuid"]}),
        ("/locks/lock_door", {}, {"device_id": ["Required"]}),
        ("/locks/lock_door", {"device_id": None}, {"device_id": ["Required"]}),
        ("/devices/list", {"limit": "5"}, {"limit": ["Expected number, received string"]}),
        ("/devices/list", {"limit": True}, {"limit": ["Expected number, received boolean"]}),
        ("/devices/list", {"limit": 0}, {"limit": ["Number must be greater than or equal to 1"]}),
        ("/devices/list", {"device_ids": "x"}, {"device_ids": ["Expected array, received string"]}),
        ("/webhooks/create", {"url": "latchkey"}, {"url": ["Invalid url"]}),
        ("/webhooks/create", {"url": "https://a.test", "event_types": ["!"]}, {"event_types": []}),
        (
            "/connect_webviews/create",
            {"device_selection_mode": "all"},
            {"device_selection_mode": ["Invalid enum value. Expected 'none' | 'single' | 'multiple', received 'all'"]},
        ),
        (
            "/connect_webviews/create",
            {"custom_metadata": {"a.b": "x"}},
            {"custom_metadata": []},
        ),
    ],
)
def test_invalid_input_is_explained(seam: Caller, path: str, params: dict, complaints: dict) -> None:
    assert seam.validation_errors(path, **params) == complaints


def test_internal_error_answers_500(seam: Caller) -> None:
    """In process such an error is raised; over a socket the client gets Seam's envelope."""
    app = create_app(api_key=API_KEY)
    app.world.find = None  # type: ignore[assignment,method-assign]
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/devices/get",
        "QUERY_STRING": f"device_id={UNKNOWN}",
        "HTTP_AUTHORIZATION": f"Bearer {API_KEY}",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": ENDPOINT.removeprefix("http://"),
    }
    statuses: list[str] = []
    body = b"".join(app(environ, lambda status, *rest: statuses.append(status)))  # type: ignore[arg-type,return-value,func-returns-value]
    assert statuses == ["500 INTERNAL SERVER ERROR"]
    assert b"internal_server_error" in body
