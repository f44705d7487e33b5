"""Room on a lock, by time: when a code takes a place, how many do at once, and which codes find one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.codes import capacity
from properties.codes.capacity import ALWAYS, FOREVER, CodeOnLock, Span, span, those_that_fit
from properties.models import Lock
from properties.models.stays import Window
from properties.tests.builders import NOW, make_code, make_lock, make_property, make_stay, make_unit

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def days(start: float, end: float) -> Span:
    return Span(NOW + start * DAY, NOW + end * DAY)


def code(start: float | None = None, end: float | None = None, pk: int = 1, **fields) -> CodeOnLock:
    """At Seam, not revoked, for these days from now; without days an ongoing one."""
    starts_at = NOW + start * DAY if start is not None else None
    ends_at = NOW + end * DAY if end is not None else None
    return CodeOnLock(pk, 1, None, "guest", starts_at, ends_at, fields.get("revoked_at"), fields.get("at_seam", True))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(code(10, 12), days(7, 12), id="loaded three days ahead, gone at its end"),
        pytest.param(code(), Span(ALWAYS, FOREVER), id="ongoing: always"),
        pytest.param(code(10, 12, at_seam=False), days(7, 12), id="not created yet: it will need the place"),
        pytest.param(code(-4, -1, at_seam=False), None, id="over and never sent: no place"),
        pytest.param(
            code(-4, 2, revoked_at=NOW - MINUTE), Span(NOW - 7 * DAY, NOW + 14 * MINUTE), id="revoked: soon gone"
        ),
        pytest.param(code(-4, -1 / 24 / 6), Span(NOW - 7 * DAY, NOW + 5 * MINUTE), id="over: soon gone"),
        pytest.param(code(-4, -1), Span(NOW - 7 * DAY, FOREVER), id="late: nothing says when it goes"),
        pytest.param(code(-4, 2, revoked_at=NOW - DAY), Span(NOW - 7 * DAY, FOREVER), id="revoked and late"),
    ],
)
def test_a_code_takes_its_place(one, expected):
    assert capacity.span_of(one, NOW) == expected


def text(days_ahead: float) -> str:
    return (NOW + days_ahead * DAY).isoformat()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"name": "In the app"}, Span(ALWAYS, FOREVER), id="without times: for good"),
        pytest.param({"starts_at": text(1), "ends_at": text(3)}, Span(ALWAYS, NOW + 3 * DAY), id="until it ends"),
        pytest.param({"ends_at": text(-1)}, Span(ALWAYS, FOREVER), id="over, and still there"),
        pytest.param(
            {"is_managed": True, "starts_at": text(10), "ends_at": text(12)}, days(7, 12), id="another program's"
        ),
        pytest.param({"is_managed": True, "starts_at": None, "ends_at": None}, Span(ALWAYS, FOREVER), id="ongoing"),
    ],
)
def test_an_unrecognized_code_takes_its_place(row, expected):
    assert list(capacity.spans_of_unrecognized([row], NOW)) == [expected]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([days(0, 2), days(2, 4), days(4, 6)], 1, id="what follows does not meet"),
        pytest.param([days(0, 3), days(2, 4), days(2, 6)], 3, id="what meets is counted"),
        pytest.param([days(-5, -1), days(7, 9)], 0, id="outside the time asked for"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_most_at_once(spans, expected):
    assert capacity.most_at_once(spans, days(0, 6)) == expected


@pytest.mark.parametrize(
    ("held", "places", "expected"),
    [
        pytest.param([days(0, 6)], 2, None, id="one of two is free"),
        pytest.param([days(0, 6)], None, None, id="no limit"),
        pytest.param([days(1, 3), days(2, 6)], 2, days(2, 3), id="full for a day"),
        pytest.param([days(-9, 3), days(3, 4)], 1, days(0, 4), id="full without a gap"),
        pytest.param([days(1, 99)], 1, days(1, 6), id="until the end of the time asked for"),
        pytest.param([], 0, days(0, 6), id="a lock without a place"),
    ],
)
def test_full_stretch(held, places, expected):
    assert capacity.full_stretch(held, days(0, 6), places) == expected


def test_a_code_for_next_year_keeps_no_place_today():
    far = [span(NOW + n * DAY, NOW + (n + 1) * DAY) for n in range(100, 400, 5)]
    assert those_that_fit([("tomorrow", span(NOW + DAY, NOW + 2 * DAY))], far, places=50) == ["tomorrow"]


def test_the_soonest_codes_get_the_places():
    wanted = [("first", days(0, 5)), ("second", days(1, 5)), ("third", days(2, 5)), ("later", days(6, 8))]
    assert those_that_fit(wanted, [], places=2) == ["first", "second", "later"]


def test_only_codes_with_a_place_or_a_claim_come_before():
    mine, sooner, later = code(5, 9, 2, at_seam=False), code(4, 9, 3, at_seam=False), code(6, 9, 4, at_seam=False)
    others = [sooner, later, code(7, 9, 5)]
    assert [one.pk for one in capacity.those_before(mine, others, NOW)] == [3, 5]
    assert capacity.those_before(None, others, NOW) == others


def window(start: float, end: float) -> Window:
    return Window(NOW + start * DAY, NOW + end * DAY)


@pytest.mark.parametrize(
    ("codes", "asked", "expected"),
    [
        pytest.param([code(2, 5)], window(10, 12), None, id="the place is free again before it is needed"),
        pytest.param([code(2, 5)], window(6, 8), days(3, 5), id="loaded ahead while the place is taken"),
        pytest.param([code(-9, -1 / 24)], window(1, 2), days(0, 2), id="a code that should be gone is in the way"),
        pytest.param([code(10, 12)], None, days(7, 12), id="an ongoing code needs its place for good"),
        # Its time to be loaded has passed, and what was full then does not matter.
        pytest.param([], window(1, 2), None, id="nothing in the way"),
    ],
)
def test_no_room(codes, asked, expected):
    assert capacity.no_room(Lock(code_capacity=1), codes, asked, NOW) == expected


@pytest.mark.parametrize(
    ("places", "stretch", "expected"),
    [
        (2, days(1, 2), "Gate is full from Tue 2 Jun 2026, 12:00 to Wed 3 Jun 2026, 12:00: all its 2 places for codes"),
        (1, days(0, 1), "Gate is full until Tue 2 Jun 2026, 12:00: its only place for codes is taken."),
        (1, Span(NOW + DAY, FOREVER), "Gate is full from Tue 2 Jun 2026, 12:00: its only place"),
        (0, Span(NOW, FOREVER), "Gate is full: it has no place for codes."),
    ],
)
def test_describe_full(places, stretch, expected):
    said = capacity.describe_full(Lock(name="Gate", code_capacity=places), stretch, NOW, "UTC")
    assert said.startswith(expected)


@pytest.mark.django_db
def test_rows_tell_which_codes_take_a_place(organization):
    lock, other = make_lock(organization), make_lock(organization, "Back")
    kept = make_code(lock, pin="482917", create_sent_at=NOW)
    make_code(lock, pin="739184", removed_at=NOW)
    elsewhere = make_code(other, pin="561728")
    found = capacity.load_codes([lock.pk, other.pk])
    assert {pk: [(one.pk, one.is_at_seam) for one in codes] for pk, codes in found.items()} == {
        lock.pk: [(kept.pk, True)],
        other.pk: [(elsewhere.pk, False)],
    }


@pytest.mark.django_db
def test_a_stay_is_not_in_its_own_way(organization):
    lock = make_lock(organization, code_capacity=1)
    stay = make_stay(make_unit(make_property(organization)))
    make_code(lock, stay=stay)
    asked = window(10, 14)
    assert capacity.why_no_room([lock], asked, NOW, stay) == ""
    assert capacity.why_no_room([lock], asked, NOW).startswith("Front Door is full")


# --- Against counting instant by instant --------------------------------------------------------------------

spans = st.builds(lambda start, length: days(start, start + length), st.integers(-10, 30), st.integers(1, 15))
instants = [NOW + day * DAY for day in range(-20, 60)]


def held_at(all_spans, at) -> int:
    return sum(one.holds(at) for one in all_spans)


@given(st.lists(spans, max_size=20), spans)
def test_most_at_once_equals_counting_each_instant(all_spans, during):
    counts = [held_at(all_spans, at) for at in instants if during.holds(at)]
    assert capacity.most_at_once(all_spans, during) == max(counts)
    assert held_at(all_spans, capacity.worst_moment(all_spans, during)) == max(counts)


@given(st.lists(spans, max_size=20), spans, st.integers(0, 5))
def test_full_stretch_equals_counting_each_instant(all_spans, during, places):
    full = [at for at in instants if during.holds(at) and held_at(all_spans, at) >= places]
    found = capacity.full_stretch(all_spans, during, places)
    assert (found is None) is (not full)
    if found is not None:
        assert found.begins_at == full[0]
        assert all((at in full) is (at < found.ends_at) for at in instants if full[0] <= at <= found.ends_at < FOREVER
                   and during.holds(at))  # fmt: skip


@given(st.lists(spans, max_size=25), st.lists(spans, max_size=8), st.integers(1, 6))
def test_no_moment_holds_more_than_the_lock_can(wanted, held, places):
    fitting = those_that_fit([(one, one) for one in wanted], held, places)
    for at in instants:
        assert held_at(held, at) + held_at(fitting, at) <= max(places, held_at(held, at))
