"""The forecast of a battery, and the day to change it: by table, and for all readings that can be."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.values.battery_forecast import (
    DayKind,
    Occupancy,
    Outlook,
    Reading,
    forecast,
    plan_change,
    since_new_battery,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def falling(level: float, per_day: float, days: int, every: int = 2, until: datetime = NOW) -> list[Reading]:
    """Readings that fall steadily and end at `level`, `until` then."""
    return [Reading(until - n * DAY, round(level + per_day * n, 4)) for n in range(days, -1, -every)]


def test_steady_fall_is_forecast_to_its_day():
    found = forecast(falling(0.20, 0.01, 40), NOW)
    assert found.outlook is Outlook.FALLING
    middle = NOW + 20 * DAY
    assert found.empty_from < middle < found.empty_to
    assert timedelta(days=1) <= found.empty_to - found.empty_from <= timedelta(days=10)


def test_one_wild_reading_hardly_moves_forecast():
    steady = falling(0.20, 0.01, 40)
    wild = [*steady]
    wild[8] = Reading(wild[8].at, wild[8].level - 0.12)
    calm, shaken = forecast(steady, NOW), forecast(wild, NOW)
    assert abs((calm.empty_from - shaken.empty_from).days) <= 4


def test_only_readings_since_new_battery_count():
    old = falling(0.10, 0.05, 16, until=NOW - 31 * DAY)
    new = falling(0.70, 0.01, 30)
    found = forecast(old + new, NOW)
    assert found.changed_at == new[0].at
    assert found.outlook is Outlook.FALLING
    assert found.empty_from < NOW + 70 * DAY < found.empty_to


def test_rise_of_few_points_is_warmth_and_no_new_battery():
    readings = [*falling(0.40, 0.01, 30, until=NOW - DAY), Reading(NOW, 0.48)]
    assert since_new_battery(readings)[0] is None


def test_level_that_was_read_again_and_again_falls_more_slowly():
    readings = falling(0.50, 0.01, 20, until=NOW - 20 * DAY)
    assert forecast(readings, NOW, seen_at=NOW).empty_to > forecast(readings, NOW - 20 * DAY).empty_to


CANNOT_TELL = {
    "nothing read": ([], {}, Outlook.UNKNOWN, "no level"),
    "one reading": ([Reading(NOW, 0.8)], {}, Outlook.UNKNOWN, "a few more readings"),
    "three readings": (falling(0.5, 0.01, 20, every=10), {}, Outlook.UNKNOWN, "a few more readings"),
    "watched for days only": (falling(0.5, 0.01, 6, every=1), {}, Outlook.UNKNOWN, "6 days"),
    "hardly moves": (falling(0.9, 0.0005, 30), {}, Outlook.UNKNOWN, "hardly moves"),
    "rises": ([Reading(r.at, 1 - r.level) for r in falling(0.5, 0.01, 20)], {}, Outlook.UNKNOWN, "hardly moves"),
    "read long ago": (falling(0.5, 0.01, 40, until=NOW - 9 * DAY), {}, Outlook.UNKNOWN, "9 days old"),
    "unchanged, door used": (
        falling(0.3, 0.01, 40, until=NOW - 50 * DAY),
        {"seen_at": NOW, "is_used": True},
        Outlook.STUCK,
        "50 days though the door was used",
    ),
    "one level for ever, door used": (
        [Reading(NOW - 60 * DAY, 0.3)],
        {"seen_at": NOW, "is_used": True},
        Outlook.STUCK,
        "30%",
    ),
    "empty": (falling(0.0, 0.01, 40), {}, Outlook.EMPTY, "0%"),
    "lasts": (falling(0.9, 0.001, 100), {}, Outlook.LASTING, "more than a year"),
}


@pytest.mark.parametrize(("readings", "seen", "outlook", "reason"), CANNOT_TELL.values(), ids=CANNOT_TELL)
def test_it_says_why_there_is_no_date(readings, seen, outlook, reason):
    found = forecast(readings, NOW, **seen)
    assert found.outlook is outlook
    assert reason in found.reason
    assert found.span is None


def test_unchanged_level_of_unused_door_is_not_stuck():
    readings = falling(0.3, 0.01, 40, until=NOW - 50 * DAY)
    assert forecast(readings, NOW, seen_at=NOW, is_used=False).outlook is not Outlook.STUCK


def test_unchanged_for_44_days_is_not_stuck_yet():
    readings = falling(0.3, 0.01, 40, until=NOW - 44 * DAY)
    assert forecast(readings, NOW, seen_at=NOW, is_used=True).outlook is not Outlook.STUCK


readings_of_any_kind = st.lists(
    st.tuples(st.integers(0, 300 * 24), st.integers(0, 100)), max_size=60, unique_by=lambda pair: pair[0]
).map(lambda pairs: [Reading(NOW - timedelta(hours=hours), percent / 100) for hours, percent in sorted(pairs)[::-1]])


@given(readings_of_any_kind, st.booleans())
def test_forecast_is_in_future_or_has_reason(readings, is_used):
    found = forecast(readings, NOW, seen_at=NOW, is_used=is_used)
    if found.span is None:
        assert found.reason
    else:
        assert NOW <= found.empty_from < found.empty_to
        assert not found.reason


@given(st.integers(5, 60), st.integers(3, 40), st.integers(1, 20))
def test_steady_fall_always_holds_day_it_reaches_zero(percent, tenths_per_day, earlier):
    per_day = tenths_per_day / 1000
    found = forecast(falling(percent / 100, per_day, 20 + earlier, every=1), NOW)
    assert found.empty_from is not None or found.outlook is Outlook.LASTING
    if found.span:
        assert found.empty_from - DAY <= NOW + timedelta(days=percent / 100 / per_day) <= found.empty_to + DAY


# --- The day to change it -------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 1)


def nov(first: int, last: int) -> Occupancy:
    return Occupancy(date(2026, 11, first), date(2026, 11, last))


DAYS = {
    # stays, empty on, stays before, best day, kind
    "nobody stays: a week before": ([], 20, 0, 13, DayKind.VACANT),
    "vacant only in the last week: the first of those days": ([nov(1, 15)], 20, 1, 16, DayKind.VACANT),
    "the last vacant day a week before": ([nov(1, 4), nov(8, 14)], 20, 2, 7, DayKind.VACANT),
    "back to back: the last turnover a week before": (
        [nov(1, 4), nov(4, 9), nov(9, 21)],
        20,
        3,
        9,
        DayKind.BETWEEN_GUESTS,
    ),
    "guests all the time": ([nov(1, 30)], 20, 1, None, DayKind.OCCUPIED),
    "empty today already": ([], 1, 0, 1, DayKind.VACANT),
    "stays after it do not count": ([nov(21, 25)], 20, 0, 13, DayKind.VACANT),
}


@pytest.mark.parametrize(("stays", "empty", "count", "best", "kind"), DAYS.values(), ids=DAYS)
def test_day_to_change_battery(stays, empty, count, best, kind):
    found = plan_change(stays, TODAY, date(2026, 11, empty))
    assert (found.stays_before, found.best_day and found.best_day.day, found.kind) == (count, best, kind)


any_stays = st.lists(
    st.tuples(st.integers(-5, 60), st.integers(1, 14)).map(
        lambda pair: Occupancy(TODAY + timedelta(days=pair[0]), TODAY + timedelta(days=sum(pair)))
    ),
    max_size=12,
)


@given(any_stays, st.integers(0, 60))
def test_battery_change_is_asked_at_possible_time(stays, ahead):
    empty_on = TODAY + timedelta(days=ahead)
    found = plan_change(stays, TODAY, empty_on)
    if found.best_day is not None:
        assert TODAY <= found.best_day <= max(TODAY, empty_on - timedelta(days=1))
        assert not any(stay.check_in_on < found.best_day < stay.check_out_on for stay in stays)
