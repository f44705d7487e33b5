"""Writes down what Seam said of a lock's codes: observation, proof, refusal, loss; each with its line of history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from properties.codes import pins, planning
from properties.models import AccessCode, Activity, ActivityKind, Certainty, Lock, StaffMember
from properties.models.access_codes import errors_of_the_code
from properties.verdict.checks import NEEDS_ANOTHER_PIN
from seam_integration.api.client import Json, SeamError
from seam_integration.api.payloads import parse_time
from seam_integration.api.problems import explain
from seam_integration.locks.plan import is_as_wanted, is_on_lock

# A PIN that was never shown is changed silently when the lock turns out to have it already; more often is odd.
SILENT_NEW_PINS = 2
# Statuses are an open set; a longer one is cut where its column ends.
LONGEST_STATUS = 30


# --- One of our codes -------------------------------------------------------------------------------------------


def observe(code: AccessCode, remote: Json, now: datetime, source: str) -> None:
    """Take over what Seam says of a code, and the proof in it. Columns that did not change are not written."""
    status = str(remote.get("status") or "")[:LONGEST_STATUS]
    is_scheduled = bool(remote.get("is_scheduled_on_device"))
    is_there = is_on_lock(remote)
    errors, outdated = _errors_that_count(without_pins(remote.get("errors") or []), status)
    seen: dict[str, Any] = {
        "seam_id": str(remote["access_code_id"]),
        "seam_status": status,
        "is_scheduled_on_device": is_scheduled,
        "seam_starts_at": parse_time(remote.get("starts_at")),
        "seam_ends_at": parse_time(remote.get("ends_at")),
        "pending_mutations": without_pins(remote.get("pending_mutations") or []),
        "errors": errors,
        "has_own_errors": bool(errors_of_the_code(errors)),
        "warnings": [*without_pins(remote.get("warnings") or []), *outdated],
    }
    if code.accepted_at is None:
        seen |= {"accepted_at": now, "accepted_source": source}
    if is_there and code.on_lock_at is None:
        seen |= {"on_lock_at": now, "on_lock_source": source}
    if status == "set" and code.live_at is None and (code.starts_at is None or code.starts_at <= now):
        seen |= {"live_at": now, "live_source": source}
    if status in ("unset", "setting") and not is_scheduled and code.is_wanted(now):
        # What was proved before is not so any more.
        seen |= {"on_lock_at": None, "on_lock_source": "", "live_at": None, "live_source": ""}
    if code.rejected_at is None or (is_there and is_as_wanted(code, remote, now)):
        # It was taken, or even works as it is wanted: what was refused before does not count any more.
        seen |= {"rejected_at": None, "rejection": ""}
    if is_there and code.moved_at is not None and code.window_proved_at is None and _has_taken_times(code, remote, now):
        seen |= {"window_proved_at": now, "window_proved_source": source}
    if code.removed_at is None:
        # It is there: whatever said that it was gone does not count.
        seen |= {"missing_at": None, "removed_source": ""}
    changed = {name: value for name, value in seen.items() if getattr(code, name) != value}
    first_time = code.seam_id is None
    with transaction.atomic():
        AccessCode.objects.filter(pk=code.pk).update(observed_at=now, **changed)
        for name, value in changed.items():
            setattr(code, name, value)
        code.observed_at = now
        if first_time:
            text = f"Seam accepted the code for {code.holder_name} on {code.lock}"
            _record(code, now, "code.accepted", text, source)
        if changed.get("on_lock_at"):
            _record(code, now, "code.on_lock", f"Code for {code.holder_name} is on {code.lock}", source)
    _react_to_errors(code, now)


def _has_taken_times(code: AccessCode, remote: Json, now: datetime) -> bool:
    """The times that are wanted now are on the lock, and no change of them is under way."""
    mutations = remote.get("pending_mutations") or []
    is_changing = any(str(mutation.get("mutation_code", "")).startswith("updating") for mutation in mutations)
    return is_as_wanted(code, remote, now) and not is_changing


# What an earlier try met. Beside the status `set` it is history, whatever else Seam still lists.
OVERTAKEN_WHEN_SET = frozenset({"failed_to_set_on_device", "failed_to_issue", "delay_in_setting_on_device"})


def _errors_that_count(errors: list[Json], status: str) -> tuple[list[Json], list[Json]]:
    """The errors that still hold, and those that the status contradicts: these are shown as remarks."""
    if status != "set":
        return errors, []
    outdated = [error for error in errors if error.get("error_code") in OVERTAKEN_WHEN_SET]
    return [error for error in errors if error not in outdated], outdated


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
            mark_rejected(code, now, f"{explained.what} {explained.todo}".strip())
            return


def note_missing(code: AccessCode, now: datetime) -> None:
    """Seam has nothing of it, said for the first time: no proof yet."""
    AccessCode.objects.filter(pk=code.pk, removed_at=None, missing_at=None).update(missing_at=now)


def note_told_removed(code: AccessCode, at: datetime, source: str) -> None:
    """An event told that it was removed. The proof is complete when Seam, asked for it, has it no more."""
    here = AccessCode.objects.filter(pk=code.pk, removed_at=None)
    here.filter(removed_source="").update(removed_source=source)
    here.filter(delete_sent_at=None).update(delete_sent_at=at)


def withdraw_removal(code: AccessCode, remote: Json, now: datetime) -> bool:
    """A code that is recorded as removed is there: take the record back. False where another code has its place."""
    try:
        with transaction.atomic():
            mine = AccessCode.objects.filter(pk=code.pk, removed_at__isnull=False)
            if mine.update(removed_at=None, removed_source="", missing_at=None, delete_sent_at=None) == 0:
                return False
            text = f"Code for {code.holder_name} turned up again on {code.lock}, so it is not removed"
            _record(code, now, ActivityKind.CODE_RETURNED, text, "read back")
    except IntegrityError:
        return False
    code.refresh_from_db()
    observe(code, remote, now, "read back")
    return True


def note_gone(code: AccessCode, now: datetime) -> None:
    """Asked for, and not there any more: that completes the proof of removal."""
    by_itself = "read back: no longer there" if code.last_sent_at else "never reached Seam"
    if mark_removed(code, now, code.removed_source or by_itself, now):
        text = f"Code for {code.holder_name} is no longer on {code.lock}"
        _record(code, now, "code.removed", text, "read back")


def mark_removed(code: AccessCode, at: datetime, source: str, now: datetime) -> bool:
    """Record the proof of removal, once; not for a code that was extended a moment ago."""
    unwanted = Q(revoked_at__isnull=False) | Q(ends_at__lte=now)
    mine = AccessCode.objects.filter(unwanted, pk=code.pk, removed_at=None)
    done = mine.update(removed_at=at, removed_source=source, errors=[], has_own_errors=False, pending_mutations=[]) == 1
    if done and code.staff_id is not None:
        # The same PIN may be put on again for the next hours.
        StaffMember.objects.current().filter(pk=code.staff_id).update(plan_at=now)
    return done


def note_lost(code: AccessCode, now: datetime) -> None:
    """A code that is still wanted was removed elsewhere: forget the old id, it is created again with the same PIN."""
    nothing = {"seam_id": None, "create_sent_at": None, "accepted_at": None, "accepted_source": ""}
    nothing |= {"missing_at": None, "delete_sent_at": None, "removed_source": ""}
    no_proof = {"on_lock_at": None, "on_lock_source": "", "live_at": None, "live_source": ""}
    AccessCode.objects.filter(pk=code.pk).update(**nothing, **no_proof)
    code.refresh_from_db()
    text = f"Code for {code.holder_name} disappeared from {code.lock} and is put back"
    _record(code, now, "code.lost", text, "read back")


def reject(code: AccessCode, now: datetime, error: SeamError) -> None:
    mark_rejected(code, now, f"Seam refused: {error.message.replace(code.pin, '••••')}")


def note_refusal(code: AccessCode, now: datetime, error: SeamError) -> None:
    """A refusal that may pass: kept in words, in history once for each wording, and tried again with pauses."""
    words = f"Seam refused: {error.message.replace(code.pin, '••••')}"[:500]
    mine = AccessCode.objects.filter(pk=code.pk, rejected_at=None).exclude(rejection=words)
    if mine.update(rejection=words) == 1:
        text = f"Code for {code.holder_name} on {code.lock}: {words} It is tried again."
        _record(code, now, ActivityKind.CODE_REFUSED, text, "Seam's answer")


def mark_rejected(code: AccessCode, now: datetime, words: str) -> None:
    mine = AccessCode.objects.filter(pk=code.pk, rejected_at=None)
    code.rejected_at, code.rejection = now, words[:500]
    if mine.update(rejected_at=now, rejection=code.rejection) == 1:
        _record(
            code,
            now,
            "code.rejected",
            f"Code for {code.holder_name} on {code.lock}: {words}",
            "Seam's answer",
        )


def _record(code: AccessCode, now: datetime, kind: str, text: str, source: str) -> None:
    certainty = Certainty.READ_BACK if source == "read back" else Certainty.REPORTED
    about: dict[str, Any] = {"access_code": code, "lock_id": code.lock_id, "stay_id": code.stay_id}
    Activity.record(code.organization_id, now, kind, text, source="Seam", certainty=certainty, **about)


def replace_taken_pin(code: AccessCode, now: datetime) -> None:
    """If the PIN was never shown, replace it silently; otherwise reject the code and explain."""
    group = planning.same_pin_group(code)
    # Staff keep their PIN over all their hours and doors: it counts as seen.
    is_seen = code.staff_id is not None or any(one.pin_shown_at or one.pin_is_own_choice for one in group)
    if is_seen or _replacements(code) >= SILENT_NEW_PINS:
        mark_rejected(
            code,
            now,
            "The lock does not take this PIN: it breaks a rule of the lock, or another code has it. "
            "The PIN was shown already, so it is not changed silently. Reissue the code with a new PIN.",
        )
        return
    try:
        planning.reissue(code, now, None, "PIN was taken on the lock")
    except pins.NoPinLeft as reason:
        mark_rejected(code, now, str(reason))


def _replacements(code: AccessCode) -> int:
    count, current = 0, code
    while current.replaces is not None:
        count, current = count + 1, current.replaces
    return count


# --- Codes that were not made in Latchkey -------------------------------------------------------------------------


def keep_unmanaged(lock: Lock, remotes: Sequence[Json], now: datetime) -> None:
    """Codes on the lock that were not made through Seam: they use places. `keep_foreign` adds the others."""
    lock.other_codes, lock.unmanaged_read_at = [other_code(r) for r in remotes], now
    lock.save(update_fields=["other_codes", "unmanaged_read_at"])


def keep_foreign(lock: Lock, foreign: Sequence[Json]) -> None:
    """Managed codes of the workspace that are not ours (made in Seam's Console, by another program)."""
    unmanaged = [row for row in lock.other_codes if not row.get("is_managed")]
    found = unmanaged + [other_code(r) for r in foreign]
    if found != lock.other_codes:
        lock.other_codes = found
        lock.save(update_fields=["other_codes"])


def other_code(remote: Json) -> dict[str, Any]:
    """A row of `Lock.other_codes`, made of a code in Seam's words. It never holds a PIN."""
    kept = ("access_code_id", "name", "status", "starts_at", "ends_at", "created_at", "is_managed")
    return {key: remote.get(key) for key in kept}
