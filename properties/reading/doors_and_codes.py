"""The doors of stays' units and the codes of the stays, as lists of stays show them: chips, and what has to go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from properties.models import AccessCode, Door
from properties.verdict.loading import codes_of


class NamedDoor(NamedTuple):
    """What a chip needs of a door."""

    name: str
    lock_id: int | None
    is_required: bool


@dataclass(frozen=True)
class DoorsAndCodes:
    """Doors by the id of their unit, codes by that of their stay."""

    doors: Mapping[int, Sequence[NamedDoor]]
    codes: Mapping[int, Sequence[AccessCode]]


class InUnit(Protocol):
    """A stay, or the plain row of one."""

    @property
    def pk(self) -> int: ...
    @property
    def unit_id(self) -> int: ...


def load_doors_and_codes(stays: Iterable[InUnit]) -> DoorsAndCodes:
    """Two queries for any number of stays."""
    stays = list(stays)
    doors: dict[int, list[NamedDoor]] = defaultdict(list)
    codes: dict[int, list[AccessCode]] = defaultdict(list)
    if not stays:
        return DoorsAndCodes(doors, codes)
    ways = Door.units.through.objects.filter(unit__in={stay.unit_id for stay in stays}).order_by("door__name")
    for unit_id, name, lock_id, is_required in ways.values_list(
        "unit", "door__name", "door__lock", "door__is_required"
    ):
        doors[unit_id].append(NamedDoor(name, lock_id, is_required))
    for code in codes_of(stay.pk for stay in stays):
        codes[code.stay_id or 0].append(code)
    return DoorsAndCodes(doors, codes)
