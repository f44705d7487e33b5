"""A person types a PIN at the door."""

from seam_sandbox.tests.caller import Caller

WINDOW = {"starts_at": "2030-01-02T12:00:00Z", "ends_at": "2030-01-03T12:00:00Z"}


def types(seam: Caller, pin: str, name: str = "Lake House Front Door") -> bool:
    return bool(seam("/_sandbox/keypad", device_id=seam.device_id(name), code=pin)["opened"])


def test_a_code_on_the_lock_opens_it(jane: Caller) -> None:
    jane.create_code(code="482917")
    assert types(jane, "482917") is False  # not on the lock yet
    jane.advance("PT1M")
    assert types(jane, "482917") is True
    assert jane.device()["properties"]["locked"] is False


def test_wyze_does_not_say_whose_code_it_was(jane: Caller) -> None:
    jane.create_code(code="482917")
    jane.advance("PT1M")
    types(jane, "482917")
    event = jane.events("lock.unlocked")[-1]
    assert event["method"] == "keycode"
    assert not {"access_code_id", "code"} & event.keys()


def test_a_time_bound_code_opens_only_in_its_time(jane: Caller) -> None:
    jane.create_code(code="482917", **WINDOW)
    jane.advance("PT1H")
    assert types(jane, "482917") is False
    assert jane.events("lock.access_denied")[-1]["reason"]["reason_code"] == "expired_code"
    jane.advance("PT24H")
    assert types(jane, "482917") is True
    jane.advance("P1D")
    assert types(jane, "482917") is False
    assert jane.events("lock.access_denied")[-1]["reason"]["reason_code"] == "unknown_code"


def test_a_hidden_pin_opens_too(jane: Caller) -> None:
    assert types(jane, "9035") is True


def test_a_keypad_works_without_the_gateway_but_nobody_hears_of_it(jane: Caller) -> None:
    jane.create_code(code="482917")
    jane.advance("PT1M")
    jane("/devices/simulate/disconnect_from_hub", device_id=jane.device_id())
    since = jane.advance("PT1S")
    assert types(jane, "482917") is True
    assert jane.told(since=since) == []
    jane("/devices/simulate/connect_to_hub", device_id=jane.device_id())
    assert jane.device()["properties"]["locked"] is False


def test_a_lock_without_a_keypad_has_nothing_to_type_on(jane: Caller) -> None:
    garage = jane.device_id("Lake House Garage")
    refused = jane.refused("/_sandbox/keypad", device_id=garage, code="1234")
    assert refused == (400, "device_type_not_supported")
