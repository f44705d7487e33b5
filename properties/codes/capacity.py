"""Room on a lock, by time: how many codes take a place on it at one moment, now or to come."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q

from properties.models.access_codes import LOADED_AHEAD, PROOF_GRACE, AccessCode
from properties.models.locks import Lock
from properties.models.stays import Stay, Window
from properties.values.local_time import LocalTime

FOREVER = datetime.max.replace(tzinfo=UTC)
ALWAYS = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")
WHAT_TO_DO = (
    f"Wyze loads a code up to {LOADED_AHEAD.days} days before it starts. "
    "Revoke a code that is not needed then, or choose other times."
)


class Span(NamedTuple):
    """From when to when a code takes a place in the lock's memory."""

    begins_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.begins_at <= at < self.ends_at

    def after(self, now: datetime) -> Span:
        """What is left of it: what was full before does not matter any more."""
        return Span(max(self.begins_at, now), self.ends_at)


class TakesPlace(Protocol):
    """As much of a code as its place depends on: an `AccessCode`, or a `CodeOnLock`."""

    @property
    def pk(self) -> int: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def is_at_seam(self) -> bool: ...


class HoldsCodes(Protocol):
    """As much of a lock as tells which codes are on it beside ours."""

    @property
    def other_codes(self) -> list[dict[str, Any]]: ...


class CodeOnLock(NamedTuple):
    """A code that is not proved to be off its lock, as a plain row: a fleet has thousands."""

    pk: int
    lock_id: int
    stay_id: int | None
    kind: str
    starts_at: datetime | None
    ends_at: datetime | None
    revoked_at: datetime | None
    is_at_seam: bool


# --- When a code takes a place ----------------------------------------------------------------------------


def span(starts_at: datetime | None, ends_at: datetime | None) -> Span:
    """A code is loaded about 72 h before it starts and leaves when it ends; an ongoing one is there at once."""
    return Span(starts_at - LOADED_AHEAD if starts_at else ALWAYS, ends_at or FOREVER)


def span_until_gone(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> Span:
    """The same for a code that is still there: over, it leaves within the grace of a proof, or nothing says when."""
    if ends_at is None or ends_at > now:
        return span(starts_at, ends_at)
    leaves_by = ends_at + PROOF_GRACE
    return span(starts_at, leaves_by if leaves_by > now else None)


def is_leaving(code: TakesPlace, now: datetime) -> bool:
    """Revoked or over, and not proved to be off the lock."""
    return any(at is not None and at <= now for at in (code.revoked_at, code.ends_at))


def span_of(code: TakesPlace, now: datetime) -> Span | None:
    """When one of our codes takes a place; None for one that is over and was never sent."""
    if not is_leaving(code, now):
        return span(code.starts_at, code.ends_at)
    if not code.is_at_seam:
        return None
    return span_until_gone(code.starts_at, min(at for at in (code.revoked_at, code.ends_at) if at is not None), now)


def spans_of_unrecognized(rows: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Span]:
    """Of codes that were not created in Latchkey, as the lock's row lists them (`Lock.other_codes`)."""
    for row in rows:
        starts_at, ends_at = listed_time(row, "starts_at"), listed_time(row, "ends_at")
        if row.get("is_managed"):
            yield span_until_gone(starts_at, ends_at, now)
        else:
            # On the lock already. Seam does not take it off when it ends.
            yield Span(ALWAYS, ends_at if ends_at is not None and ends_at > now else FOREVER)


def listed_time(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    return datetime.fromisoformat(str(value)) if value else None


def spans_on(lock: HoldsCodes, codes: Iterable[TakesPlace], now: datetime) -> list[Span]:
    """All that takes or will take a place on the lock: these codes of ours, and unrecognized ones."""
    ours = [found for code in codes if (found := span_of(code, now)) is not None]
    return [*ours, *spans_of_unrecognized(lock.other_codes, now)]


# --- Counting ---------------------------------------------------------------------------------------------


class Count:
    """How many of these spans hold at a moment."""

    def __init__(self, spans: Iterable[Span]) -> None:
        kept = [one for one in spans if one.begins_at < one.ends_at]
        self.begins = sorted(one.begins_at for one in kept)
        self.ends = sorted(one.ends_at for one in kept)

    def at(self, moment: datetime) -> int:
        return bisect_right(self.begins, moment) - bisect_right(self.ends, moment)

    def turns(self, during: Span) -> list[datetime]:
        """The moments of `during` at which the count can change, its beginning first."""
        return sorted({during.begins_at, *(at for at in (*self.begins, *self.ends) if during.holds(at))})


def worst_moment(spans: Iterable[Span], during: Span) -> datetime:
    """The first moment of `during` at which the most places are taken."""
    count = Count(spans)
    return max(count.turns(during), key=count.at)


def most_at_once(spans: Sequence[Span], during: Span) -> int:
    """How many places are taken at the worst moment of `during`."""
    return Count(spans).at(worst_moment(spans, during))


def most_to_come(lock: HoldsCodes, codes: Iterable[TakesPlace], now: datetime) -> int:
    """The most places that are taken at one moment from now on, as far as is planned."""
    return most_at_once(spans_on(lock, codes, now), Span(now, FOREVER))


def full_stretch(spans: Iterable[Span], during: Span, places: int | None) -> Span | None:
    """The first part of `during` in which no place is free; None: there is room all the time. No limit: None."""
    if places is None:
        return None
    count = Count(spans)
    turns = count.turns(during)
    begins_at = next((at for at in turns if count.at(at) >= places), None)
    if begins_at is None:
        return None
    free_at = next((at for at in turns if at > begins_at and count.at(at) < places), during.ends_at)
    return Span(begins_at, free_at)


def those_that_fit(wanted: Iterable[tuple[T, Span]], held: Iterable[Span], places: int | None) -> list[T]:
    """Of what is wanted, in the order of its need, what has a place for all of its time."""
    taken = list(held)
    fitting: list[T] = []
    for one, its_span in wanted:
        if full_stretch(taken, its_span, places) is None:
            taken.append(its_span)
            fitting.append(one)
    return fitting


# --- Who gets a place -------------------------------------------------------------------------------------


def need(code: TakesPlace, now: datetime) -> tuple[datetime, datetime, int]:
    """The order in which codes get the places that are left: who comes first, first."""
    return (code.starts_at or now, code.ends_at or FOREVER, code.pk or 0)


def those_before(code: TakesPlace | None, others: Iterable[TakesPlace], now: datetime) -> list[TakesPlace]:
    """Of the other codes, those that have a place, or get one before this code does; for a code to be made, all."""
    if code is None:
        return list(others)
    mine = need(code, now)
    return [one for one in others if one.is_at_seam or need(one, now) < mine]


def fitting(lock: Lock, codes: Iterable[AccessCode], held: Iterable[Span], now: datetime) -> list[AccessCode]:
    """Of codes in the order of their need, those that have a place on the lock for all of their time.

    A code for next year takes no place today, so it never keeps out one for tomorrow.
    """
    wanted = [(code, span(code.starts_at, code.ends_at).after(now)) for code in codes]
    return those_that_fit(wanted, held, lock.code_capacity)


def no_room(lock: Lock, codes: Iterable[TakesPlace], window: Window | None, now: datetime) -> Span | None:
    """When one more code for that window (None: for good) would find no place beside these; None: it has one."""
    during = span(*(window or (None, None))).after(now)
    return full_stretch(spans_on(lock, codes, now), during, lock.code_capacity)


def describe_full(lock: Lock, stretch: Span, now: datetime, zone: str) -> str:
    """“Front Door is full from Tue 2 Jun 2026, 16:00 to …: all its 2 places for codes are taken.”"""
    start = "" if stretch.begins_at <= now else f" from {_local(stretch.begins_at, zone)}"
    end = "" if stretch.ends_at == FOREVER else f" {'to' if start else 'until'} {_local(stretch.ends_at, zone)}"
    taken = {0: "it has no place for codes", 1: "its only place for codes is taken"}
    places = lock.code_capacity or 0
    return f"{lock} is full{start}{end}: {taken.get(places, f'all its {places} places for codes are taken')}."


def _local(moment: datetime, zone: str) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    return str(LocalTime(there.date(), there.time()))


# --- From the rows ----------------------------------------------------------------------------------------


def load_codes(lock_ids: Iterable[int]) -> dict[int, list[CodeOnLock]]:
    """By lock, our codes that hold or will hold a place, in one query."""
    found: dict[int, list[CodeOnLock]] = defaultdict(list)
    ids = set(lock_ids)
    if not ids:
        return found
    rows = AccessCode.objects.occupying().filter(lock__in=ids).order_by("pk")
    rows = rows.annotate(reached_seam=Q(seam_id__isnull=False) | Q(create_sent_at__isnull=False))
    names = ("pk", "lock_id", "stay_id", "kind", "starts_at", "ends_at", "revoked_at", "reached_seam")
    for row in rows.values_list(*names):
        found[row[1]].append(CodeOnLock(*row))
    return found


def why_no_room(locks: Sequence[Lock], window: Window | None, now: datetime, stay: Stay | None = None) -> str:
    """Why one of these locks has no place for a code in that window, in sentences; empty when all have.

    The codes that `stay` has already are left out: it needs their places anyway.
    """
    codes = load_codes(lock.pk for lock in locks if lock.code_capacity is not None)
    for lock in locks:
        others = [code for code in codes[lock.pk] if stay is None or stay.pk is None or code.stay_id != stay.pk]
        if stretch := no_room(lock, others, window, now):
            return f"{describe_full(lock, stretch, now, lock.zone)} {WHAT_TO_DO}"
    return ""
