"""Lock and unlock: sent → received by Seam → confirmed by the lock, or not confirmed. Never done before it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from properties.models import Activity, Certainty, Lock, LockCommand
from seam_integration.api.client import Json, SeamClient, SeamError
from seam_integration.api.payloads import has_id

# A command that could not be sent for so long is dropped: a door must not open when it is no longer expected.
SEND_WITHIN = timedelta(seconds=90)
# After this an attempt that Seam still calls pending is shown as not confirmed.
CONFIRM_WITHIN = timedelta(seconds=90)
# Seam asks not to send anything else while an attempt is pending; we ask for its outcome this often (seconds).
ASK_EVERY = 2

Outcome = LockCommand.Outcome


def request(lock: Lock, action: str, actor: User, now: datetime) -> LockCommand:
    """Record a person's command. While one is under way, a second click is the same command."""
    try:
        with transaction.atomic():
            command = LockCommand.objects.create(
                organization_id=lock.organization_id,
                lock=lock,
                action=action,
                requested_by=actor,
                requested_at=now,
            )
            text = f"{command.get_action_display()} sent to {lock}"
            Activity.record(lock.organization_id, now, f"lock.{action}_requested", text, actor=actor, lock=lock)
    except IntegrityError:
        return LockCommand.objects.unsettled().get(lock=lock)
    return command


def send(command_id: int, now: datetime, client: SeamClient) -> None:
    """Send a command to Seam, once: a task that runs twice finds it sent."""
    command = LockCommand.objects.select_related("lock").get(pk=command_id)
    if now - command.requested_at > SEND_WITHIN:
        settle(command, now, Outcome.FAILED, "It could not be sent in time, so it was dropped. Try again.")
        return
    if LockCommand.objects.filter(pk=command_id, sent_at=None, settled_at=None).update(sent_at=now) == 0:
        return
    command.sent_at = now
    device_id = command.lock.seam_id
    try:
        attempt = client.lock_door(device_id) if command.action == "lock" else client.unlock_door(device_id)
    except SeamError as error:
        if error.is_unanswered:
            settle(command, now, Outcome.NOT_CONFIRMED, "Seam gave no answer, so we cannot know. Check the door.")
        else:
            settle(command, now, Outcome.FAILED, f"Seam refused: {error.message}")
        return
    LockCommand.objects.filter(pk=command_id).update(attempt_id=attempt["action_attempt_id"], received_at=now)
    command.refresh_from_db()
    settle_by_attempt(command, attempt, now, client)


def follow(command_id: int, now: datetime, client: SeamClient) -> bool:
    """Ask how an attempt went; True when there is nothing more to ask."""
    command = LockCommand.objects.select_related("lock__account").filter(pk=command_id, settled_at=None).first()
    if command is None:
        return True
    if command.attempt_id is not None:
        try:
            attempt = client.get_action_attempt(command.attempt_id)
        except SeamError as error:
            if not error.is_retryable:
                settle(command, now, Outcome.NOT_CONFIRMED, "Seam no longer knows this attempt. Check the door.")
                return True
        else:
            if settle_by_attempt(command, attempt, now, client):
                return True
    since = command.sent_at or command.requested_at
    if now - since > CONFIRM_WITHIN:
        settle(command, now, Outcome.NOT_CONFIRMED, "The lock did not answer in time. Check the door.")
        return True
    return False


def settle_by_attempt(command: LockCommand, attempt: Json, now: datetime, client: SeamClient) -> bool:
    """Take over an attempt's outcome; False while it is pending (or of a status we do not know)."""
    status = attempt.get("status")
    if status == "success":
        is_confirmed = (attempt.get("result") or {}).get("was_confirmed_by_device")
        if is_confirmed is None:
            is_confirmed = _is_as_commanded(command, client)
        if is_confirmed:
            settle(command, now, Outcome.CONFIRMED)
        else:
            settle(command, now, Outcome.NOT_CONFIRMED, "The lock got it but did not confirm. Check the door.")
        return True
    if status == "error":
        error = attempt.get("error") or {}
        settle(command, now, Outcome.FAILED, str(error.get("message") or "The lock did not do it."))
        return True
    return False


def _is_as_commanded(command: LockCommand, client: SeamClient) -> bool:
    """Where the attempt says nothing of a confirmation (the field may be absent), the lock's own state counts."""
    try:
        device = client.get_device(command.lock.seam_id)
    except SeamError:
        return False
    return (device.get("properties") or {}).get("locked") is (command.action == "lock")


def settle(command: LockCommand, now: datetime, outcome: LockCommand.Outcome, reason: str = "") -> None:
    """Write the outcome once, with what it tells of the lock."""
    if not command.settle(now, outcome, reason):
        return
    if outcome is Outcome.CONFIRMED:
        is_locked = command.action == "lock"
        Lock.objects.filter(pk=command.lock_id).update(is_locked=is_locked, locked_at=now, heard_at=now)
    elif command.sent_at is not None:
        # The bolt may have moved or not: the last good value must not stand.
        Lock.objects.filter(pk=command.lock_id, locked_at__lt=command.sent_at).update(is_locked=None)
    certainty = Certainty.REPORTED if command.attempt_id else Certainty.INFERRED
    text = f"{command.get_action_display()} {command.lock}: {Outcome(outcome).label.lower()}"
    about: dict[str, Any] = {"lock_id": command.lock_id, "source": "Seam", "certainty": certainty}
    Activity.record(command.organization_id, now, f"lock.{command.action}_{outcome}", text, **about)


def settle_by_event(event: Json, at: datetime) -> None:
    """`action_attempt.*.succeeded|failed`: the failure settles; a success still wants the confirmation read."""
    if not has_id(event, "action_attempt_id") or event.get("status") != "error":
        return
    unsettled = LockCommand.objects.unsettled().select_related("lock")
    command = unsettled.filter(attempt_id=event["action_attempt_id"]).first()
    if command is not None:
        settle(command, at, Outcome.FAILED, "The lock did not do it.")
