"""A code over time: planned, loaded three days ahead, set at its start, removed at its end."""

from datetime import timedelta

import pytest

from seam_sandbox.tests.caller import Caller, mutations
from seam_sandbox.world.simulated_clock import parse_instant

WINDOW = {"starts_at": "2030-01-10T15:00:00Z", "ends_at": "2030-01-12T11:00:00Z"}


def events_of(seam: Caller, code: dict) -> list[tuple[str, str]]:
    events = seam.events(access_code_id=code["access_code_id"])
    return [(event["event_type"].removeprefix("access_code."), event["occurred_at"]) for event in events]


def status(seam: Caller, code: dict) -> tuple[str, bool]:
    now = seam.code(code)
    return now["status"], now["is_scheduled_on_device"]


def test_ongoing_code_is_set_within_seconds(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT4S")
    assert jane.code(code)["status"] == "setting"
    jane.advance("PT17S")
    assert jane.code(code)["status"] == "set"
    assert mutations(jane.code(code)) == []
    created, was_set = jane.events(access_code_id=code["access_code_id"])
    assert was_set["event_type"] == "access_code.set_on_device"
    assert was_set["code"] == code["code"]
    took = parse_instant(was_set["occurred_at"]) - parse_instant(created["occurred_at"])
    assert timedelta(seconds=5) <= took <= timedelta(seconds=20)


def test_code_follows_stay_from_creation_to_removal(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917", **WINDOW)
    assert status(jane, code) == ("unset", False)
    jane.advance("P6DT2H")  # 2030-01-07 14:00, an hour before loading
    assert status(jane, code) == ("unset", False)
    assert mutations(jane.code(code)) == ["deferring_creation"]
    jane("/_sandbox/clock", to="2030-01-07T15:00:01Z")
    assert mutations(jane.code(code)) == ["creating"]
    jane.advance("PT1M")
    assert status(jane, code) == ("unset", True)
    assert mutations(jane.code(code)) == []
    jane("/_sandbox/clock", to="2030-01-10T14:59:59Z")
    assert status(jane, code) == ("unset", True)
    jane.advance("PT1S")
    assert status(jane, code) == ("set", True)
    jane("/_sandbox/clock", to="2030-01-12T11:00:00Z")
    assert status(jane, code) == ("removing", True)
    jane.advance("PT1M")
    assert jane.is_gone(code)


def test_events_keep_their_instants_when_clock_jumps(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917", **WINDOW)
    jane.advance("P30D")
    kinds = [kind for kind, _ in events_of(jane, code)]
    assert kinds == ["created", "scheduled_on_device", "set_on_device", "removed_from_device", "deleted"]
    times = dict(events_of(jane, code))
    assert "2030-01-07T15:00:05" <= times["scheduled_on_device"] <= "2030-01-07T15:00:20.000Z"
    assert times["set_on_device"] == "2030-01-10T15:00:00.000Z"
    assert "2030-01-12T11:00:05" <= times["removed_from_device"] <= "2030-01-12T11:00:20.000Z"


def test_events_are_ordered_when_clock_jumps(jane: Caller) -> None:
    for day in range(2, 9):
        jane.create_code(name=f"Guest {day}", starts_at=f"2030-02-0{day}T15:00", ends_at=f"2030-02-1{day}T11:00")
    jane.advance("P90D")
    times = [event["occurred_at"] for event in jane.events(limit=1000)]
    assert times == sorted(times)
    assert len(set(times)) > 30


def test_small_steps_emit_same_events_as_jump(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917", **WINDOW)
    for _ in range(24 * 13):
        jane.advance("PT1H")
    assert [kind for kind, _ in events_of(jane, code)] == [
        "created",
        "scheduled_on_device",
        "set_on_device",
        "removed_from_device",
        "deleted",
    ]


def test_loading_begins_at_once_when_start_is_within_three_days(jane: Caller) -> None:
    code = jane.create_code(starts_at="2030-01-02T15:00:00Z", ends_at="2030-01-03T11:00:00Z")
    assert mutations(code) == ["creating"]
    assert code["status"] == "unset"
    assert code["code"] is not None
    jane.advance("PT1M")
    assert status(jane, code) == ("unset", True)


def test_code_is_set_at_once_when_window_has_begun(jane: Caller) -> None:
    code = jane.create_code(starts_at="2029-12-31T15:00:00Z", ends_at="2030-01-03T11:00:00Z")
    assert code["status"] == "setting"
    jane.advance("PT1M")
    assert status(jane, code)[0] == "set"
    assert [kind for kind, _ in events_of(jane, code)] == ["created", "set_on_device"]


def test_status_is_setting_when_start_comes_during_loading(jane: Caller) -> None:
    jane("/_sandbox/clock", to="2030-01-02T14:59:59Z")
    code = jane.create_code(starts_at="2030-01-02T15:00:00Z", ends_at="2030-01-03T11:00:00Z")
    jane.advance("PT2S")
    assert jane.code(code)["status"] == "setting"
    jane.advance("PT20S")
    assert jane.code(code)["status"] == "set"


def test_code_is_set_just_in_time_without_native_scheduling(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917", prefer_native_scheduling=False, **WINDOW)
    jane("/_sandbox/clock", to="2030-01-10T13:59:59Z")
    assert status(jane, code) == ("unset", False)
    jane.advance("PT1S")
    assert status(jane, code) == ("setting", False)
    jane("/_sandbox/clock", to="2030-01-10T15:00:00Z")
    assert status(jane, code) == ("set", False)
    assert [kind for kind, _ in events_of(jane, code)] == ["created", "set_on_device"]


def test_expired_codes_are_kept_when_setting_says_so(jane: Caller) -> None:
    jane("/_sandbox/settings", keep_expired_codes=True)
    code = jane.create_code(code="482917", **WINDOW)
    jane.advance("P30D")
    assert jane.code(code)["status"] == "unset"
    assert mutations(jane.code(code)) == []
    assert [kind for kind, _ in events_of(jane, code)][-1] == "removed_from_device"
    jane.create_code(code="482917")  # the PIN is free again
    jane("/access_codes/delete", access_code_id=code["access_code_id"])
    assert jane.is_gone(code)


@pytest.mark.parametrize("after", ["P2D", "P7D"])
def test_code_is_deleted_at_once_when_never_on_lock(jane: Caller, after: str) -> None:
    code = jane.create_code(starts_at="2030-02-10T15:00:00Z", ends_at="2030-02-12T11:00:00Z")
    jane.advance(after)
    jane("/access_codes/delete", access_code_id=code["access_code_id"])
    assert jane.is_gone(code)
    assert [kind for kind, _ in events_of(jane, code)] == ["created", "deleted"]


def test_deletion_takes_seconds(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917")
    jane.advance("PT1M")
    one = {"access_code_id": code["access_code_id"]}
    jane("/access_codes/delete", **one)
    leaving = jane.code(code)
    assert leaving["status"] == "removing"
    assert mutations(leaving) == ["deleting"]
    assert [warning["warning_code"] for warning in leaving["warnings"]] == ["being_deleted"]
    jane("/access_codes/delete", **one)
    assert jane.refused("/access_codes/update", **one, name="Bert") == (404, "access_code_not_found")
    jane.advance("PT20S")
    assert jane.is_gone(code)
    assert jane.refused("/access_codes/delete", **one) == (404, "access_code_not_found")
    assert [kind for kind, _ in events_of(jane, code)][-2:] == ["removed_from_device", "deleted"]
    assert jane.events("access_code.deleted")[-1]["code"] == "482917"
