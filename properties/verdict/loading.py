"""What is known about stays, read in the same few queries for one stay as for hundreds, and the verdict on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.db.models.functions import Coalesce

from properties.codes import capacity
from properties.codes.capacity import CodeOnLock
from properties.models import AccessCode, Door, Lock, Stay
from properties.models.stays import StayQuerySet, Window
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
class Reading:
    """The doors of stays' units and the codes of the stays, by id."""

    doors: Mapping[int, Sequence[Door]]
    codes: Mapping[int, Sequence[AccessCode]]


def read(stays: Iterable[Stay], with_locks: bool = True) -> Reading:
    """Two queries for any number of stays. Plain lists: Django's related managers cost more than the rows.

    `with_locks`: doors know their locks and accounts, codes their locks, as `judge` needs them.
    """
    stays = list(stays)
    doors: dict[int, list[Door]] = defaultdict(list)
    codes: dict[int, list[AccessCode]] = defaultdict(list)
    if not stays:
        return Reading(doors, codes)
    ways = Door.units.through.objects.filter(unit__in={stay.unit_id for stay in stays}).order_by("door__name")
    for way in ways.select_related("door__lock__account" if with_locks else "door"):
        doors[way.unit_id].append(way.door)
    # All that were ever made but those that a newer one replaced and that are gone.
    gone = Q(revoked_at__isnull=False, removed_at__isnull=False, is_withheld=False)
    made = list(AccessCode.objects.exclude(gone).filter(stay__in={stay.pk for stay in stays}).order_by("pk"))
    if with_locks:
        _give_locks(made, {door.lock_id: door.lock for found in doors.values() for door in found if door.lock_id})
    for code in made:
        codes[code.stay_id or 0].append(code)
    return Reading(doors, codes)


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


def judge(
    stays: Iterable[Stay],
    now: datetime,
    worker_seen_at: datetime | None,
    reading: Reading | None = None,
) -> list[Judged]:
    """The verdict on each of these stays (with their places), in their order.

    `reading`: of these stays and maybe others, where it was read before.
    """
    stays = list(stays)
    reading = reading or read(stays)
    doors = {stay.pk: _doors_of(stay, reading) for stay in stays}
    on_locks = capacity.load_codes(
        each.lock.pk for found in doors.values() for each in found if each.lock and each.needs_place
    )
    others = _others([stay for stay in stays if getattr(stay, "shares_time", True)])
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


def _doors_of(stay: Stay, reading: Reading) -> list[DoorFacts]:
    codes = reading.codes.get(stay.pk, ())
    return [_door_facts(door, codes) for door in reading.doors.get(stay.unit_id, ())]


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


def sharing_time() -> StayQuerySet:
    """Other stays of the unit at the same time. Coalesce: by their ends, or all that ever were there are looked at."""
    others = Stay.objects.standing().alias(begins_at=Coalesce("starts_at", "ends_at"))
    sharing = others.filter(unit=OuterRef("unit"), ends_at__gt=OuterRef("starts_at"), begins_at__lt=OuterRef("ends_at"))
    return sharing.exclude(pk=OuterRef("pk"))


def with_neighbours(stays: StayQuerySet) -> StayQuerySet:
    """With their places, marked if another stay shares their time: `judge` then asks about those only."""
    return stays.with_places().annotate(shares_time=Exists(sharing_time()))
