"""Batteries that run low, and the day on which a change disturbs no guest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from properties.models import Lock, Stay
from properties.reading.spans import MARGIN, local_today
from properties.values.battery_forecast import DayKind, Occupancy, day_kind

# How far ahead a day without guests is looked for, to change a battery that is low.
CHANGE_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class BatteryTask:
    """A lock that needs new batteries, and the day that suits."""

    lock: Lock
    is_lock_low: bool
    is_keypad_low: bool
    best_day: date | None
    kind: DayKind
    is_today: bool


def battery_tasks(locks: Iterable[Lock], now: datetime) -> list[BatteryTask]:
    """Of these locks those that run low, emptiest first, each with the next day on which no guest is disturbed."""
    low = sorted((lock for lock in locks if lock.has_low_battery and lock.vanished_at is None), key=_emptiest)
    stays = _stays_behind(low, now)
    return [_battery_task(lock, stays[lock.pk], local_today(lock.zone, now)) for lock in low]


def _emptiest(lock: Lock) -> tuple[float, str]:
    levels = [level for level in (lock.battery_level, lock.keypad_battery_level) if level is not None]
    return min(levels, default=1.0), lock.name


def _battery_task(lock: Lock, stays: list[Occupancy], today: date) -> BatteryTask:
    """On the first day on which no guest has to be disturbed; an early one counts more than an empty one."""
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
