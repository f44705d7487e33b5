"""A chip per door: the door's name and how far the guest's code on it has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.translation import gettext as _

from properties.models import AccessCode, CodeState, Door, Stay
from properties.verdict.loading import LoadedFacts

EMPTY: Mapping[int | None, str] = MappingProxyType({})


@dataclass(frozen=True)
class Chip:
    """Icon, word and colour of one door's step."""

    door: str
    label: str
    tone: str
    icon: str


def door_chips(stay: Stay, loaded: LoadedFacts, now: datetime) -> list[Chip]:
    """Of the doors that a guest has to pass, and of others that have a code."""
    standing = {code.lock_id: code for code in loaded.codes.get(stay.pk, ()) if code.revoked_at is None}
    doors = [(door, standing.get(door.lock_id or 0)) for door in loaded.doors.get(stay.unit_id, ())]
    return [_chip(door, code, now) for door, code in doors if door.is_required or code is not None]


def _chip(door: Door, code: AccessCode | None, now: datetime) -> Chip:
    if code is not None:
        return _of_state(door.name, code.state(now))
    return Chip(door.name, _("No lock") if door.lock_id is None else _("No code"), "warn", "exclamation-triangle")


def code_chips(codes: Iterable[AccessCode], now: datetime, names: Mapping[int | None, str] = EMPTY) -> list[Chip]:
    """One per code, by the door of its lock (`names`, by lock, where they are known), or by a lock that is on none."""
    return [_of_state(names.get(code.lock_id) or door_name(code), code.state(now)) for code in codes]


def door_name(code: AccessCode) -> str:
    door = getattr(code.lock, "door", None)
    return door.name if door else code.lock.name


def _of_state(door: str, state: CodeState) -> Chip:
    return Chip(door, state.label, state.tone.value, state.icon)
