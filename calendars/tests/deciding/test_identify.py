"""Which event is which booking: each rung of the ladder, and where it asks instead of guessing."""

import pytest

from calendars.deciding.identify import identify
from calendars.deciding.known import BookingState
from calendars.reasons import Why
from calendars.tests.deciding.bookings import AT, NOW, answer, booking, later
from calendars.tests.samples import event


def matches(known, *events, at=AT):
    return {
        match.meaning.event.uid: (match.booking and match.booking.id, match.reason.why)
        for match in identify(known, answer(*events, at=at), at).matches
    }


@pytest.mark.parametrize(
    ("known", "fields", "why"),
    [
        (
            {"code": "HM1"},
            {"uid": "x", "start": "20310601", "end": "20310604", "description": "Booking ID: HM1"},
            Why.SAME_CODE,
        ),
        ({}, {"uid": "uid-1", "start": "20310401", "end": "20310405"}, Why.SAME_UID),
        ({"code": "HM1"}, {"uid": "uid-1", "start": "20310319"}, Why.SAME_UID),
        ({"uids": frozenset({"a", "uid-1"})}, {"uid": "a"}, Why.SAME_UID),
        (
            {"hint": "RES-12345"},
            {"uid": "vrbo-RES-12345-2@vrbo.com", "start": "20310601", "end": "20310604"},
            Why.SAME_HINT,
        ),
        ({}, {"uid": "x"}, Why.SAME_NIGHTS),
        ({"uids": frozenset()}, {"uid": ""}, Why.SAME_NIGHTS),
        ({}, {"uid": "x", "start": "20310321"}, Why.OVERLAPPING_NIGHTS),
        ({"guest": "Robin"}, {"uid": "x", "start": "20310321", "summary": "Reserved - Robin"}, Why.OVERLAPPING_NIGHTS),
        (
            {"guest": "Robin B."},
            {"uid": "x", "end": "20310322", "summary": "Booked - robin"},
            Why.OVERLAPPING_NIGHTS,
        ),
        ({"state": BookingState.MISSING}, {"uid": "x", "start": "20310321"}, Why.OVERLAPPING_NIGHTS),
    ],
)
def test_same_booking(known, fields, why):
    found = event(**({"start": "20310320", "end": "20310323"} | fields))
    assert list(matches([booking(**known)], found).values()) == [(1, why)]


@pytest.mark.parametrize(
    ("known", "fields"),
    [
        ({"code": "HM1"}, {"uid": "uid-1", "description": "Booking ID: HM2"}),
        ({"guest": "Robin"}, {"uid": "x", "summary": "Reserved - Sam"}),
        ({}, {"uid": "x", "start": "20310323", "end": "20310325"}),
        ({}, {"uid": "x", "summary": "Blocked"}),
        ({"state": BookingState.CANCELLED, "cancelled_at": NOW}, {"uid": "x"}),
        ({"state": BookingState.CANCELLED, "cancelled_at": later(days=-15).now}, {"uid": "uid-1"}),
    ],
)
def test_another_booking(known, fields):
    found = event(**({"start": "20310320", "end": "20310323"} | fields))
    assert list(matches([booking(**known)], found).values()) == [(None, Why.NEW_BOOKING)]


def test_start_that_moves_with_day():
    found = event("x", "20310304", "20310306")
    assert matches([booking(1, "0301", "0306")], found) == {"x": (1, Why.SAME_CHECK_OUT)}


def test_cancelled_booking_comes_back_by_id():
    known = booking(state=BookingState.CANCELLED, cancelled_at=later(days=-13).now)
    assert matches([known], event("uid-1", "20310320", "20310323")) == {"uid-1": (1, Why.SAME_UID)}


@pytest.mark.parametrize(
    ("known", "events"),
    [
        ([booking()], [event("x", "20310319", "20310321"), event("y", "20310322", "20310325")]),
        ([booking(1, "0319", "0321"), booking(2, "0322", "0325")], [event("x", "20310320", "20310323")]),
    ],
)
def test_two_candidates_are_asked_about(known, events):
    found = identify(known, answer(*events), AT)
    assert {match.reason.why for match in found.matches} == {Why.SEVERAL_CANDIDATES}
    assert {match.meaning.outcome for match in found.matches} == {"unclear"}
    assert found.lost == known


def test_ids_that_are_positions_slide():
    first = booking(1, "0310", "0312", uids=frozenset({"1"}))
    second = booking(2, "0320", "0323", uids=frozenset({"2"}))
    found = identify([first, second], answer(event("1", "20310320", "20310323")), AT)
    assert [match.booking.id for match in found.matches] == [2]
    assert found.lost == [first]


def test_strong_id_outlives_swap_of_nights():
    first, second = booking(1, "0310", "0312"), booking(2, "0320", "0323")
    assert matches([first, second], event("uid-1", "20310320", "20310323")) == {"uid-1": (1, Why.SAME_UID)}


def test_all_ids_changed_is_noticed():
    known = [booking(1, "0310", "0312"), booking(2, "0320", "0323")]
    renewed = [event("x", "20310310", "20310312"), event("y", "20310320", "20310323")]
    assert identify(known, answer(*renewed), AT).uids_are_unstable
    assert not identify(known, answer(event("uid-1", "20310310", "20310312"), renewed[1]), AT).uids_are_unstable
