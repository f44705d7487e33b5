"""The plan run forward: who is on a lock on a day to come, and who finds a place."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from properties.codes.capacity import Span, on_lock_at, peak, span, those_that_fit
from properties.models import AccessCode
from properties.tests.builders import NOW

DAY = timedelta(days=1)


def days(start: int, end: int) -> Span:
    return Span(NOW + start * DAY, NOW + end * DAY)


def code(start: int | None, end: int | None, **fields) -> AccessCode:
    window = {"starts_at": NOW + start * DAY, "ends_at": NOW + end * DAY} if start is not None else {}
    return AccessCode(**window, **fields)


def test_a_code_is_on_the_lock_from_three_days_ahead_until_it_ends():
    stay = code(10, 12)
    on_days = [day for day in range(20) if on_lock_at([stay], NOW + day * DAY)]
    assert on_days == [7, 8, 9, 10, 11]


def test_an_ongoing_code_is_always_there_and_a_revoked_one_never():
    always, revoked = code(None, None), code(None, None, revoked_at=NOW)
    assert on_lock_at([always, revoked], NOW + 300 * DAY) == [always]


def test_the_peak_counts_what_meets_not_what_follows():
    assert peak([days(0, 2), days(2, 4), days(4, 6)], days(0, 6)) == 1
    assert peak([days(0, 3), days(2, 4), days(2, 6)], days(0, 6)) == 3
    assert peak([], days(0, 1)) == 0


def test_a_code_for_next_year_does_not_keep_out_one_for_tomorrow():
    far = [span(NOW + n * DAY, NOW + (n + 1) * DAY) for n in range(100, 400, 5)]
    assert those_that_fit([("tomorrow", span(NOW + DAY, NOW + 2 * DAY))], far, places=50) == ["tomorrow"]


def test_the_soonest_get_the_places():
    wanted = [("first", days(0, 5)), ("second", days(1, 5)), ("third", days(2, 5)), ("later", days(6, 8))]
    assert those_that_fit(wanted, [], places=2) == ["first", "second", "later"]


spans = st.builds(lambda start, length: days(start, start + length), st.integers(-10, 30), st.integers(1, 15))


@given(st.lists(spans, max_size=25), st.lists(spans, max_size=8), st.integers(1, 6))
def test_no_moment_ever_holds_more_than_the_lock_can(wanted, held, places):
    fitting = those_that_fit([(one, one) for one in wanted], held, places)
    for day in range(-10, 50):
        at = NOW + day * DAY
        before = sum(one.holds(at) for one in held)
        assert before + sum(one.holds(at) for one in fitting) <= max(places, before)


@given(st.lists(spans, max_size=20), spans)
def test_the_peak_is_what_counting_each_hour_finds(all_spans, during):
    hours = range(int((during.ends_at - during.begins_at) / timedelta(hours=12)))
    counted = [sum(s.holds(during.begins_at + h * timedelta(hours=12)) for s in all_spans) for h in hours]
    assert peak(all_spans, during) == max(counted)
