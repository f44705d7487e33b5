"""What the pages of locks tell of guests and codes, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db.models import F, Min, Prefetch, Q
from django.utils.safestring import SafeString

from dashboard.addresses import address_of
from dashboard.frame.property_filter import Place
from dashboard.marks import battery, bolt, online, time_ago
from dashboard.wording import local_short
from properties.codes import capacity
from properties.models import AccessCode, CodeState, Lock, Stay, StayPhase, Unit
from properties.models.stays import phase_is
from properties.values.wording import listed

STAYING_AT_MOST, COMING_AT_MOST = 6, 3
UNITS_AT_MOST, PROBLEMS_AT_MOST = 3, 2
NEARLY_FULL = 0.8
# What a row of the list reads: a lock has twice as many columns, and a page shows a hundred locks.
SHOWN = (
    *("account", "name", "time_zone", "can_program_codes", "code_capacity", "has_keypad", "is_online", "is_locked"),
    *("locked_at", "battery_level", "battery_status", "battery_at", "keypad_battery_level", "keypad_battery_at"),
    *("errors", "read_at", "vanished_at", "other_codes", "breaker_until"),
)
# The door in two columns: a second model for each row costs as much as the lock.
DOOR = {"door_name": F("door__name"), "place_id": F("door__property")}


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
    stays = Stay.objects.filter(unit__doors=door).with_places().prefetch_related(codes)
    staying = list(stays.in_phase(StayPhase.IN_HOUSE, now))
    coming = stays.in_phase(StayPhase.UPCOMING, now)[:COMING_AT_MOST]
    return GuestsHere(
        [_guest(stay, now) for stay in staying[:STAYING_AT_MOST]],
        [_guest(stay, now) for stay in coming],
        max(0, len(staying) - STAYING_AT_MOST),
    )


def _guest(stay: Stay, now: datetime) -> GuestHere:
    code = next(iter(getattr(stay, "codes_here", [])), None)
    return GuestHere(stay, code, code.state(now) if code is not None else None)


class LockRow(TypedDict):
    """A lock as the list shows it: a plain mapping, which templates read fastest; what each row has comes drawn."""

    url: str
    name: str
    place: str
    units: str
    bolt: SafeString
    locked_ago: str
    online: SafeString
    read_ago: str
    battery: SafeString
    keypad: str
    codes: str
    is_nearly_full: bool
    next_at: str
    next_ago: str
    attention: list[str]


def is_nearly_full(lock: Lock, used: int) -> bool:
    """Field study P11: codes should be removed before the last places are taken."""
    return lock.code_capacity is not None and used >= NEARLY_FULL * lock.code_capacity


def lock_rows(locks: Sequence[Lock], places: Mapping[int, Place], now: datetime) -> list[LockRow]:
    """Three queries for any number of locks with `DOOR` and their accounts. `places`: properties by id."""
    # Numbers: Django would look at each row to find its own.
    pks = [lock.pk for lock in locks]
    codes = capacity.load_codes(pks)
    arrivals = Stay.objects.in_phase(StayPhase.UPCOMING, now).filter(unit__doors__lock__in=pks).order_by()
    first = arrivals.values("unit__doors__lock").annotate(at=Min("starts_at"))
    next_at = dict(first.values_list("unit__doors__lock", "at"))
    units: dict[int, list[str]] = defaultdict(list)
    behind = Unit.objects.filter(doors__lock__in=pks).order_by("name")
    for lock_id, name in behind.values_list("doors__lock", "name"):
        units[lock_id].append(name)
    rows = []
    for lock in locks:
        place = places.get(lock.place_id)  # type: ignore[attr-defined]
        where = f"{place.name} · {lock.door_name}" if place is not None else ""  # type: ignore[attr-defined]
        zone = place.zone if place is not None else lock.time_zone or "UTC"
        used = capacity.most_to_come(lock, codes[lock.pk], now)
        rows.append(_lock_row(lock, where, zone, units[lock.pk], used, next_at.get(lock.pk), now))
    return rows


def _lock_row(
    lock: Lock, where: str, zone: str, units: Sequence[str], used: int, next_at: datetime | None, now: datetime
) -> LockRow:
    read_at = lock.last_read_at
    level_at = read_at if lock.battery_level is not None else lock.battery_at
    keypad_at = read_at if lock.keypad_battery_level is not None else lock.keypad_battery_at
    keypad = battery(lock.keypad_battery_level, "", keypad_at, now)
    return {
        "url": address_of("lock", lock.pk),
        "name": lock.name,
        "place": where,
        "units": listed(units, UNITS_AT_MOST),
        "bolt": bolt(lock.is_locked),
        "locked_ago": time_ago(lock.locked_at, now) if lock.locked_at and lock.is_locked is not None else "",
        "online": online(lock.is_online),
        "read_ago": time_ago(read_at, now) if read_at is not None else "",
        "battery": battery(lock.battery_level, lock.battery_status, level_at, now),
        "keypad": keypad if lock.has_keypad is not False else "",
        "codes": _places(lock, used),
        "is_nearly_full": is_nearly_full(lock, used),
        "next_at": local_short(next_at, zone),
        "next_ago": time_ago(next_at, now, zone) if next_at is not None else "",
        "attention": lock.attention(now)[:PROBLEMS_AT_MOST],
    }


def _places(lock: Lock, used: int) -> str:
    """How many codes are on it at once, of how many; nothing for a lock that takes none."""
    if lock.can_program_codes is None:
        return ""
    return f"{used} / {lock.code_capacity}" if lock.code_capacity else str(used)


def in_house_and_next(units: Sequence[Unit], now: datetime) -> dict[int, tuple[Stay | None, Stay | None]]:
    """For each unit (by id) who is in house and who comes next, in two queries."""
    found: dict[int, tuple[Stay | None, Stay | None]] = {}
    stays = Stay.objects.standing().filter(unit__in=units).select_related("guest")
    first = stays.in_phase(StayPhase.UPCOMING, now).order_by().values("unit").annotate(at=Min("starts_at"))
    coming = Q()
    for unit_id, at in first.values_list("unit", "at"):
        coming |= Q(unit_id=unit_id, starts_at=at)
    for stay in stays.filter(phase_is(StayPhase.IN_HOUSE, now) | coming).order_by("starts_at", "id"):
        staying, next_one = found.get(stay.unit_id, (None, None))
        is_coming = stay.phase(now) is StayPhase.UPCOMING
        found[stay.unit_id] = (staying, stay) if is_coming else (stay, next_one)
    return found
