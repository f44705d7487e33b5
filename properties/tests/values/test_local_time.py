"""Wall-clock times to instants: both readings of every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.values.local_time import (
    Edge,
    LocalTime,
    clocks_change_between,
    exists,
    have_same_times,
    to_instant,
    zone_names,
)

# Whole hours, a half hour (Lord Howe), the southern half of the year, a change at midnight (Beirut, Santiago).
ZONES = [
    "America/Los_Angeles",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
]
YEARS = (2026, 2027)


def changes_of(zone: str, year: int) -> list[datetime]:
    """The instants (to the minute) at which this zone's clocks change in a year."""
    info, found = ZoneInfo(zone), []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        after = day + timedelta(days=1)
        offset = day.astimezone(info).utcoffset()
        if after.astimezone(info).utcoffset() != offset:
            minutes = (day + timedelta(minutes=n) for n in range(24 * 60 + 1))
            found.append(next(m for m in minutes if m.astimezone(info).utcoffset() != offset))
        day = after
    return found


ALL_CHANGES = [(zone, change) for zone in ZONES for year in YEARS for change in changes_of(zone, year)]


def test_each_zone_of_table_changes_twice_year():
    assert len(ALL_CHANGES) == 2 * len(ZONES) * len(YEARS)


@pytest.mark.parametrize(
    ("on", "at", "zone", "start", "end"),
    [
        ("2026-06-01", "16:00", "America/Los_Angeles", "2026-06-01T23:00", "2026-06-01T23:00"),
        # Spring: 02:30 does not exist. A start reads it early, an end late.
        ("2026-03-08", "02:30", "America/Los_Angeles", "2026-03-08T09:30", "2026-03-08T10:30"),
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T00:30", "2026-03-29T01:30"),
        # Autumn: 01:30 exists twice. A start takes the first, an end the second.
        ("2026-11-01", "01:30", "America/Los_Angeles", "2026-11-01T08:30", "2026-11-01T09:30"),
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:30"),
        # Half an hour, and the southern autumn.
        ("2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-04T15:15"),
        # Never changes.
        ("2026-03-29", "02:30", "Asia/Kolkata", "2026-03-28T21:00", "2026-03-28T21:00"),
    ],
)
def test_start_takes_earlier_and_end_later_reading(on, at, zone, start, end):
    moment = date.fromisoformat(on), time.fromisoformat(at)
    assert to_instant(*moment, zone, Edge.START) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert to_instant(*moment, zone, Edge.END) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "change"), ALL_CHANGES)
def test_window_is_never_shorter_than_either_reading(zone, change):
    local = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for minutes in range(-180, 181, 15):
        naive = local + timedelta(minutes=minutes)
        readings = [naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
        start = to_instant(naive.date(), naive.time(), zone, Edge.START)
        end = to_instant(naive.date(), naive.time(), zone, Edge.END)
        assert start <= min(readings)
        assert end >= max(readings)


@pytest.mark.parametrize(("zone", "change"), ALL_CHANGES)
def test_exactly_skipped_minutes_do_not_exist(zone, change):
    info = ZoneInfo(zone)
    before = (change - timedelta(minutes=1)).astimezone(info).replace(tzinfo=None)
    after = change.astimezone(info).replace(tzinfo=None)
    minute = before + timedelta(minutes=1)
    while minute < after:
        assert not exists(minute.date(), minute.time(), zone)
        minute += timedelta(minutes=1)
    assert exists(before.date(), before.time(), zone)
    assert exists(after.date(), after.time(), zone)


@given(
    minute=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda m: m.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_instant_reads_as_time_it_came_from(minute, zone):
    for edge in Edge:
        back = to_instant(minute.date(), minute.time(), zone, edge).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert back == minute or not exists(minute.date(), minute.time(), zone)


@pytest.mark.parametrize(
    ("start", "end", "changes"),
    [
        ("2026-03-07T12:00", "2026-03-09T12:00", True),
        ("2026-06-01T12:00", "2026-06-20T12:00", False),
        ("2026-10-31T12:00", "2026-11-01T22:00", True),
    ],
)
def test_change_of_clocks_within_stay_is_seen(start, end, changes):
    first, last = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    assert clocks_change_between(first, last, "America/Los_Angeles") is changes


def test_zones_are_those_of_places():
    assert "America/Los_Angeles" in zone_names()
    assert not {"UTC", "Etc/GMT+5", "EST"} & set(zone_names())


def test_local_time_reads_as_words():
    assert str(LocalTime(date(2026, 6, 1), time(16))) == "Mon 1 Jun 2026, 16:00"


@pytest.mark.parametrize(
    ("zone", "other", "same"),
    [
        ("US/Pacific", "America/Los_Angeles", True),
        ("Europe/Berlin", "Europe/Vienna", True),
        # One hour apart in summer only; half an hour apart in summer only; a day apart.
        ("America/Phoenix", "America/Denver", False),
        ("Australia/Lord_Howe", "Australia/Sydney", False),
        ("Pacific/Apia", "Pacific/Pago_Pago", False),
    ],
)
def test_zones_with_same_rules_are_one(zone, other, same):
    assert have_same_times(zone, other, datetime(2026, 6, 1, tzinfo=UTC)) is same
