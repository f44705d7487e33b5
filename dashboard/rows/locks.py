"""What the pages of locks tell of guests and codes, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple, TypedDict

from django.db.models import Min, Prefetch, Q
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard.addresses import address_of
from dashboard.frame.property_filter import Place
from dashboard.marks import battery, bolt, online, time_ago
from dashboard.wording import local_short
from properties.codes import capacity
from properties.models import AccessCode, CodeState, ConnectedAccount, Lock, Stay, StayPhase, Unit
from properties.models.locks import LastRead
from properties.models.stays import phase_is
from properties.values.wording import listed

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


class LockColumns(NamedTuple):
    """What the list reads of a lock: half of its columns, as plain values, for a page shows a hundred."""

    pk: int
    account: ConnectedAccount
    name: str
    time_zone: str
    can_program_codes: bool | None
    code_capacity: int | None
    has_keypad: bool | None
    is_online: bool | None
    is_locked: bool | None
    locked_at: datetime | None
    battery_level: float | None
    battery_status: str
    battery_at: datetime | None
    keypad_battery_level: float | None
    keypad_battery_at: datetime | None
    errors: list[dict[str, Any]]
    read_at: datetime | None
    vanished_at: datetime | None
    other_codes: list[dict[str, Any]]
    breaker_until: datetime | None
    door__name: str | None
    door__property: int | None


class ListedLock(LastRead, LockColumns):
    """A lock of the list, with what follows from its reading."""

    __slots__ = ()

    @classmethod
    def of(cls, row: Sequence[Any], accounts: Mapping[int, ConnectedAccount]) -> ListedLock:
        """From values in the order of the columns. Each lock has one of a few accounts, which are known by id."""
        pk, account_id, *others = row
        return cls(pk, accounts[account_id], *others)


class LockRow(TypedDict):
    """A lock as the list shows it: a plain mapping, which templates read fastest; what each row has comes drawn."""

    url: str
    name: str
    place: str
    units: str
    bolt: SafeString
    locked_ago: str
    online: SafeString
    read: SafeString
    battery: SafeString
    keypad: str
    codes: str
    is_nearly_full: bool
    next_at: str
    next_ago: str
    attention: list[str]


def is_nearly_full(code_capacity: int | None, used: int) -> bool:
    """Field study P11: codes should be removed before the last places are taken."""
    return code_capacity is not None and used >= NEARLY_FULL * code_capacity


class Drawn:
    """The drawings of a page's rows, each made once: rows are alike, and each drawing looks up the language."""

    def __init__(self, now: datetime) -> None:
        self.bolt = cache(bolt)
        self.online = cache(online)
        self.battery = cache(partial(battery, now=now))
        self.read = cache(partial(_read, now=now))
        self.local_short = cache(local_short)


def _read(at: datetime | None, now: datetime) -> SafeString:
    words = _("read %(read_ago)s") % {"read_ago": time_ago(at, now) if at is not None else escape(_("never"))}
    return mark_safe(words)  # noqa: S308 (our own words around a safe part)


def lock_rows(locks: Sequence[ListedLock], places: Mapping[int, Place], now: datetime) -> list[LockRow]:
    """Three queries for any number of locks. `places`: properties by id."""
    pks = [lock.pk for lock in locks]
    codes = capacity.load_codes(pks)
    arrivals = Stay.objects.in_phase(StayPhase.UPCOMING, now).filter(unit__doors__lock__in=pks).order_by()
    first = arrivals.values("unit__doors__lock").annotate(at=Min("starts_at"))
    next_at = dict(first.values_list("unit__doors__lock", "at"))
    units: dict[int, list[str]] = defaultdict(list)
    behind = Unit.objects.filter(doors__lock__in=pks).order_by("name")
    for lock_id, name in behind.values_list("doors__lock", "name"):
        units[lock_id].append(name)
    drawn = Drawn(now)
    rows = []
    for lock in locks:
        place = places.get(lock.door__property or 0)
        used = capacity.most_to_come(lock, codes[lock.pk], now)
        rows.append(_lock_row(lock, place, units[lock.pk], used, next_at.get(lock.pk), now, drawn))
    return rows


def _lock_row(
    lock: ListedLock,
    place: Place | None,
    units: Sequence[str],
    used: int,
    next_at: datetime | None,
    now: datetime,
    drawn: Drawn,
) -> LockRow:
    zone = place.zone if place is not None else lock.time_zone or "UTC"
    return {
        "url": address_of("lock", lock.pk),
        "name": lock.name,
        "place": f"{place.name} · {lock.door__name}" if place is not None else "",
        "units": listed(units, UNITS_AT_MOST),
        "bolt": drawn.bolt(lock.is_locked),
        "locked_ago": time_ago(lock.locked_at, now) if lock.locked_at and lock.is_locked is not None else "",
        "online": drawn.online(lock.is_online),
        "read": drawn.read(lock.last_read_at),
        "battery": drawn.battery(lock.battery_level, lock.battery_status, lock.last_battery_at),
        "keypad": _keypad(lock, drawn),
        "codes": _places(lock, used),
        "is_nearly_full": is_nearly_full(lock.code_capacity, used),
        "next_at": drawn.local_short(next_at, zone),
        "next_ago": time_ago(next_at, now, zone) if next_at is not None else "",
        "attention": lock.attention(now)[:PROBLEMS_AT_MOST],
    }


def _keypad(lock: ListedLock, drawn: Drawn) -> str:
    if lock.has_keypad is False:
        return ""
    return drawn.battery(lock.keypad_battery_level, "", lock.last_keypad_battery_at)


def _places(lock: ListedLock, used: int) -> str:
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
