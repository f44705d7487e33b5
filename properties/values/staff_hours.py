"""When staff may enter: a rule in local days and hours, and the spans of time it allows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from properties.values.local_time import Edge, to_instant
from properties.values.wording import clock, day_and_year, listed, weekday

EVERY_DAY = frozenset(range(7))
# West of everywhere: a day is over for certain when it is over there.
LAST_ZONE = timedelta(hours=12)


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
    if rule.hours_from is None or rule.hours_to is None:
        return []
    found: list[Span] = []
    today = now.astimezone(ZoneInfo(zone)).date()
    # From yesterday, whose night may not be over, until each weekday has come by often enough.
    for n in range(-1, 7 * count + 1):
        on = today + timedelta(days=n)
        if on.weekday() not in rule.days or (rule.until_on is not None and on > rule.until_on):
            continue
        ends_on = on + timedelta(days=1) if rule.is_overnight else on
        starts_at = to_instant(on, rule.hours_from, zone, Edge.START)
        ends_at = to_instant(ends_on, rule.hours_to, zone, Edge.END)
        if max(starts_at, now) < ends_at:
            found.append(Span(starts_at, ends_at))
    return found[:count]


def wanted_span(rule: Rule, zone: str, now: datetime) -> Span | None:
    """What a lock in this zone should hold now; None when the rule allows nothing any more."""
    if rule.has_hours:
        spans = next_spans(rule, zone, now, count=1)
        return spans[0] if spans else None
    if rule.until_on is None:
        return Span(None, None)
    ends_at = to_instant(rule.until_on + timedelta(days=1), time(0), zone, Edge.END)
    return Span(now.replace(second=0, microsecond=0), ends_at) if ends_at > now else None
