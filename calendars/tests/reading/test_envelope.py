"""What is wrong with a whole answer, and what costs one event only."""

import pytest

from calendars.reading.envelope import ReadLimits, split
from calendars.reasons import Why
from calendars.tests.samples import calendar, event

WHOLE = calendar(event())


def why(reasons):
    return [one.why for one in reasons]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", Why.EMPTY_BODY),
        (b"\xef\xbb\xbf\r\n \r\n", Why.EMPTY_BODY),
        (b"<!DOCTYPE html><title>Log in</title>", Why.WEB_PAGE),
        (b"\n  <html><pre>" + WHOLE + b"</pre>", Why.WEB_PAGE),
        (b'{"error": "unauthorized"}', Why.NO_CALENDAR),
        (WHOLE.replace(b"END:VCALENDAR\r\n", b""), Why.CUT_SHORT),
        (WHOLE[:-8], Why.CUT_SHORT),
        (b"BEGIN:VCALENDAR\r\n" + WHOLE, Why.CUT_SHORT),
        (WHOLE + b"BEGIN:VCALENDAR\r\n", Why.CUT_SHORT),
        (calendar(*[event()] * 2001), Why.TOO_MANY_EVENTS),
        (calendar("BEGIN:VEVENT\n" * 20_000), Why.TOO_MANY_EVENTS),
        (WHOLE + b" " * 1_000_000, Why.TOO_LARGE),
        (calendar(event(summary="R" * 9000)), Why.VALUE_TOO_LONG),
        (calendar(event(summary="R" + "\n r" * 9000)), Why.VALUE_TOO_LONG),
    ],
)
def test_answer_is_no_news(body, problem):
    assert split(body, ReadLimits()).problem.why is problem


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        WHOLE.replace(b"\r\n", b"\n"),
        WHOLE.replace(b"\r\n", b"\r"),
        WHOLE.replace(b"\r\n", b"\r\r\n"),
        b"\r\n\r\n" + WHOLE + b"\r\n\r\nbye",
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.decode().encode("utf-16"),
        WHOLE.replace(b"Reserved", b"Rese\0rved"),
        WHOLE.replace(b"Reserved", b"Rese\r\n\r\n \r\n\trved"),
        WHOLE.replace(b"SUMMARY", b"summary ").replace(b"END:VEVENT", b"end: vevent "),
        calendar(event(), extra="REFRESH - INTERVAL; VALUE = DURATION:PT48H"),
        calendar(event(), extra="X-LONG:" + "x" * 900_000),
        calendar(event(extra="ATTACH:" + "x" * 90_000)),
        calendar(event(), extra="X"),
        calendar(event(extra="BEGIN:VALARM\nDTSTART:19990101\nSUMMARY:Wake up\nEND:VALARM")),
        calendar(event(extra="BEGIN:VALARM\nDTSTART:19990101\nSUMMARY:Wake up")),
        calendar(event(extra="SUMMARY:A second one")),
    ],
)
def test_whole_answer_has_its_event(body):
    envelope = split(body, ReadLimits())
    assert envelope.problem is None
    (raw,) = envelope.events
    assert raw.error is None
    assert raw.properties["SUMMARY"].value == "Reserved"
    assert raw.properties["DTSTART"].value == "20310307"


def test_all_calendars_of_answer_are_read():
    assert len(split(WHOLE + WHOLE, ReadLimits()).events) == 2


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (event("bad").removesuffix("END:VEVENT").strip(), Why.EVENT_NOT_CLOSED),
        (event("bad", extra="BEGIN:X\n" * 70_000), Why.NESTED_TOO_DEEP),
    ],
)
def test_broken_event_costs_only_itself(bad, error):
    envelope = split(calendar(event("a"), bad, event("c")), ReadLimits())
    assert envelope.problem is None
    assert [raw.properties["UID"].value for raw in envelope.events] == ["a", "bad", "c"]
    assert [raw.error and raw.error.why for raw in envelope.events] == [None, error, None]


def test_event_at_end_without_end_line_is_broken():
    envelope = split(calendar(event("a"), event("bad").removesuffix("END:VEVENT").strip()), ReadLimits())
    assert [raw.error and raw.error.why for raw in envelope.events] == [None, Why.EVENT_NOT_CLOSED]


def test_bytes_that_are_no_utf8_are_western():
    envelope = split(calendar(event(summary="Réservée")).decode().encode("cp1252"), ReadLimits())
    assert envelope.events[0].properties["SUMMARY"].value == "Réservée"
    assert why(envelope.notes) == [Why.OLD_ENCODING]


def test_fold_may_cut_character():
    whole = calendar(event(summary="Réservée"))
    at = whole.index("é".encode()) + 1
    envelope = split(whole[:at] + b"\r\n " + whole[at:], ReadLimits())
    assert envelope.events[0].properties["SUMMARY"].value == "Réservée"
    assert not envelope.notes


def test_notes_say_what_was_skipped():
    assert why(split(calendar(event(), extra="X\nY\0"), ReadLimits()).notes) == [Why.NUL_BYTES, Why.STRAY_LINES]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('SUMMARY;ALTREP="cid:1;2:3":Reserved: Robin', "Reserved: Robin"),
        ("SUMMARY;LANGUAGE=fr:Réservée", "Réservée"),
        ('SUMMARY;X="open:Reserved', '"open:Reserved'),
    ],
)
def test_value_begins_after_parameters(line, value):
    raw = split(calendar(f"BEGIN:VEVENT\n{line}\nEND:VEVENT"), ReadLimits()).events[0]
    assert raw.properties["SUMMARY"].value.endswith(value.removeprefix('"open:'))
