"""What each Seam event means to us: one short function each. They set facts; none of them decides.

Events come late, doubled, out of order, or not at all: every handler may run at any time and any number of times,
and everything an event tells is also found by reading (sync, reconcile).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from properties.models import AccessCode, Activity, BatteryReading, Certainty, ConnectedAccount, Lock, StaffMember
from properties.models.locks import Wake, wake_locks
from seam_integration.api.client import Json
from seam_integration.api.payloads import has_id
from seam_integration.api.readings import battery_level, past_time
from seam_integration.locks import commands
from seam_integration.locks.observe import note_told_removed


class FollowUps:
    """What an event asks to be read next: collected by handlers, enqueued by the task."""

    def __init__(self) -> None:
        self.locks_to_read: set[int] = set()
        self.accounts_to_sync: set[int] = set()
        self.webviews_may_be_done = False


def take_in(event: Json, now: datetime) -> FollowUps:
    """Handle one event; unknown types are left to the next sync."""
    follow_ups = FollowUps()
    kind = str(event.get("event_type") or "")
    at = past_time(event.get("occurred_at"), now)
    if kind.startswith("access_code."):
        _on_access_code(kind, event, at, now)
    elif kind.startswith(("device.", "lock.")):
        _on_lock(kind, event, at, now, follow_ups)
    elif kind.startswith("connected_account."):
        _on_account(kind, event, at, now, follow_ups)
    elif kind.startswith("connect_webview."):
        follow_ups.webviews_may_be_done = True
    elif kind.startswith("action_attempt."):
        commands.settle_by_event(event, at)
    return follow_ups


# --- Access codes ---------------------------------------------------------------------------------------------------


def _on_access_code(kind: str, event: Json, at: datetime, now: datetime) -> None:
    code = _code_of(event)
    if code is None:
        _on_foreign_code(kind, event, now)
        return
    handler = CODE_FACTS.get(kind)
    if handler is not None:
        handler(code, event, at, now)
    if kind in CODE_HINTS or kind in REMOVALS:
        wake_locks([code.lock_id], now, Wake.READ_ANEW)


def _code_of(event: Json) -> AccessCode | None:
    return (
        AccessCode.objects.select_related("lock").filter(seam_id=event["access_code_id"]).first()
        if has_id(event, "access_code_id")
        else None
    )


def _on_foreign_code(kind: str, event: Json, now: datetime) -> None:
    """A code we have no row for: made elsewhere, or our own whose create is not answered yet. Reading tells."""
    lock = _lock_of(event)
    if lock is None:
        return
    if kind.startswith("access_code.unmanaged."):
        Lock.objects.filter(pk=lock.pk).update(unmanaged_read_at=None)
    has_open_create = lock.access_codes.occupying().filter(seam_id=None, create_sent_at__isnull=False).exists()
    if kind.startswith("access_code.unmanaged.") or has_open_create:
        wake_locks([lock.pk], now, Wake.READ_ANEW)


def _on_scheduled(code: AccessCode, event: Json, at: datetime, now: datetime) -> None:
    fresh = AccessCode.objects.filter(pk=code.pk, removed_at=None)
    fresh.update(is_scheduled_on_device=True, observed_at=now)
    if fresh.filter(on_lock_at=None).update(on_lock_at=at, on_lock_source=_source(event)):
        _record_of_code(code, event, at, "code.on_lock", f"Code for {code.holder_name} is on {code.lock}")


def _on_set(code: AccessCode, event: Json, at: datetime, now: datetime) -> None:
    fresh = AccessCode.objects.filter(pk=code.pk, removed_at=None)
    fresh.filter(on_lock_at=None).update(on_lock_at=at, on_lock_source=_source(event))
    # A premature event (the start was moved) proves the lock, not that the code is live.
    is_begun = Q(starts_at=None) | Q(starts_at__lte=at + timedelta(minutes=1))
    if fresh.filter(is_begun, live_at=None).update(live_at=at, live_source=_source(event), seam_status="set"):
        _record_of_code(code, event, at, "code.live", f"Code for {code.holder_name} is live on {code.lock}")


def _on_removed(code: AccessCode, event: Json, at: datetime, now: datetime) -> None:
    """Half of a proof: the next turn asks for it. For a wanted code it is none, but a loss that the engine mends."""
    if not code.is_wanted(now):
        note_told_removed(code, at, _source(event))


def _on_code_trouble(code: AccessCode, event: Json, at: datetime, now: datetime) -> None:
    what = str(event["event_type"]).removeprefix("access_code.").replace("_", " ")
    _record_of_code(code, event, at, "code.trouble", f"Code for {code.holder_name} on {code.lock}: {what}")


CodeHandler = Callable[[AccessCode, Json, datetime, datetime], None]
REMOVALS = ("access_code.removed_from_device", "access_code.deleted", "access_code.deleted_external_to_seam")
CODE_FACTS: dict[str, CodeHandler] = {
    "access_code.scheduled_on_device": _on_scheduled,
    "access_code.issued": _on_scheduled,
    "access_code.set_on_device": _on_set,
    "access_code.removed_from_device": _on_removed,
    "access_code.deleted": _on_removed,
    "access_code.delay_in_setting_on_device": _on_code_trouble,
    "access_code.delay_in_issuing": _on_code_trouble,
    "access_code.failed_to_set_on_device": _on_code_trouble,
    "access_code.failed_to_issue": _on_code_trouble,
    "access_code.failed_to_update": _on_code_trouble,
    "access_code.failed_to_remove_from_device": _on_code_trouble,
    "access_code.failed_to_expire": _on_code_trouble,
    "access_code.modified_external_to_seam": _on_code_trouble,
    "access_code.deleted_external_to_seam": _on_code_trouble,
}
# After these the object says more than the event: read it.
CODE_HINTS = frozenset(CODE_FACTS) - {
    "access_code.scheduled_on_device",
    "access_code.issued",
    "access_code.set_on_device",
    "access_code.removed_from_device",
    "access_code.deleted",
} | {"access_code.code_changed", "access_code.name_changed", "access_code.time_frame_changed"}


# --- Locks ----------------------------------------------------------------------------------------------------------


def _on_lock(kind: str, event: Json, at: datetime, now: datetime, follow_ups: FollowUps) -> None:
    lock = _lock_of(event)
    if lock is None:
        account = _account_of(event)
        if account is not None:
            # A lock we have not met: the sync will bring it.
            follow_ups.accounts_to_sync.add(account.pk)
        return
    if kind in ("lock.locked", "lock.unlocked"):
        _on_bolt(lock, event, at, now)
    elif kind == "lock.access_denied":
        _record_of_lock(lock, event, at, "lock.access_denied", f"A wrong or expired PIN was typed at {lock}")
    elif kind in ("device.low_battery", "device.battery_status_changed"):
        _on_battery(lock, event, at)
    else:
        words = kind.removeprefix("device.").replace("_", " ").replace(".", ", ")
        _record_of_lock(lock, event, at, kind, f"{lock}: {words}")
        follow_ups.locks_to_read.add(lock.pk)


METHODS = {
    "keycode": "with a PIN at the keypad",
    "manual": "by hand",
    "automatic": "by itself",
    "remote": "remotely",
    "card": "with a card",
}


def _on_bolt(lock: Lock, event: Json, at: datetime, now: datetime) -> None:
    is_locked = event["event_type"] == "lock.locked"
    older = Q(locked_at=None) | Q(locked_at__lte=at)
    Lock.objects.filter(older, pk=lock.pk).update(is_locked=is_locked, locked_at=at)
    Lock.objects.filter(Q(heard_at=None) | Q(heard_at__lt=at), pk=lock.pk).update(heard_at=at)
    how = METHODS.get(str(event.get("method")), "")
    verb = "locked" if is_locked else "unlocked"
    text = f"{lock} was {verb} {how}".strip()
    about: dict[str, Any] = {"lock": lock}
    if not is_locked and event.get("method") == "keycode":
        who, used = _on_keypad_use(lock, event, at)
        text += who
        about |= used
    _record(lock.organization_id, event, at, f"lock.{verb}", text, about)


def _on_keypad_use(lock: Lock, event: Json, at: datetime) -> tuple[str, dict[str, Any]]:
    """Whose code it was: Seam says so for some makers, not for Wyze; one live code alone is inferred (P30).

    Returns that in words, and what the row of history is about.
    """
    named = _code_of(event)
    if named is not None:
        codes, source = [named], _source(event)
    else:
        begun = Q(starts_at=None) | Q(starts_at__lte=at)
        open_end = Q(ends_at=None) | Q(ends_at__gt=at)
        live = lock.access_codes.filter(begun, open_end, on_lock_at__isnull=False).exclude(removed_at__lt=at)
        others = ", but unknown codes are on the lock too" if lock.other_codes else ""
        codes, source = list(live.order_by("pk")[:3]), f"inferred: our only live code{others}"
    if len(codes) != 1:
        names = [code.holder_name for code in codes]
        either = f", by {names[0]} or {names[1]}: both codes were live" if len(names) == 2 else ""
        return either, {"certainty": Certainty.INFERRED} if either else {}
    AccessCode.objects.filter(pk=codes[0].pk, used_at=None).update(used_at=at, used_source=source)
    older = Q(last_used_at=None) | Q(last_used_at__lt=at)
    StaffMember.objects.filter(older, access_codes=codes[0]).update(last_used_at=at)
    about: dict[str, Any] = {"access_code": codes[0], "stay_id": codes[0].stay_id}
    if named is not None:
        return f", with the code of {codes[0].holder_name}", about
    return f", probably by {codes[0].holder_name} ({source.partition(': ')[2]})", about | {
        "certainty": Certainty.INFERRED
    }


def _on_battery(lock: Lock, event: Json, at: datetime) -> None:
    level = battery_level(event.get("battery_level"))
    if level is None:
        return
    is_keypad = event.get("battery_source") == "accessory_keypad"
    part = BatteryReading.Part.KEYPAD if is_keypad else BatteryReading.Part.LOCK
    name = "keypad_battery" if is_keypad else "battery"
    values: dict[str, Any] = {f"{name}_level": level, f"{name}_at": at}
    if not is_keypad and event.get("battery_status"):
        values["battery_status"] = event["battery_status"]
    older = Q(**{f"{name}_at": None}) | Q(**{f"{name}_at__lte": at})
    if Lock.objects.filter(older, pk=lock.pk).update(**values):
        BatteryReading.objects.get_or_create(lock=lock, part=part, at=at, defaults={"level": level})
    if event["event_type"] == "device.low_battery":
        which = "keypad" if is_keypad else "lock"
        _record_of_lock(lock, event, at, "lock.low_battery", f"{lock}: {which} battery is low ({level:.0%})")


def _lock_of(event: Json) -> Lock | None:
    if not has_id(event, "device_id"):
        return None
    return Lock.objects.select_related("account").filter(seam_id=event["device_id"]).first()


# --- Accounts -------------------------------------------------------------------------------------------------------


def _on_account(kind: str, event: Json, at: datetime, now: datetime, follow_ups: FollowUps) -> None:
    account = _account_of(event)
    if account is None:
        return
    words = kind.removeprefix("connected_account.").replace("_", " ")
    about: dict[str, Any] = {"account": account, "seam_event_id": event.get("event_id")}
    about |= {"source": "Seam", "certainty": Certainty.REPORTED}
    Activity.record(account.organization_id, at, kind, f"{account}: {words}", **about)
    follow_ups.accounts_to_sync.add(account.pk)


def _account_of(event: Json) -> ConnectedAccount | None:
    if not has_id(event, "connected_account_id"):
        return None
    return ConnectedAccount.objects.filter(seam_id=event["connected_account_id"], unlinked_at=None).first()


# --- History --------------------------------------------------------------------------------------------------------


def _source(event: Json) -> str:
    return f"event {event.get('event_id')}"


def _record_of_code(code: AccessCode, event: Json, at: datetime, kind: str, text: str) -> None:
    about: dict[str, Any] = {"access_code": code, "lock_id": code.lock_id, "stay_id": code.stay_id}
    _record(code.organization_id, event, at, kind, text, about)


def _record_of_lock(lock: Lock, event: Json, at: datetime, kind: str, text: str) -> None:
    _record(lock.organization_id, event, at, kind, text, {"lock": lock})


def _record(organization_id: int, event: Json, at: datetime, kind: str, text: str, about: dict[str, Any]) -> None:
    given = {"seam_event_id": event.get("event_id"), "source": "Seam", "certainty": Certainty.REPORTED}
    Activity.record(organization_id, at, kind[:80], text, **given | about)
