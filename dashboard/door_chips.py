"""A chip per door: the door's name and how far the guest's code on it has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from properties.models import AccessCode, CodeState
from properties.readiness import DoorFacts, StayFacts


@dataclass(frozen=True)
class Chip:
    """Icon, word and colour of one door's step."""

    door: str
    label: str
    tone: str
    icon: str


def door_chips(facts: StayFacts, now: datetime) -> list[Chip]:
    """Of the doors that a guest has to pass, and of others that have a code."""
    return [_chip(door, now) for door in facts.doors if door.door.is_required or door.code is not None]


def _chip(door: DoorFacts, now: datetime) -> Chip:
    if door.code is not None:
        return _of_state(door.door.name, door.code.state(now))
    return Chip(door.door.name, "No lock" if door.lock is None else "No code", "warn", "exclamation-triangle")


def code_chips(codes: Iterable[AccessCode], now: datetime) -> list[Chip]:
    """One per code, by the door of its lock, or by the lock where it hangs on none."""
    return [_of_state(door_name(code), code.state(now)) for code in codes]


def door_name(code: AccessCode) -> str:
    door = getattr(code.lock, "door", None)
    return door.name if door else code.lock.name


def _of_state(door: str, state: CodeState) -> Chip:
    return Chip(door, state.label, state.tone.value, state.icon)
