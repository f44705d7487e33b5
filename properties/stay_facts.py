"""What is known about stays, read in the same few queries for one stay as for hundreds, and the verdict on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Greatest

from properties.local_time import LocalTime
from properties.models import AccessCode, ConnectedAccount, Door, Lock, Stay
from properties.models.access_codes import PROOF_GRACE
from properties.models.locks import READING_IS_STALE_AFTER
from properties.models.stays import StayQuerySet
from properties.readiness import (
    BATTERY_MATTERS_AHEAD,
    BATTERY_RESERVE,
    CHECKPOINTS,
    WORKER_MAY_PAUSE,
    DoorFacts,
    OtherStay,
    Readiness,
    StayFacts,
    Verdict,
    verdict,
)

# How far ahead a stay that is at risk asks for somebody: title, favicon, and the first page's "7 days".
LOOK_AHEAD = BATTERY_MATTERS_AHEAD
# Batteries that are foretold to last for longer trouble only stays that go on for weeks.
FORETOLD_AHEAD = timedelta(days=45)


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
    """The doors of stays' units and the codes of the stays, by id. Codes know their locks, and those their doors."""

    doors: Mapping[int, Sequence[Door]]
    codes: Mapping[int, Sequence[AccessCode]]


def read(stays: Iterable[Stay]) -> Reading:
    """Two queries for any number of stays. Plain lists: Django's related managers cost more than the rows."""
    stays = list(stays)
    doors: dict[int, list[Door]] = defaultdict(list)
    codes: dict[int, list[AccessCode]] = defaultdict(list)
    if not stays:
        return Reading(doors, codes)
    ways = Door.units.through.objects.filter(unit__in={stay.unit_id for stay in stays})
    for way in ways.select_related("door__lock__account").order_by("door__name"):
        doors[way.unit_id].append(way.door)
    # All that were ever made but those that a newer one replaced and that are gone.
    gone = Q(revoked_at__isnull=False, removed_at__isnull=False, is_withheld=False)
    made = list(AccessCode.objects.exclude(gone).filter(stay__in={stay.pk for stay in stays}).order_by("pk"))
    _give_locks(made, {door.lock_id: door.lock for found in doors.values() for door in found if door.lock is not None})
    for code in made:
        codes[code.stay_id or 0].append(code)
    return Reading(doors, codes)


def _give_locks(codes: Iterable[AccessCode], known: Mapping[int | None, Lock]) -> None:
    """Nearly all codes are on the locks of their stay's doors; those whose lock was moved cost a query."""
    elsewhere = []
    for code in codes:
        if code.lock_id in known:
            code.lock = known[code.lock_id]
        else:
            elsewhere.append(code)
    if elsewhere:
        prefetch_related_objects(elsewhere, Prefetch("lock", Lock.objects.select_related("door")))


def judge(
    stays: Iterable[Stay],
    now: datetime,
    worker_seen_at: datetime | None,
    empty_at: Mapping[int, datetime] | None = None,
    reading: Reading | None = None,
) -> list[Judged]:
    """The verdict on each of these stays (with their places), in their order.

    `empty_at`: forecasts by lock, in place of those that are kept on the locks ("what if"). `reading`: of these stays
    and maybe others, where it was read before.
    """
    stays = list(stays)
    reading = reading or read(stays)
    doors = {stay.pk: _doors_of(stay, reading, empty_at or {}) for stay in stays}
    counts = codes_on_locks(
        each.lock.pk for found in doors.values() for each in found if each.lock and each.needs_place
    )
    others = _others([stay for stay in stays if getattr(stay, "shares_time", True)])
    judged = []
    for stay in stays:
        counted = tuple(
            replace(each, codes_on_lock=counts[each.lock.pk]) if each.lock and each.lock.pk in counts else each
            for each in doors[stay.pk]
        )
        facts = StayFacts(stay, counted, tuple(others[stay.pk]), worker_seen_at)
        judged.append(Judged(stay, facts, verdict(facts, now)))
    return judged


def codes_on_locks(lock_ids: Iterable[int]) -> dict[int, int]:
    """How many places on each of these locks are taken by codes that Seam has accepted from us."""
    ids = set(lock_ids)
    if not ids:
        return {}
    held = AccessCode.objects.filter(lock_id__in=ids, removed_at=None, seam_id__isnull=False).order_by()
    return dict.fromkeys(ids, 0) | dict(held.values_list("lock_id").annotate(Count("pk")))


def _doors_of(stay: Stay, reading: Reading, empty_at: Mapping[int, datetime]) -> list[DoorFacts]:
    codes = reading.codes.get(stay.pk, ())
    return [_door_facts(door, codes, empty_at) for door in reading.doors.get(stay.unit_id, ())]


def _door_facts(door: Door, codes: Sequence[AccessCode], empty_at: Mapping[int, datetime]) -> DoorFacts:
    lock = door.lock
    if lock is None:
        return DoorFacts(door)
    here = [code for code in codes if code.lock_id == lock.pk]
    return DoorFacts(
        door,
        lock,
        next((code for code in here if code.revoked_at is None), None),
        empty_at=empty_at.get(lock.pk, lock.battery_empty_at),
        withheld=next((code for code in here if code.is_withheld), None),
    )


def _others(stays: Sequence[Stay]) -> dict[int, list[OtherStay]]:
    """For each stay, the standing stays of its unit that share time with it."""
    found: dict[int, list[OtherStay]] = defaultdict(list)
    if not stays:
        return found
    near = Stay.objects.standing().filter(
        unit__in={stay.unit_id for stay in stays},
        ends_at__gt=min(stay.starts_at for stay in stays),
        starts_at__lt=max(stay.ends_at for stay in stays),
    )
    by_unit = defaultdict(list)
    for row in near.order_by("starts_at", "pk").values_list(
        "unit_id", "pk", "starts_at", "ends_at", "guest__name",
        "check_in_on", "check_in_time", "check_out_on", "check_out_time",
    ):  # fmt: skip
        by_unit[row[0]].append(row[1:])
    for stay in stays:
        for pk, starts_at, ends_at, guest, in_on, in_time, out_on, out_time in by_unit[stay.unit_id]:
            if pk != stay.pk and starts_at < stay.ends_at and ends_at > stay.starts_at:
                other = OtherStay(pk, guest, LocalTime(in_on, in_time), LocalTime(out_on, out_time))
                found[stay.pk].append(other)
    return found


# --- At a glance ------------------------------------------------------------------------------------------------------


class Glance(IntEnum):
    """What the database says of a stay without looking at its checks. It vouches, or it does not know."""

    READY = 0
    WORKING = 1
    LOOK_CLOSER = 2
    # It may need somebody.
    DOUBTFUL = 3

    @property
    def verdict(self) -> Verdict | None:
        """What `judge` would say; None where only `judge` knows."""
        return {Glance.READY: Verdict.READY, Glance.WORKING: Verdict.WORKING}.get(self)


class Ahead(NamedTuple):
    """A stay that is under way or comes within the days asked for, at a glance."""

    pk: int
    glance: Glance
    is_wanted: bool
    starts_at: datetime
    leaves_at: time | None


def stays_ahead(
    stays: StayQuerySet,
    accounts: Sequence[ConnectedAccount],
    now: datetime,
    worker_seen_at: datetime | None,
    wanted: Q | None = None,
    leavers: Q | None = None,
) -> list[Ahead]:
    """Of the stays in house or arriving within the week: those that may need somebody, and those that are `wanted`.

    One question for a whole day's page. `accounts`: those that are linked. `leavers`: who may leave the same unit on
    the day of a check-in (`leaves_at`).
    """
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    ahead = stays.standing().alias(begins_at=Coalesce("starts_at", "ends_at"))
    ahead = ahead.filter(ends_at__gt=now, begins_at__lte=now + LOOK_AHEAD)
    is_alive = is_worker_alive(worker_seen_at, now)
    graded = ahead.annotate(glance=_glance(now, is_alive, accounts)).order_by("starts_at", "pk")
    if wanted is None:
        rows = graded.filter(glance=Glance.DOUBTFUL).values_list("pk", "starts_at")
        return [Ahead(pk, Glance.DOUBTFUL, False, starts_at, None) for pk, starts_at in rows]
    marked = graded.annotate(
        is_wanted=Case(When(wanted, then=True), default=False), leaves_at=_leaves_at(leavers or Q())
    )
    found = marked.filter(Q(is_wanted=True) | Q(glance=Glance.DOUBTFUL))
    names = ("pk", "glance", "is_wanted", "starts_at", "leaves_at")
    return [
        Ahead(pk, Glance(glance), bool(is_wanted), starts_at, leaves_at)
        for pk, glance, is_wanted, starts_at, leaves_at in found.values_list(*names)
    ]


def is_worker_alive(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is not None and now - seen_at <= WORKER_MAY_PAUSE


def _leaves_at(leavers: Q) -> Subquery:
    """When somebody checks out of the same unit on the day of this check-in."""
    leaving = Stay.objects.standing().filter(leavers, unit=OuterRef("unit"), check_out_on=OuterRef("check_in_on"))
    return Subquery(leaving.exclude(pk=OuterRef("pk")).order_by("check_out_time").values("check_out_time")[:1])


def _glance(now: datetime, is_alive: bool, accounts: Iterable[ConnectedAccount]) -> Greatest:
    """The worst of a stay's doors and of the stay itself. May be worse than what `judge` says, never better."""
    return Greatest(
        # Without a door that the guest has to pass there is nothing that lets anybody in.
        Coalesce(_worst_door(now, is_alive, accounts), Value(Glance.DOUBTFUL)),
        Case(
            When(Exists(_sharing_time()), then=Value(Glance.DOUBTFUL)),
            # The batteries of a stay of months are looked at one by one: see `_runs_out`.
            When(ends_at__gt=now + FORETOLD_AHEAD - BATTERY_RESERVE, then=Value(Glance.DOUBTFUL)),
            default=Value(Glance.READY if is_alive else Glance.LOOK_CLOSER),
        ),
    )


def _worst_door(now: datetime, is_alive: bool, accounts: Iterable[ConnectedAccount]) -> Subquery:
    code = AccessCode.objects.filter(revoked_at=None, stay=OuterRef(OuterRef("pk")), lock=OuterRef("lock")).order_by(
        "pk"
    )
    door = Greatest(
        _glance_at_lock(now, accounts),
        Coalesce(Subquery(code.values(glance=_glance_at_code(now, is_alive))[:1]), Value(Glance.DOUBTFUL)),
    )
    required = Door.objects.filter(is_required=True, units=OuterRef("unit")).order_by()
    return Subquery(required.values(worst=Func(door, function="MAX", output_field=IntegerField())))


def _sharing_time() -> StayQuerySet:
    """Other stays of the unit at the same time. Coalesce: by their ends, or all that ever were there are looked at."""
    others = Stay.objects.standing().alias(begins_at=Coalesce("starts_at", "ends_at"))
    sharing = others.filter(unit=OuterRef("unit"), ends_at__gt=OuterRef("starts_at"), begins_at__lt=OuterRef("ends_at"))
    return sharing.exclude(pk=OuterRef("pk"))


def with_neighbours(stays: StayQuerySet) -> StayQuerySet:
    """With their places, marked if another stay shares their time: `judge` then asks about those only."""
    return stays.with_places().annotate(shares_time=Exists(_sharing_time()))


def _glance_at_code(now: datetime, is_alive: bool) -> Case:
    """The stay's code on the lock of one door."""
    is_sound = Q(errors=[], rejected_at=None, seam_id__isnull=False)
    is_live = Q(live_at__isnull=False) | Q(used_at__isnull=False) | Q(starts_at__gte=now - PROOF_GRACE)
    is_proved = is_live & Q(
        seam_starts_at=F("starts_at"), seam_ends_at=F("ends_at"), pending_mutations=[], on_lock_at__isnull=False
    )
    has_time = Q(created_at__gt=now - PROOF_GRACE) | Q(starts_at__gt=now + CHECKPOINTS[1])
    closer = Value(Glance.LOOK_CLOSER)
    proved = Case(When(seam_status="unknown", then=closer), default=Value(Glance.READY))
    on_its_way = Case(When(on_lock_at=None, then=Value(Glance.WORKING)), default=closer)
    return Case(
        When(~is_sound, then=Value(Glance.DOUBTFUL)),
        When(is_proved, then=proved),
        # Nobody waits for what a dead worker will not do.
        *([When(has_time, then=on_its_way)] if is_alive else []),
        default=Value(Glance.DOUBTFUL),
    )


def _glance_at_lock(now: datetime, accounts: Iterable[ConnectedAccount]) -> Case:
    """The lock of one door, and the account behind it."""
    day_ago = now - READING_IS_STALE_AFTER
    sound = [account for account in accounts if not account.errors and account.unlink_requested_at is None]
    synced = [account.pk for account in sound if account.synced_at is not None and account.synced_at >= day_ago]
    is_heard = Q(lock__read_at__gte=day_ago) | Q(lock__heard_at__gte=day_ago)
    return Case(
        When(
            Q(lock__is_in_trouble=True) | ~Q(lock__account__in=[account.pk for account in sound]) | _runs_out(now),
            then=Value(Glance.DOUBTFUL),
        ),
        # Whether it is online, or how full its battery is, is unknown; or nothing was heard of it for a day.
        When(
            Q(lock__is_online=None) | Q(lock__battery_level=None, lock__battery_status=""),
            then=Value(Glance.LOOK_CLOSER),
        ),
        When(is_heard | Q(lock__account__in=synced, lock__read_at__isnull=False), then=Value(Glance.READY)),
        default=Value(Glance.LOOK_CLOSER),
    )


def _runs_out(now: datetime) -> Q:
    """A battery that is foretold to be empty before the stay is over, with some reserve.

    The first half is cheap and turns most away: SQLite asks Python to add days.
    """
    until = ExpressionWrapper(OuterRef("ends_at") + BATTERY_RESERVE, DateTimeField())
    return Q(lock__battery_empty_at__lte=now + FORETOLD_AHEAD) & Q(lock__battery_empty_at__lte=until)
