"""A manager's day: who arrives, who is in house, who leaves and is proved out, each in its property's own zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, OuterRef, Q, Subquery, When, Window
from django.db.models.functions import Coalesce

from properties.models import AccessCode, CodeState, Lock, Stay
from properties.models.stays import StayQuerySet
from properties.values.battery_forecast import DayKind, Occupancy, day_kind
from properties.verdict.checks import Verdict
from properties.verdict.loading import LoadedFacts

# How far ahead a day without guests is looked for, to change a battery that is low.
CHANGE_WITHIN = timedelta(days=7)
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


@dataclass(frozen=True)
class Departure:
    """A stay that ends in the span, the codes that have to go, and who comes next."""

    stay: Stay
    codes: tuple[AccessCode, ...]
    next_starts_at: datetime | None

    def need(self, now: datetime) -> tuple[bool, datetime, int]:
        return (not self.is_overdue(now), self.stay.ends_at, self.stay.pk)

    def is_overdue(self, now: datetime) -> bool:
        """A guest who left may still open a door."""
        return any(code.state(now) is CodeState.NOT_REMOVED for code in self.codes)


@dataclass(frozen=True)
class BatteryTask:
    """A lock that needs new batteries, and the day that suits."""

    lock: Lock
    is_lock_low: bool
    is_keypad_low: bool
    best_day: date | None
    kind: DayKind
    is_today: bool


# --- Days -----------------------------------------------------------------------------------------------------------


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


# --- Arrivals, in house, departures ---------------------------------------------------------------------------------


def arriving(span: Span, zones: Collection[str], now: datetime) -> Q:
    return near("starts_at", span, now) & on_days("check_in_on", span, zones, now)


def leaving(span: Span, zones: Collection[str], now: datetime) -> Q:
    return near("ends_at", span, now) & on_days("check_out_on", span, zones, now)


def by_verdict(verdict: Verdict, leaves_at: time | None) -> tuple[int, bool]:
    """Which arrival comes first: not ready, at risk, unknown; then same-day turnovers."""
    return (-max(verdict.rank, Verdict.WORKING.rank), leaves_at is None)


def leaves_at(span: Span, now: datetime) -> Subquery:
    """Of a stay's row: when who was in the unit before leaves, if that is on the day of its check-in."""
    leaving = Stay.objects.standing().filter(
        near("ends_at", span, now), unit=OuterRef("unit"), check_out_on=OuterRef("stay__check_in_on")
    )
    return Subquery(leaving.exclude(pk=OuterRef("pk")).order_by("check_out_time").values("check_out_time")[:1])


def next_arrival(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime) -> Stay | None:
    """The first one after the span: what an empty day names."""
    days = on_days("check_in_on", span, zones, now)
    after = stays.standing().filter(starts_at__gt=now).exclude(days).order_by("starts_at", "pk")
    return after.with_places().first()


class Picked(NamedTuple):
    """The first stays of a list, in its order, and how many there are in all."""

    pks: list[int]
    total: int


def in_house(
    stays: StayQuerySet, zones: Collection[str], first: Collection[int], now: datetime, at_most: int
) -> Picked:
    """Who came before today and stays on; who comes today is among the arrivals until the day is over.

    Those in `first` lead.
    """
    today = on_days("check_in_on", Span.TODAY, zones, now)
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    begun = stays.standing().alias(begun_at=Coalesce("starts_at", "ends_at")).filter(begun_at__lte=now)
    rows = begun.filter(ends_at__gt=now).exclude(today)
    if first:
        return _picked(rows.order_by(Case(When(pk__in=first, then=0), default=1), "ends_at", "pk"), at_most)
    return _picked(rows.order_by("ends_at", "pk"), at_most)


def departures(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime, at_most: int) -> Picked:
    """Who leaves, in the order of time."""
    return _picked(stays.standing().filter(leaving(span, zones, now)).order_by("ends_at", "pk"), at_most)


def _picked(rows: StayQuerySet, at_most: int) -> Picked:
    found = list(rows.annotate(total=Window(Count("pk"))).values_list("pk", "total")[:at_most])
    return Picked([pk for pk, _ in found], found[0][1] if found else 0)


def load(pks: Collection[int]) -> dict[int, Stay]:
    """All that the day's tables say of these stays, by id, in one query.

    With their places; `next_starts_at` in the same unit; `entered_at` and `entered_source` of the first use of a code.
    """
    if not pks:
        return {}
    after = Stay.objects.standing().filter(unit=OuterRef("unit"), starts_at__gt=OuterRef("starts_at"))
    uses = AccessCode.objects.filter(stay=OuterRef("pk"), used_at__isnull=False).order_by("used_at")
    rows = Stay.objects.filter(pk__in=pks).with_places().order_by()
    rows = rows.annotate(
        next_starts_at=Subquery(after.order_by("starts_at").values("starts_at")[:1]),
        entered_at=Subquery(uses.values("used_at")[:1]),
        entered_source=Subquery(uses.values("used_source")[:1]),
    )
    return {stay.pk: stay for stay in rows}


def by_need(stays: Iterable[Stay], loaded: LoadedFacts, now: datetime) -> list[Departure]:
    """Guests who leave, with their codes, those whose codes should be gone and are not first."""
    found = [
        Departure(stay, _codes_to_go(loaded.codes.get(stay.pk, ())), getattr(stay, "next_starts_at", None))
        for stay in stays
    ]
    return sorted(found, key=lambda departure: departure.need(now))


def _codes_to_go(codes: Iterable[AccessCode]) -> tuple[AccessCode, ...]:
    return tuple(code for code in codes if code.revoked_at is None or code.removed_at is None)


# --- Batteries ------------------------------------------------------------------------------------------------------


def battery_tasks(locks: Iterable[Lock], now: datetime) -> list[BatteryTask]:
    """Of these locks those that run low, emptiest first, each with the next day on which nobody is disturbed."""
    low = sorted((lock for lock in locks if lock.has_low_battery and lock.vanished_at is None), key=_emptiest)
    stays = _stays_behind(low, now)
    return [_battery_task(lock, stays[lock.pk], local_today(lock.zone, now)) for lock in low]


def _emptiest(lock: Lock) -> tuple[float, str]:
    levels = [level for level in (lock.battery_level, lock.keypad_battery_level) if level is not None]
    return min(levels, default=1.0), lock.name


def _battery_task(lock: Lock, stays: list[Occupancy], today: date) -> BatteryTask:
    """On the first day on which nobody has to be disturbed; an early one counts more than an empty one."""
    days = [today + timedelta(days=n) for n in range(CHANGE_WITHIN.days)]
    free = [(day, kind) for day in days if (kind := day_kind(stays, day)) is not DayKind.OCCUPIED]
    best_day, kind = free[0] if free else (None, DayKind.OCCUPIED)
    return BatteryTask(lock, lock.charge.is_low, lock.keypad_charge.is_low, best_day, kind, best_day == today)


def _stays_behind(locks: Collection[Lock], now: datetime) -> dict[int, list[Occupancy]]:
    """By lock, the stays to come in all units that its door leads to."""
    found: dict[int, list[Occupancy]] = defaultdict(list)
    if not locks:
        return found
    stays = Stay.objects.standing().filter(
        ends_at__gt=now, starts_at__lt=now + CHANGE_WITHIN + MARGIN, unit__doors__lock__in=[lock.pk for lock in locks]
    )
    for lock_id, check_in_on, check_out_on in stays.values_list("unit__doors__lock", "check_in_on", "check_out_on"):
        found[lock_id].append(Occupancy(check_in_on, check_out_on))
    return found
