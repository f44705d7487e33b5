"""One turn on one lock, under a lease: list, plan (pure), carry out, write down, and say when to come again."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import Q
from django.utils import timezone

from properties.codes import lock_test
from properties.models import AccessCode, CodeKind, Lock
from seam_integration.api.client import Json, SeamClient, SeamError
from seam_integration.locks import observe
from seam_integration.locks.carry_out import carry_out, create_codes
from seam_integration.locks.plan import is_ending, plan
from seam_integration.locks.polling import is_census_due, must_list_first, next_poll
from seam_integration.models import LockWork

logger = logging.getLogger(__name__)

# A lease outlasts the longest call (35 s) and is renewed before each: a worker that dies blocks its lock for
# little more than a minute, and no two workers are ever on one lock.
LEASE = timedelta(seconds=80)
BREAKER_FAILURES, BREAKER_SPAN = 5, timedelta(hours=1)
# Shorter when Seam does not answer at all: that ends for all locks at once.
BREAKER_PAUSE, OUTAGE_PAUSE = timedelta(hours=1), timedelta(minutes=15)


class LeaseLost(Exception):
    """Another worker took the lock over because we were away for too long: leave it alone."""


class TurnResult(NamedTuple):
    """What a turn on a lock leaves behind."""

    # Our rows that may hold a place, as they are now.
    codes: Iterable[AccessCode]
    # When the lock's codes were last listed.
    read_at: datetime
    # Nothing was left over for want of budget.
    is_complete: bool


def reconcile(lock_id: int, now: datetime, client: SeamClient, latest: datetime | None = None) -> bool:
    """Reconcile one lock; True when it was woken meanwhile, so that another turn is wanted at once.

    `latest` is another opinion on the time, later than `now`: what only one of them makes over is left as it is.
    Does nothing when another worker has it, when it is not due, or when there is nothing to do it with. Failures of
    Seam are written on the lock with the hour of the next try and do not leave this function.
    """
    if not LockWork.objects.lease(lock_id, timezone.now(), LEASE):
        return False
    work = LockWork.objects.select_related("lock__account").get(pk=lock_id)
    try:
        if work.reconcile_at is None or work.reconcile_at > now:
            # Enqueued twice, and done by the other.
            return False
        if not work.lock.is_usable:
            LockWork.objects.put_off(work, None)
            return False
        try:
            result = _take_turn(work, now, client, latest or now)
        except SeamError as error:
            return not _note_failure(work, now, error)
        except LeaseLost:
            return False
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # Anything else costs this lock only: counted, shown, and tried again with pauses.
            logger.exception("lock %s", lock_id)
            unreadable = SeamError(f"An unexpected error ({type(error).__name__}); it is tried again", status=200)
            return not _note_failure(work, now, unreadable)
        return not _note_success(work, now, result)
    finally:
        LockWork.objects.release(work)


def _renew_lease(work: LockWork) -> None:
    """Before each call that changes something. Raises LeaseLost."""
    if not LockWork.objects.renew(work, timezone.now(), LEASE):
        raise LeaseLost


def _take_turn(work: LockWork, now: datetime, client: SeamClient, latest: datetime) -> TurnResult:
    lock, renew = work.lock, partial(_renew_lease, work)
    codes = lock.access_codes.occupying()
    if must_list_first(work, codes, now):
        is_complete = _list_and_act(work, now, client, latest)
        return TurnResult(lock.access_codes.occupying(), now, is_complete)
    # Only codes that were never sent are to be sent: see `must_list_first`.
    create = plan([code for code in codes if code.seam_id is None], [], now).create
    return TurnResult(codes, work.codes_read_at or now, create_codes(lock, create, now, client, renew))


def _list_and_act(work: LockWork, now: datetime, client: SeamClient, latest: datetime) -> bool:
    """List, plan, act. True when nothing was left over for want of budget."""
    lock = work.lock
    remotes = client.list_codes(lock.seam_id)
    if is_census_due(lock, now):
        observe.keep_unmanaged(lock, client.list_unmanaged_codes(lock.seam_id), now)
    # Read after Seam's answer, for it may have taken a while.
    codes = list(lock.access_codes.occupying())
    known = {code.seam_name for code in codes}
    strays = [remote for remote in remotes if remote.get("name") not in known]
    ended = _removed_ones(lock, strays) if strays else []
    found, unknown = _ask_by_id(_missing(codes, remotes, now), client, partial(_renew_lease, work))
    remotes = [*remotes, *found]
    todo = plan(codes, remotes, now, ended, unknown)
    todo.leave_alone([code for code in codes if code.is_wanted(now) is not code.is_wanted(latest)])
    for code, remote in todo.observe:
        observe.observe(code, remote, now, "read back")
    for code in todo.missing:
        observe.note_missing(code, now)
    for code in todo.gone:
        observe.note_gone(code, now)
    for code in todo.lost:
        observe.note_lost(code, now)
    todo.delete += _take_back_removals(todo.returned, now, client, partial(_renew_lease, work))
    observe.keep_foreign(lock, todo.foreign)
    if lock.account.is_dropped:
        # Nothing gets through. What is wanted stands in our rows; the account's return wakes its locks.
        return True
    return carry_out(lock, todo, remotes, now, client, partial(_renew_lease, work))


def _removed_ones(lock: Lock, strays: Iterable[Json]) -> list[AccessCode]:
    """Our rows that are recorded as removed, of codes that are listed all the same."""
    names = [str(remote["name"]) for remote in strays if remote.get("name")]
    ids = [str(remote["access_code_id"]) for remote in strays]
    rows = lock.access_codes.filter(Q(seam_name__in=names) | Q(seam_id__in=ids), removed_at__isnull=False)
    return list(rows.select_related("lock"))


def _take_back_removals(
    returned: Iterable[tuple[AccessCode, Json]], now: datetime, client: SeamClient, renew: Callable[[], None]
) -> list[tuple[AccessCode | None, str]]:
    """Removed codes that are there, asked for by id, since a list may be old: withdrawn, and what is to be deleted."""
    to_delete: list[tuple[AccessCode | None, str]] = []
    for code, listed in returned:
        remote_id = str(listed["access_code_id"])
        found, _ = _ask_by_id([remote_id], client, renew)
        for remote in found:
            is_withdrawn = observe.withdraw_removal(code, remote, now)
            if not is_ending(remote) and not (is_withdrawn and code.is_wanted(now)):
                to_delete.append((code if is_withdrawn else None, remote_id))
    return to_delete


def _missing(codes: Iterable[AccessCode], remotes: Iterable[Json], now: datetime) -> list[str]:
    """Ids of ours that the list should hold, or that should be proved gone, and does not."""
    listed = {str(remote.get("access_code_id")) for remote in remotes}
    ids = (str(code.seam_id) for code in codes if code.seam_id and (code.is_wanted(now) or code.delete_sent_at))
    return [seam_id for seam_id in ids if seam_id not in listed]


def _ask_by_id(seam_ids: Iterable[str], client: SeamClient, renew: Callable[[], None]) -> tuple[list[Json], set[str]]:
    """What Seam holds of these, and which of them it does not know. Raises SeamError when it does not say."""
    found, unknown = [], set()
    for seam_id in seam_ids:
        # A list that is empty asks for all codes of the lock: longer than one lease.
        renew()
        remote = client.find_code(seam_id)
        if remote is None:
            unknown.add(seam_id)
        else:
            found.append(remote)
    return found, unknown


# --- When to come again -----------------------------------------------------------------------------------------------


def _note_success(work: LockWork, now: datetime, result: TurnResult) -> bool:
    """Set the hour of the next turn; False when the lock was woken meanwhile (`wakes`), which keeps its own."""
    if work.failures or work.lock.breaker_until:
        LockWork.objects.filter(pk=work.pk).update(failures=0, failed_since=None)
        Lock.objects.filter(pk=work.pk).update(last_failure="", breaker_until=None)
    if any(code.kind == CodeKind.TEST for code in result.codes):
        # A test that is over takes its code off, which wakes the lock.
        lock_test.carry_on(now, [work.pk])
    at = next_poll(result.codes, now, result.read_at) if result.is_complete else now + timedelta(seconds=60)
    return LockWork.objects.finish(work, at, result.read_at)


def backoff(failures: int, retry_after: float | None) -> timedelta:
    """15 s, 30 s, 1 min … at most 10 min, ± a quarter so that locks do not come back in step."""
    seconds = min(15 * 2 ** max(0, failures - 1), 600)
    jittered = seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=max(jittered, retry_after or 0))


def _note_failure(work: LockWork, now: datetime, error: SeamError) -> bool:
    """Retryable or not, a lock that failed comes back later; five failures within an hour pause it, visibly.

    False when the lock was woken meanwhile, which keeps its hour.
    """
    logger.warning("lock %s: %s", work.pk, error)
    if error.status == 429:
        # Not a failure: we were too fast for this lock's minute.
        return LockWork.objects.put_off(work, now + timedelta(seconds=max(error.retry_after or 0, 20)))
    is_fresh = work.failed_since is None or now - work.failed_since > BREAKER_SPAN
    since = now if is_fresh else work.failed_since
    failures = 1 if is_fresh else work.failures + 1
    at = now + backoff(failures, error.retry_after)
    breaker_until = None
    if failures >= BREAKER_FAILURES:
        breaker_until = at = now + (OUTAGE_PAUSE if error.is_unanswered else BREAKER_PAUSE)
    LockWork.objects.filter(pk=work.pk).update(failures=failures, failed_since=since)
    Lock.objects.filter(pk=work.pk).update(last_failure=str(error)[:500], breaker_until=breaker_until)
    return LockWork.objects.put_off(work, at)
