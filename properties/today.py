"""A manager's day: who arrives, who is in house, who leaves and is proved out, each in its property's own zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from properties.battery_forecast import DayKind, Occupancy, day_kind
from properties.models import AccessCode, CodeState, Lock, Stay
from properties.models.locks import BATTERY_LOW, LockQuerySet
from properties.models.stays import StayQuerySet
from properties.readiness import Verdict
from properties.stay_facts import Judged, judge

# More arrivals than this are not judged one by one: those that need somebody are found without it.
JUDGED_AT_MOST = 400
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
class Arrival:
    """A stay that begins in the span. `leaves_first`: who leaves the same unit that day."""

    judged: Judged
    leaves_first: Stay | None

    @property
    def stay(self) -> Stay:
        return self.judged.stay

    @property
    def need(self) -> tuple[int, bool, datetime, int]:
        """What comes first: not ready, at risk, unknown; then same-day turnovers; then time."""
        worse = max(self.judged.verdict.rank, Verdict.WORKING.rank)
        return (-worse, self.leaves_first is None, self.stay.starts_at, self.stay.pk)


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
    found = Q(pk__in=[])
    for zone in zones:
        today = local_today(zone, now)
        first, last = today + timedelta(days=span.first), today + timedelta(days=span.last)
        found |= Q(**{"unit__property__time_zone": zone, f"{field}__range": (first, last)})
    return found


def near(field: str, span: Span, now: datetime) -> Q:
    """The same in UTC with room to spare: what the database has an index for."""
    first, last = timedelta(days=span.first) - MARGIN, timedelta(days=span.last) + MARGIN
    return Q(**{f"{field}__range": (now + first, now + last)})


# --- Arrivals, in house, departures ---------------------------------------------------------------------------------


def arriving(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime) -> StayQuerySet:
    days = on_days("check_in_on", span, zones, now)
    return stays.standing().filter(near("starts_at", span, now), days).order_by("starts_at", "pk")


def leaving(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime) -> StayQuerySet:
    days = on_days("check_out_on", span, zones, now)
    return stays.standing().filter(near("ends_at", span, now), days).order_by("ends_at", "pk")


def arrivals(
    rows: StayQuerySet,
    leavers: StayQuerySet,
    asking: Iterable[Judged],
    now: datetime,
    worker_seen_at: datetime | None,
) -> list[Arrival]:
    """By need. `asking` are all the stays that need somebody: they are shown, however many arrive."""
    judged = {each.stay.pk: each for each in judge(rows.with_places()[:JUDGED_AT_MOST], now, worker_seen_at)}
    late = [each for each in asking if each.stay.pk not in judged]
    if late:
        shown = set(rows.filter(pk__in=[each.stay.pk for each in late]).values_list("pk", flat=True))
        judged |= {each.stay.pk: each for each in late if each.stay.pk in shown}
    units = {each.stay.unit_id for each in judged.values()}
    last = {(stay.unit_id, stay.check_out_on): stay for stay in leavers.filter(unit__in=units).select_related("guest")}
    found = [Arrival(each, last.get((each.stay.unit_id, each.stay.check_in_on))) for each in judged.values()]
    return sorted(found, key=lambda arrival: arrival.need)


def next_arrival(
    stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime, worker_seen_at: datetime | None
) -> Judged | None:
    """The first one after the span: what an empty day names."""
    days = on_days("check_in_on", span, zones, now)
    after = stays.standing().filter(starts_at__gt=now).exclude(days).order_by("starts_at", "pk")
    found = judge(after.with_places()[:1], now, worker_seen_at)
    return found[0] if found else None


def in_house(stays: StayQuerySet, zones: Collection[str], now: datetime) -> StayQuerySet:
    """Who came before today and stays on; who comes today is among the arrivals until the day is over."""
    today = on_days("check_in_on", Span.TODAY, zones, now)
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    begun = stays.standing().alias(begun_at=Coalesce("starts_at", "ends_at")).filter(begun_at__lte=now)
    inside = begun.filter(ends_at__gt=now).exclude(today)
    return inside.order_by("ends_at", "pk")


def departures(rows: StayQuerySet, now: datetime, at_most: int) -> list[Departure]:
    """Guests who leave, those whose codes should be gone and are not first."""
    after = Stay.objects.standing().filter(unit=OuterRef("unit"), starts_at__gt=OuterRef("starts_at"))
    following = Subquery(after.order_by("starts_at").values("starts_at")[:1])
    codes = AccessCode.objects.filter(Q(revoked_at=None) | Q(removed_at=None)).select_related("lock__door")
    rows = rows.with_places().annotate(next_starts_at=following)
    rows = rows.prefetch_related(Prefetch("access_codes", codes.order_by("pk")))
    found = [
        Departure(stay, tuple(stay.access_codes.all()), getattr(stay, "next_starts_at", None))
        for stay in rows[:at_most]
    ]
    return sorted(found, key=lambda departure: departure.need(now))


# --- Batteries ------------------------------------------------------------------------------------------------------


def battery_tasks(locks: LockQuerySet, now: datetime, at_most: int) -> list[BatteryTask]:
    """Locks and keypads that run low, emptiest first, each with the next day on which nobody is disturbed."""
    low = Q(battery_level__lt=BATTERY_LOW) | Q(battery_status__in=["low", "critical"])
    rows = locks.filter(low | Q(keypad_battery_level__lt=BATTERY_LOW), account__unlinked_at=None, vanished_at=None)
    found = list(rows.with_places().order_by("battery_level", "keypad_battery_level", "pk")[:at_most])
    stays = _stays_behind(found, now)
    return [_battery_task(lock, stays[lock.pk], local_today(lock.zone, now)) for lock in found]


def _battery_task(lock: Lock, stays: list[Occupancy], today: date) -> BatteryTask:
    """On the first day on which nobody has to be disturbed; an early one counts more than an empty one."""
    days = [today + timedelta(days=n) for n in range(CHANGE_WITHIN.days)]
    free = [(day, kind) for day in days if (kind := day_kind(stays, day)) is not DayKind.OCCUPIED]
    best_day, kind = free[0] if free else (None, DayKind.OCCUPIED)
    is_keypad_low = lock.keypad_battery_level is not None and lock.keypad_battery_level < BATTERY_LOW
    return BatteryTask(lock, lock.battery_is_low, is_keypad_low, best_day, kind, best_day == today)


def _stays_behind(locks: Iterable[Lock], now: datetime) -> dict[int, list[Occupancy]]:
    """By lock, the stays to come in all units that its door leads to."""
    found: dict[int, list[Occupancy]] = defaultdict(list)
    stays = Stay.objects.standing().filter(
        ends_at__gt=now, starts_at__lt=now + CHANGE_WITHIN + MARGIN, unit__doors__lock__in=[lock.pk for lock in locks]
    )
    for lock_id, check_in_on, check_out_on in stays.values_list("unit__doors__lock", "check_in_on", "check_out_on"):
        found[lock_id].append(Occupancy(check_in_on, check_out_on))
    return found
