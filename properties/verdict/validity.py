"""How long a verdict holds if nothing but time goes on. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from properties.models.access_codes import PROOF_GRACE, AccessCode
from properties.models.locks import READING_IS_STALE_AFTER
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
    if door.code is not None:
        yield from _turns_of_code(door.code)


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
