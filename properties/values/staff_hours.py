"""When staff may enter: a rule in local days and hours, and the spans of time it allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from properties.values.local_time import Edge, to_instant
from properties.values.wording import clock, day_and_year, listed, weekday

EVERY_DAY = frozenset(range(7))
# West of everywhere: a day is over for certain when it is over there.
LAST_ZONE = timedelta(hours=12)
# What guests leave of a span is not worth a code below this.
SHORTEST = timedelta(minutes=30)
# How far ahead a gap between guests is looked for, and how long one without an end is taken to be.
LOOKED_AHEAD = timedelta(days=366)
# From when to when guests have a home.
Taken = tuple[datetime, datetime]


class Span(NamedTuple):
    """From when to when a code opens; both None is without an end."""

    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Rule:
    """On these days between these hours (both None: round the clock), up to and with that day."""

    hours_from: time | None = None
    hours_to: time | None = None
    days: frozenset[int] = EVERY_DAY
    until_on: date | None = None

    @property
    def has_hours(self) -> bool:
        return self.hours_from is not None and self.hours_to is not None

    @property
    def is_overnight(self) -> bool:
        return self.hours_from is not None and self.hours_to is not None and self.hours_to <= self.hours_from

    def is_over(self, now: datetime) -> bool:
        """Its last day has ended in every zone of the world."""
        return self.until_on is not None and (now - LAST_ZONE).date() > self.until_on

    def __str__(self) -> str:
        when = _("Always")
        if self.hours_from is not None and self.hours_to is not None:
            words = {"days": day_words(self.days), "start": clock(self.hours_from), "end": clock(self.hours_to)}
            night = _("%(days)s, %(start)s to %(end)s, over midnight")
            when = (night if self.is_overnight else _("%(days)s, %(start)s to %(end)s")) % words
        if self.until_on is None:
            return when
        return _("%(when)s, until %(day)s") % {"when": when, "day": day_and_year(self.until_on)}


def day_words(days: frozenset[int]) -> str:
    """ "Every day", "Mon to Fri", "Mon, Wed and Sat"."""
    if days == EVERY_DAY:
        return _("Every day")
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return _("%(first)s to %(last)s") % {"first": weekday(ordered[0]), "last": weekday(ordered[-1])}
    return listed(map(weekday, ordered))


def next_spans(rule: Rule, zone: str, now: datetime, count: int = 2) -> list[Span]:
    """The span that is running, and the next ones, as instants. Nothing for a rule without hours, or one that ended.

    The lock cannot be told a timetable: it gets one of these spans at a time, ahead of time.
    """
    # From yesterday, whose night may not be over, until each weekday has come by often enough.
    return list(islice(_spans(rule, zone, now, 7 * count + 1), count))


def _spans(rule: Rule, zone: str, now: datetime, days: int) -> Iterator[Span]:
    if rule.hours_from is None or rule.hours_to is None:
        return
    today = now.astimezone(ZoneInfo(zone)).date()
    for n in range(-1, days):
        on = today + timedelta(days=n)
        if on.weekday() not in rule.days or (rule.until_on is not None and on > rule.until_on):
            continue
        ends_on = on + timedelta(days=1) if rule.is_overnight else on
        starts_at = to_instant(on, rule.hours_from, zone, Edge.START)
        ends_at = to_instant(ends_on, rule.hours_to, zone, Edge.END)
        if max(starts_at, now) < ends_at:
            yield Span(starts_at, ends_at)


def wanted_span(rule: Rule, zone: str, now: datetime, taken: Sequence[Taken] = ()) -> Span | None:
    """What a lock in this zone should hold now; None when the rule allows nothing any more.

    `taken`: when guests stay behind the door, in order; it does not open for the staff then.
    """
    if taken:
        spans = _spans(rule, zone, now, LOOKED_AHEAD.days) if rule.has_hours else _round_the_clock(rule, zone, now)
        shortest = SHORTEST if rule.has_hours else timedelta(0)
        parts = (part for span in spans for part in free_parts(span, taken, shortest))
        return next((part for part in parts if part.ends_at is not None and part.ends_at > now), None)
    if rule.has_hours:
        spans = next_spans(rule, zone, now, count=1)
        return spans[0] if spans else None
    if rule.until_on is None:
        return Span(None, None)
    ends_at = to_instant(rule.until_on + timedelta(days=1), time(0), zone, Edge.END)
    return Span(now.replace(second=0, microsecond=0), ends_at) if ends_at > now else None


def _round_the_clock(rule: Rule, zone: str, now: datetime) -> list[Span]:
    span = wanted_span(rule, zone, now)
    begin = now.replace(second=0, microsecond=0)
    return [Span(begin, span.ends_at or begin + LOOKED_AHEAD)] if span is not None else []


def free_parts(span: Span, taken: Iterable[Taken], shortest: timedelta = SHORTEST) -> list[Span]:
    """What guests leave of a span that has both times; `taken` in order."""
    assert span.starts_at is not None
    assert span.ends_at is not None
    parts, begin = [], span.starts_at
    for starts_at, ends_at in [*taken, (span.ends_at, span.ends_at)]:
        end = min(starts_at, span.ends_at)
        if begin < end and end - begin >= shortest:
            parts.append(Span(begin, end))
        begin = max(begin, ends_at)
    return parts


def taken_everywhere(units: Iterable[Iterable[Taken]]) -> list[Taken]:
    """When every unit behind a door is taken: a shared entrance opens as long as one home is free."""
    found: list[Taken] | None = None
    for each in units:
        merged = sorted(each)
        if found is not None:
            merged = [
                (max(one[0], other[0]), min(one[1], other[1]))
                for one in found
                for other in merged
                if one[0] < other[1] and other[0] < one[1]
            ]
        found = sorted(merged)
    return found or []
