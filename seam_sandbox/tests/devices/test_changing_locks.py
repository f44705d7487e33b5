"""The control route changes locks in ways that Seam's own simulation does not offer."""

import pytest

from seam_sandbox.tests.caller import Caller, error_codes, warning_codes


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"online": False}, ["device.disconnected"]),
        ({"hub_online": False}, ["device.disconnected"]),
        ({"removed": True}, ["device.removed"]),
        ({"locked": False}, ["lock.unlocked"]),
        ({"locked": True}, []),
        ({"battery_level": 0.05}, ["device.battery_status_changed", "device.low_battery"]),
        ({"battery_level": 0.8}, []),
        ({"keypad_battery_level": 0.1}, ["device.low_battery"]),
        ({"name": "Old Barn"}, ["device.name_changed"]),
    ],
)
def test_property_change_emits_its_event(jane: Caller, facts: dict, told: list[str]) -> None:
    device_id, since = jane.device_id(), jane.advance("PT1S")
    jane.set_device(device_id, **facts)
    assert jane.event_types(since=since) == told


def test_property_change_shows_on_device(jane: Caller) -> None:
    device_id = jane.device_id()
    jane.set_device(device_id, battery_level=0.05, keypad_battery_level=0.07, locked=False, name="Old Barn")
    device = jane("/devices/get", device_id=device_id)["device"]
    assert device["properties"]["battery"] == {"level": 0.05, "status": "critical"}
    assert device["properties"]["accessory_keypad"]["battery"] == {"level": 0.07}
    assert device["properties"]["locked"] is False
    assert device["display_name"] == "Old Barn"
    assert warning_codes(device) == ["accessory_keypad_low_battery"]


def test_any_error_or_warning_code_can_be_set(jane: Caller) -> None:
    device_id = jane.device_id()
    trouble = {"error_code": "device_disconnected", "message": "Out of range."}
    jane.set_device(device_id, errors=[trouble], warnings=[{"warning_code": "power_saving_mode"}])
    device = jane.device()
    assert device["errors"][0]["message"] == "Out of range."
    assert device["errors"][0]["is_device_error"] is True
    assert warning_codes(device) == ["power_saving_mode"]
    jane.set_device(device_id, errors=[], warnings=[])
    assert error_codes(jane.device()) == warning_codes(jane.device()) == []


def test_provider_change_is_seen_at_next_poll(jane: Caller) -> None:
    device_id = jane.device_id()
    jane("/_sandbox/devices", device_id=device_id, set={"locked": False}, at_next_poll=True)
    assert jane.device()["properties"]["locked"] is True
    jane.advance("PT10M")
    assert jane.device()["properties"]["locked"] is False


def test_sync_sees_provider_change_before_next_poll(jane: Caller) -> None:
    device = jane.device()
    jane("/_sandbox/devices", device_id=device["device_id"], set={"locked": False}, at_next_poll=True)
    jane("/connected_accounts/sync", connected_account_id=device["connected_account_id"])
    assert jane.device()["properties"]["locked"] is False
    jane.advance("PT10M")
    assert jane.event_types().count("lock.unlocked") == 1


def test_unknown_property_is_refused(jane: Caller) -> None:
    refused = jane.validation_errors("/_sandbox/devices", device_id=jane.device_id(), set={"colour": "red"})
    assert refused == {"set": ["Unknown: colour"]}


def test_changing_lock_requires_api_key(jane: Caller) -> None:
    device_id = jane.device_id()
    del jane.session.headers["Authorization"]
    assert jane.refused("/_sandbox/devices", device_id=device_id, set={"locked": False}) == (401, "unauthorized")
