"""What the pages of locks tell of guests and codes, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db.models import Count, Min, Prefetch, Q
from django.urls import reverse

from properties.models import AccessCode, CodeState, Door, Lock, Stay, Unit

STAYING_AT_MOST, COMING_AT_MOST = 6, 3
UNITS_AT_MOST, PROBLEMS_AT_MOST = 3, 2
NEARLY_FULL = 0.8


@dataclass(frozen=True)
class GuestHere:
    """A stay behind a lock, with how far its code has come there (None: it has no code on this lock)."""

    stay: Stay
    code: AccessCode | None
    state: CodeState | None


@dataclass(frozen=True)
class GuestsHere:
    """Who is behind the lock now, and who is next."""

    staying: list[GuestHere]
    coming: list[GuestHere]
    more_staying: int = 0
    has_units: bool = True

    @property
    def next_at(self) -> datetime | None:
        return self.coming[0].stay.starts_at if self.coming else None


def guests_here(lock: Lock, now: datetime) -> GuestsHere:
    """Stays of the units that the lock's door leads to."""
    door = getattr(lock, "door", None)
    if door is None or not Unit.objects.filter(doors=door).exists():
        return GuestsHere([], [], has_units=False)
    codes = Prefetch("access_codes", AccessCode.objects.standing().filter(lock=lock), to_attr="codes_here")
    stays = Stay.objects.standing().filter(unit__doors=door).with_places().prefetch_related(codes)
    staying = list(stays.filter(starts_at__lte=now, ends_at__gt=now).order_by("ends_at", "id"))
    coming = stays.filter(starts_at__gt=now).order_by("starts_at", "id")[:COMING_AT_MOST]
    return GuestsHere(
        [_guest(stay, now) for stay in staying[:STAYING_AT_MOST]],
        [_guest(stay, now) for stay in coming],
        max(0, len(staying) - STAYING_AT_MOST),
    )


def _guest(stay: Stay, now: datetime) -> GuestHere:
    code = next(iter(getattr(stay, "codes_here", [])), None)
    return GuestHere(stay, code, code.state(now) if code is not None else None)


class LockRow(TypedDict):
    """A lock as the list shows it. A plain mapping: templates look up hundreds of names, and find keys at once."""

    url: str
    name: str
    place: str
    units: str
    zone: str
    is_locked: bool | None
    locked_at: datetime | None
    is_online: bool | None
    read_at: datetime | None
    battery_level: float | None
    battery_status: str
    battery_at: datetime | None
    has_no_keypad: bool
    keypad_level: float | None
    keypad_at: datetime | None
    takes_codes: bool
    codes: str
    is_nearly_full: bool
    next_at: datetime | None
    attention: list[str]


def is_nearly_full(lock: Lock, used: int) -> bool:
    """Field study P11: somebody should clean up before the last places are gone."""
    return lock.code_capacity is not None and used >= NEARLY_FULL * lock.code_capacity


def lock_rows(locks: Sequence[Lock], now: datetime) -> list[LockRow]:
    """Three queries for any number of locks with their places."""
    held = AccessCode.objects.occupying().filter(lock__in=locks).order_by().values("lock").annotate(n=Count("pk"))
    ours = dict(held.values_list("lock", "n"))
    arrivals = Stay.objects.standing().filter(unit__doors__lock__in=locks, starts_at__gt=now).order_by()
    first = arrivals.values("unit__doors__lock").annotate(at=Min("starts_at"))
    next_at = dict(first.values_list("unit__doors__lock", "at"))
    units: dict[int, list[str]] = defaultdict(list)
    behind = Unit.objects.filter(doors__lock__in=locks).order_by("name")
    for lock_id, name in behind.values_list("doors__lock", "name"):
        units[lock_id].append(name)
    return [_lock_row(lock, units[lock.pk], ours.get(lock.pk, 0), next_at.get(lock.pk), now) for lock in locks]


def _lock_row(lock: Lock, units: Sequence[str], ours: int, next_at: datetime | None, now: datetime) -> LockRow:
    door: Door | None = getattr(lock, "door", None)
    used = ours + len(lock.unmanaged_codes)
    return {
        "url": reverse("lock", args=[lock.pk]),
        "name": lock.name,
        "place": f"{door.property} · {door}" if door is not None else "",
        "units": ", ".join(units[:UNITS_AT_MOST]) + (", …" if len(units) > UNITS_AT_MOST else ""),
        "zone": lock.zone,
        "is_locked": lock.is_locked,
        "locked_at": lock.locked_at if lock.is_locked is not None else None,
        "is_online": lock.is_online,
        "read_at": lock.last_read_at,
        "battery_level": lock.battery_level,
        "battery_status": lock.battery_status,
        "battery_at": lock.last_battery_at,
        "has_no_keypad": lock.has_keypad is False,
        "keypad_level": lock.keypad_battery_level,
        "keypad_at": lock.last_keypad_battery_at,
        "takes_codes": lock.can_program_codes is not None,
        "codes": f"{used} / {lock.code_capacity}" if lock.code_capacity else str(used),
        "is_nearly_full": is_nearly_full(lock, used),
        "next_at": next_at,
        "attention": lock.attention(now)[:PROBLEMS_AT_MOST],
    }


def in_house_and_next(units: Sequence[Unit], now: datetime) -> dict[int, tuple[Stay | None, Stay | None]]:
    """For each unit (by id) who is in house and who comes next, in two queries."""
    found: dict[int, tuple[Stay | None, Stay | None]] = {}
    stays = Stay.objects.standing().filter(unit__in=units).select_related("guest")
    first = stays.filter(starts_at__gt=now).order_by().values("unit").annotate(at=Min("starts_at"))
    coming = Q()
    for unit_id, at in first.values_list("unit", "at"):
        coming |= Q(unit_id=unit_id, starts_at=at)
    near = Q(starts_at__lte=now, ends_at__gt=now) | coming if coming else Q(starts_at__lte=now, ends_at__gt=now)
    for stay in stays.filter(near).order_by("starts_at", "id"):
        staying, next_one = found.get(stay.unit_id, (None, None))
        found[stay.unit_id] = (staying, stay) if stay.starts_at > now else (stay, next_one)
    return found
