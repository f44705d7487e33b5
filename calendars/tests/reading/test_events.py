"""Nights, versions and remarks of events. The shared samples with their right results, where they are at hand."""

import json
import os
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calendars.reading.envelope import ReadLimits
from calendars.reading.events import look_like_local_times, read
from calendars.reasons import Why
from calendars.tests.samples import calendar, event

DENVER = ZoneInfo("America/Denver")
SHARED_FEEDS = os.environ.get("SHARED_FEEDS", "")


def only(*events, **options):
    (found,) = read(calendar(*events), DENVER, **options).events
    return found


def nights(*events, **options):
    return [
        (one.starts_on.isoformat(), one.ends_on.isoformat())
        for one in read(calendar(*events), DENVER, **options).events
    ]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("20310307", "20310310", "2031-03-07", "2031-03-10"),
        ("20310307", "", "2031-03-07", "2031-03-08"),
        ("20310307", "20310307", "2031-03-07", "2031-03-08"),
        ("20310307", "DURATION:P4D", "2031-03-07", "2031-03-11"),
        ("DTSTART:20310307T230000Z", "DTEND:20310310T170000Z", "2031-03-07", "2031-03-10"),
        # West of Greenwich these would fall on the day before.
        ("DTSTART:20310307T000000Z", "DTEND:20310310T000000Z", "2031-03-07", "2031-03-10"),
        ("DTSTART:20310307T000000Z", "DURATION:P3D", "2031-03-07", "2031-03-10"),
        ("DTSTART:20310307T000000", "DTEND:20310310T000000", "2031-03-07", "2031-03-10"),
        ("DTSTART:20310307T000000Z", "DTEND:20310307T010000Z", "2031-03-06", "2031-03-07"),
        ("DTSTART:20310307T070000", "DTEND:20310307T223000", "2031-03-07", "2031-03-08"),
        (
            "DTSTART;TZID=Asia/Tokyo:20310308T060000",
            "DTEND;TZID=Asia/Tokyo:20310311T010000",
            "2031-03-07",
            "2031-03-10",
        ),
    ],
)
def test_nights(start, end, first, last):
    assert nights(event(start=start, end=end)) == [(first, last)]


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        ("", "20310310", Why.NO_START),
        ("DTSTART:INVALID-DATE", "20310310", Why.BAD_DATE),
        ("20310307", "DTEND:soon", Why.BAD_DATE),
        ("20310307", "DURATION:PT1W", Why.BAD_DURATION),
        ("20310307", "20310306", Why.END_BEFORE_START),
        ("DTSTART:20310307T083000", "DTEND:20310307T080000", Why.END_BEFORE_START),
        ("20310307", "DURATION:-P1D", Why.END_BEFORE_START),
    ],
)
def test_unreadable_event_costs_only_itself(start, end, error):
    good, bad = read(calendar(event("good"), event("bad", start, end)), DENVER).events
    assert good.error is None
    assert bad.error.why is error
    assert bad.uid == "bad"
    assert "vent 2" in str(bad.error)


def test_times_of_feed_are_kept():
    found = only(event(start="DTSTART:20310307T230000Z", end="DTEND:20310310T170000Z"))
    assert (found.starts_at, found.ends_at) == (time(16), time(11))


def test_false_z_is_local_time_when_feed_is_so():
    found = only(event(start="DTSTART:20310307T150000Z", end="DTEND:20310310T110000Z"), z_is_local=True)
    assert (found.starts_at, found.ends_at) == (time(15), time(11))


@pytest.mark.parametrize(
    ("end", "is_suspicious"), [("DTEND:20310310T110000Z", True), ("DTEND:20310310T220000Z", False), ("20310310", False)]
)
def test_suspicion_of_false_z(end, is_suspicious):
    found = read(calendar(event(start="DTSTART:20310307T150000Z", end=end)), DENVER).events
    assert look_like_local_times(found) is is_suspicious


def test_texts_are_unescaped_and_shown_without_tags():
    found = only(event(summary=r"<b>Ann\, Bo</b>\; &amp\; Cy \x", description=r"one\nTwo\\"))
    assert found.summary == r"Ann, Bo; & Cy \x"
    assert found.description == "one\nTwo\\"


def test_description_is_not_in_repr():
    assert "0100" not in repr(only(event(description="Phone: 0100")))


def test_highest_sequence_counts_in_any_order():
    old, new = event("a", "20310307", extra="SEQUENCE:2"), event("a", "20310308", extra="SEQUENCE:3")
    assert nights(old, new) == nights(new, old) == [("2031-03-08", "2031-03-10")]


def test_equal_versions_other_nights_ambiguous():
    found = read(calendar(event("a", "20310307"), event("a", "20310308")), DENVER).events
    assert [one.is_ambiguous for one in found] == [True, True]


def test_equal_versions_with_same_nights_are_one():
    assert not only(event("a"), event("a")).is_ambiguous


def test_event_without_id_is_kept():
    found = read(calendar(event(""), event("", "20310401", "20310403")), DENVER).events
    assert [one.notes[0].why for one in found] == [Why.NO_UID, Why.NO_UID]


@pytest.mark.parametrize(
    ("line", "repeats"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=MO", "WEEKLY"),
        ("RRULE:FREQ=SECONDLY", "SECONDLY"),
        ("RECURRENCE-ID:20310307", "OTHER"),
        ("STATUS:CONFIRMED", ""),
    ],
)
def test_repetition_is_marked_not_expanded(line, repeats):
    assert only(event(extra=line)).repeats == repeats


def test_exception_of_series_is_no_second_version():
    series, exception = event("a", extra="RRULE:FREQ=WEEKLY"), event("a", extra="RECURRENCE-ID:20310307\nSEQUENCE:9")
    assert len(read(calendar(series, exception), DENVER).events) == 2


@pytest.mark.parametrize(
    ("zone", "start", "is_noted"),
    [
        ("Europe/Brussels", "DTSTART:20310307T150000", True),
        ("Europe/Brussels", "20310307", False),
        ("America/Denver", "DTSTART:20310307T150000", False),
    ],
)
def test_other_zone_is_noted_when_there_are_times(zone, start, is_noted):
    notes = read(calendar(event(start=start), extra=f"X-WR-TIMEZONE:{zone}"), DENVER).notes
    assert [note.why for note in notes] == [Why.CALENDAR_ZONE] * is_noted


def test_zone_definition_of_feed_is_ignored():
    rules = "BEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=SECONDLY\nEND:STANDARD"
    trap = f"BEGIN:VTIMEZONE\nTZID:Trap\n{rules}\nEND:VTIMEZONE"
    found = only(trap, event(start="DTSTART;TZID=Trap:20310307T150000", end=""))
    assert found.starts_on == date(2031, 3, 7)
    assert [note.why for note in found.notes] == [Why.UNKNOWN_ZONE]


def test_two_starts_first_one_counts():
    found = only(event(extra="DTSTART;VALUE=DATE:20310101"))
    assert found.starts_on == date(2031, 3, 7)
    assert [note.why for note in found.notes] == [Why.TWO_STARTS]


def shared_samples():
    if not SHARED_FEEDS:
        return [pytest.param(None, marks=pytest.mark.skip(reason="SHARED_FEEDS does not say where samples are"))]
    cases = json.loads(Path(SHARED_FEEDS, "expected.json").read_text())
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", shared_samples())
def test_shared_sample_has_its_right_result(case):
    body = Path(SHARED_FEEDS, f"{case['name']}.ics").read_bytes()
    found = read(body, ZoneInfo(case["zone"]), ReadLimits(most_bytes=5_000_000))
    assert (found.problem is None) == (case["fetch"] == "ok")
    if [one["outcome"] for one in case["events"]] == ["count"]:
        assert [len(found.events)] == [int(one["uid"]) for one in case["events"]]
        return
    # An end that the sample leaves open: the event cannot be read.
    wanted = {(one["start"], one["end"]) for one in case["events"] if one["start"] and one["end"]}
    assert {(str(one.starts_on), str(one.ends_on)) for one in found.events if one.error is None} == wanted
    assert len(found.events) == len(case["events"])
