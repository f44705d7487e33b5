"""Impossible readings are unknown, and no time of another clock lies ahead of ours."""

from datetime import timedelta

import pytest

from properties.models import BatteryReading, Lock
from properties.tests.builders import NOW, make_lock
from seam_integration.accounts.sync import read_device
from seam_integration.api.readings import battery_level, past_time
from seam_integration.inbox import events

IMPOSSIBLE: list[object] = [-0.01, -0.05, 1.01, 62, True, False, None, "0.5", [0.5], {}, float("nan"), float("inf")]


@pytest.mark.parametrize(
    ("value", "level"), [(0, 0.0), (1, 1.0), (0.12345678, 0.1235), *((v, None) for v in IMPOSSIBLE)]
)
def test_battery_level(value, level):
    assert battery_level(value) == level


@pytest.mark.parametrize("value", IMPOSSIBLE)
def test_impossible_level_is_unknown_in_list(value):
    device = {"device_id": "1", "properties": {"battery": {"level": value}}}
    assert read_device(device)["battery_level"] is None


@pytest.mark.parametrize("value", IMPOSSIBLE)
def test_impossible_level_of_event_changes_nothing(organization, value):
    lock = make_lock(organization, battery_level=0.4)
    told = {"event_type": "device.battery_status_changed", "device_id": str(lock.seam_id), "battery_level": value}
    events.take_in(told | {"occurred_at": NOW.isoformat()}, NOW)
    lock.refresh_from_db()
    assert (lock.battery_level, BatteryReading.objects.count()) == (0.4, 0)


@pytest.mark.parametrize("value", ["2031-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", None, 7, ["x"]])
def test_time_is_at_most_now(value):
    assert past_time(value, NOW) == NOW


def test_event_of_future_does_not_outlive_next_one(organization):
    lock = make_lock(organization, locked_at=NOW - timedelta(hours=1))
    told = {"device_id": str(lock.seam_id), "method": "manual"}
    events.take_in(told | {"event_type": "lock.unlocked", "occurred_at": "2031-01-01T00:00:00Z"}, NOW)
    assert Lock.objects.get().locked_at == NOW
    later = NOW + timedelta(minutes=1)
    events.take_in(told | {"event_type": "lock.locked", "occurred_at": later.isoformat()}, later)
    assert Lock.objects.get().is_locked is True
