"""What follows from an answer, and what waits for a person: one situation a line."""

from datetime import timedelta

import pytest

from calendars.deciding.changes import Act, Circumstances, error_keys, plan_changes
from calendars.deciding.known import BookingState, Decision
from calendars.reasons import Why
from calendars.tests.deciding.bookings import AT, NOW, answer, booking, day, later, planned, stay
from calendars.tests.samples import event

HERE = event("uid-1", "20310320", "20310323")
BLOCK = event("b", "20310320", "20310323", "Blocked")
# Another booking, so that the answer is not empty.
OTHER = booking(9, "0510", "0515")
STILL_THERE = event("uid-9", "20310510", "20310515")
MISSING = {"state": BookingState.MISSING, "missing_since": NOW - timedelta(hours=24), "misses": 1}
CANCELLED = {"state": BookingState.CANCELLED, "cancelled_at": NOW, "stay": stay(is_cancelled=True)}
IN_HOUSE = {"first": "0302", "last": "0307"}


def told(items):
    """Acts that do something, with why they wait."""
    return [(item.act, item.held and item.held.why) for item in items if item.act is not Act.SEE]


@pytest.mark.parametrize(
    ("known", "events", "items"),
    [
        # Comes
        (None, [HERE], [(Act.ADD, None)]),
        (None, [event("x", "20310320", "20310323", "Who knows")], [(Act.NOTE, None)]),
        (None, [BLOCK], []),
        (None, [event("x", extra="STATUS:CANCELLED")], []),
        (None, [event("x", "20310201", "20310205")], []),
        ({"stay": None, "outcome": "unclear"}, [HERE], [(Act.ADD, None)]),
        ({"stay": None, "has_conflict": True}, [HERE], []),
        # Stays
        ({}, [HERE], []),
        (MISSING, [HERE], [(Act.BACK, None)]),
        ({}, [event("uid-1", "DTSTART:soon", "")], []),
        ({"decision": Decision.IGNORE, "stay": None}, [HERE], []),
        ({"stay": stay(is_cancelled=True, cancelled_by_person=True)}, [HERE], []),
        # Moves
        ({}, [event("uid-1", "20310320", "20310325")], [(Act.MOVE, None)]),
        ({}, [event("uid-1", "20310321", "20310322", "Who knows")], [(Act.MOVE, None)]),
        ({"stay": stay(set_fields=frozenset({"check_out_on"}))}, [event("uid-1", "20310320", "20310325")], []),
        ({"has_conflict": True}, [event("uid-1", "20310320", "20310325")], []),
        (IN_HOUSE, [event("uid-1", "20310304", "20310308")], [(Act.MOVE, None)]),
        (IN_HOUSE, [event("uid-1", "20310303", "20310307")], []),
        (IN_HOUSE, [event("uid-1", "20310302", "20310304")], [(Act.MOVE, None)]),
        (IN_HOUSE, [event("uid-1", "20310301", "20310303")], [(Act.CANCEL, Why.ENDS_IN_PAST)]),
        ({"first": "0228", "last": "0303"}, [event("uid-1", "20310228", "20310305")], [(Act.MOVE, None)]),
        ({"first": "0220", "last": "0227"}, [event("uid-1", "20310220", "20310305")], []),
        # Details
        ({}, [event("uid-1", "20310320", "20310323", "Reserved - Robin")], [(Act.DETAILS, None)]),
        ({"guest": "Robin"}, [event("uid-1", "20310320", "20310323", "Reserved - Robin")], []),
        # Goes
        ({}, [STILL_THERE], [(Act.MISS, None)]),
        (MISSING, [STILL_THERE], [(Act.CANCEL, None)]),
        (MISSING | {"misses": 0}, [STILL_THERE], [(Act.MISS, None)]),
        (MISSING | {"misses": 0}, [STILL_THERE, BLOCK], [(Act.CANCEL, None)]),
        (MISSING | {"missing_since": NOW - timedelta(hours=23)}, [STILL_THERE], [(Act.MISS, None)]),
        (MISSING | {"first": "0305", "last": "0309"}, [STILL_THERE], [(Act.CANCEL, Why.ARRIVES_SOON)]),
        (MISSING | IN_HOUSE, [STILL_THERE], [(Act.CANCEL, Why.IN_HOUSE)]),
        (MISSING | {"first": "0220", "last": "0303"}, [STILL_THERE], []),
        ({}, [STILL_THERE, event("uid-1", "20310320", "20310323", "Blocked")], [(Act.MISS, None)]),
        (MISSING, [STILL_THERE, event("x", "")], []),
        ({}, [STILL_THERE, event("uid-1", extra="STATUS:CANCELLED")], [(Act.CANCEL, None)]),
        (IN_HOUSE, [STILL_THERE, event("uid-1", extra="STATUS:CANCELLED")], [(Act.CANCEL, Why.IN_HOUSE)]),
        ({}, [], [(Act.CANCEL, Why.NOTHING_LEFT)] * 2),
        # Comes back
        (CANCELLED, [HERE, STILL_THERE], [(Act.REVIVE, None)]),
        (CANCELLED | {"has_conflict": True}, [HERE, STILL_THERE], []),
    ],
)
def test_situation(known, events, items):
    bookings = [OTHER] if known is None else [booking(**known), OTHER]
    extra = [] if STILL_THERE in events or not events else [STILL_THERE]
    assert told(planned(bookings, *events, *extra)) == items


def test_start_in_residence_is_frozen():
    (item, _) = planned([booking(**IN_HOUSE), OTHER], event("uid-1", "20310304", "20310308"), STILL_THERE)
    assert (item.target.check_in_on, item.target.check_out_on) == (day("0302"), day("0308"))


@pytest.mark.parametrize(
    ("lost", "standing", "lately", "held"),
    [
        (1, 1, 0, None),
        (1, 9, 1, None),
        (1, 2, 1, Why.TOO_MANY_GONE),
        (2, 6, 0, None),
        (2, 5, 0, Why.TOO_MANY_GONE),
        (3, 30, 0, Why.TOO_MANY_GONE),
        (1, 30, 2, Why.TOO_MANY_GONE),
    ],
)
def test_limit_of_cancellations(lost, standing, lately, held):
    gone = [booking(number, f"05{number:02}", f"05{number + 1:02}", **MISSING) for number in range(1, lost + 1)]
    stays = range(lost + 1, standing + 1)
    kept = [booking(number, f"06{number:02}", f"06{number + 1:02}") for number in stays if number < 30]
    kept += [booking(30, "0710", "0712")] if standing == 30 else []
    events = [event(f"uid-{one.id}", one.starts_on, one.ends_on) for one in kept] or [BLOCK]
    items = planned(gone + kept, *events, lately_cancelled=lately)
    assert told(items) == [(Act.CANCEL, held)] * lost


def test_many_explicit_cancellations_wait():
    known = [booking(number, f"05{number:02}", f"05{number + 1:02}") for number in (1, 2, 3)]
    events = [event(f"uid-{number}", extra="STATUS:CANCELLED") for number in (1, 2, 3)]
    assert told(planned(known, *events)) == [(Act.CANCEL, Why.TOO_MANY_GONE)] * 3


@pytest.mark.parametrize(("end", "held"), [("20310516", None), ("20310512", Why.TOO_MANY_MOVED)])
def test_many_shortened_stays_wait(end, held):
    known = [booking(number, f"0{number}10", f"0{number}14") for number in (5, 6, 7)]
    events = [event(f"uid-{month}", f"20310{month}10", end.replace("05", f"0{month}", 1)) for month in (5, 6, 7)]
    assert told(planned(known, *events)) == [(Act.MOVE, held)] * 3


def test_feed_of_another_home_waits():
    known = [booking(1, "0510", "0512"), booking(2, "0520", "0522")]
    plan = plan_changes(known, answer(event("x", "20310601", "20310603")), Circumstances(AT))
    assert plan.held.why is Why.ALL_OTHERS
    assert told(plan.items) == [(Act.ADD, Why.ALL_OTHERS)]


def test_changed_ids_are_no_other_home():
    known = [booking(1, "0510", "0512"), booking(2, "0520", "0522")]
    renewed = [event("x", "20310510", "20310512"), event("y", "20310520", "20310522")]
    plan = plan_changes(known, answer(*renewed), Circumstances(AT))
    assert told(plan.items) == []
    assert [note.why for note in plan.notes] == [Why.UIDS_UNSTABLE]


def test_absence_beside_unreadable_event_waits():
    bad = event("x", "")
    errors = error_keys(answer(bad, event("", "")))
    assert errors == {"x", "without id 0"}
    gone = booking(**MISSING)
    assert told(planned([gone, OTHER], bad, STILL_THERE)) == []
    assert told(planned([gone, OTHER], bad, STILL_THERE, known_errors=errors)) == [(Act.CANCEL, Why.MAY_BE_UNREADABLE)]
    # The unreadable event of a known booking is no other booking.
    own = event("uid-9", "DTSTART:soon", "")
    assert told(planned([gone, OTHER], own)) == [(Act.CANCEL, None)]


def test_moved_with_times_that_are_trusted():
    moved = event("uid-1", "DTSTART:20310320T200000Z", "DTEND:20310323T150000Z")
    (item,) = [one for one in planned([booking()], moved, trusts_times=True) if one.act is Act.MOVE]
    assert (item.target.check_in_time.hour, item.target.check_out_time.hour) == (14, 9)
    assert told(planned([booking()], moved)) == []


def test_decision_makes_unclear_event_stay():
    asked = booking(stay=None, outcome="unclear", decision=Decision.STAY)
    (item,) = planned([asked], event("uid-1", "20310320", "20310323", "Who knows"))
    assert (item.act, item.reason.why) == (Act.ADD, Why.STAY_BY_PERSON)


def test_absence_counts_from_first_good_check():
    known = booking(state=BookingState.MISSING, missing_since=NOW, misses=1)
    for span, act in (({"hours": 23}, Act.MISS), ({"hours": 24}, Act.CANCEL)):
        at = later(**span)
        assert told(planned([known, OTHER], STILL_THERE, at=at)) == [(act, None)]
