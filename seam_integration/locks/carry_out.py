"""Carries a lock's plan out at Seam, each call once, and has its answer written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from properties.codes import capacity
from properties.models import AccessCode, Lock
from seam_integration.api.client import Json, SeamClient, SeamError, parse_time
from seam_integration.locks.observe import mark_rejected, note_missing, note_refusal, observe, reject, replace_taken_pin
from seam_integration.locks.plan import Plan, has_other_pin, is_ending, taken_places

logger = logging.getLogger(__name__)

# Below Seam's limits per lock and minute (10 creates, 10 updates, 20 deletes), with room for a second try.
BUDGET = {"create": 8, "update": 8, "delete": 15}

# Refusals that no other try can change (Seam's documents and its published fake). Any other may pass.
PERMANENT_REFUSALS = frozenset(
    {
        "invalid_input",
        "invalid_content_type",
        "code_constraints_violated",
        "access_code_not_time_bound",
        "device_type_not_supported",
        "device_unmanaged",
    }
)
# A refused code is tried again for this long at least, and until its door has to open within the hour.
TRIED_FOR, PRESSING_BEFORE = timedelta(minutes=15), timedelta(hours=1)

# Called before each call that changes something; raises when another worker has the lock.
RenewLease = Callable[[], None]


def carry_out(
    lock: Lock, plan: Plan, remotes: Iterable[Json], now: datetime, client: SeamClient, renew: RenewLease
) -> bool:
    """Delete, update, create, within a minute's budget. True when nothing was left over for want of budget."""
    for ours, remote_id in plan.delete[: BUDGET["delete"]]:
        renew()
        _delete(ours, remote_id, now, client)
    for code, remote in plan.update[: BUDGET["update"]]:
        renew()
        _update(code, remote, now, client)
    # A code that has no place is left out: asking each minute makes none.
    fitting = capacity.fitting(lock, plan.create, taken_places(lock, plan, remotes, now), now)
    return (
        create_codes(lock, fitting, now, client, renew)
        and len(plan.delete) <= BUDGET["delete"]
        and len(plan.update) <= BUDGET["update"]
    )


def create_codes(lock: Lock, codes: Sequence[AccessCode], now: datetime, client: SeamClient, renew: RenewLease) -> bool:
    """Create codes in this order, within a minute's budget. True when none was left over."""
    for code in codes[: BUDGET["create"]]:
        renew()
        _create(lock, code, now, client)
    return len(codes) <= BUDGET["create"]


def _create(lock: Lock, code: AccessCode, now: datetime, client: SeamClient) -> None:
    # Before the call: if its answer is lost, the next turn knows that it must list the codes first.
    claimed = AccessCode.objects.filter(pk=code.pk, revoked_at=None, seam_id=None)
    if claimed.update(create_sent_at=now, sent_at=now) == 0:
        return
    try:
        remote = client.create_code(lock.seam_id, code.seam_name, code.pin, code.window)
    except SeamError as error:
        if error.is_retryable:
            if not error.is_unanswered:
                # Too fast, or not let in.
                _forget_sending(code)
            raise
        if error.status == 409:
            _settle_duplicate(lock, code, now, client)
        elif error.code in PERMANENT_REFUSALS:
            _forget_sending(code)
            reject(code, now, error)
        elif _is_pressing(code, now):
            AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None)
            reject(code, now, error)
        else:
            # The claim stays: the work may have been done whatever the answer says, so the next turn lists first.
            note_refusal(code, now, error)
        return
    observe(code, remote, now, "Seam's answer")


def _forget_sending(code: AccessCode) -> None:
    """This answer is believed: the work was not done. An earlier try, as the row was read, stays known."""
    AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None, sent_at=code.sent_at)


def _is_pressing(code: AccessCode, now: datetime) -> bool:
    """It was tried for a while, and its door has to open within the hour: a person has to act."""
    begins_at = code.starts_at or code.created_at
    return now - code.created_at > TRIED_FOR and begins_at - now < PRESSING_BEFORE


def _settle_duplicate(lock: Lock, code: AccessCode, now: datetime, client: SeamClient) -> None:
    """409: either our own create of before, whose answer was lost, or a code made elsewhere with this PIN.

    Neither may be listed yet. The PIN is changed only when another code with it is seen; else it is tried again.
    """
    listed = client.list_codes(lock.seam_id)
    twin = next((remote for remote in listed if remote.get("name") == code.seam_name), None)
    if twin is not None:
        observe(code, twin, now, "read back")
    elif any(_holds_pin(other, code) for other in [*listed, *client.list_unmanaged_codes(lock.seam_id)]):
        _forget_sending(code)
        replace_taken_pin(code, now)
    elif _is_pressing(code, now):
        AccessCode.objects.filter(pk=code.pk).update(create_sent_at=None)
        mark_rejected(code, now, "Seam says that the lock has a code with this PIN, but lists none. Reissue it.")


def _holds_pin(other: Json, code: AccessCode) -> bool:
    """Another code with this PIN; one that is on its way off makes room by itself."""
    return other.get("code") == code.pin and not is_ending(other)


def _update(code: AccessCode, remote: Json, now: datetime, client: SeamClient) -> None:
    """Absolute values. A start that has passed stays as it is: in residence only the end moves (field study P4)."""
    window, begun_at = code.window, parse_time(remote.get("starts_at"))
    if window is not None and begun_at is not None and max(begun_at, window.starts_at) <= now:
        window = window._replace(starts_at=begun_at)
    pin = code.pin if has_other_pin(code, remote) else ""
    try:
        client.update_code(str(remote["access_code_id"]), window, pin)
    except SeamError as error:
        if error.is_retryable:
            raise
        if not error.is_missing:
            reject(code, now, error)
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
            # Said once. The next turn asks for it again.
            note_missing(code, now)
    if code is not None:
        AccessCode.objects.filter(pk=code.pk, delete_sent_at=None).update(delete_sent_at=now)
