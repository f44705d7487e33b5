"""A manager's day: who arrives, who is in house, who leaves and is proved out, each in its property's own zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
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
from properties.verdict.glance import Ahead
from properties.verdict.loading import Judged, Reading, judge, with_neighbours

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


class Expected(NamedTuple):
    """Who arrives: as much as the order of the list needs. `verdict`: None where only a closer look tells."""

    pk: int
    verdict: Verdict | None
    leaves_at: time | None

    @property
    def need(self) -> tuple[int, bool]:
        """What comes first: not ready, at risk, unknown; then same-day turnovers."""
        rank = self.verdict.rank if self.verdict is not None else 0
        return (-max(rank, Verdict.WORKING.rank), self.leaves_at is None)


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


def expected(ahead: Iterable[Ahead], judged: Mapping[int, Judged]) -> list[Expected]:
    """The arrivals among these stays, by need, then in the order of time that they come in.

    `judged`: those that were looked at closely.
    """
    found = [
        Expected(each.pk, judged[each.pk].verdict if each.pk in judged else each.glance.verdict, each.leaves_at)
        for each in ahead
        if each.is_wanted
    ]
    return sorted(found, key=lambda one: one.need)


def next_arrival(
    stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime, worker_seen_at: datetime | None
) -> Judged | None:
    """The first one after the span: what an empty day names."""
    days = on_days("check_in_on", span, zones, now)
    after = stays.standing().filter(starts_at__gt=now).exclude(days).order_by("starts_at", "pk")
    found = judge(after.with_places()[:1], now, worker_seen_at)
    return found[0] if found else None


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
    rows = with_neighbours(Stay.objects.filter(pk__in=pks)).order_by()
    rows = rows.annotate(
        next_starts_at=Subquery(after.order_by("starts_at").values("starts_at")[:1]),
        entered_at=Subquery(uses.values("used_at")[:1]),
        entered_source=Subquery(uses.values("used_source")[:1]),
    )
    return {stay.pk: stay for stay in rows}


def by_need(stays: Iterable[Stay], reading: Reading, now: datetime) -> list[Departure]:
    """Guests who leave, with their codes, those whose codes should be gone and are not first."""
    found = [
        Departure(stay, _codes_to_go(reading.codes.get(stay.pk, ())), getattr(stay, "next_starts_at", None))
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
