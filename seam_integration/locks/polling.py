"""Pure: when a lock is polled, that is, its codes listed: whether before anything is sent, and when next."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from properties.codes import capacity
from properties.models import AccessCode, Lock
from properties.models.access_codes import LOADED_AHEAD
from seam_integration.locks.plan import SEAM_ENDS_WITHIN, asked_again_at
from seam_integration.models import LockWork

UNMANAGED_READ_EVERY = timedelta(hours=12)
# While something is awaited we poll again after a quarter of the time it has taken so far, within these.
SOONEST_POLL, LATEST_POLL = timedelta(seconds=60), timedelta(minutes=30)
# A code that is wanted again while Seam is taking it off has to be made anew as soon as it is gone.
ENDING_POLL = timedelta(minutes=5)


# --- Before anything is sent ----------------------------------------------------------------------------------------


def must_list_first(work: LockWork, codes: Iterable[AccessCode], now: datetime) -> bool:
    """Must Seam be asked what the lock holds before anything is sent to it? (docs/decisions/0012)

    Not when that could tell nothing: no poll is due for another reason, all that the lock holds of ours is as it
    should be, and what there is to do is to send codes for the very first time. `codes` are our rows that may hold a
    place; they are not read when the lock's own row settles it.
    """
    lock, read_at = work.lock, work.codes_read_at
    if read_at is None or read_at > now or is_census_due(lock, now):
        return True
    if work.failures or lock.account.is_dropped:
        return True
    new: list[AccessCode] = []
    known: list[AccessCode] = []
    for code in codes:
        (new if _was_never_sent(code) else known).append(code)
    if not new or not all(code.is_wanted(now) for code in new) or not all(_is_at_rest(code, now) for code in known):
        return True
    return _poll_due(known, now, read_at) <= now or len(_fitting(lock, new, known, now)) < len(new)


def is_census_due(lock: Lock, now: datetime) -> bool:
    """Is it time to ask for the codes that were not made through Seam?"""
    return lock.unmanaged_read_at is None or now - lock.unmanaged_read_at >= UNMANAGED_READ_EVERY


def _was_never_sent(code: AccessCode) -> bool:
    """Seam cannot hold it by our hand. A lock linked anew forgets ids and claims, not that they were accepted."""
    return all(trace is None for trace in (code.seam_id, code.last_sent_at, code.rejected_at))


def _is_at_rest(code: AccessCode, now: datetime) -> bool:
    """If Seam said again what it said last, the plan would leave this code alone."""
    if not code.is_wanted(now) or code.missing_at is not None:
        return False
    if code.rejected_at is not None:
        return code.seam_id is not None or code.create_sent_at is None
    return code.seam_id is not None and code.has_wanted_window


def _fitting(lock: Lock, new: Iterable[AccessCode], known: Iterable[AccessCode], now: datetime) -> list[AccessCode]:
    """The new codes that have a place, as far as our rows tell."""
    return capacity.fitting(lock, new, capacity.spans_on(lock, known, now), now)


# --- The next poll --------------------------------------------------------------------------------------------------


def next_poll(codes: Iterable[AccessCode], now: datetime, read_at: datetime) -> datetime:
    """The next moment at which this lock's codes should be listed, if no event comes before.

    At each turn of a code's life, soon after what is under way, hourly within 48 h of an arrival, else daily; all
    counted from the last poll, which a turn that needed none does not put off.
    """
    return max(_poll_due(codes, now, read_at), now + timedelta(seconds=20))


def _poll_due(codes: Iterable[AccessCode], now: datetime, read_at: datetime) -> datetime:
    # Daily at the least, ± an hour so that a fleet's locks spread over the day.
    moments = [read_at + timedelta(hours=random.uniform(22, 24))]  # noqa: S311 - spreads load, guards nothing
    for code in codes:
        # Never later than now: the sandbox's clock may have been set back since.
        moments += _moments_of(code, min(now, max(read_at, code.observed_at or read_at)))
    return min(moments)


def _patiently(since: datetime, now: datetime) -> datetime:
    """Soon at first, ever later: what has been awaited for hours is not asked for each minute."""
    return now + min(LATEST_POLL, max(SOONEST_POLL, (now - since) / 4))


def _moments_of(code: AccessCode, now: datetime) -> list[datetime]:
    """When to poll for the sake of this code, which was last seen `now`."""
    if code.missing_at is not None:
        return [asked_again_at(code)]
    if not code.is_wanted(now):
        return [_patiently(min(t for t in (code.revoked_at, code.ends_at, now) if t), now)]
    soon = _patiently(max(code.created_at, code.starts_at or code.created_at, code.accepted_at or code.created_at), now)
    moments: list[datetime] = []
    if code.ends_at is not None:
        moments.append(code.ends_at + SEAM_ENDS_WITHIN)
    if code.rejected_at is not None:
        return moments
    if code.is_ending_at_seam:
        moments.append(now + ENDING_POLL)
    if not code.is_at_seam or not code.has_wanted_window:
        moments.append(soon)
    if code.starts_at is not None and code.starts_at > now:
        moments.append(code.starts_at + timedelta(minutes=1))
        if not code.is_proved_on_lock:
            loaded_at = code.starts_at - LOADED_AHEAD + timedelta(minutes=5)
            sent_at = code.accepted_at or code.created_at
            moments.append(loaded_at if loaded_at > now else _patiently(max(loaded_at, sent_at), now))
        if code.starts_at - now < timedelta(hours=48):
            moments.append(now + timedelta(hours=1))
    elif code.live_at is None or not code.is_proved_on_lock:
        moments.append(soon)
    return moments
