"""Bytes of a calendar to its events as raw properties: each event by itself, so that a bad one costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from calendars.reasons import Reason, Why, reason

# What is read of an event; every other line of it is skipped, whatever it holds.
WANTED = {
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "SUMMARY",
    "DESCRIPTION",
    "STATUS",
    "SEQUENCE",
    "RECURRENCE-ID",
    "RRULE",
    "RDATE",
}
OF_CALENDAR = {"PRODID", "X-WR-TIMEZONE", "X-WR-CALNAME"}
# Their values hold no colon, but their parameters may: the last colon ends the parameters.
WITHOUT_COLON = {"DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"}
DEEPEST = 4
LONGEST_NAME = 200
BLANK_LINES = re.compile(rb"\n[ \t]*(?=\n|$)")
FOLDS = re.compile(rb"\n[ \t]")
# Up to the first colon outside quotes.
HEAD = re.compile(r'[^":]*(?:"[^"]*"[^":]*)*:')
UTF16_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
WEB_PAGE = re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class ReadLimits:
    """What a calendar may cost. Beyond them it is not read at all: a calendar cut short would lose bookings."""

    most_bytes: int = 1_000_000
    most_events: int = 2_000
    longest_value: int = 8_192


class RawProperty:
    """Parameters and value of one line."""

    __slots__ = ("parameters", "value")

    def __init__(self, parameters: str, value: str) -> None:
        self.parameters = parameters
        self.value = value


@dataclass
class RawEvent:
    """The first value of each wanted property, as written."""

    number: int
    properties: dict[str, RawProperty] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    error: Reason | None = None


@dataclass
class Envelope:
    """The events of all calendars of a body. With a problem it is no news at all."""

    events: list[RawEvent] = field(default_factory=list)
    of_calendar: dict[str, str] = field(default_factory=dict)
    notes: list[Reason] = field(default_factory=list)
    problem: Reason | None = None


class _NotWhole(Exception):
    def __init__(self, problem: Reason) -> None:
        super().__init__()
        self.problem = problem


def split(body: bytes, limits: ReadLimits) -> Envelope:
    """Split a body into its events. Never raises: what is wrong with the whole stands in `problem`."""
    envelope = Envelope()
    try:
        _Splitter(envelope, limits).run(body)
    except _NotWhole as stop:
        envelope.problem = stop.problem
    return envelope


class _Splitter:
    """Walks through the lines of a body and keeps which parts are open."""

    def __init__(self, envelope: Envelope, limits: ReadLimits) -> None:
        self._envelope = envelope
        self._limits = limits
        self._calendars = 0
        self._is_open = False
        self._event: RawEvent | None = None
        # Open parts that are no event: inside the event (an alarm), or beside it (a time zone).
        self._inner: list[str] = []
        self._stray = 0

    def run(self, body: bytes) -> None:
        if len(body) > self._limits.most_bytes:
            raise _NotWhole(reason(Why.TOO_LARGE, megabytes=self._limits.most_bytes // 1_000_000))
        if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
            raise _NotWhole(reason(Why.EMPTY_BODY))
        if WEB_PAGE.match(body.removeprefix(b"\xef\xbb\xbf")):
            raise _NotWhole(reason(Why.WEB_PAGE))
        for line in self._lines(body):
            self._take(line)
        if not self._calendars:
            raise _NotWhole(reason(Why.NO_CALENDAR))
        if self._is_open:
            raise _NotWhole(reason(Why.CUT_SHORT))
        if self._stray:
            self._envelope.notes.append(reason(Why.STRAY_LINES, count=self._stray))

    def _lines(self, body: bytes) -> Iterator[str]:
        """Whole lines as text. Unfolded before they are decoded, for a fold may cut a character in two."""
        if encoding := UTF16_MARKS.get(body[:2]):
            body = body.decode(encoding, "replace").encode()
        if b"\0" in body:
            self._envelope.notes.append(reason(Why.NUL_BYTES))
            body = body.replace(b"\0", b"")
        body = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        body = FOLDS.sub(b"", BLANK_LINES.sub(b"", body))
        try:
            yield from body.decode().split("\n")
        except UnicodeDecodeError:
            self._envelope.notes.append(reason(Why.OLD_ENCODING))
            yield from map(_decode, body.split(b"\n"))

    def _take(self, line: str) -> None:
        head, colon, value = line.partition(":")
        if not colon:
            self._stray += bool(line.strip())
            return
        name = head.partition(";")[0].replace(" ", "").replace("\t", "").upper()
        if name == "BEGIN":
            self._begin(value.strip().upper())
        elif name == "END":
            self._end(value.strip().upper())
        elif self._event is not None:
            if name in WANTED and not self._inner:
                self._keep(self._event, name, line)
        elif name in OF_CALENDAR and not self._inner:
            self._envelope.of_calendar.setdefault(name, value.strip()[:LONGEST_NAME])

    def _begin(self, part: str) -> None:
        if part == "VCALENDAR":
            if self._is_open:
                raise _NotWhole(reason(Why.CUT_SHORT))
            self._is_open = True
            self._calendars += 1
            self._inner.clear()
        elif part == "VEVENT":
            self._close_event(reason(Why.EVENT_NOT_CLOSED, event=len(self._envelope.events)))
            self._inner.clear()
            if self._is_open:
                self._open_event()
        elif len(self._inner) < DEEPEST:
            self._inner.append(part)
        elif self._event is not None:
            number = self._event.number
            self._event.error = self._event.error or reason(Why.NESTED_TOO_DEEP, event=number)

    def _end(self, part: str) -> None:
        if part == "VCALENDAR":
            self._close_event(reason(Why.EVENT_NOT_CLOSED, event=len(self._envelope.events)))
            self._is_open = False
            self._inner.clear()
        elif part == "VEVENT":
            self._close_event(None)
            self._inner.clear()
        elif part in self._inner:
            del self._inner[self._inner.index(part) :]

    def _open_event(self) -> None:
        if len(self._envelope.events) == self._limits.most_events:
            raise _NotWhole(reason(Why.TOO_MANY_EVENTS, most=self._limits.most_events))
        self._event = RawEvent(len(self._envelope.events) + 1)
        self._envelope.events.append(self._event)

    def _close_event(self, error: Reason | None) -> None:
        if self._event is not None:
            self._event.error = self._event.error or error
        self._event = None

    def _keep(self, event: RawEvent, name: str, line: str) -> None:
        if len(line) > self._limits.longest_value:
            kilobytes = self._limits.longest_value // 1024
            raise _NotWhole(reason(Why.VALUE_TOO_LONG, event=event.number, kilobytes=kilobytes))
        if name in event.properties:
            event.repeated.add(name)
            return
        if name in WITHOUT_COLON:
            head, _, value = line.rpartition(":")
        else:
            found = HEAD.match(line)
            at = found.end() if found else line.index(":") + 1
            head, value = line[: at - 1], line[at:]
        event.properties[name] = RawProperty(head.partition(";")[2], value)


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
