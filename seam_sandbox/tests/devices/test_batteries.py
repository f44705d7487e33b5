"""Batteries run down as time passes."""

from datetime import timedelta

from seam_sandbox.lifecycles.device_lifecycle import BATTERY_STEP_HOURS
from seam_sandbox.tests.caller import Caller
from seam_sandbox.world.simulated_clock import parse_instant


def level(seam: Caller, name: str = "Lake House Front Door") -> float:
    return float(seam.device(name)["properties"]["battery_level"])


def test_battery_loses_one_percent_in_36_hours(jane: Caller) -> None:
    assert level(jane) == 0.85
    jane.advance(f"PT{BATTERY_STEP_HOURS}H")
    assert level(jane) == 0.84
    jane.advance("P15D")
    assert level(jane) == 0.74


def test_low_battery_is_reported_at_first_sync(jane: Caller) -> None:
    (event,) = jane.events("device.low_battery")
    assert event["device_id"] == jane.device_id("Lake House Back Door")
    assert (event["battery_level"], event["battery_source"]) == (0.12, "lock")


def test_each_status_change_is_reported_once_at_its_instant(jane: Caller) -> None:
    start = parse_instant(jane.now())
    jane.advance("P120D")
    device_id = jane.device_id("Harbor Loft 2A")
    at = start + timedelta(hours=BATTERY_STEP_HOURS * (66 - 24))
    low, critical = jane.events("device.battery_status_changed", device_id=device_id)
    assert (parse_instant(low["occurred_at"]), low["battery_status"], low["battery_level"]) == (at, "low", 0.24)
    assert (critical["battery_status"], critical["battery_level"]) == ("critical", 0.09)
    warned = jane.events("device.low_battery", device_id=device_id)
    assert [parse_instant(event["occurred_at"]) for event in warned if event["battery_source"] == "lock"] == [at]


def test_keypad_batteries_drain_separately(jane: Caller) -> None:
    jane.advance("P60D")
    (event,) = jane.events("device.low_battery", device_id=jane.device_id("Harbor Loft 2A"))
    assert event["battery_source"] == "accessory_keypad"


def test_last_percent_never_drains(jane: Caller) -> None:
    jane.advance("P2Y")
    assert level(jane, "Lake House Back Door") == 0.01
    assert jane.device("Lake House Back Door")["errors"] == []


def test_new_batteries_drain(jane: Caller) -> None:
    jane.advance("P2Y")
    jane.set_device(jane.device_id("Lake House Back Door"), battery_level=1)
    jane.advance("P3D")
    assert level(jane, "Lake House Back Door") == 0.98
