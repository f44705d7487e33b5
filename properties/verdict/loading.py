"""What is known about stays, read in the same few queries for one stay as for hundreds, and the verdict on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch, Q, prefetch_related_objects

from properties.codes import capacity
from properties.codes.capacity import CodeOnLock
from properties.models import AccessCode, Door, Lock, Stay
from properties.models.stays import Window
from properties.values.local_time import LocalTime
from properties.verdict.checks import DoorFacts, OtherStay, Readiness, StayFacts, Verdict, verdict


@dataclass(frozen=True)
class Judged:
    """A stay with what is known of it, and the verdict."""

    stay: Stay
    facts: StayFacts
    readiness: Readiness

    @property
    def verdict(self) -> Verdict:
        return self.readiness.verdict


@dataclass(frozen=True)
class LoadedFacts:
    """The doors of stays' units and the codes of the stays, by id."""

    doors: Mapping[int, Sequence[Door]]
    codes: Mapping[int, Sequence[AccessCode]]


def load_facts(stays: Iterable[Stay]) -> LoadedFacts:
    """Two queries for any number of stays. Plain lists: Django's related managers cost more than the rows.

    Doors know their locks and accounts, codes their locks.
    """
    stays = list(stays)
    doors: dict[int, list[Door]] = defaultdict(list)
    codes: dict[int, list[AccessCode]] = defaultdict(list)
    if not stays:
        return LoadedFacts(doors, codes)
    ways = Door.units.through.objects.filter(unit__in={stay.unit_id for stay in stays}).order_by("door__name")
    for way in ways.select_related("door__lock__account"):
        doors[way.unit_id].append(way.door)
    made = codes_of(stay.pk for stay in stays)
    _give_locks(made, {door.lock_id: door.lock for found in doors.values() for door in found if door.lock_id})
    for code in made:
        codes[code.stay_id or 0].append(code)
    return LoadedFacts(doors, codes)


def codes_of(stay_ids: Iterable[int]) -> list[AccessCode]:
    """All that were ever made for these stays but those that a newer one replaced and that are gone."""
    gone = Q(revoked_at__isnull=False, removed_at__isnull=False, is_withheld=False)
    return list(AccessCode.objects.exclude(gone).filter(stay__in=set(stay_ids)).order_by("pk"))


def _give_locks(codes: Iterable[AccessCode], known: Mapping[int | None, Lock | None]) -> None:
    """Nearly all codes are on the locks of their stay's doors; those whose lock was moved cost a query."""
    elsewhere = []
    for code in codes:
        if lock := known.get(code.lock_id):
            code.lock = lock
        else:
            elsewhere.append(code)
    if elsewhere:
        prefetch_related_objects(elsewhere, Prefetch("lock", Lock.objects.select_related("door")))


def assess(stays: Iterable[Stay], now: datetime, worker_seen_at: datetime | None) -> list[Judged]:
    """The verdict on each of these stays (with their places), in their order."""
    stays = list(stays)
    loaded = load_facts(stays)
    doors = {stay.pk: _doors_of(stay, loaded) for stay in stays}
    on_locks = capacity.load_codes(
        each.lock.pk for found in doors.values() for each in found if each.lock and each.needs_place
    )
    others = _others(stays)
    judged = []
    for stay in stays:
        known = tuple(_with_others(each, on_locks) for each in doors[stay.pk])
        facts = StayFacts(stay, known, tuple(others[stay.pk]), worker_seen_at)
        judged.append(Judged(stay, facts, verdict(facts, now)))
    return judged


def _with_others(door: DoorFacts, on_locks: Mapping[int, Sequence[CodeOnLock]]) -> DoorFacts:
    """With the other codes of its lock, where the room for this one depends on them."""
    if door.lock is None or not door.needs_place:
        return door
    own = door.code.pk if door.code is not None else None
    return replace(door, others_on_lock=tuple(each for each in on_locks[door.lock.pk] if each.pk != own))


def _doors_of(stay: Stay, loaded: LoadedFacts) -> list[DoorFacts]:
    codes = loaded.codes.get(stay.pk, ())
    return [_door_facts(door, codes) for door in loaded.doors.get(stay.unit_id, ())]


def _door_facts(door: Door, codes: Sequence[AccessCode]) -> DoorFacts:
    lock = door.lock
    if lock is None:
        return DoorFacts(door)
    here = [code for code in codes if code.lock_id == lock.pk]
    return DoorFacts(
        door,
        lock,
        next((code for code in here if code.revoked_at is None), None),
        withheld=next((code for code in here if code.is_withheld), None),
    )


def _others(stays: Sequence[Stay]) -> dict[int, list[OtherStay]]:
    """For each stay, the standing stays of its unit that share time with it."""
    found: dict[int, list[OtherStay]] = defaultdict(list)
    if not stays:
        return found
    around = Window(min(stay.starts_at for stay in stays), max(stay.ends_at for stay in stays))
    near = Stay.objects.standing().during(around).filter(unit__in={stay.unit_id for stay in stays})
    by_unit = defaultdict(list)
    for row in near.order_by("starts_at", "pk").values_list(
        "unit_id", "pk", "starts_at", "ends_at", "guest__name",
        "check_in_on", "check_in_time", "check_out_on", "check_out_time",
    ):  # fmt: skip
        by_unit[row[0]].append(row[1:])
    for stay in stays:
        for pk, starts_at, ends_at, guest, in_on, in_time, out_on, out_time in by_unit[stay.unit_id]:
            if pk != stay.pk and Window(starts_at, ends_at).overlaps(Window(stay.starts_at, stay.ends_at)):
                other = OtherStay(pk, guest, LocalTime(in_on, in_time), LocalTime(out_on, out_time))
                found[stay.pk].append(other)
    return found
