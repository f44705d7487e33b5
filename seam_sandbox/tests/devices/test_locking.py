"""Locking and unlocking takes some seconds and may fail after the request was accepted."""

import pytest

from seam_sandbox.tests.caller import Caller


def attempt(seam: Caller, started: dict) -> dict:
    """Return the attempt as it is now."""
    return dict(seam("/action_attempts/get", action_attempt_id=started["action_attempt_id"])["action_attempt"])


def unlock(seam: Caller, name: str = "Lake House Front Door") -> dict:
    return dict(seam("/locks/unlock_door", device_id=seam.device_id(name))["action_attempt"])


def test_attempt_is_pending_for_one_to_five_seconds(jane: Caller) -> None:
    started = unlock(jane)
    assert (started["status"], started["result"], started["error"]) == ("pending", None, None)
    assert jane.device()["properties"]["locked"] is True
    jane.advance("PT0.9S")
    assert attempt(jane, started)["status"] == "pending"
    jane.advance("PT4.1S")
    assert attempt(jane, started)["status"] == "success"
    assert attempt(jane, started)["result"] == {"was_confirmed_by_device": True}
    assert jane.device()["properties"]["locked"] is False


def test_success_emits_attempt_and_lock_event(jane: Caller) -> None:
    since = jane.advance("PT1S")
    started = unlock(jane)
    jane.advance("PT5S")
    moved, done = jane.events(since=since)
    assert (moved["event_type"], moved["method"]) == ("lock.unlocked", "remote")
    assert moved["action_attempt_id"] == started["action_attempt_id"]
    assert (done["event_type"], done["status"]) == ("action_attempt.unlock_door.succeeded", "success")
    assert moved["occurred_at"] == done["occurred_at"]
    assert since < done["occurred_at"] <= jane.now()


def test_lock_can_be_locked_again(jane: Caller) -> None:
    unlock(jane)
    jane.advance("PT5S")
    jane("/locks/lock_door", device_id=jane.device_id())
    jane.advance("PT5S")
    assert jane.device()["properties"]["locked"] is True
    assert jane.event_types()[-2:] == ["lock.locked", "action_attempt.lock_door.succeeded"]


@pytest.mark.parametrize(
    ("quirk", "message"), [({"jams": True}, "The bolt is jammed."), ({"online": False}, "The device is offline.")]
)
def test_failed_attempt_ends_in_error(jane: Caller, quirk: dict, message: str) -> None:
    jane.set_device(jane.device_id(), **quirk)
    started = unlock(jane)
    jane.advance("PT5S")
    ended = attempt(jane, started)
    assert (ended["status"], ended["result"]) == ("error", None)
    assert ended["error"] == {"type": "uncategorized_error", "message": message}
    assert jane.event_types()[-1] == "action_attempt.unlock_door.failed"
    assert "lock.unlocked" not in jane.event_types()


def test_attempt_fails_when_gateway_is_offline(jane: Caller) -> None:
    started = unlock(jane, "Lake House Guest Suite")
    jane.advance("PT5S")
    assert attempt(jane, started)["status"] == "error"


def test_success_can_be_unconfirmed(jane: Caller) -> None:
    jane.set_device(jane.device_id(), unconfirmed=True)
    started = unlock(jane)
    jane.advance("PT5S")
    assert attempt(jane, started)["result"] == {"was_confirmed_by_device": False}
    assert jane.device()["properties"]["locked"] is True


def test_attempt_can_stay_pending(jane: Caller) -> None:
    jane.set_device(jane.device_id(), never_resolves=True)
    started = unlock(jane)
    jane.advance("P1D")
    assert attempt(jane, started)["status"] == "pending"


def test_state_can_follow_success_late(jane: Caller) -> None:
    jane.set_device(jane.device_id(), lag_seconds=30)
    started = unlock(jane)
    jane.advance("PT5S")
    assert attempt(jane, started)["status"] == "success"
    assert jane.device()["properties"]["locked"] is True
    jane.advance("PT30S")
    assert jane.device()["properties"]["locked"] is False


def test_bolt_refuses_remote_action(jane: Caller) -> None:
    bolt = jane.device_id("Lake House Shed (Bolt)")
    for path in ("/locks/lock_door", "/locks/unlock_door"):
        assert jane.refused(path, device_id=bolt) == (400, "device_type_not_supported")


def test_auto_lock_locks_after_delay(jane: Caller) -> None:
    params = {"auto_lock_enabled": True, "auto_lock_delay_seconds": 20}
    started = jane("/locks/configure_auto_lock", device_id=jane.device_id(), **params)["action_attempt"]
    jane.advance("PT5S")
    assert attempt(jane, started)["status"] == "success"
    assert jane.device()["properties"]["auto_lock_delay_seconds"] == 20
    unlock(jane)
    jane.advance("PT6S")
    assert jane.device()["properties"]["locked"] is False
    jane.advance("PT20S")
    assert jane.device()["properties"]["locked"] is True
    assert jane.events("lock.locked")[-1]["method"] == "automatic"


def test_auto_lock_delay_is_limited(jane: Caller) -> None:
    path, device_id = "/locks/configure_auto_lock", jane.device_id()
    for wrong in (0, 61):
        refused = jane.validation_errors(
            path, device_id=device_id, auto_lock_enabled=True, auto_lock_delay_seconds=wrong
        )
        assert list(refused) == ["auto_lock_delay_seconds"]


def test_attempts_are_listed(jane: Caller) -> None:
    front, back = unlock(jane), unlock(jane, "Lake House Back Door")

    def found(**params: object) -> list[str]:
        attempts = jane("/action_attempts/list", **params)["action_attempts"]
        return [each["action_attempt_id"] for each in attempts]

    assert found() == [front["action_attempt_id"], back["action_attempt_id"]]
    assert found(device_id=jane.device_id("Lake House Back Door")) == [back["action_attempt_id"]]
    assert found(action_attempt_ids=[front["action_attempt_id"]]) == [front["action_attempt_id"]]
