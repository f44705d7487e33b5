"""Which days a page shows, "today" being each property's own, as conditions on stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from django.db.models import Q

# Local days lie within this of the UTC instant that is searched for.
MARGIN = timedelta(days=2)


class Span(Enum):
    """Which days are shown: key, label, and the first and last day counted from today."""

    TODAY = ("today", "Today", 0, 0)
    TOMORROW = ("tomorrow", "Tomorrow", 1, 1)
    WEEK = ("week", "7 days", 0, 6)

    def __init__(self, key: str, label: str, first: int, last: int) -> None:
        self.key = key
        self.label = label
        self.first = first
        self.last = last


def local_today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def on_days(field: str, span: Span, zones: Iterable[str], now: datetime) -> Q:
    """Stays whose local date `field` is in the span, "today" being each property's own."""
    found, zones = Q(pk__in=[]), list(zones)
    if len(zones) == 1:
        # The same day everywhere: no need to look where each stay is.
        return Q(**{f"{field}__range": _days(zones[0], span, now)})
    for zone in zones:
        found |= Q(**{"unit__property__time_zone": zone, f"{field}__range": _days(zone, span, now)})
    return found


def _days(zone: str, span: Span, now: datetime) -> tuple[date, date]:
    today = local_today(zone, now)
    return today + timedelta(days=span.first), today + timedelta(days=span.last)


def near(field: str, span: Span, now: datetime) -> Q:
    """The same in UTC with room to spare: what the database has an index for."""
    first, last = timedelta(days=span.first) - MARGIN, timedelta(days=span.last) + MARGIN
    return Q(**{f"{field}__range": (now + first, now + last)})


def arriving(span: Span, zones: Collection[str], now: datetime) -> Q:
    return near("starts_at", span, now) & on_days("check_in_on", span, zones, now)


def leaving(span: Span, zones: Collection[str], now: datetime) -> Q:
    return near("ends_at", span, now) & on_days("check_out_on", span, zones, now)
