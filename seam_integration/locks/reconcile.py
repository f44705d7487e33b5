"""Makes one lock hold exactly the codes that are wanted: look, plan (pure), carry out, write down what Seam said."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from properties.codes import capacity, lock_test, pins, planning
from properties.models import AccessCode, Activity, Certainty, CodeKind, Lock, StaffMember
from properties.models.access_codes import REMOVAL_ERRORS, same_minute
from properties.verdict.checks import NEEDS_ANOTHER_PIN
from seam_integration.api.client import Json, SeamClient, SeamError, parse_time
from seam_integration.api.problems import explain
from seam_integration.locks.polling import SEAM_ENDS_WITHIN, is_census_due, needs_look, next_look

logger = logging.getLogger(__name__)

# A lease outlasts the longest call (35 s) and is renewed before each: a worker that dies blocks its lock for
# little more than a minute, and no two workers are ever on one lock.
LEASE = timedelta(seconds=80)
# Below Seam's limits per lock and minute (10 creates, 10 updates, 20 deletes), with room for a second try.
BUDGET = {"create": 8, "update": 8, "delete": 15}
# A request that got no answer may still be on its way: look again only after this.
IN_FLIGHT = timedelta(seconds=60)
BREAKER_FAILURES, BREAKER_SPAN = 5, timedelta(hours=1)
# Shorter when nobody can be reached at all: that is Seam's trouble, not this lock's, and ends for all at once.
BREAKER_PAUSE, OUTAGE_PAUSE = timedelta(hours=1), timedelta(minutes=15)
# A PIN nobody saw is changed silently when the lock turns out to have it already; more often than this is odd.
SILENT_NEW_PINS = 2


class LeaseLost(Exception):
    """Another worker took the lock over because we were away for too long: leave it alone."""


class Turn(NamedTuple):
    """What a turn on a lock leaves behind."""

    # Our rows that may hold a place, as they are now.
    codes: Iterable[AccessCode]
    # When the lock's codes were last listed.
    read_at: datetime
    # Nothing was left over for want of budget.
    is_complete: bool


# --- The plan -------------------------------------------------------------------------------------------------------


@dataclass
class Plan:
    """What to do on one lock. Lists are in the order in which they are carried out."""

    observe: list[tuple[AccessCode, Json]] = field(default_factory=list)
    gone: list[AccessCode] = field(default_factory=list)
    lost: list[AccessCode] = field(default_factory=list)
    delete: list[tuple[AccessCode | None, str]] = field(default_factory=list)
    update: list[tuple[AccessCode, Json]] = field(default_factory=list)
    create: list[AccessCode] = field(default_factory=list)
    foreign: list[Json] = field(default_factory=list)


def plan(codes: Iterable[AccessCode], remotes: Iterable[Json], now: datetime, ended: Iterable[AccessCode] = ()) -> Plan:
    """Pure: what must change at Seam so that the lock holds what is wanted.

    `codes`: our rows that may hold a place; `remotes`: Seam's managed codes of the lock; `ended`: rows that were
    removed before, by whose names a code is recognised that turned up after all.
    A code is matched by id, else by our unique name: Seam knows no idempotency key, so a create whose answer was
    lost is adopted, never repeated.
    """
    result = Plan()
    by_id = {str(r["access_code_id"]): r for r in remotes}
    by_name: dict[str, list[Json]] = {}
    for each in by_id.values():
        by_name.setdefault(str(each.get("name") or ""), []).append(each)
    matched: set[str] = set()
    for code in codes:
        twins = by_name.get(code.seam_name, [])
        remote: Json | None = by_id.get(str(code.seam_id))
        if remote is None and twins:
            remote = next((r for r in twins if not _is_ending(r)), twins[0])
        matched |= {str(r["access_code_id"]) for r in twins}
        if remote is not None:
            matched.add(str(remote["access_code_id"]))
            result.observe.append((code, remote))
        for twin in twins:
            if twin is not remote and not _is_ending(twin):
                result.delete.append((None, str(twin["access_code_id"])))
        if code.is_wanted(now):
            _plan_wanted(result, code, remote, now)
        else:
            _plan_unwanted(result, code, remote, now)
    ended_names = {code.seam_name for code in ended}
    for remote_id, stray in by_id.items():
        if remote_id in matched:
            continue
        if str(stray.get("name") or "") in ended_names:
            if not _is_ending(stray):
                result.delete.append((None, remote_id))
        else:
            result.foreign.append(stray)
    result.create.sort(key=lambda code: capacity.need(code, now))
    return result


def _plan_wanted(result: Plan, code: AccessCode, remote: Json | None, now: datetime) -> None:
    if remote is None:
        if code.seam_id is not None:
            if code.accepted_at is None or now - code.accepted_at > IN_FLIGHT:
                result.lost.append(code)
                result.create.append(code)
        elif code.rejected_at is None and _is_not_in_flight(code, now):
            result.create.append(code)
        return
    if _is_ending(remote) or code.rejected_at is not None:
        return
    if not _has_window_of(code, remote, now) or _has_other_pin(code, remote):
        result.update.append((code, remote))


def _has_window_of(code: AccessCode, remote: Json, now: datetime) -> bool:
    """The same times to the minute; two starts that are both past let the holder in alike."""
    starts_at, ends_at = parse_time(remote.get("starts_at")), parse_time(remote.get("ends_at"))
    both_begun = starts_at is not None and code.starts_at is not None and max(starts_at, code.starts_at) <= now
    return (both_begun or same_minute(starts_at, code.starts_at)) and same_minute(ends_at, code.ends_at)


def _has_other_pin(code: AccessCode, remote: Json) -> bool:
    """Somebody changed it; None means that Seam does not tell (Wyze PINs cannot be read back)."""
    return bool(remote.get("code")) and remote["code"] != code.pin


def _plan_unwanted(result: Plan, code: AccessCode, remote: Json | None, now: datetime) -> None:
    if remote is None:
        if code.seam_id is not None or _is_not_in_flight(code, now):
            result.gone.append(code)
        return
    over_for = now - code.ends_at if code.ends_at else timedelta(0)
    # Seam's documents announce that expired codes will stay listed, as `unset` with their end in the past.
    has_failed = any(e.get("error_code") in REMOVAL_ERRORS for e in remote.get("errors") or [])
    if remote.get("status") == "unset" and over_for > timedelta(0) and not has_failed and not _is_ending(remote):
        result.gone.append(code)
        return
    if _is_ending(remote):
        return
    if code.revoked_at is not None or over_for > SEAM_ENDS_WITHIN:
        result.delete.append((code, str(remote["access_code_id"])))


def _is_ending(remote: Json) -> bool:
    """Seam is already taking this code off the lock."""
    return remote.get("status") == "removing" or any(
        m.get("mutation_code") == "deleting" for m in remote.get("pending_mutations") or []
    )


def _is_not_in_flight(code: AccessCode, now: datetime) -> bool:
    return code.create_sent_at is None or abs(now - code.create_sent_at) > IN_FLIGHT


# --- Carrying it out ------------------------------------------------------------------------------------------------


def reconcile(lock_id: int, now: datetime, client: SeamClient) -> bool:
    """Reconcile one lock; True when a wish came in meanwhile, so that another turn is wanted at once.

    Does nothing when another worker has it, when it is not due, or when there is nothing to do it with. Failures of
    Seam are written on the lock with the hour of the next try and do not leave this function.
    """
    if not Lock.objects.lease(lock_id, timezone.now(), LEASE):
        return False
    lock = Lock.objects.select_related("account").get(pk=lock_id)
    try:
        if lock.reconcile_at is None or lock.reconcile_at > now:
            # Enqueued twice, and done by the other.
            return False
        if not lock.is_usable:
            Lock.objects.filter(pk=lock_id, wakes=lock.wakes).update(reconcile_at=None)
            return False
        try:
            turn = _work(lock, now, client)
        except SeamError as error:
            return not _note_failure(lock, now, error)
        except LeaseLost:
            return False
        return not _note_success(lock, now, turn)
    finally:
        Lock.objects.release(lock)


def _hold(lock: Lock) -> None:
    """Before each call that changes something. Raises LeaseLost."""
    if not Lock.objects.renew(lock, timezone.now(), LEASE):
        raise LeaseLost


def _work(lock: Lock, now: datetime, client: SeamClient) -> Turn:
    codes = lock.access_codes.occupying()
    if needs_look(lock, codes, now):
        is_complete = _look_and_act(lock, now, client)
        return Turn(lock.access_codes.occupying(), now, is_complete)
    return Turn(codes, lock.codes_read_at or now, _send_new(lock, codes, now, client))


def _send_new(lock: Lock, codes: Iterable[AccessCode], now: datetime, client: SeamClient) -> bool:
    """Without a look: the codes that were never sent; see `needs_look`. True when nothing was left over."""
    create = plan([code for code in codes if code.seam_id is None], [], now).create
    _create_some(lock, create, now, client)
    return len(create) <= BUDGET["create"]


def _look_and_act(lock: Lock, now: datetime, client: SeamClient) -> bool:
    """Look, plan, act. True when nothing was left over for want of budget."""
    remotes = client.list_codes(str(lock.seam_id))
    _read_unmanaged(lock, now, client)
    # Read after Seam's answer, for it may have taken a while.
    codes = list(lock.access_codes.occupying())
    known = {code.seam_name for code in codes}
    unknown_names = [r["name"] for r in remotes if r.get("name") and r["name"] not in known]
    ended = list(lock.access_codes.filter(seam_name__in=unknown_names)) if unknown_names else []
    todo = plan(codes, remotes, now, ended)
    for code, remote in todo.observe:
        observe(code, remote, now, "read back")
    for code in todo.gone:
        _note_gone(code, now)
    for code in todo.lost:
        _note_lost(code, now)
    _keep_foreign(lock, todo.foreign)
    if lock.account.is_dropped:
        # Nothing gets through. What is wanted stands in our rows; the account's return wakes its locks.
        return True
    for ours, remote_id in todo.delete[: BUDGET["delete"]]:
        _hold(lock)
        _delete(ours, remote_id, now, client)
    for code, remote in todo.update[: BUDGET["update"]]:
        _hold(lock)
        _update(code, remote, now, client)
    fitting = capacity.fitting(lock, todo.create, _held(lock, todo, remotes, now), now)
    _create_some(lock, fitting, now, client)
    return (
        len(todo.delete) <= BUDGET["delete"]
        and len(todo.update) <= BUDGET["update"]
        # What has no place waits for one at its own pace: asking each minute makes none.
        and len(fitting) <= BUDGET["create"]
    )


def _held(lock: Lock, todo: Plan, remotes: Iterable[Json], now: datetime) -> list[capacity.Span]:
    """The places that are taken by what Seam listed just now, and by codes that were not made through Seam."""
    gone = {id(remote) for code, remote in todo.observe if code in todo.gone}
    revoked = {id(remote): code.revoked_at for code, remote in todo.observe if code.revoked_at is not None}
    spans = [*capacity.spans_of_unrecognized((r for r in lock.unmanaged_codes if not r.get("is_managed")), now)]
    for remote in remotes:
        if id(remote) not in gone:
            starts_at, ends_at = parse_time(remote.get("starts_at")), parse_time(remote.get("ends_at"))
            leaves_at = min((at for at in (ends_at, revoked.get(id(remote))) if at is not None), default=None)
            spans.append(capacity.span_until_gone(starts_at, leaves_at, now))
    return spans


def _read_unmanaged(lock: Lock, now: datetime, client: SeamClient) -> None:
    """Codes on the lock that were not made through Seam: they use places, and belong to nobody we know."""
    if not is_census_due(lock, now):
        return
    found = [_census_row(r) for r in client.list_unmanaged_codes(str(lock.seam_id))]
    lock.unmanaged_codes, lock.unmanaged_read_at = found, now
    lock.save(update_fields=["unmanaged_codes", "unmanaged_read_at"])


def _keep_foreign(lock: Lock, foreign: Sequence[Json]) -> None:
    """Managed codes of the workspace that are not ours (made in Seam's Console, by another program)."""
    others = [row for row in lock.unmanaged_codes if not row.get("is_managed")]
    found = others + [_census_row(r) for r in foreign]
    if found != lock.unmanaged_codes:
        lock.unmanaged_codes = found
        lock.save(update_fields=["unmanaged_codes"])


def _census_row(remote: Json) -> dict[str, Any]:
    kept = ("access_code_id", "name", "status", "starts_at", "ends_at", "created_at", "is_managed")
    return {key: remote.get(key) for key in kept}


def _create_some(lock: Lock, codes: Sequence[AccessCode], now: datetime, client: SeamClient) -> None:
    for code in codes[: BUDGET["create"]]:
        _hold(lock)
        _create(lock, code, now, client)


def _create(lock: Lock, code: AccessCode, now: datetime, client: SeamClient) -> None:
    # Before the call: if its answer is lost, the next run knows that it must look first.
    claimed = AccessCode.objects.filter(pk=code.pk, revoked_at=None, seam_id=None)
    if claimed.update(create_sent_at=now) == 0:
        return
    try:
        remote = client.create_code(str(lock.seam_id), code.seam_name, code.pin, code.window)
    except SeamError as error:
        if error.is_retryable:
            if not error.is_unanswered:
                AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None)
            raise
        if error.status == 409:
            _settle_duplicate(lock, code, now, client)
        else:
            AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None)
            _reject(code, now, error)
        return
    observe(code, remote, now, "Seam's answer")


def _settle_duplicate(lock: Lock, code: AccessCode, now: datetime, client: SeamClient) -> None:
    """409: either our own create of before, whose answer was lost, or somebody else's code with this PIN."""
    twin = next((r for r in client.list_codes(str(lock.seam_id)) if r.get("name") == code.seam_name), None)
    if twin is not None:
        observe(code, twin, now, "read back")
        return
    AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None)
    replace_taken_pin(code, now)


def replace_taken_pin(code: AccessCode, now: datetime) -> None:
    """The lock has this PIN, or does not take it. Nobody saw it: a new one, silently. Somebody did: stop, say so."""
    group = planning.same_pin_group(code)
    # Staff keep their PIN over all their hours and doors: it counts as seen.
    is_seen = code.staff_id is not None or any(one.pin_shown_at or one.pin_is_own_choice for one in group)
    if is_seen or _replacements(code) >= SILENT_NEW_PINS:
        _mark_rejected(
            code,
            now,
            "The lock does not take this PIN: it breaks a rule of the lock, or another code has it. "
            "Somebody has seen it, so it is not changed silently. Reissue the code with a new PIN.",
        )
        return
    try:
        planning.reissue(code, now, None, "PIN was taken on the lock")
    except pins.NoPinLeft as reason:
        _mark_rejected(code, now, str(reason))


def _replacements(code: AccessCode) -> int:
    count, current = 0, code
    while current.replaces is not None:
        count, current = count + 1, current.replaces
    return count


def _update(code: AccessCode, remote: Json, now: datetime, client: SeamClient) -> None:
    """Absolute values. A start that has passed stays as it is: in residence only the end moves (field study P4)."""
    window, begun_at = code.window, parse_time(remote.get("starts_at"))
    if window is not None and begun_at is not None and max(begun_at, window.starts_at) <= now:
        window = window._replace(starts_at=begun_at)
    pin = code.pin if _has_other_pin(code, remote) else ""
    try:
        client.update_code(str(remote["access_code_id"]), window, pin)
    except SeamError as error:
        if error.is_retryable:
            raise
        if not error.is_missing:
            _reject(code, now, error)
        return
    AccessCode.objects.filter(pk=code.pk).update(accepted_at=now, accepted_source="Seam's answer")


def _delete(code: AccessCode | None, remote_id: str, now: datetime, client: SeamClient) -> None:
    try:
        client.delete_code(remote_id)
    except SeamError as error:
        if error.is_retryable:
            raise
        if not error.is_missing:
            logger.warning("lock code not deleted: %s", error)
        return
    if code is not None:
        AccessCode.objects.filter(pk=code.pk, delete_sent_at=None).update(delete_sent_at=now)


# --- Writing down what Seam said ------------------------------------------------------------------------------------


def observe(code: AccessCode, remote: Json, now: datetime, source: str) -> None:
    """Take over what Seam says of a code, and the proof in it. Columns that did not change are not written."""
    status = str(remote.get("status") or "")
    is_scheduled = bool(remote.get("is_scheduled_on_device"))
    is_on_lock = status == "set" or is_scheduled
    seen: dict[str, Any] = {
        "seam_id": remote["access_code_id"],
        "seam_status": status,
        "is_scheduled_on_device": is_scheduled,
        "seam_starts_at": parse_time(remote.get("starts_at")),
        "seam_ends_at": parse_time(remote.get("ends_at")),
        "pending_mutations": without_pins(remote.get("pending_mutations") or []),
        "errors": without_pins(remote.get("errors") or []),
        "warnings": without_pins(remote.get("warnings") or []),
    }
    if code.accepted_at is None:
        seen |= {"accepted_at": now, "accepted_source": source}
    if is_on_lock and code.on_lock_at is None:
        seen |= {"on_lock_at": now, "on_lock_source": source}
    if status == "set" and code.live_at is None and (code.starts_at is None or code.starts_at <= now):
        seen |= {"live_at": now, "live_source": source}
    if status in ("unset", "setting") and not is_scheduled and code.is_wanted(now):
        # What was proved before is not so any more.
        seen |= {"on_lock_at": None, "on_lock_source": "", "live_at": None, "live_source": ""}
    changed = {name: value for name, value in seen.items() if str(getattr(code, name)) != str(value)}
    first_time = code.seam_id is None
    with transaction.atomic():
        AccessCode.objects.filter(pk=code.pk).update(observed_at=now, **changed)
        for name, value in changed.items():
            setattr(code, name, value)
        code.observed_at = now
        if first_time:
            text = f"Seam accepted the code for {code.holder_name} on {code.lock}"
            _tell(code, now, "code.accepted", text, source)
        if changed.get("on_lock_at"):
            _tell(code, now, "code.on_lock", f"Code for {code.holder_name} is on {code.lock}", source)
    _react_to_errors(code, now)


def without_pins(entries: list[Json]) -> list[Json]:
    """Errors, warnings and pending mutations without the parts in which Seam may repeat a PIN (`from`, `to`)."""
    kept = (
        "error_code",
        "warning_code",
        "mutation_code",
        "message",
        "created_at",
        "scheduled_at",
        "change_type",
        "is_access_code_error",
        "is_device_error",
        "is_connected_account_error",
    )
    return [{key: entry[key] for key in kept if key in entry} for entry in entries]


def _react_to_errors(code: AccessCode, now: datetime) -> None:
    if not code.is_wanted(now) or code.rejected_at is not None:
        return
    if any(error.get("error_code") in NEEDS_ANOTHER_PIN for error in code.own_errors):
        replace_taken_pin(code, now)
        return
    for error in code.own_errors:
        explained = explain(error)
        if not explained.is_retryable:
            _mark_rejected(code, now, f"{explained.what} {explained.todo}".strip())
            return


def _note_gone(code: AccessCode, now: datetime) -> None:
    """Read back and not there any more: that is the proof of removal."""
    source = "read back: no longer there" if code.seam_id else "never reached Seam"
    if mark_removed(code, now, source, now):
        text = f"Code for {code.holder_name} is no longer on {code.lock}"
        _tell(code, now, "code.removed", text, "read back")


def mark_removed(code: AccessCode, at: datetime, source: str, now: datetime) -> bool:
    """Record the proof of removal, once; not for a code that somebody extended a moment ago."""
    unwanted = Q(revoked_at__isnull=False) | Q(ends_at__lte=now)
    mine = AccessCode.objects.filter(unwanted, pk=code.pk, removed_at=None)
    done = mine.update(removed_at=at, removed_source=source, errors=[], pending_mutations=[]) == 1
    if done and code.staff_id is not None:
        # The same PIN may be put on again for the next hours.
        StaffMember.objects.current().filter(pk=code.staff_id).update(plan_at=now)
    return done


def _note_lost(code: AccessCode, now: datetime) -> None:
    """Somebody removed a code that is still wanted: forget the old id, it will be made anew with the same PIN."""
    nothing = {"seam_id": None, "create_sent_at": None, "accepted_at": None, "accepted_source": ""}
    no_proof = {"on_lock_at": None, "on_lock_source": "", "live_at": None, "live_source": ""}
    AccessCode.objects.filter(pk=code.pk).update(**nothing, **no_proof)
    code.refresh_from_db()
    text = f"Code for {code.holder_name} disappeared from {code.lock} and is put back"
    _tell(code, now, "code.lost", text, "read back")


def _reject(code: AccessCode, now: datetime, error: SeamError) -> None:
    _mark_rejected(code, now, f"Seam refused: {error.message.replace(code.pin, '••••')}")


def _mark_rejected(code: AccessCode, now: datetime, words: str) -> None:
    mine = AccessCode.objects.filter(pk=code.pk, rejected_at=None)
    code.rejected_at, code.rejection = now, words[:500]
    if mine.update(rejected_at=now, rejection=code.rejection) == 1:
        _tell(
            code,
            now,
            "code.rejected",
            f"Code for {code.holder_name} on {code.lock}: {words}",
            "Seam's answer",
        )


def _tell(code: AccessCode, now: datetime, kind: str, text: str, source: str) -> None:
    certainty = Certainty.READ_BACK if source == "read back" else Certainty.REPORTED
    about: dict[str, Any] = {"access_code": code, "lock_id": code.lock_id, "stay_id": code.stay_id}
    Activity.record(code.organization_id, now, kind, text, source="Seam", certainty=certainty, **about)


# --- When to come again -----------------------------------------------------------------------------------------------


def _note_success(lock: Lock, now: datetime, turn: Turn) -> bool:
    """Set the hour of the next turn; False when a wish came in meanwhile (`wakes`), which keeps its own."""
    if lock.failures or lock.breaker_until:
        healthy = {"failures": 0, "failed_since": None, "last_failure": "", "breaker_until": None}
        Lock.objects.filter(pk=lock.pk).update(**healthy)
    if any(code.kind == CodeKind.TEST for code in turn.codes):
        # A test that is over takes its code off: a wish like any other.
        lock_test.carry_on(now, [lock.pk])
    at = next_look(turn.codes, now, turn.read_at) if turn.is_complete else now + timedelta(seconds=60)
    return Lock.objects.finish(lock, at, turn.read_at)


def backoff(failures: int, retry_after: float | None) -> timedelta:
    """15 s, 30 s, 1 min … at most 10 min, ± a quarter so that locks do not come back in step."""
    seconds = min(15 * 2 ** max(0, failures - 1), 600)
    jittered = seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=max(jittered, retry_after or 0))


def _note_failure(lock: Lock, now: datetime, error: SeamError) -> bool:
    """Retryable or not, a lock that failed comes back later; five failures within an hour pause it, visibly.

    False when a wish came in meanwhile, which keeps its hour.
    """
    logger.warning("lock %s: %s", lock.pk, error)
    if error.status == 429:
        # Not a failure: we were too fast for this lock's minute.
        at = now + timedelta(seconds=max(error.retry_after or 0, 20))
        return Lock.objects.filter(pk=lock.pk, wakes=lock.wakes).update(reconcile_at=at) == 1
    is_fresh = lock.failed_since is None or now - lock.failed_since > BREAKER_SPAN
    since = now if is_fresh else lock.failed_since
    failures = 1 if is_fresh else lock.failures + 1
    at = now + backoff(failures, error.retry_after)
    breaker_until = None
    if failures >= BREAKER_FAILURES:
        breaker_until = at = now + (OUTAGE_PAUSE if error.is_unanswered else BREAKER_PAUSE)
    fields = {
        "failures": failures,
        "failed_since": since,
        "last_failure": str(error)[:500],
        "breaker_until": breaker_until,
    }
    Lock.objects.filter(pk=lock.pk).update(**fields)
    return Lock.objects.filter(pk=lock.pk, wakes=lock.wakes).update(reconcile_at=at) == 1
