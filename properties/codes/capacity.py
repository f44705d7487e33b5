"""How many codes a lock holds at any moment to come: the plan run forward."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from properties.models.access_codes import LOADED_AHEAD, AccessCode
from properties.models.locks import Lock
from properties.models.stays import Window

FOREVER = datetime.max.replace(tzinfo=UTC)
ALWAYS = datetime.min.replace(tzinfo=UTC)


T = TypeVar("T")


class Span(NamedTuple):
    """From when to when a code takes a place in the lock's memory."""

    begins_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.begins_at <= at < self.ends_at


def span(starts_at: datetime | None, ends_at: datetime | None) -> Span:
    """A code is loaded about 72 h before it starts and leaves when it ends; an ongoing one is there at once."""
    return Span(starts_at - LOADED_AHEAD if starts_at else ALWAYS, ends_at or FOREVER)


def on_lock_at(codes: Iterable[AccessCode], at: datetime) -> list[AccessCode]:
    """Which of these codes will be on their lock at that moment, if all goes as planned."""
    return [code for code in codes if code.is_wanted(at) and span(code.starts_at, code.ends_at).holds(at)]


def peak(spans: Collection[Span], during: Span) -> int:
    """The most places taken at one moment of `during`. Counts change only where a span begins."""
    moments = [during.begins_at, *(one.begins_at for one in spans if during.holds(one.begins_at))]
    return max(sum(one.holds(at) for one in spans) for at in moments)


def has_room(lock: Lock, window: Window | None) -> bool:
    """Can one more code be on this lock for that window (None: for good)? Asks our rows and the last reading."""
    times = lock.access_codes.standing().values_list("starts_at", "ends_at")
    held = [span(starts_at, ends_at) for starts_at, ends_at in times]
    held += [span(None, None) for _ in lock.other_codes]
    return bool(those_that_fit([(lock, span(*window) if window else span(None, None))], held, lock.code_capacity))


def fitting(lock: Lock, codes: Iterable[AccessCode], held: Iterable[Span]) -> list[AccessCode]:
    """Of codes in the order of their need, those that have a place on the lock for all of their time.

    A code for next year takes no place today, so it never keeps out one for tomorrow.
    """
    wanted = [(code, span(code.starts_at, code.ends_at)) for code in codes]
    return those_that_fit(wanted, held, lock.code_capacity)


def those_that_fit(wanted: Sequence[tuple[T, Span]], held: Iterable[Span], places: int | None) -> list[T]:
    """Of what is wanted, in the order of its need, what has a place for all of its time; None places: no limit."""
    if places is None:
        return [one for one, _ in wanted]
    taken = list(held)
    fitting: list[T] = []
    for one, its_span in wanted:
        if peak(taken, its_span) < places:
            taken.append(its_span)
            fitting.append(one)
    return fitting
