"""How long a verdict holds if nothing but time goes on. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from properties.codes import capacity
from properties.models.access_codes import LOADED_AHEAD, PROOF_GRACE, AccessCode
from properties.models.locks import READING_IS_STALE_AFTER, Lock
from properties.verdict.checks import (
    BATTERY_MATTERS_AHEAD,
    CHECKPOINTS,
    LOCK_MATTERS_AHEAD,
    DoorFacts,
    StayFacts,
    known_at,
)

# Limits that still hold at their own instant.
JUST_AFTER = timedelta(microseconds=1)


def valid_until(facts: StayFacts, now: datetime) -> datetime:
    """The next instant at which time alone could change the verdict or its words; for a stay that is not over.

    The worker's silence is left out: readers weigh it themselves (`checks.worker`).
    """
    return min(instant for instant in _turns(facts) if instant > now)


def _turns(facts: StayFacts) -> Iterator[datetime]:
    stay = facts.stay
    yield stay.ends_at
    for ahead in (BATTERY_MATTERS_AHEAD, LOCK_MATTERS_AHEAD):
        yield stay.starts_at - ahead
    yield from _checkpoints(stay.starts_at)
    for door in facts.required:
        yield from _turns_of_door(door)


def _checkpoints(deadline: datetime) -> Iterator[datetime]:
    for ahead in (*CHECKPOINTS, timedelta(0)):
        yield deadline - ahead


def _turns_of_door(door: DoorFacts) -> Iterator[datetime]:
    if door.lock is not None and (at := known_at(door.lock)) is not None:
        yield at + READING_IS_STALE_AFTER + JUST_AFTER
    if door.needs_place and door.lock is not None and door.lock.code_capacity is not None:
        yield from _turns_of_places(door, door.lock)
    if door.code is not None:
        yield from _turns_of_code(door.code)


def _turns_of_places(door: DoorFacts, lock: Lock) -> Iterator[datetime]:
    """When another code takes its place on the lock, or leaves it."""
    for code in door.others_on_lock:
        yield from _turns_of_place(code.starts_at, code.ends_at)
        yield from _turns_of_place(None, code.revoked_at)
    for row in lock.other_codes:
        yield from _turns_of_place(capacity.listed_time(row, "starts_at"), capacity.listed_time(row, "ends_at"))


def _turns_of_place(starts_at: datetime | None, ends_at: datetime | None) -> Iterator[datetime]:
    if starts_at is not None:
        yield starts_at - LOADED_AHEAD
    if ends_at is not None:
        yield ends_at
        yield ends_at + PROOF_GRACE


def _turns_of_code(code: AccessCode) -> Iterator[datetime]:
    yield code.created_at + PROOF_GRACE
    yield code.created_at + PROOF_GRACE + JUST_AFTER
    for moment in (code.starts_at, code.created_at, code.seam_starts_at, code.seam_ends_at, code.ends_at):
        if moment is not None:
            yield from _checkpoints(moment)
    if code.starts_at is not None:
        yield code.starts_at + PROOF_GRACE
        yield code.starts_at + PROOF_GRACE + JUST_AFTER
    if code.will_be_loaded_at is not None:
        yield code.will_be_loaded_at
