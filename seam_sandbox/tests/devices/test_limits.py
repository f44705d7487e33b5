"""Each lock takes a limited number of requests a minute of simulated time."""

import pytest

from seam_sandbox.tests.caller import Caller


def test_eleventh_code_in_a_minute_is_refused(jane: Caller) -> None:
    for number in range(10):
        jane.create_code(name=f"Guest {number}")
        jane.advance("PT1S")
    response = jane.post("/access_codes/create", device_id=jane.device_id(), name="One too many")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "50"
    assert response.json()["error"]["type"] == "rate_limit_exceeded"
    assert len(jane("/access_codes/list", device_id=jane.device_id())["access_codes"]) == 10


def test_next_code_is_accepted_after_retry_after(jane: Caller) -> None:
    for number in range(10):
        jane.create_code(name=f"Guest {number}")
        jane.advance("PT1S")
    jane.advance("PT50S")
    jane.create_code(name="Patient")
    assert jane.refused("/access_codes/create", device_id=jane.device_id())[0] == 429


def test_each_lock_has_its_own_limit(jane: Caller) -> None:
    for number in range(10):
        jane.create_code(name=f"Guest {number}")
    jane.create_code("Harbor Loft 2A", name="Elsewhere")


@pytest.mark.parametrize("path", ["lock_door", "unlock_door"])
def test_sixteenth_bolt_action_in_a_minute_is_refused(jane: Caller, path: str) -> None:
    device_id = jane.device_id()
    for _ in range(15):
        jane(f"/locks/{path}", device_id=device_id)
    assert jane.refused(f"/locks/{path}", device_id=device_id)[0] == 429


def test_updates_and_deletions_are_limited(jane: Caller) -> None:
    code = jane.create_code(name="Anna", starts_at="2030-02-10", ends_at="2030-02-12")
    one = {"access_code_id": code["access_code_id"]}
    for number in range(10):
        jane("/access_codes/update", **one, name=f"Anna {number}")
    assert jane.refused("/access_codes/update", **one, name="Bert")[0] == 429
    jane.advance("PT1M")
    on_the_lock = jane.create_code(name="Bert")
    jane.advance("PT1M")
    for _ in range(20):
        jane("/access_codes/delete", access_code_id=on_the_lock["access_code_id"])
    assert jane.refused("/access_codes/delete", **one)[0] == 429


def test_refused_request_does_not_count(jane: Caller) -> None:
    jane.create_code(code="482917")
    for _ in range(15):
        assert jane.refused("/access_codes/create", device_id=jane.device_id(), code="482917")[0] == 409
    jane.create_code(code="482918")
