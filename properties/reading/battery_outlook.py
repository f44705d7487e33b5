"""The outlook of locks' batteries, with the stays before they are empty, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties.models import Activity, ActivityKind, BatteryReading, Lock, Stay
from properties.models.locks import BATTERY_RESERVE
from properties.models.stays import Window
from properties.values.battery_forecast import (
    STUCK_AFTER,
    Change,
    Forecast,
    Occupancy,
    Outlook,
    Reading,
    forecast,
    plan_change,
)
from properties.values.wording import day, days_between

# Readings older than this say nothing of the battery that is in the lock now.
HISTORY = timedelta(days=400)
# Farther ahead few stays are known, so no day is suggested.
PLANNED_AHEAD = timedelta(days=90)
# Locks are read so many at a time.
BATCH = 500
MOVED = (ActivityKind.LOCK_LOCKED, ActivityKind.LOCK_UNLOCKED)


@dataclass(frozen=True)
class PartOutlook:
    """One battery of a lock: its forecast, and when to change it."""

    part: BatteryReading.Part
    forecast: Forecast
    change: Change | None
    empty_on: date | None
    empty_by: date | None

    @property
    def words(self) -> str:
        """“Likely empty 9 to 21 Nov; 3 stays before that; best day to change: Tue 4 Nov (vacant).”"""
        match self.forecast.outlook:
            case Outlook.FALLING:
                return self._when_empty() + self._advice() + "."
            case Outlook.LASTING:
                return _("No change needed: at its pace it lasts for more than a year.")
            case Outlook.EMPTY:
                return _("Empty: it reads 0%. Change it now.")
            case Outlook.STUCK:
                return _("Stuck: %(reason)s. Change it, or look at the lock.") % {"reason": self.forecast.reason}
        return _("No forecast yet: %(reason)s.") % {"reason": self.forecast.reason}

    def _when_empty(self) -> str:
        if self.empty_on is None or self.empty_by is None:
            return ""
        return _("Likely empty %(days)s") % {"days": days_between(self.empty_on, self.empty_by)}

    def _advice(self) -> str:
        if self.change is None:
            return ""
        count = self.change.stays_before
        stays = ngettext("%(count)s stay", "%(count)s stays", count) % {"count": count} if count else _("no stay")
        if self.change.best_day is None:
            return _("; %(stays)s before that; no day without guests, so agree on one with them") % {"stays": stays}
        words = _("; %(stays)s before that; best day to change: %(day)s (%(kind)s)")
        return words % {"stays": stays, "day": day(self.change.best_day), "kind": _(self.change.kind.value)}


def outlooks(locks: Sequence[Lock], now: datetime) -> dict[int, list[PartOutlook]]:
    """For each lock (by id) one outlook a battery that has ever been read. Needs locks `with_places()`."""
    readings = _readings(locks, now)
    used = _used(locks, now)
    found = {
        lock.pk: [
            (part, _forecast(lock, part, readings[lock.pk, part], now, lock.pk in used))
            for part in BatteryReading.Part
            if (lock.pk, part) in readings
        ]
        for lock in locks
    }
    ends = [one.empty_from for parts in found.values() for _part, one in parts if one.empty_from is not None]
    stays = _stays(locks, now, max(ends)) if ends else {}
    return {lock.pk: [_with_change(lock, part, one, stays, now) for part, one in found[lock.pk]] for lock in locks}


def record_forecasts(now: datetime) -> int:
    """Write on each lock when the first of its batteries is likely to be empty; how many locks that changed.

    Kept in a row so that every arrival can be judged by it without reading a year of levels.
    """
    changed = 0
    locks = Lock.objects.filter(vanished_at=None, account__unlinked_at=None).with_places().order_by("pk")
    for batch in batched(locks.iterator(chunk_size=BATCH), BATCH):
        found = outlooks(batch, now)
        for lock in batch:
            ends = [part.forecast.empty_from for part in found[lock.pk] if part.forecast.empty_from is not None]
            empty_at = min(ends, default=None)
            if empty_at != lock.battery_empty_at:
                good_until = empty_at - BATTERY_RESERVE if empty_at is not None else None
                changed += Lock.objects.filter(pk=lock.pk).update(battery_good_until=good_until)
    return changed


def batched(locks: Iterable[Lock], size: int) -> Iterator[list[Lock]]:
    """Lists of at most `size` (itertools has this from Python 3.12 on)."""
    rest = iter(locks)
    while batch := list(islice(rest, size)):
        yield batch


def _forecast(lock: Lock, part: BatteryReading.Part, readings: list[Reading], now: datetime, is_used: bool) -> Forecast:
    is_keypad = part is BatteryReading.Part.KEYPAD
    level = lock.keypad_battery_level if is_keypad else lock.battery_level
    seen_at = lock.last_keypad_battery_at if is_keypad else lock.last_battery_at
    # An unknown level says nothing about the present, so it counts from the last reading.
    return forecast(readings, now, seen_at=seen_at if level is not None else None, is_used=is_used)


def _with_change(
    lock: Lock,
    part: BatteryReading.Part,
    one: Forecast,
    stays: Mapping[int, list[Occupancy]],
    now: datetime,
) -> PartOutlook:
    if one.empty_from is None or one.empty_to is None:
        return PartOutlook(part, one, None, None, None)
    zone = lock.zone_info
    today, empty_on = now.astimezone(zone).date(), one.empty_from.astimezone(zone).date()
    empty_by = one.empty_to.astimezone(zone).date()
    # A lock on no door has no stays to plan around.
    is_planned = one.empty_from - now <= PLANNED_AHEAD and getattr(lock, "door", None) is not None
    change = plan_change(stays.get(lock.pk, []), today, empty_on) if is_planned else None
    return PartOutlook(part, one, change, empty_on, empty_by)


def _readings(locks: Sequence[Lock], now: datetime) -> dict[tuple[int, BatteryReading.Part], list[Reading]]:
    rows = BatteryReading.objects.filter(lock__in=locks, at__gt=now - HISTORY, at__lte=now).order_by("at")
    found: dict[tuple[int, BatteryReading.Part], list[Reading]] = defaultdict(list)
    for lock_id, part, at, level in rows.values_list("lock_id", "part", "at", "level"):
        found[lock_id, BatteryReading.Part(part)].append(Reading(at, level))
    return dict(found)


def _used(locks: Sequence[Lock], now: datetime) -> set[int]:
    """Locks used recently: for these, a level that never moves is suspicious."""
    moved = Activity.objects.filter(lock__in=locks, kind__in=MOVED, at__gt=now - STUCK_AFTER)
    return set(moved.order_by().values_list("lock_id", flat=True).distinct())


def _stays(locks: Sequence[Lock], now: datetime, until: datetime) -> dict[int, list[Occupancy]]:
    around = Window(now - timedelta(days=1), min(until, now + PLANNED_AHEAD) + timedelta(days=1))
    rows = Stay.objects.standing().during(around).filter(unit__doors__lock__in=locks).order_by()
    found: dict[int, list[Occupancy]] = defaultdict(list)
    for lock_id, check_in_on, check_out_on in rows.values_list("unit__doors__lock", "check_in_on", "check_out_on"):
        found[lock_id].append(Occupancy(check_in_on, check_out_on))
    return found
