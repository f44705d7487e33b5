"""Fault rules: which calls they apply to, and what the client sees."""

import pytest
import requests

from seam_sandbox.tests.caller import API_KEY, ENDPOINT, Caller


def set_rules(seam: Caller, *rules: dict) -> None:
    seam("/_sandbox/faults", rules=list(rules))


def names(seam: Caller) -> list[str]:
    return [code["name"] for code in seam("/access_codes/list", device_id=seam.device_id())["access_codes"]]


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"what": "reset"}, requests.ConnectionError),
        ({"what": "answer_lost"}, requests.ConnectionError),
        ({"what": "cut_off"}, requests.exceptions.ChunkedEncodingError),
        ({"what": "hang", "seconds": 31}, requests.ReadTimeout),
    ],
)
def test_connection_fault_raises_client_error(jane: Caller, rule: dict, error: type[Exception]) -> None:
    device_id = jane.device_id()
    set_rules(jane, {"path": "/access_codes/create", "times": 1, **rule})
    request = {"device_id": device_id, "name": "Anna"}
    with pytest.raises(error):
        jane.send("POST", "/access_codes/create", json=request, timeout=30)
    assert names(jane) == ([] if rule["what"] == "reset" else ["Anna"])


@pytest.mark.parametrize(
    ("rule", "status", "content_type"),
    [
        ({"what": "status"}, 500, "application/json; charset=utf-8"),
        ({"what": "status", "status": 503}, 503, "application/json; charset=utf-8"),
        ({"what": "empty_503"}, 503, None),
        ({"what": "html"}, 502, "text/html"),
    ],
)
def test_server_fault_answers_error(jane: Caller, rule: dict, status: int, content_type: str | None) -> None:
    device_id = jane.device_id()
    set_rules(jane, {"path": "/access_codes/*", **rule})
    response = jane.post("/access_codes/create", device_id=device_id, name="Anna")
    assert response.status_code == status
    if content_type:
        assert response.headers["Content-Type"] == content_type
    else:
        assert response.content == b""
    set_rules(jane)
    assert names(jane) == []


def test_status_429_carries_retry_after(seam: Caller) -> None:
    set_rules(seam, {"path": "*", "what": "status", "status": 429, "retry_after": 7})
    response = seam.post("/workspaces/get")
    assert response.headers["Retry-After"] == "7"
    assert response.json()["error"]["type"] == "rate_limit_exceeded"


def test_client_with_long_timeout_survives_hang(seam: Caller) -> None:
    set_rules(seam, {"path": "*", "what": "hang", "seconds": 20})
    assert seam.send("POST", "/workspaces/get", json={}, timeout=(3, 30)).status_code == 200


def statuses(seam: Caller, calls: int, path: str = "/workspaces/get") -> list[int]:
    return [seam.post(path).status_code for _ in range(calls)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [500, 500, 500, 500]),
        ({"times": 2}, [500, 500, 200, 200]),
        ({"on_call": 3}, [200, 200, 500, 200]),
        ({"probability": 0}, [200, 200, 200, 200]),
        ({"probability": 1}, [500, 500, 500, 500]),
    ],
)
def test_rule_applies_as_often_as_asked(seam: Caller, rule: dict, expected: list[int]) -> None:
    set_rules(seam, {"path": "/workspaces/get", "what": "status", **rule})
    assert statuses(seam, 4) == expected


def test_probability_is_repeatable_with_seed(seam: Caller) -> None:
    runs = []
    for seed in (1, 1, 2):
        set_rules(seam, {"path": "*", "what": "status", "probability": 0.5, "seed": seed})
        runs.append(statuses(seam, 30))
    assert runs[0] == runs[1] != runs[2]
    assert 5 < runs[0].count(500) < 25


def test_path_matches_exactly_or_as_pattern(seam: Caller) -> None:
    set_rules(seam, {"path": "/webhooks/*", "what": "status"}, {"path": "/events/list", "what": "html"})
    assert statuses(seam, 1, "/webhooks/list") == [500]
    assert statuses(seam, 1, "/workspaces/get") == [200]
    assert statuses(seam, 1, "/events/list") == [502]


def test_rules_count_hits(seam: Caller) -> None:
    set_rules(seam, {"path": "*", "what": "status", "times": 2})
    statuses(seam, 3)
    (rule,) = seam.send("GET", "/_sandbox/faults").json()["rules"]
    assert (rule["path"], rule["what"], rule["hits"]) == ("*", "status", 2)


def test_rules_are_cleared(seam: Caller) -> None:
    for clear in (
        lambda: seam.send("DELETE", "/_sandbox/faults"),
        lambda: set_rules(seam),
        lambda: seam("/_sandbox/reset"),
    ):
        set_rules(seam, {"path": "*", "what": "status"})
        assert statuses(seam, 1) == [500]
        clear()
        assert statuses(seam, 1) == [200]


def test_control_routes_ignore_faults(seam: Caller) -> None:
    set_rules(seam, {"path": "*", "what": "reset"})
    assert seam.send("GET", "/_sandbox/clock").status_code == 200
    set_rules(seam)


@pytest.mark.parametrize(
    "rule",
    [
        {"path": "*"},
        {"what": "status"},
        {"path": "*", "what": "explode"},
        {"path": "*", "what": "status", "status": 200},
        {"path": "*", "what": "status", "probability": 2},
        "status",
    ],
)
def test_invalid_rule_is_refused(seam: Caller, rule: object) -> None:
    assert seam.refused("/_sandbox/faults", rules=[rule]) == (400, "invalid_input")


@pytest.mark.parametrize("path", ["faults", "requests", "reset", "devices", "keypad", "settings", "access_codes"])
def test_only_clock_is_readable_without_key(seam: Caller, path: str) -> None:
    anonymous = requests.Session()
    anonymous.mount(ENDPOINT, seam.session.get_adapter(ENDPOINT))
    assert anonymous.get(f"{ENDPOINT}/_sandbox/clock").status_code == 200
    assert anonymous.post(f"{ENDPOINT}/_sandbox/clock", json={}).status_code == 401
    assert anonymous.post(f"{ENDPOINT}/_sandbox/{path}", json={}).status_code == 401


def test_calls_are_recorded_without_parameters(jane: Caller) -> None:
    jane.send("DELETE", "/_sandbox/requests")
    set_rules(jane, {"path": "/locks/list", "what": "empty_503"})
    jane.create_code(name="Anna", code="482917")
    jane.post("/locks/list")
    answer = jane.send("GET", "/_sandbox/requests")
    calls = answer.json()["requests"]
    assert [(call["method"], call["path"], call["status"], call["fault"]) for call in calls] == [
        ("POST", "/devices/get", 200, None),
        ("POST", "/access_codes/create", 200, None),
        ("POST", "/locks/list", 503, "empty_503"),
    ]
    assert calls[0]["at"] == jane.now()
    assert answer.json()["counts"] == {"/devices/get": 1, "/access_codes/create": 1, "/locks/list": 1}
    assert "482917" not in answer.text
    assert API_KEY not in answer.text
