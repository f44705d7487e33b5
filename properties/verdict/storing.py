"""Rows ← verdicts: judges what is marked or over its time, and says what a stored verdict is worth now."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from properties.models import Stay, StayVerdict, VerdictMark
from properties.models.verdicts import StayVerdictQuerySet
from properties.values.wording import clock
from properties.verdict.checks import (
    BATTERY_MATTERS_AHEAD,
    Check,
    Fix,
    Readiness,
    Severity,
    StayFacts,
    Subject,
    Verdict,
    is_believed,
    is_silent,
    weighed,
    when,
    worker,
)
from properties.verdict.loading import Judged, assess
from properties.verdict.validity import valid_until

logger = logging.getLogger(__name__)

# How far ahead a stay that is at risk needs attention: title, favicon, and the first page's "7 days".
LOOK_AHEAD = BATTERY_MATTERS_AHEAD
# So many are judged in one go, and written in one transaction.
BATCH = 200
# A page judges at most so many; others that are out of date it shows as unknown.
ON_THE_SPOT = 50
# The sweep renews verdicts this long before they expire: the readings of a whole fleet grow old at one instant.
EARLY = timedelta(minutes=10)
VERDICTS = {each.key: each for each in Verdict}


# --- Judging ----------------------------------------------------------------------------------------------------------


def judge_marked(now: datetime, limit: int) -> int:
    """Judge stays that are marked or about to expire, the soonest first; how many, at most `limit`."""
    expiring = StayVerdict.objects.filter(is_open=True, valid_until__lte=now + EARLY).order_by("starts_at")
    soon = Q(valid_until__lte=now) | Q(checked_at__lte=now - EARLY)
    found = [
        *StayVerdict.objects.marked().order_by("starts_at", "pk").values_list("pk", flat=True)[:limit],
        *expiring.filter(soon).values_list("pk", flat=True)[:limit],
    ]
    ids = list(dict.fromkeys(found))[:limit]
    for first in range(0, len(ids), BATCH):
        _judge_batch(ids[first : first + BATCH], now)
    # Of stays that were deleted since.
    VerdictMark.objects.exclude(stay__in=StayVerdict.objects.values("pk")).delete()
    return len(ids)


def _judge_batch(stay_ids: Collection[int], now: datetime) -> None:
    """A stay that cannot be judged stays marked, which is shown, and does not hold up the others."""
    try:
        judge(stay_ids, now)
    except Exception:
        if len(stay_ids) == 1:
            logger.exception("stay not judged: %s", *stay_ids)
        else:
            for stay_id in stay_ids:
                _judge_batch([stay_id], now)


def judge_few(rows: StayVerdictQuerySet, now: datetime) -> int:
    """Judge what is out of date among these, so many at most as a page has time for."""
    due = list(rows.due(now).order_by("starts_at", "pk").values_list("pk", flat=True)[:ON_THE_SPOT])
    if due:
        judge(due, now)
    return len(due)


def judge(stay_ids: Collection[int], now: datetime) -> None:
    """Judge these stays and store it.

    Marks and versions are read before the facts. A change made since leaves a mark that is not among those taken away;
    of two judges at once, the one that began earlier finds another version and writes nothing.
    """
    mark_expired(stay_ids, now)
    marks = defaultdict(list)
    for pk, stay_id in VerdictMark.objects.filter(stay__in=stay_ids).values_list("pk", "stay_id"):
        marks[stay_id].append(pk)
    versions = dict(StayVerdict.objects.filter(pk__in=stay_ids).values_list("pk", "version"))
    stays = list(Stay.objects.filter(pk__in=versions).with_places().order_by("pk"))
    # The worker that judges is alive.
    judged = {each.stay.pk: each for each in assess([stay for stay in stays if not stay.is_over(now)], now, now)}
    done: list[int] = []
    with transaction.atomic():
        for stay in stays:
            if _store(stay, judged.get(stay.pk), versions[stay.pk], now):
                done += marks[stay.pk]
        VerdictMark.objects.filter(pk__in=done).delete()


def mark(stay_ids: Iterable[int]) -> None:
    VerdictMark.objects.bulk_create(VerdictMark(stay_id=stay_id) for stay_id in stay_ids)


def mark_expired(stay_ids: Collection[int], now: datetime) -> None:
    """Only what is marked is judged: so a change meanwhile marks it again, whatever the old verdict waited for."""
    unmarked = StayVerdict.objects.filter(pk__in=stay_ids).exclude(pk__in=VerdictMark.objects.values("stay"))
    mark(unmarked.values_list("pk", flat=True))


def _store(stay: Stay, judged: Judged | None, version: int, now: datetime) -> bool:
    """False when another judge was faster. The database itself closes a cancelled stay and opens one that goes on."""
    row = StayVerdict.objects.filter(pk=stay.pk, version=version)
    if judged is None:
        nothing = {"verdict": "", "severity": 0, "checks": [], "valid_until": None, "fine_until": None}
        over = row.filter(Q(ends_at__lte=now) | Q(is_open=False))
        return over.update(is_open=False, checked_at=now, version=F("version") + 1, **nothing) == 1
    return row.update(checked_at=now, version=F("version") + 1, **_columns(judged, now)) == 1


def _columns(judged: Judged, now: datetime) -> dict[str, Any]:
    facts, readiness = judged.facts, judged.readiness
    until = valid_until(facts, now)
    return {
        "verdict": readiness.verdict.key,
        "severity": readiness.severity,
        "checks": [_written(check) for check in readiness.checks if check.verdict is not Verdict.READY],
        "is_proved": facts.is_proved,
        "awaits_reading": _awaits_reading(facts, now),
        "awaits_place": any(
            door.needs_place and door.lock is not None and door.lock.code_capacity is not None
            for door in facts.required
        ),
        "valid_until": until,
        "fine_until": now if readiness.verdict.needs_somebody else until,
    }


def _awaits_reading(facts: StayFacts, now: datetime) -> bool:
    return any(door.lock is not None and not is_believed(door.lock, now) for door in facts.required)


def _written(check: Check) -> dict[str, Any]:
    return {
        "subject": check.subject.name,
        "verdict": check.verdict.key,
        "what": check.what,
        "why": check.why,
        "todo": check.todo,
        "fix": check.fix.value,
        "target_id": check.target_id,
        "severity": int(check.severity),
    }


def _read(told: dict[str, Any]) -> Check:
    return Check(
        Subject[told["subject"]],
        VERDICTS[told["verdict"]],
        told["what"],
        told["why"],
        told["todo"],
        Fix(told["fix"]),
        told["target_id"],
        Severity(told["severity"]),
    )


# --- What it is worth now ---------------------------------------------------------------------------------------------


def asking(
    rows: StayVerdictQuerySet, now: datetime, worker_seen_at: datetime | None, has_marks: bool = True
) -> StayVerdictQuerySet:
    """Of these rows of open stays those that need attention: at risk, not ready, or out of date.

    A union, for which each part has its index: with an OR, PostgreSQL reads every stay ahead. `has_marks`: whether any
    stay is marked; most of the time none is, and the query is a plain one.
    """
    parts = [rows.filter(fine_until__lte=now)]
    if has_marks:
        parts.append(rows.marked())
    if is_silent(worker_seen_at, now):
        parts.append(rows.filter(is_proved=False))
    if len(parts) == 1:
        return parts[0]
    first, *others = (part.order_by().values("pk") for part in parts)
    return StayVerdict.objects.filter(pk__in=first.union(*others))


def says(verdict: Verdict, now: datetime, worker_seen_at: datetime | None) -> Q:
    """Rows that say at risk or not ready: the same answers as `readiness_of`."""
    found = Q(verdict=verdict.key)
    if verdict is Verdict.AT_RISK and is_silent(worker_seen_at, now):
        found |= Q(is_proved=False) & ~Q(verdict=Verdict.NOT_READY.key)
    return found & Q(valid_until__gt=now) & ~Q(pk__in=VerdictMark.objects.values("stay"))


class StoredVerdict(NamedTuple):
    """What a page reads of a row: plain, for hundreds at once. `is_wanted` and `leaves_at` are Today's."""

    pk: int
    starts_at: datetime
    verdict: str
    checks: list[dict[str, Any]]
    is_proved: bool
    checked_at: datetime | None
    valid_until: datetime | None
    is_marked: bool
    zone: str
    is_wanted: bool = False
    leaves_at: time | None = None

    def is_current(self, now: datetime) -> bool:
        """Neither marked nor older than its time."""
        return self.valid_until is not None and self.valid_until > now and not self.is_marked


def stored(rows: StayVerdictQuerySet) -> list[StoredVerdict]:
    fields = [name for name in StoredVerdict._fields if name not in StoredVerdict._field_defaults]
    return [StoredVerdict(*row) for row in rows.to_show().values_list(*fields)]


def readiness_of(row: StoredVerdict, now: datetime, worker_seen_at: datetime | None) -> Readiness:
    """What a row says; unknown once it is out of date."""
    is_current = row.is_current(now)
    checks = [_read(told) for told in row.checks] if is_current else [_out_of_date(row, now)]
    silence = worker(worker_seen_at, row.is_proved, now)
    if silence.verdict is Verdict.READY:
        return Readiness(VERDICTS[row.verdict] if is_current else Verdict.UNKNOWN, tuple(checks))
    return weighed([*checks, silence])


def verdicts_of(
    stay_ids: Collection[int], now: datetime, worker_seen_at: datetime | None
) -> defaultdict[int, Readiness]:
    """What a page shows of these stays, by id; the few that are out of date are judged on the spot."""
    rows = StayVerdict.objects.filter(pk__in=stay_ids)
    found = stored(rows)
    if due := [row.pk for row in found if not row.is_current(now)][:ON_THE_SPOT]:
        judge(due, now)
        found = stored(rows)
    known = {row.pk: readiness_of(row, now, worker_seen_at) for row in found}
    return defaultdict(lambda: NEVER_CHECKED, known)


def _out_of_date(row: StoredVerdict, now: datetime) -> Check:
    if row.checked_at is None:
        return NOT_CHECKED
    there = row.checked_at.astimezone(ZoneInfo(row.zone))
    is_today = there.date() == now.astimezone(ZoneInfo(row.zone)).date()
    at = clock(there) if is_today else when(row.checked_at, row.zone)
    said = f", {VERDICTS[row.verdict].label.lower()} then" if row.verdict else ""
    return Check(Subject.WORKER, Verdict.UNKNOWN, f"Last checked {at}{said}.", "It is checked again within minutes.")


NOT_CHECKED = Check(Subject.WORKER, Verdict.UNKNOWN, "Not checked yet.", "It is checked within a minute.")
NEVER_CHECKED = Readiness(Verdict.UNKNOWN, (NOT_CHECKED,))
