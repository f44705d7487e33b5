"""A person types a PIN at the door."""

from seam_sandbox.tests.caller import Caller

WINDOW = {"starts_at": "2030-01-02T12:00:00Z", "ends_at": "2030-01-03T12:00:00Z"}


def types(seam: Caller, pin: str, name: str = "Lake House Front Door") -> bool:
    return bool(seam("/_sandbox/keypad", device_id=seam.device_id(name), code=pin)["opened"])


def test_code_on_lock_opens_it(jane: Caller) -> None:
    jane.create_code(code="482917")
    assert types(jane, "482917") is False  # not on the lock yet
    jane.advance("PT1M")
    assert types(jane, "482917") is True
    assert jane.device()["properties"]["locked"] is False


def test_event_does_not_name_used_code(jane: Caller) -> None:
    jane.create_code(code="482917")
    jane.advance("PT1M")
    types(jane, "482917")
    event = jane.events("lock.unlocked")[-1]
    assert event["method"] == "keycode"
    assert not {"access_code_id", "code"} & event.keys()


def test_time_bound_code_opens_only_in_its_window(jane: Caller) -> None:
    jane.create_code(code="482917", **WINDOW)
    jane.advance("PT1H")
    assert types(jane, "482917") is False
    assert jane.events("lock.access_denied")[-1]["reason"]["reason_code"] == "expired_code"
    jane.advance("PT24H")
    assert types(jane, "482917") is True
    jane.advance("P1D")
    assert types(jane, "482917") is False
    assert jane.events("lock.access_denied")[-1]["reason"]["reason_code"] == "unknown_code"


def test_hidden_pin_opens(jane: Caller) -> None:
    assert types(jane, "9035") is True


def test_keypad_opens_without_gateway_but_emits_no_event(jane: Caller) -> None:
    jane.create_code(code="482917")
    jane.advance("PT1M")
    jane("/devices/simulate/disconnect_from_hub", device_id=jane.device_id())
    since = jane.advance("PT1S")
    assert types(jane, "482917") is True
    assert jane.event_types(since=since) == []
    jane("/devices/simulate/connect_to_hub", device_id=jane.device_id())
    assert jane.device()["properties"]["locked"] is False


def test_typing_is_refused_without_keypad(jane: Caller) -> None:
    garage = jane.device_id("Lake House Garage")
    refused = jane.refused("/_sandbox/keypad", device_id=garage, code="1234")
    assert refused == (400, "device_type_not_supported")
