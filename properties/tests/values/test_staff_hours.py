"""Hours of the day as spans of time: days, nights, changes of the clocks, the last day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from properties.values.staff_hours import Rule, Span, next_spans, taken_everywhere, wanted_span

LA, BERLIN = "America/Los_Angeles", "Europe/Berlin"
# A Monday, 05:00 in Los Angeles.
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NINE_TO_FIVE = Rule(time(9), time(17))


def utc(day: int, hour: int, month: int = 6, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_next_spans_are_local_to_door():
    assert next_spans(NINE_TO_FIVE, LA, NOW) == [Span(utc(1, 16), utc(2, 0)), Span(utc(2, 16), utc(3, 0))]
    assert next_spans(NINE_TO_FIVE, BERLIN, NOW)[0] == Span(utc(1, 7), utc(1, 15))


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (utc(1, 15, minute=59), utc(1, 16)),
        (utc(1, 16), utc(1, 16)),
        (utc(1, 23, minute=59), utc(1, 16)),
        (utc(2, 0), utc(2, 16)),
    ],
)
def test_running_span_comes_first(now, first):
    assert next_spans(NINE_TO_FIVE, LA, now)[0].starts_at == first


def test_night_that_began_yesterday_is_still_running():
    night = Rule(time(22), time(6))
    assert next_spans(night, LA, NOW)[0] == Span(utc(1, 5), utc(1, 13))


def test_only_on_days_that_were_chosen():
    wednesdays = Rule(time(9), time(17), frozenset({2}))
    assert [span.starts_at for span in next_spans(wednesdays, LA, NOW, count=3)] == [
        utc(3, 16),
        utc(10, 16),
        utc(17, 16),
    ]


def test_last_day_is_last():
    rule = Rule(time(9), time(17), until_on=date(2026, 6, 2))
    assert len(next_spans(rule, LA, NOW, count=5)) == 2
    assert wanted_span(rule, LA, utc(3, 1)) is None


@pytest.mark.parametrize(
    ("now", "hours"),
    # The clocks go forward at 02:00 on 29 March 2026 in Berlin, and back at 03:00 on 25 October.
    [(utc(28, 20, month=3), 7), (utc(24, 20, month=10), 9)],
)
def test_night_of_clock_change_differs_by_hour(now, hours):
    span = next_spans(Rule(time(22), time(6)), BERLIN, now)[0]
    assert span.ends_at - span.starts_at == timedelta(hours=hours)


def test_round_clock_has_no_end():
    assert wanted_span(Rule(), LA, NOW) == Span(None, None)
    assert next_spans(Rule(), LA, NOW) == []


def test_until_date_is_until_end_of_that_day_at_door():
    assert wanted_span(Rule(until_on=date(2026, 6, 5)), LA, NOW) == Span(NOW, utc(6, 7))
    assert wanted_span(Rule(until_on=date(2026, 5, 31)), LA, NOW) is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(), "Always"),
        (NINE_TO_FIVE, "Every day, 09:00 to 17:00"),
        (Rule(time(9), time(17), frozenset(range(5))), "Mon to Fri, 09:00 to 17:00"),
        (Rule(time(22), time(6), frozenset({0, 2, 5})), "Mon, Wed and Sat, 22:00 to 06:00, over midnight"),
        (Rule(until_on=date(2026, 6, 5)), "Always, until Fri 5 Jun 2026"),
    ],
)
def test_rule_in_words(rule, words):
    assert str(rule) == words


DAY = timedelta(days=1)
# 11:00 and 16:00 in Los Angeles.
OUT, IN = utc(1, 18), utc(1, 23)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], Span(utc(1, 16), utc(2, 0))),
        ([(utc(3, 23), utc(5, 18))], Span(utc(1, 16), utc(2, 0))),
        # A guest leaves, one comes, both on the same day.
        ([(NOW - DAY, OUT)], Span(OUT, utc(2, 0))),
        ([(IN, IN + 3 * DAY)], Span(utc(1, 16), IN)),
        ([(NOW - DAY, OUT), (IN, IN + 3 * DAY)], Span(OUT, IN)),
        # Days in the middle of a stay are left out; the next one is that of check-out.
        ([(NOW - DAY, OUT + 2 * DAY)], Span(OUT + 2 * DAY, utc(4, 0))),
        # Too little is left of a day.
        ([(NOW - DAY, utc(1, 23, minute=40))], Span(utc(2, 16), utc(3, 0))),
        ([(NOW - DAY, NOW + 400 * DAY)], None),
    ],
)
def test_hours_leave_out_times_with_guests(taken, expected):
    assert wanted_span(NINE_TO_FIVE, LA, NOW, taken) == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([(IN, IN + DAY)], Span(NOW, IN)),
        ([(NOW - DAY, OUT), (IN, IN + DAY)], Span(OUT, IN)),
        ([(NOW - DAY, OUT)], Span(OUT, NOW + timedelta(days=366))),
    ],
)
def test_round_clock_lies_between_guests(taken, expected):
    assert wanted_span(Rule(), LA, NOW, taken) == expected


def test_shared_entrance_opens_while_one_home_is_free():
    one, other = [(NOW, NOW + 3 * DAY)], [(NOW + DAY, NOW + 5 * DAY)]
    assert taken_everywhere([one, other]) == [(NOW + DAY, NOW + 3 * DAY)]
    assert taken_everywhere([one, []]) == []
    assert taken_everywhere([one]) == one
    assert taken_everywhere([]) == []
