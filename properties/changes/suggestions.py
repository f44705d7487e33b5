"""Where a lock probably hangs, judged by its name against the names of properties, units and doors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from properties.changes import stays_and_places
from properties.models import AccessCode, Door, Lock, Property, Unit
from properties.values.local_time import zone_names

# Words that say nothing about where a lock hangs.
FILLER = frozenset({"lock", "locks", "wyze", "smart", "bolt", "deadbolt", "the", "door"})
# Words with which the name of a door begins, not that of a home.
DOOR_WORDS = frozenset(
    "front back side rear main door entrance entry gate garage patio balcony lobby hall hallway porch deck "  # noqa: SIM905
    "cellar basement shed pool laundry storage attic terrace garden building".split()
)
# Doors that lead to every unit behind them, and doors that no guest needs.
SHARED_WORDS = frozenset("main front entrance entry gate lobby building".split())  # noqa: SIM905
OPTIONAL_WORDS = frozenset("shed storage attic cellar basement".split())  # noqa: SIM905
# A unit that is all of the home: doors that name no other unit are its doors.
WHOLE_WORDS = frozenset(["whole", "entire"])
SEPARATORS = re.compile(r"\s+[-–—]\s+|\s*[:,/|·]\s*")
WORD = re.compile(r"[^\W_]+")
NEW_DOOR = "Front door"
NEW_UNIT = "Whole home"
NEW_PROPERTY = "My home"
AT_MOST = 3


# --- What is there, in names ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    id: int
    name: str

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(words(self.name))


@dataclass(frozen=True)
class Place:
    """A property with its units and those of its doors that have no lock."""

    id: int
    name: str
    units: tuple[Named, ...] = ()
    free_doors: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A door for a lock. An id of None means: to be made, with this name."""

    property_name: str
    door_name: str
    property_id: int | None = None
    door_id: int | None = None
    unit_ids: tuple[int, ...] = ()
    new_unit: str = ""
    # The names leave no doubt: these are accepted together, in one click.
    is_sure: bool = False

    @property
    def is_required(self) -> bool:
        return not set(words(self.door_name)) & OPTIONAL_WORDS

    @property
    def key(self) -> str:
        """What a button sends: the same suggestion has the same key as long as the places stay as they are."""
        if self.door_id is not None:
            return f"door-{self.door_id}"
        units = ",".join(map(str, self.unit_ids)) or self.new_unit
        return f"{self.property_id or self.property_name}|{units}|{self.door_name}"

    def __str__(self) -> str:
        if self.door_id is not None:
            return _("%(door_name)s at %(property_name)s") % {
                "door_name": self.door_name,
                "property_name": self.property_name,
            }
        if self.property_id is not None:
            return _("Make a new door “%(door_name)s” at %(property_name)s") % {
                "door_name": self.door_name,
                "property_name": self.property_name,
            }
        return _("Make a new property “%(property_name)s” with the door “%(door_name)s”") % {
            "property_name": self.property_name,
            "door_name": self.door_name,
        }


# --- Judging ------------------------------------------------------------------------------------------------


def suggest(lock_name: str, places: Sequence[Place], other_locks: Iterable[str] = ()) -> list[Suggestion]:
    """Pure: where this lock could hang, best first, three at most. Only the first can be sure."""
    # "Lake House 2" also begins with "Lake House": the longest name is meant.
    named = max((place for place in places if _is_part(place.name, lock_name)), key=lambda p: len(p.name), default=None)
    home = home_of(lock_name, other_locks)
    if named is not None:
        found = _at(named, _rest(lock_name, named.name), is_meant=True)
    elif home or not places:
        found = [_new_property(lock_name, home, is_only=not places)]
        found += _at(places[0], tidy(lock_name), is_meant=False) if len(places) == 1 else []
    else:
        found = [s for place in places for s in _at(place, tidy(lock_name), is_meant=len(places) == 1)]
    if sum(suggestion.is_sure for suggestion in found) != 1:
        found = [replace(suggestion, is_sure=False) for suggestion in found]
    # Sure ones first, then doors that exist; the sort is stable.
    return sorted(found, key=lambda s: (not s.is_sure, s.door_id is None))[:AT_MOST]


def _at(place: Place, rest: str, is_meant: bool) -> list[Suggestion]:
    """Doors of one property: the free ones whose words the lock's name shares, then a new one."""
    wanted = frozenset(words(rest))
    shares = {door: share for door in place.free_doors if (share := _share(wanted, door.words))}
    found = [
        Suggestion(place.name, door.name, place.id, door.id, is_sure=is_meant and share == max(shares.values()))
        for door, share in sorted(shares.items(), key=lambda item: -item[1])
    ]
    return found if found and is_meant else [*found, _new_door(place, rest, is_meant)]


def _share(wanted: frozenset[str], door: frozenset[str]) -> float:
    """How well the words agree (0 to 1); 0 when they name different numbers."""
    if _numbers(wanted) != _numbers(door):
        return 0.0
    return len(door & wanted) / len(door | wanted)


def _new_door(place: Place, rest: str, is_meant: bool) -> Suggestion:
    unit_name, door_name = unit_and_door(rest)
    door = Suggestion(place.name, door_name, place.id, is_sure=is_meant)
    wanted = frozenset(words(rest))
    # “2A” of Harbor Loft is its unit “Loft 2A”: the property's own words tell its units apart no better.
    own = {unit: unit.words - set(words(place.name)) for unit in place.units}
    units = [unit for unit in place.units if own[unit] and own[unit] <= wanted]
    if units:
        return replace(door, unit_ids=(max(units, key=lambda unit: len(own[unit])).id,))
    if unit_name:
        # Beside a unit that is the whole home, a second one is for a person to decide.
        return replace(door, new_unit=unit_name, is_sure=is_meant and not place.units)
    if not place.units:
        return replace(door, new_unit=NEW_UNIT)
    if len(place.units) == 1:
        return replace(door, unit_ids=(place.units[0].id,))
    whole = [unit for unit in place.units if unit.words & WHOLE_WORDS]
    if len(whole) == 1:
        return replace(door, unit_ids=(whole[0].id,))
    # Which of several units it leads to is a guess at best.
    shared = tuple(unit.id for unit in place.units) if set(words(door_name)) & SHARED_WORDS else ()
    return replace(door, unit_ids=shared, is_sure=False)


def _new_property(lock_name: str, home: str, is_only: bool) -> Suggestion:
    name = tidy(lock_name)
    is_all_home = home == name
    rest = "" if is_all_home else _rest(lock_name, home) if home else name
    unit_name, door_name = unit_and_door(rest)
    # A name that is all home may as well be a room of a property that exists.
    is_sure = bool(home) and (is_only or not is_all_home)
    return Suggestion(home or NEW_PROPERTY, door_name, new_unit=unit_name or NEW_UNIT, is_sure=is_sure)


# --- Names --------------------------------------------------------------------------------------------------


def words(name: str) -> list[str]:
    """The words of a name that tell places apart; all of them when every one is filler."""
    every = WORD.findall(name.casefold())
    return [word for word in every if word not in FILLER] or every


def home_of(lock_name: str, other_locks: Iterable[str] = ()) -> str:
    """The part of a lock's name that names the home: “Lake House” of “Lake House Front Door”; empty when none does.

    A name without a word for a door (“Lake House 2A”) is read by the others that begin alike.
    """
    name = tidy(lock_name)
    parts = [part for part in SEPARATORS.split(name) if part]
    if len(parts) > 1:
        return parts[1] if _begins_as_door(parts[0]) and len(parts) == 2 else parts[0]
    tokens = name.split()
    for index, token in enumerate(tokens):
        if _begins_as_door(token):
            return " ".join(tokens[:index])
    homes = {home_of(other) for other in other_locks}
    shared = [home for home in homes if home and _is_part(home, name) and words(home) != words(name)]
    return max(shared, key=len, default=name)


def unit_and_door(rest: str) -> tuple[str, str]:
    """What is left of a lock's name after the home, as unit (if it names one) and door."""
    parts = [part for part in SEPARATORS.split(rest) if part]
    if len(parts) > 1:
        return parts[0], " ".join(parts)
    has_number = bool(_numbers(words(rest)))
    is_door = bool(set(WORD.findall(rest.casefold())) & DOOR_WORDS)
    return (rest if has_number and not is_door else ""), rest or NEW_DOOR


def tidy(name: str) -> str:
    """A name without what makers add to it: “Front Door Lock” → “Front Door”; empty when nothing else is in it."""
    name = re.sub(r"\s*\([^)]*\)$", "", " ".join(name.split())).strip(" -–—:,/|·")
    name = re.sub(r"^wyze\s+(lock\s+)?|\s+(smart\s+)?(lock|deadbolt|bolt)$", "", name, flags=re.IGNORECASE)
    every = WORD.findall(name.casefold())
    return "" if every and set(every) <= FILLER else name


def _begins_as_door(name: str) -> bool:
    found = WORD.search(name.casefold())
    return found is not None and found[0] in DOOR_WORDS


def _numbers(names: Iterable[str]) -> set[str]:
    return {word for word in names if any(character.isdigit() for character in word)}


def _is_part(name: str, lock_name: str) -> bool:
    """The lock's name begins or ends with this name, word by word."""
    part, whole = WORD.findall(name.casefold()), WORD.findall(lock_name.casefold())
    return bool(part) and part in (whole[: len(part)], whole[-len(part) :])


def _rest(lock_name: str, name: str) -> str:
    """What is left of a lock's name without the name that it begins or ends with."""
    spans = [match.span() for match in WORD.finditer(lock_name)]
    part, whole = WORD.findall(name.casefold()), WORD.findall(lock_name.casefold())
    if part == whole[: len(part)]:
        return tidy(lock_name[spans[len(part) - 1][1] :] if part else lock_name)
    return tidy(lock_name[: spans[-len(part)][0]])


# --- Reading the places, and doing what was suggested ---------------------------------------------------


def places_of(organization: Organization) -> list[Place]:
    free = Door.objects.filter(lock=None)
    rows: Any = Property.objects.filter(organization=organization).prefetch_related(
        "units", Prefetch("doors", queryset=free, to_attr="free_doors")
    )
    return [
        Place(
            row.pk,
            row.name,
            tuple(Named(unit.pk, unit.name) for unit in row.units.all()),
            tuple(Named(door.pk, door.name) for door in row.free_doors),
        )
        for row in rows
    ]


def accept(lock: Lock, suggestion: Suggestion, now: datetime, actor: User | None) -> tuple[Door, list[AccessCode]]:
    """Put the lock on the suggested door, making what is missing; returns the codes that changed.

    Raises stays_and_places.TakenMeanwhile; then nothing has changed.
    """
    with transaction.atomic():
        if suggestion.door_id is not None:
            door = Door.objects.select_related("property").get(
                pk=suggestion.door_id, organization_id=lock.organization_id
            )
            units = list(door.units.all())
        else:
            place = _property_for(lock, suggestion, now, actor)
            units = list(place.units.filter(pk__in=suggestion.unit_ids))
            if suggestion.new_unit:
                unit = Unit(organization_id=place.organization_id, property=place, name=suggestion.new_unit)
                stays_and_places.save_unit(unit, now, actor)
                units.append(unit)
            name = _free_name(suggestion.door_name, place)
            door = Door(organization_id=place.organization_id, property=place, name=name)
            # A lock that never holds codes must not make every arrival "not ready".
            holds_codes = lock.can_program_codes is not None and lock.has_keypad is not False
            door.is_required = suggestion.is_required and holds_codes
        door.lock = lock
        return door, stays_and_places.save_door(door, units, now, actor)


def _property_for(lock: Lock, suggestion: Suggestion, now: datetime, actor: User | None) -> Property:
    rows = Property.objects.filter(organization_id=lock.organization_id)
    if suggestion.property_id is not None:
        return rows.get(pk=suggestion.property_id)
    place = Property(organization_id=lock.organization_id, name=suggestion.property_name, time_zone=zone_for(lock))
    stays_and_places.save_property(place, now, actor)
    return place


def zone_for(lock: Lock) -> str:
    """The zone a new property of this lock would have: the lock's own, else that of the first property; or none."""
    if lock.time_zone in zone_names():
        return lock.time_zone
    first = Property.objects.filter(organization_id=lock.organization_id).order_by("pk").first()
    return first.time_zone if first else ""


def _free_name(name: str, place: Property) -> str:
    """A name that no door of this property has: “Front door”, “Front door 2”."""
    taken = set(place.doors.values_list("name", flat=True))
    candidates = [name, *(f"{name} {n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
