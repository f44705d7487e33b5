"""Dates, durations and zones as calendars write them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.reading.dates import find_zone, parse_duration, parse_moment

DENVER = ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("parameters", "value", "local"),
    [
        ("VALUE=DATE", "20310307", datetime(2031, 3, 7)),
        ("", " 20310307 ", datetime(2031, 3, 7)),
        ("", "20310307T153000Z", datetime(2031, 3, 7, 8, 30)),
        ("", "20310307t153000z", datetime(2031, 3, 7, 8, 30)),
        ("", "20310307T1530", datetime(2031, 3, 7, 15, 30)),
        ("TZID=Europe/Lisbon", "20310307T153000", datetime(2031, 3, 7, 8, 30)),
        ("TZID=Europe/Lisbon", "20310307T153000Z", datetime(2031, 3, 7, 8, 30)),
        ('TZID="Europe/Lisbon";VALUE=DATE-TIME', "20310307T153000", datetime(2031, 3, 7, 8, 30)),
        ("VALUE=DATE-TIME;TZID=/example.org/2005/Europe/Lisbon", "20310307T153000", datetime(2031, 3, 7, 8, 30)),
        ("TZID=GMT Standard Time", "20310307T153000", datetime(2031, 3, 7, 8, 30)),
        ("TZID=Nowhere/Town", "20310307T153000", datetime(2031, 3, 7, 15, 30)),
    ],
)
def test_moment_on_clock_of_property(parameters, value, local):
    assert parse_moment(parameters, value)[0].local(DENVER) == local


@pytest.mark.parametrize(
    "value",
    [
        "",
        "INVALID",
        "2031",
        "20310230",
        "20311301T000000",
        "20310307T256000",
        "16010101",
        "99991231",
        "２０３１０３０７",
    ],
)
def test_unreadable_moment(value):
    assert parse_moment("", value) == (None, None)


def test_unknown_zone_is_named():
    assert parse_moment("TZID=FOO", "20310307T153000")[1].name == "FOO"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", "", "a/" * 60, "Customized Time Zone"])
def test_no_such_zone(name):
    assert find_zone(name) is None


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("P4D", timedelta(days=4)),
        ("P1W", timedelta(weeks=1)),
        ("PT20H30M", timedelta(hours=20, minutes=30)),
        ("+P1DT1H", timedelta(days=1, hours=1)),
        ("-P1D", -timedelta(days=1)),
        ("PT1W", None),
        ("P", None),
        ("P1DT", None),
        ("P999999999999999999W", None),
        ("four days", None),
    ],
)
def test_duration(value, span):
    assert parse_duration(value) == span


def test_moment_plus_keeps_days_apart_from_times():
    day, _ = parse_moment("", "20310307")
    assert day.plus(timedelta(days=4)).on == date(2031, 3, 11)
    moment, _ = parse_moment("", "20310307T230000")
    assert moment.plus(timedelta(hours=2)).at == time(1)
