"""What is known about stays, read in the same few queries for one stay as for hundreds, and the verdict on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce

from properties.local_time import LocalTime
from properties.models import AccessCode, Door, Stay
from properties.models.access_codes import PROOF_GRACE
from properties.models.locks import BATTERY_LOW
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


@dataclass(frozen=True)
class Judged:
    """A stay with what is known of it, and the verdict."""

    stay: Stay
    facts: StayFacts
    readiness: Readiness

    @property
    def verdict(self) -> Verdict:
        return self.readiness.verdict


def judge(
    stays: Iterable[Stay],
    now: datetime,
    worker_seen_at: datetime | None,
    empty_at: Mapping[int, datetime] | None = None,
) -> list[Judged]:
    """The verdict on each of these stays (with their places), in their order.

    `empty_at`: forecasts by lock, in place of those that are kept on the locks ("what if").
    """
    stays = list(stays)
    prefetch_related_objects(stays, _doors(), _codes())
    locks = {door.lock_id for stay in stays for door in stay.unit.doors.all() if door.lock_id}
    counts = codes_on_locks(locks)
    others = _others(stays)
    judged = []
    for stay in stays:
        doors = tuple(_door_facts(stay, door, counts, empty_at or {}) for door in stay.unit.doors.all())
        facts = StayFacts(stay, doors, tuple(others[stay.pk]), worker_seen_at)
        judged.append(Judged(stay, facts, verdict(facts, now)))
    return judged


def codes_on_locks(lock_ids: Iterable[int]) -> dict[int, int]:
    """How many places on each lock are taken by codes that Seam has accepted from us."""
    held = AccessCode.objects.filter(lock_id__in=set(lock_ids), removed_at=None, seam_id__isnull=False).order_by()
    return dict(held.values_list("lock_id").annotate(Count("pk")))


def _doors() -> Prefetch:  # type: ignore[type-arg]
    return Prefetch("unit__doors", Door.objects.select_related("lock__account").order_by("name"))


def _codes() -> Prefetch:  # type: ignore[type-arg]
    """All that were ever made for the stay but those that a newer one replaced and that are gone."""
    gone = Q(revoked_at__isnull=False, removed_at__isnull=False, is_withheld=False)
    return Prefetch("access_codes", AccessCode.objects.exclude(gone).select_related("lock").order_by("pk"))


def _door_facts(stay: Stay, door: Door, counts: Mapping[int, int], empty_at: Mapping[int, datetime]) -> DoorFacts:
    lock = door.lock
    if lock is None:
        return DoorFacts(door)
    here = [code for code in stay.access_codes.all() if code.lock_id == lock.pk]
    return DoorFacts(
        door,
        lock,
        next((code for code in here if code.revoked_at is None), None),
        counts.get(lock.pk, 0),
        empty_at.get(lock.pk, lock.battery_empty_at),
        next((code for code in here if code.is_withheld), None),
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


# --- The few that may need somebody -------------------------------------------------------------------------


def needing_somebody(stays: StayQuerySet, now: datetime, worker_seen_at: datetime | None) -> list[Judged]:
    """Of these stays those that are at risk or not ready, soonest first: in house, or arriving within the week.

    The database narrows them down to the ones in which anything at all is amiss; `judge` decides.
    """
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    ahead = stays.standing().alias(begins_at=Coalesce("starts_at", "ends_at"))
    ahead = ahead.filter(ends_at__gt=now, begins_at__lte=now + LOOK_AHEAD)
    is_worker_alive = worker_seen_at is not None and now - worker_seen_at <= WORKER_MAY_PAUSE
    doubtful = ahead.filter(_is_doubtful(now, is_worker_alive)).with_places().order_by("starts_at", "pk")
    return [each for each in judge(doubtful, now, worker_seen_at) if each.verdict.needs_somebody]


def _is_doubtful(now: datetime, is_worker_alive: bool) -> Q:
    """Anything amiss with a stay's doors, locks, codes or neighbours. May say too much, never too little."""
    required = Door.objects.filter(is_required=True, units=OuterRef("unit"))
    code = AccessCode.objects.filter(revoked_at=None, stay=OuterRef(OuterRef("pk")), lock=OuterRef("lock"))
    bare = required.exclude(Exists(code.filter(_is_trusted(now, is_worker_alive))))
    others = Stay.objects.standing().filter(
        unit=OuterRef("unit"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    return (
        Exists(required.filter(_has_doubtful_lock() | _runs_out()))
        | ~Exists(required)
        | Exists(bare)
        | Exists(others.exclude(pk=OuterRef("pk")))
    )


def _is_trusted(now: datetime, is_worker_alive: bool) -> Q:
    """A code about which nobody has to do anything: proved, or accepted and with time to get there."""
    wanted_window = Q(seam_starts_at=F("starts_at"), seam_ends_at=F("ends_at"), pending_mutations=[])
    is_live = Q(live_at__isnull=False) | Q(used_at__isnull=False) | Q(starts_at__gte=now - PROOF_GRACE)
    trusted = Q(wanted_window, is_live, on_lock_at__isnull=False)
    if is_worker_alive:
        trusted |= Q(created_at__gt=now - PROOF_GRACE) | Q(starts_at__gt=now + CHECKPOINTS[1])
    return Q(trusted, errors=[], rejected_at=None, seam_id__isnull=False)


def _runs_out() -> Q:
    """A battery that is foretold to be empty before the stay is over, with some reserve."""
    until = ExpressionWrapper(OuterRef("ends_at") + BATTERY_RESERVE, DateTimeField())
    return Q(lock__battery_empty_at__lte=until)


def _has_doubtful_lock() -> Q:
    """A door whose lock, or the account behind it, can make a stay at risk by itself."""
    return (
        ~Q(lock__errors=[])
        | ~Q(lock__account__errors=[])
        | Q(lock__is_online=False)
        | Q(lock__battery_level__lt=BATTERY_LOW)
        | Q(lock__battery_status__in=["low", "critical"])
        | Q(lock__keypad_battery_level__lt=BATTERY_LOW)
        | Q(lock__vanished_at__isnull=False)
        | Q(lock__breaker_until__isnull=False)
        | Q(lock__account__unlinked_at__isnull=False)
        | Q(lock__account__unlink_requested_at__isnull=False)
    )
