"""A calendar's body to plain events with local nights. Pure; repetitions are marked, never expanded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from calendars.reading.dates import MIDNIGHT, Moment, find_zone, parse_duration, parse_moment
from calendars.reading.envelope import Envelope, RawEvent, ReadLimits, split
from calendars.reasons import Reason, Why, reason

LONGEST_SUMMARY = 200
LONGEST_UID = 400
ESCAPES = re.compile(r"\\([nN,;\\])")
TAGS = re.compile(r"<[^<>]{1,500}>")
BREAKS = re.compile(r"<\s*(?:br|/p|/div)\b[^<>]{0,50}>", re.IGNORECASE)
NOT_PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
FREQUENCY = re.compile(r"FREQ\s*=\s*([A-Z]{1,12})")
ONE_NIGHT = timedelta(days=1)


@dataclass(frozen=True)
class CalendarEvent:
    """What a calendar says of one span of nights, on the property's clock. `ends_on` is the check-out day."""

    number: int
    uid: str = ""
    summary: str = ""
    # As written: it may hold personal data, so it is read and never kept.
    description: str = field(default="", repr=False)
    status: str = ""
    sequence: int = 0
    starts_on: date = date.min
    ends_on: date = date.min
    # None: the calendar gives days only.
    starts_at: time | None = None
    ends_at: time | None = None
    # The clock times as written in UTC: some channels put a false Z to local times.
    utc_times: tuple[time, time] | None = None
    # DAILY, WEEKLY …; "OTHER" for one of a series.
    repeats: str = ""
    # The same id twice with the same version and other nights.
    is_ambiguous: bool = False
    notes: tuple[Reason, ...] = ()
    error: Reason | None = None

    @property
    def nights(self) -> int:
        return (self.ends_on - self.starts_on).days


@dataclass(frozen=True)
class ReadCalendar:
    """All that one answer of a channel says. With a problem it is no news: nothing may follow from it."""

    events: tuple[CalendarEvent, ...] = ()
    notes: tuple[Reason, ...] = ()
    problem: Reason | None = None
    producer: str = ""
    name: str = ""

    @property
    def is_whole(self) -> bool:
        return self.problem is None


def read(body: bytes, zone: ZoneInfo, limits: ReadLimits | None = None, *, z_is_local: bool = False) -> ReadCalendar:
    """Read a body for a property in `zone`. `z_is_local`: this feed writes local times with a false Z."""
    envelope = split(body, limits or ReadLimits())
    if envelope.problem is not None:
        return ReadCalendar(problem=envelope.problem, notes=tuple(envelope.notes))
    events = [read_event(raw, zone, z_is_local=z_is_local) for raw in envelope.events]
    kept, doubled = newest_versions(events)
    notes = (*envelope.notes, *doubled, *_zone_note(envelope, kept, zone))
    of_calendar = envelope.of_calendar
    return ReadCalendar(tuple(kept), notes, None, of_calendar.get("PRODID", ""), of_calendar.get("X-WR-CALNAME", ""))


def read_event(raw: RawEvent, zone: ZoneInfo, *, z_is_local: bool = False) -> CalendarEvent:
    """One event; what cannot be read of it is its `error`."""
    found = raw.properties
    texts = {name: _plain(found[name].value) for name in ("SUMMARY", "DESCRIPTION") if name in found}
    event = CalendarEvent(
        number=raw.number,
        uid=NOT_PRINTED.sub("", found["UID"].value).strip()[:LONGEST_UID] if "UID" in found else "",
        summary=" ".join(without_tags(texts.get("SUMMARY", "")).split())[:LONGEST_SUMMARY],
        description=texts.get("DESCRIPTION", ""),
        status=found["STATUS"].value.strip().upper() if "STATUS" in found else "",
        sequence=_whole_number(found["SEQUENCE"].value) if "SEQUENCE" in found else 0,
        repeats=_repeats(raw),
        error=raw.error,
    )
    if event.error is not None:
        return event
    dated = _with_nights(event, raw, zone, z_is_local)
    return replace(event, error=reason(dated, event=raw.number)) if isinstance(dated, Why) else dated


def _with_nights(event: CalendarEvent, raw: RawEvent, zone: ZoneInfo, z_is_local: bool) -> CalendarEvent | Why:
    """The event with its local nights, or why it has none."""
    notes = [] if event.uid else [reason(Why.NO_UID)]
    if "DTSTART" in raw.repeated:
        notes.append(reason(Why.TWO_STARTS))
    ends = _ends(raw, notes)
    if isinstance(ends, Why):
        return ends
    start, end = ends
    utc_times = (start.at, end.at) if _is_utc(start) and _is_utc(end) and start.at and end.at else None
    if z_is_local:
        start, end = _floating(start), _floating(end)
    if end.instant(zone) < start.instant(zone):
        return Why.END_BEFORE_START
    if start.at is not None and start.at == end.at == MIDNIGHT:
        notes.append(reason(Why.DATES_AS_TIMES))
        start, end = Moment(start.on), Moment(end.on)
    starts_on = start.local(zone).date()
    return replace(
        event,
        starts_on=starts_on,
        ends_on=max(end.local(zone).date(), starts_on + ONE_NIGHT),
        starts_at=start.local(zone).time() if start.at else None,
        ends_at=end.local(zone).time() if end.at and end != start else None,
        utc_times=utc_times,
        notes=tuple(notes),
    )


def _ends(raw: RawEvent, notes: list[Reason]) -> tuple[Moment, Moment] | Why:
    """Start and end as written; without an end they are the same."""
    found = raw.properties
    if "DTSTART" not in found:
        return Why.NO_START
    moments = []
    for name in ("DTSTART", "DTEND"):
        if name not in found:
            continue
        moment, unknown = parse_moment(found[name].parameters, found[name].value)
        if moment is None:
            return Why.BAD_DATE
        if unknown is not None and name == "DTSTART":
            notes.append(reason(Why.UNKNOWN_ZONE, zone=unknown.name))
        moments.append(moment)
    if len(moments) == 2:
        return moments[0], moments[1]
    if "DURATION" not in found:
        return moments[0], moments[0]
    span = parse_duration(found["DURATION"].value)
    return Why.BAD_DURATION if span is None else (moments[0], moments[0].plus(span))


def newest_versions(events: Iterable[CalendarEvent]) -> tuple[list[CalendarEvent], list[Reason]]:
    """One event for each id, that of the highest SEQUENCE. Equal ones with other nights are marked as ambiguous."""
    kept: dict[object, CalendarEvent] = {}
    notes = []
    for event in events:
        alone = event.error is not None or event.repeats or not event.uid
        key: object = ("alone", event.number) if alone else event.uid
        other = kept.get(key)
        if other is None:
            kept[key] = event
        elif other.sequence != event.sequence:
            kept[key] = max(other, event, key=lambda one: one.sequence)
            notes.append(reason(Why.SAME_EVENT_TWICE, event=event.number))
        elif (other.starts_on, other.ends_on) != (event.starts_on, event.ends_on):
            kept[key] = replace(other, is_ambiguous=True)
            kept["also", event.number] = replace(event, is_ambiguous=True)
    return sorted(kept.values(), key=lambda event: event.number), notes


def look_like_local_times(events: Iterable[CalendarEvent]) -> bool:
    """All UTC times share two clock times that suit check-in and check-out: the Z may be false. Ask once."""
    times = {event.utc_times for event in events if event.utc_times is not None}
    return len(times) == 1 and all(13 <= start.hour <= 18 and 8 <= end.hour <= 12 for start, end in times)


def without_tags(text: str) -> str:
    """Text for people: no HTML."""
    return html.unescape(TAGS.sub("", BREAKS.sub("\n", text))) if "<" in text or "&" in text else text


def _zone_note(envelope: Envelope, events: Iterable[CalendarEvent], zone: ZoneInfo) -> list[Reason]:
    """The owner's display zone tells something only when the calendar has times."""
    theirs = envelope.of_calendar.get("X-WR-TIMEZONE", "")
    if not theirs or find_zone(theirs) == zone or not any(event.starts_at for event in events):
        return []
    return [reason(Why.CALENDAR_ZONE, theirs=theirs, ours=zone.key)]


def _plain(value: str) -> str:
    """Unescaped; unknown escapes stay as they are."""
    if "\\" in value:
        value = ESCAPES.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return NOT_PRINTED.sub("", value).strip()


def _whole_number(value: str) -> int:
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _repeats(raw: RawEvent) -> str:
    if "RRULE" in raw.properties:
        found = FREQUENCY.search(raw.properties["RRULE"].value.upper())
        return found[1] if found else "OTHER"
    return "OTHER" if {"RDATE", "RECURRENCE-ID"} & raw.properties.keys() else ""


def _is_utc(moment: Moment) -> bool:
    return moment.at is not None and moment.zone is not None and moment.zone.key == "UTC"


def _floating(moment: Moment) -> Moment:
    return moment._replace(zone=None) if _is_utc(moment) else moment
