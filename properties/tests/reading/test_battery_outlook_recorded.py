"""What is foretold of batteries weighs on arrivals, before any level is low."""

from datetime import timedelta

from properties.models import BatteryReading, Lock, Stay, StayVerdict
from properties.reading import battery_outlook
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict import storing
from properties.verdict.checks import Subject, Verdict
from properties.verdict.loading import assess


def a_falling_battery(lock: Lock, per_day: float, days: int = 30) -> None:
    """Daily levels up to the lock's own."""
    for day in range(days):
        level = round(lock.battery_level + per_day * day, 4)
        BatteryReading.objects.create(lock=lock, level=level, at=NOW - timedelta(days=day))


def an_arrival(organization, **lock_fields) -> tuple[Lock, Stay]:
    lock = make_lock(organization, **({"battery_level": 0.4, "heard_at": NOW} | lock_fields))
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    return lock, make_stay(unit, days_ahead=2, nights=3)


def test_battery_that_will_not_last_puts_arrival_at_risk(organization):
    lock, stay = an_arrival(organization)
    a_falling_battery(lock, per_day=0.04)
    assert battery_outlook.record_forecasts(NOW) == 1
    [judged] = assess(Stay.objects.with_places(), NOW, NOW)
    check = next(c for c in judged.readiness.checks if c.subject is Subject.BATTERY)
    assert check.verdict is Verdict.AT_RISK
    assert "likely to be empty" in check.what


def test_stored_verdict_follows_forecast(organization):
    lock, stay = an_arrival(organization)
    make_code(
        lock,
        stay=stay,
        window=(stay.window()),
        seam_id="11111111-1111-4111-8111-111111111111",
        accepted_at=NOW,
        on_lock_at=NOW,
        live_at=None,
        seam_status="unset",
        seam_starts_at=stay.starts_at,
        seam_ends_at=stay.ends_at,
    )
    storing.judge_marked(NOW, 10)
    assert StayVerdict.objects.get().verdict == "ready"
    a_falling_battery(lock, per_day=0.04)
    battery_outlook.record_forecasts(NOW)
    storing.judge_marked(NOW, 10)
    assert StayVerdict.objects.get().verdict == "at-risk"


def test_lasting_or_new_battery_weighs_nothing(organization):
    lock, _ = an_arrival(organization)
    a_falling_battery(lock, per_day=0.04)
    battery_outlook.record_forecasts(NOW)
    Lock.objects.update(battery_level=1.0, battery_status="full")
    BatteryReading.objects.create(lock=lock, level=1.0, at=NOW + timedelta(hours=1))
    assert battery_outlook.record_forecasts(NOW + timedelta(hours=2)) == 1
    assert Lock.objects.get().battery_empty_at is None
    assert battery_outlook.record_forecasts(NOW + timedelta(hours=3)) == 0
