"""Updates of a code: under way for some seconds, then applied, each with its event."""

import pytest

from seam_sandbox.tests.caller import Caller, mutations

WINDOW = {"starts_at": "2030-01-02T15:00:00Z", "ends_at": "2030-01-04T11:00:00Z"}


def update(seam: Caller, code: dict, /, **params: object) -> None:
    seam("/access_codes/update", access_code_id=code["access_code_id"], **params)


@pytest.fixture
def loaded(jane: Caller) -> dict:
    """A code that is on the lock and has not begun."""
    code = jane.create_code(name="Anna", code="482917", **WINDOW)
    jane.advance("PT1M")
    return code


@pytest.mark.parametrize(
    ("params", "mutation", "event", "before", "after"),
    [
        ({"name": "Bert"}, "updating_name", "name_changed", {"name": "Anna"}, {"name": "Bert"}),
        ({"code": "5532"}, "updating_code", "code_changed", {"code": "482917"}, {"code": "5532"}),
        (
            {"ends_at": "2030-01-05T11:00:00Z"},
            "updating_time_frame",
            "time_frame_changed",
            {"starts_at": "2030-01-02T15:00:00.000Z", "ends_at": "2030-01-04T11:00:00.000Z"},
            {"starts_at": "2030-01-02T15:00:00.000Z", "ends_at": "2030-01-05T11:00:00.000Z"},
        ),
    ],
)
def test_update_is_pending_then_emits_event(
    jane: Caller, loaded: dict, params: dict, mutation: str, event: str, before: dict, after: dict
) -> None:
    since = jane.advance("PT1S")
    update(jane, loaded, **params)
    (pending,) = jane.code(loaded)["pending_mutations"]
    assert (pending["mutation_code"], pending["from"], pending["to"]) == (mutation, before, after)
    assert {key: jane.code(loaded)[key] for key in before} == before
    assert jane.event_types(since=since) == ["access_code.mutations_requested"]
    jane.advance("PT20S")
    assert {key: jane.code(loaded)[key] for key in after} == after
    assert mutations(jane.code(loaded)) == []
    assert jane.event_types(since=since)[1:] == ["access_code.changed", f"access_code.{event}"]
    told = jane.events(f"access_code.{event}")[-1]
    assert (told["from"], told["to"]) == (before, after)


def test_update_applies_at_once_when_code_is_not_on_lock(jane: Caller) -> None:
    code = jane.create_code(name="Anna", starts_at="2030-02-10T15:00Z", ends_at="2030-02-12T11:00Z")
    update(jane, code, starts_at="2030-02-09T15:00Z", name="Bert")
    now = jane.code(code)
    assert (now["starts_at"], now["ends_at"]) == ("2030-02-09T15:00:00.000Z", "2030-02-12T11:00:00.000Z")
    assert now["name"] == "Bert"
    assert now["pending_mutations"][0]["scheduled_at"] == "2030-02-06T15:00:00.000Z"


def test_later_end_keeps_code_on_lock(jane: Caller, loaded: dict) -> None:
    jane("/_sandbox/clock", to="2030-01-04T10:59:59Z")
    update(jane, loaded, ends_at="2030-01-05T11:00:00Z")
    jane("/_sandbox/clock", to="2030-01-05T10:59:59Z")
    assert jane.code(loaded)["status"] == "set"
    jane.advance("PT1M")
    assert jane.is_gone(loaded)


def test_earlier_end_removes_code_early(jane: Caller, loaded: dict) -> None:
    jane("/_sandbox/clock", to="2030-01-03T10:00:00Z")
    update(jane, loaded, ends_at="2030-01-03T11:00:00Z")
    jane("/_sandbox/clock", to="2030-01-03T11:00:00Z")
    assert jane.code(loaded)["status"] == "removing"


def test_earlier_start_sets_code_early(jane: Caller, loaded: dict) -> None:
    update(jane, loaded, starts_at="2030-01-01T12:00:00Z", ends_at="2030-01-04T11:00:00Z")
    jane.advance("PT20S")
    assert jane.code(loaded)["status"] == "set"
    assert jane.event_types()[-1] == "access_code.set_on_device"


def test_later_start_unsets_code(jane: Caller, loaded: dict) -> None:
    jane("/_sandbox/clock", to="2030-01-02T16:00:00Z")
    assert jane.code(loaded)["status"] == "set"
    update(jane, loaded, starts_at="2030-01-03T15:00:00Z")
    jane.advance("PT20S")
    assert jane.code(loaded)["status"] == "unset"
    jane("/_sandbox/clock", to="2030-01-03T15:00:00Z")
    assert jane.code(loaded)["status"] == "set"


def test_code_can_become_ongoing_and_time_bound_again(jane: Caller, loaded: dict) -> None:
    update(jane, loaded, type="ongoing")
    jane.advance("PT20S")
    now = jane.code(loaded)
    assert (now["type"], now["starts_at"], now["ends_at"], now["status"]) == ("ongoing", None, None, "set")
    jane.advance("P10D")
    assert jane.code(loaded)["status"] == "set"
    path, one = "/access_codes/update", {"access_code_id": loaded["access_code_id"]}
    assert jane.refused(path, **one, ends_at="2030-02-01") == (400, "access_code_not_time_bound")
    update(jane, loaded, starts_at="2030-01-11", ends_at="2030-01-20")
    jane.advance("P20D")
    assert jane.is_gone(loaded)


def test_two_pending_updates_merge(jane: Caller, loaded: dict) -> None:
    update(jane, loaded, name="Bert")
    jane.advance("PT2S")
    update(jane, loaded, code="5532")
    assert mutations(jane.code(loaded)) == ["updating_name", "updating_code"]
    jane.advance("PT20S")
    assert (jane.code(loaded)["name"], jane.code(loaded)["code"]) == ("Bert", "5532")
    assert jane.event_types().count("access_code.changed") == 1


def test_code_starts_on_time_while_update_is_pending(jane: Caller, loaded: dict) -> None:
    jane("/_sandbox/clock", to="2030-01-02T14:59:59Z")
    update(jane, loaded, name="Bert")
    jane.advance("PT1M")
    (event,) = jane.events("access_code.set_on_device")
    assert event["occurred_at"] == "2030-01-02T15:00:00.000Z"
    assert jane.code(loaded)["name"] == "Bert"


def test_update_without_difference_does_nothing(jane: Caller, loaded: dict) -> None:
    since = jane.advance("PT1S")
    update(jane, loaded, name="Anna", code="482917", **WINDOW)
    assert mutations(jane.code(loaded)) == []
    assert jane.event_types(since=since) == []


def test_old_and_new_pin_are_taken_while_update_is_pending(jane: Caller, loaded: dict) -> None:
    update(jane, loaded, code="5532")
    for pin in ("482917", "5532"):
        params = {"device_id": jane.device_id(), "code": pin}
        assert jane.refused("/access_codes/create", **params) == (409, "duplicate_access_code")
    jane.advance("PT20S")
    jane.create_code(code="482917")


def test_pin_of_another_code_is_refused(jane: Caller, loaded: dict) -> None:
    jane.create_code(code="5532")
    params = {"access_code_id": loaded["access_code_id"], "code": "5532"}
    assert jane.refused("/access_codes/update", **params) == (409, "duplicate_access_code")


@pytest.mark.parametrize("times", [{"ends_at": "2030-01-01T11:00:00Z"}, {"starts_at": "2030-01-04T11:00:00Z"}])
def test_update_refuses_impossible_times(jane: Caller, loaded: dict, times: dict) -> None:
    one = {"access_code_id": loaded["access_code_id"]}
    assert list(jane.validation_errors("/access_codes/update", **one, **times)) == ["ends_at"]


def test_code_of_another_device_is_not_found(jane: Caller, loaded: dict) -> None:
    params = {"access_code_id": loaded["access_code_id"], "device_id": jane.device_id("Harbor Loft 2A")}
    assert jane.refused("/access_codes/update", **params, name="Bert") == (404, "access_code_not_found")


def test_code_can_become_unmanaged(jane: Caller, loaded: dict) -> None:
    update(jane, loaded, is_managed=False)
    assert jane.is_gone(loaded)
    found = jane("/access_codes/unmanaged/get", access_code_id=loaded["access_code_id"])["access_code"]
    assert (found["name"], found["status"]) == ("Anna", "set")
