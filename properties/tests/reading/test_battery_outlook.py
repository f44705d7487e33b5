"""What is told of the batteries of locks: in words, with the stays behind their doors, for any number of locks."""

from datetime import timedelta

from properties.models import Activity, BatteryReading, Lock
from properties.reading.battery_outlook import outlooks
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.values.battery_forecast import Outlook

DAY = timedelta(days=1)


def fall(lock, to=0.20, per_day=0.01, days=40, part=BatteryReading.Part.LOCK, until=NOW) -> None:
    BatteryReading.objects.bulk_create(
        BatteryReading(lock=lock, part=part, level=round(to + per_day * n, 4), at=until - n * DAY)
        for n in range(days, -1, -2)
    )


def outlook_of(lock, part=BatteryReading.Part.LOCK):
    found = outlooks([Lock.objects.with_places().get(pk=lock.pk)], NOW)[lock.pk]
    return next(one for one in found if one.part is part)


def test_it_names_span_stays_before_and_best_day(organization, now):
    lock = make_lock(organization, battery_level=0.20)
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    # Empty about 21 Jun; vacant until 6 Jun and from 10 to 12 Jun.
    make_stay(unit, days_ahead=5, nights=4)
    make_stay(unit, "Robin", days_ahead=11, nights=14)
    make_stay(unit, "Cancelled", days_ahead=1, nights=20, cancelled_at=now)
    fall(lock)
    assert (
        outlook_of(lock).words
        == "Likely empty 19 to 23 Jun; 2 stays before that; best day to change: Thu 11 Jun (vacant)."
    )


def test_with_guests_all_time_it_says_so(organization, now):
    lock = make_lock(organization, battery_level=0.20)
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    make_stay(unit, days_ahead=-3, nights=40)
    fall(lock)
    assert "1 stay before that; no day without guests, so agree on one with them." in outlook_of(lock).words


def test_on_no_door_there_is_no_day_to_choose(organization, now):
    lock = make_lock(organization, battery_level=0.20)
    fall(lock)
    assert outlook_of(lock).words == "Likely empty 19 to 23 Jun."


def test_both_batteries_are_told_apart(organization, now):
    lock = make_lock(organization, battery_level=0.20, keypad_battery_level=0.6, keypad_battery_at=now)
    fall(lock)
    fall(lock, to=0.6, per_day=0.002, part=BatteryReading.Part.KEYPAD)
    keypad = outlook_of(lock, BatteryReading.Part.KEYPAD)
    assert keypad.forecast.empty_from > outlook_of(lock).forecast.empty_to


def test_stuck_needs_used_door_and_unchanged_reading(organization, now):
    lock = make_lock(organization, battery_level=0.30)
    fall(lock, to=0.30, until=NOW - 50 * DAY)
    assert outlook_of(lock).forecast.outlook is not Outlook.STUCK
    Activity.record(organization.pk, NOW - DAY, "lock.unlocked", "Opened", lock=lock)
    found = outlook_of(lock)
    assert found.forecast.outlook is Outlook.STUCK
    assert found.words.startswith("Stuck: 30% for 50 days though the door was used")


def test_unknown_level_is_as_old_as_its_last_reading(organization, now):
    lock = make_lock(organization, battery_level=None, battery_at=NOW - 9 * DAY)
    fall(lock, until=NOW - 9 * DAY)
    assert outlook_of(lock).words == "No forecast yet: the last reading is 9 days old."


def test_battery_that_was_never_read_has_no_outlook(organization, now):
    lock = make_lock(organization)
    assert outlooks([lock], NOW) == {lock.pk: []}


def test_many_locks_cost_as_much_as_one(organization, now, django_assert_max_num_queries):
    place = make_property(organization)
    for n in range(12):
        lock = make_lock(organization, f"Lock {n}", battery_level=0.20)
        unit = make_unit(place, f"Unit {n}")
        make_door(unit, lock, f"Door {n}")
        make_stay(unit)
        fall(lock)
    locks = list(Lock.objects.with_places())
    with django_assert_max_num_queries(3):
        found = outlooks(locks, NOW)
    assert all("1 stay before that" in parts[0].words for parts in found.values())
