"""Stays: their window, their phase, and which of them share time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.models import Stay, StayPhase
from properties.models.stays import Window, window_of
from properties.tests.builders import NOW, make_organization, make_property, make_stay, make_unit

HOUR = timedelta(hours=1)


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization))


def test_the_window_is_the_wall_clock_of_the_property_and_its_buffers(organization):
    place = make_property(organization, time_zone="Europe/Berlin", minutes_before=30, minutes_after=45)
    window = window_of(place, date(2026, 6, 10), time(16), date(2026, 6, 13), time(11))
    assert window.starts_at == datetime(2026, 6, 10, 13, 30, tzinfo=UTC)
    assert window.ends_at == datetime(2026, 6, 13, 9, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("check_in", "check_out", "overlaps"),
    [
        # The stay that is there: 11 Jun 16:00 to 14 Jun 11:00.
        ("2026-06-08 16:00", "2026-06-11 11:00", False),
        ("2026-06-08 16:00", "2026-06-11 16:00", False),
        ("2026-06-08 16:00", "2026-06-11 16:01", True),
        ("2026-06-08 16:00", "2026-06-12 11:00", True),
        ("2026-06-11 16:00", "2026-06-14 11:00", True),
        ("2026-06-12 16:00", "2026-06-13 11:00", True),
        ("2026-06-10 16:00", "2026-06-20 11:00", True),
        ("2026-06-14 10:59", "2026-06-16 11:00", True),
        ("2026-06-14 11:00", "2026-06-16 11:00", False),
        ("2026-06-14 16:00", "2026-06-16 11:00", False),
    ],
)
def test_stays_overlap_when_they_share_a_minute(unit, check_in, check_out, overlaps):
    stay = make_stay(unit)
    moments = [datetime.fromisoformat(text) for text in (check_in, check_out)]
    times = [(m.date(), m.time()) for m in moments]
    assert Stay.objects.overlapping(unit, *times).exists() is overlaps
    assert stay.shares_nights(*times) is overlaps


def test_a_cancelled_stay_and_another_unit_do_not_overlap(unit):
    stay = make_stay(unit, cancelled_at=NOW)
    other = make_stay(make_unit(unit.property, "Guest suite"))
    assert not Stay.objects.overlapping(unit, stay.check_in, stay.check_out).exists()
    assert Stay.objects.overlapping(other.unit, stay.check_in, stay.check_out).exists()


@pytest.mark.django_db
@given(st.integers(-30, 30), st.integers(1, 30))
def test_windows_overlap_alike_in_python_and_rows(start, length):
    # The stay that is there lasts for 67 hours.
    stay = Stay.objects.first() or make_stay(make_unit(make_property(make_organization())))
    asked = Window(stay.starts_at + start * 4 * HOUR, stay.starts_at + (start + length) * 4 * HOUR)
    minutes = [stay.starts_at + n * HOUR for n in range(67)]
    expected = any(asked.starts_at <= minute < asked.ends_at for minute in minutes)
    assert asked.overlaps(Window(stay.starts_at, stay.ends_at)) is expected
    assert Stay.objects.during(asked).exists() is expected


@pytest.mark.parametrize(
    ("days_ahead", "fields", "phase"),
    [
        (10, {}, StayPhase.UPCOMING),
        (-1, {}, StayPhase.IN_HOUSE),
        (-10, {}, StayPhase.PAST),
        (10, {"cancelled_at": NOW}, StayPhase.CANCELLED),
        (-10, {"cancelled_at": NOW}, StayPhase.CANCELLED),
    ],
)
def test_a_stay_and_the_lists_agree_on_its_phase(unit, days_ahead, fields, phase):
    stay = make_stay(unit, days_ahead=days_ahead, **fields)
    assert stay.phase(NOW) is phase
    for each in StayPhase:
        assert Stay.objects.in_phase(each, NOW).filter(pk=stay.pk).exists() is (each is phase)


@pytest.mark.parametrize(("edge", "phase"), [("starts_at", StayPhase.IN_HOUSE), ("ends_at", StayPhase.PAST)])
def test_at_its_very_first_and_last_instant_a_stay_is_in_one_list(unit, edge, phase):
    stay = make_stay(unit)
    now = getattr(stay, edge)
    assert stay.phase(now) is phase
    assert [each for each in StayPhase if Stay.objects.in_phase(each, now).exists()] == [phase]


def test_the_nearest_stay_comes_first(unit):
    near, far = make_stay(unit, days_ahead=5), make_stay(unit, days_ahead=20)
    assert list(Stay.objects.in_phase(StayPhase.UPCOMING, NOW)) == [near, far]
    later = NOW + timedelta(days=100)
    assert list(Stay.objects.in_phase(StayPhase.PAST, later)) == [far, near]


def test_nights_are_days_between_the_dates(unit):
    assert make_stay(unit, nights=3).nights == 3
