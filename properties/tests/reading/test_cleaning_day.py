"""A cleaner's day: units where a guest leaves or arrives today, and no more of a guest than a first name."""

from datetime import date, timedelta

import pytest

from properties.reading.cleaning_day import first_name, unit_days
from properties.tests.builders import NOW, make_property, make_stay, make_unit

TODAY = NOW.date()


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization))


def test_turnover_is_free_between_two_guests(unit):
    leaving = make_stay(unit, "Anna Schmidt", check_in_on=TODAY - timedelta(days=2), nights=2)
    arriving = make_stay(unit, "Robin O’Neill", check_in_on=TODAY)
    (day,) = unit_days([unit], [leaving, arriving], NOW)
    assert (day.free_from, day.free_until) == (leaving.ends_at, arriving.starts_at)
    assert (day.leaving, day.arriving) == ("Anna", "Robin")
    assert not day.is_free(leaving.ends_at - timedelta(minutes=1))
    assert day.is_free(leaving.ends_at)
    assert not day.is_free(arriving.starts_at)


def test_guest_who_stays_on_makes_no_work(unit):
    staying = make_stay(unit, check_in_on=TODAY - timedelta(days=1), nights=4)
    assert unit_days([unit], [staying], NOW) == []


def test_today_is_that_of_property(organization):
    tokyo = make_unit(make_property(organization, "Loft", time_zone="Asia/Tokyo"))
    late = NOW.replace(hour=20)
    assert late.astimezone(tokyo.property.zone).date() == date(2026, 6, 2)
    assert unit_days([tokyo], [make_stay(tokyo, check_in_on=date(2026, 6, 2))], late)
    assert not unit_days([tokyo], [make_stay(tokyo, check_in_on=date(2026, 6, 1))], late)


@pytest.mark.parametrize(("name", "first"), [("Anna Schmidt", "Anna"), ("  José  Álvarez ", "José"), ("", "")])
def test_first_names(name, first):
    assert first_name(name) == first
