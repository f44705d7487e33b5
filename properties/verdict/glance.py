"""Stays at a glance: which ones the database vouches for, and which have to be looked at closely (stay_facts.judge)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from enum import IntEnum
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from properties.models import ConnectedAccount, Stay
from properties.models.access_codes import PROOF_GRACE
from properties.models.locks import READING_IS_STALE_AFTER
from properties.models.stays import StayQuerySet
from properties.verdict.checks import BATTERY_MATTERS_AHEAD, CHECKPOINTS, WORKER_MAY_PAUSE, Verdict

# How far ahead a stay that is at risk asks for somebody: title, favicon, and the first page's "7 days".
LOOK_AHEAD = BATTERY_MATTERS_AHEAD


class Glance(IntEnum):
    """What the database says of a stay without working out its checks. It vouches, or it does not know."""

    READY = 0
    WORKING = 1
    LOOK_CLOSER = 2
    # It may need somebody.
    DOUBTFUL = 3

    @property
    def verdict(self) -> Verdict | None:
        """What `judge` would say; None where only `judge` knows."""
        return {Glance.READY: Verdict.READY, Glance.WORKING: Verdict.WORKING}.get(self)


GLANCES = list(Glance)


class Ahead(NamedTuple):
    """A stay in house or soon to come. `leaves_at`: when somebody leaves the same unit on the day of its check-in."""

    pk: int
    glance: Glance
    is_wanted: bool
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

    In the order of their starts. One question for a whole day's page. `accounts`: all that are linked. `leavers`: who
    may leave before an arrival.
    """
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    ahead = stays.standing().alias(begins_at=Coalesce("starts_at", "ends_at"))
    ahead = ahead.filter(ends_at__gt=now, begins_at__lte=now + LOOK_AHEAD)
    is_alive = worker_seen_at is not None and now - worker_seen_at <= WORKER_MAY_PAUSE
    graded = ahead.annotate(glance=_glance(now, is_alive, accounts)).order_by("starts_at", "pk")
    if wanted is None:
        rows = graded.filter(glance=Glance.DOUBTFUL).values_list("pk", flat=True)
        return [Ahead(pk, Glance.DOUBTFUL, False, None) for pk in rows]
    is_wanted = Case(When(wanted, then=True), default=False)
    marked = graded.annotate(is_wanted=is_wanted, leaves_at=_leaves_at(leavers or Q()))
    found = marked.filter(Q(is_wanted=True) | Q(glance=Glance.DOUBTFUL))
    return [
        Ahead(pk, GLANCES[glance], bool(is_wanted), leaves_at)
        for pk, glance, is_wanted, leaves_at in found.values_list(*Ahead._fields)
    ]


def _leaves_at(leavers: Q) -> Subquery:
    leaving = Stay.objects.standing().filter(leavers, unit=OuterRef("unit"), check_out_on=OuterRef("check_in_on"))
    return Subquery(leaving.exclude(pk=OuterRef("pk")).order_by("check_out_time").values("check_out_time")[:1])


# The worst of a stay's doors, and of the stay itself. It may look worse than `judge` finds it, never better: a test
# compares them. As SQL, because Django takes longer to write this than a database to answer it, on every page.
GLANCE = """
CASE WHEN EXISTS (
    SELECT 1 FROM properties_stay other
    WHERE other.unit_id = properties_stay.unit_id AND other.id <> properties_stay.id AND other.cancelled_at IS NULL
        AND other.ends_at > properties_stay.starts_at
        -- COALESCE: by their ends, or SQLite looks at all that ever were in the unit.
        AND COALESCE(other.starts_at, other.ends_at) < properties_stay.ends_at
) THEN {DOUBTFUL}
ELSE COALESCE((
    SELECT MAX(CASE
        WHEN code.id IS NULL OR NOT code.is_sound OR lock.is_in_trouble OR lock.account_id NOT IN ({sound})
            OR lock.battery_good_until <= properties_stay.ends_at
            THEN {DOUBTFUL}
        WHEN code.is_there_as_wanted
            AND (code.live_at IS NOT NULL OR code.used_at IS NOT NULL OR code.starts_at >= {grace_ago})
            THEN CASE WHEN code.seam_status = 'unknown' OR {uncertain} THEN {LOOK_CLOSER} ELSE {best} END
        WHEN {is_alive} AND (code.created_at > {grace_ago} OR code.starts_at > {in_a_day})
            THEN CASE WHEN code.on_lock_at IS NOT NULL OR {uncertain} THEN {LOOK_CLOSER} ELSE {WORKING} END
        ELSE {DOUBTFUL}
    END)
    FROM properties_door_units way
    JOIN properties_door door ON door.id = way.door_id AND door.is_required
    LEFT JOIN properties_lock lock ON lock.id = door.lock_id
    LEFT JOIN properties_accesscode code
        ON code.stay_id = properties_stay.id AND code.lock_id = lock.id AND code.revoked_at IS NULL
    WHERE way.unit_id = properties_stay.unit_id
), {DOUBTFUL}) END
"""
# Whether a lock is online, or how full its battery is, is unknown; or nothing was heard of it for a day.
UNCERTAIN = """(
    lock.is_online IS NULL OR (lock.battery_level IS NULL AND lock.battery_status = '')
    OR NOT (
        COALESCE(lock.read_at >= {day_ago}, FALSE) OR COALESCE(lock.heard_at >= {day_ago}, FALSE)
        OR (lock.read_at IS NOT NULL AND lock.account_id IN ({synced}))
    )
)"""


def _glance(now: datetime, is_alive: bool, accounts: Iterable[ConnectedAccount]) -> RawSQL:
    day_ago = now - READING_IS_STALE_AFTER
    sound = [account for account in accounts if not account.errors and account.unlink_requested_at is None]
    synced = [account for account in sound if account.synced_at is not None and account.synced_at >= day_ago]
    words = {
        **{each.name: str(each.value) for each in Glance},
        "best": str(Glance.READY.value if is_alive else Glance.LOOK_CLOSER.value),
        "is_alive": "1 = 1" if is_alive else "1 = 0",
        "sound": _ids(sound),
        "synced": _ids(synced),
        "day_ago": _instant(day_ago),
        "grace_ago": _instant(now - PROOF_GRACE),
        "in_a_day": _instant(now + CHECKPOINTS[1]),
    }
    return RawSQL(GLANCE.format(uncertain=UNCERTAIN.format(**words), **words), (), IntegerField())  # noqa: S611


def _ids(accounts: Iterable[ConnectedAccount]) -> str:
    """Whole numbers of ours; none at all is an id that nobody has."""
    return ", ".join(str(int(account.pk)) for account in accounts) or "-1"


def _instant(moment: datetime) -> str:
    return f"'{connection.ops.adapt_datetimefield_value(moment)}'"
