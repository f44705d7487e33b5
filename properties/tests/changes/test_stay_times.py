"""What may be wrong with a stay's times."""

from datetime import date, time

import pytest

from properties.changes.stay_times import problems
from properties.models import Property
from properties.tests.builders import NOW
from properties.values.local_time import LocalTime

LAKE = Property(name="Lake House", time_zone="America/Los_Angeles")


def at(text: str) -> LocalTime:
    on, hour = text.split()
    return LocalTime(date.fromisoformat(on), time.fromisoformat(hour))


@pytest.mark.parametrize(
    ("check_in", "check_out", "field", "words"),
    [
        # NOW is Mon 1 Jun 2026, 12:00 UTC: 05:00 at Lake House.
        ("2026-06-10 16:00", "2026-06-09 11:00", "check_out_on", "must come after check-in"),
        ("2026-06-10 16:00", "2026-06-10 16:00", "check_out_on", "must come after check-in"),
        ("2026-05-01 16:00", "2026-05-04 11:00", "check_out_on", "has passed"),
        ("2026-05-30 16:00", "2026-06-01 04:59", "check_out_on", "it is Mon 1 Jun 2026, 05:00 at Lake House"),
        ("0001-01-01 00:00", "0001-01-02 00:00", "check_out_on", "has passed"),
        ("2026-06-10 16:00", "2029-06-10 11:00", "check_out_on", "two years at most"),
        ("9999-12-30 16:00", "9999-12-31 23:59", "check_in_on", "Check the year"),
        ("2027-03-14 02:30", "2027-03-16 11:00", "check_in_time", "such as 03:30"),
        ("2027-03-12 16:00", "2027-03-14 02:30", "check_out_time", "does not exist on Sun 14 Mar 2027 at Lake House"),
    ],
)
def test_wrong_time_is_named_at_its_field(check_in, check_out, field, words):
    found = problems(LAKE, at(check_in), at(check_out), NOW)
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize(
    ("check_in", "check_out"),
    [
        ("2026-06-10 16:00", "2026-06-13 11:00"),
        ("2026-06-10 09:00", "2026-06-10 17:00"),
        # Who came yesterday can be entered today, until the last minute.
        ("2026-05-30 16:00", "2026-06-01 05:01"),
        # The hour that comes twice exists.
        ("2026-10-30 16:00", "2026-11-01 01:30"),
        ("2026-06-10 16:00", "2028-06-10 11:00"),
    ],
)
def test_good_times_have_no_problem(check_in, check_out):
    assert problems(LAKE, at(check_in), at(check_out), NOW) == {}


def test_check_in_that_was_is_not_judged_again():
    skipped = at("2026-03-08 02:30")
    assert problems(LAKE, skipped, at("2026-06-13 11:00"), NOW, has_started=True) == {}
