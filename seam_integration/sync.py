"""Seam → our rows: accounts, locks, their state and batteries, in bulk, and only what changed."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from properties import planning
from properties.models import Activity, BatteryReading, Certainty, ConnectedAccount, Door, Lock
from seam_integration.client import Json, SeamClient, SeamError

logger = logging.getLogger(__name__)

# What a sync writes; people, events and the engine own the other columns.
READ_COLUMNS = [
    "account",
    "name",
    "device_type",
    "model_name",
    "maker_id",
    "time_zone",
    "is_managed",
    "can_lock",
    "can_unlock",
    "can_program_codes",
    "code_lengths",
    "code_constraints",
    "code_capacity",
    "has_keypad",
    "is_online",
    "is_locked",
    "locked_at",
    "battery_level",
    "battery_status",
    "battery_at",
    "keypad_battery_level",
    "keypad_battery_at",
    "errors",
    "warnings",
    "read_at",
    "vanished_at",
    "reading_hash",
]
# How an account that was deleted at Seam shows itself: as dropped, so that it can be linked anew.
FORGOTTEN = {
    "error_code": "account_disconnected",
    "message": "Seam no longer knows this account. Reconnect it.",
}
FEW = 50
# A change in one of these may be what the engine waits for.
WAKING = ("account_id", "can_program_codes", "is_online", "errors", "vanished_at", "is_managed", "code_lengths")


def sync_account(account: ConnectedAccount, now: datetime, client: SeamClient) -> None:
    """Read an account with all its locks. Raises SeamError; what was read until then is kept.

    Locks that Seam no longer lists are marked, never deleted, and only after a complete listing.
    """
    try:
        remote = client.get_account(str(account.seam_id))
    except SeamError as error:
        if error.is_missing:
            refresh_account(account, {"errors": [FORGOTTEN]}, now)
        raise
    refresh_account(account, remote, now)
    seen: set[str] = set()
    for page in _device_pages(account, client):
        store_devices(account, page, now)
        seen |= {str(device["device_id"]) for device in page}
    _mark_vanished(account, seen, now)
    ConnectedAccount.objects.filter(pk=account.pk).update(synced_at=now, sync_error="")


def _device_pages(account: ConnectedAccount, client: SeamClient) -> Iterator[list[Json]]:
    yield from client.list_device_pages(str(account.seam_id))
    yield from client.list_unmanaged_device_pages(str(account.seam_id))


def refresh_account(account: ConnectedAccount, remote: Json, now: datetime) -> None:
    """Take over an account's health; a drop and a return are told, and a return wakes its locks."""
    was_dropped = account.is_dropped
    read = {
        "provider": str(remote.get("account_type") or account.provider or "")[:60],
        "display_name": account_name(remote)[:255] or account.display_name,
        "errors": remote.get("errors") or [],
        "warnings": remote.get("warnings") or [],
    }
    changed = {name: value for name, value in read.items() if getattr(account, name) != value}
    if not changed:
        return
    ConnectedAccount.objects.filter(pk=account.pk).update(**changed)
    for name, value in changed.items():
        setattr(account, name, value)
    if account.is_dropped and not was_dropped:
        _tell_account(account, now, "account.dropped", f"{account} was disconnected: no lock of it can be reached")
    if was_dropped and not account.is_dropped:
        _tell_account(account, now, "account.returned", f"{account} is connected again")
        account.locks.all().wake(now)


def account_name(remote: Json) -> str:
    """What a person calls the account: its (maybe masked) e-mail address."""
    identifier = remote.get("user_identifier") or {}
    return str(remote.get("display_name") or identifier.get("email") or "")


def _tell_account(account: ConnectedAccount, now: datetime, kind: str, text: str) -> None:
    about: dict[str, Any] = {"account": account, "source": "Seam", "certainty": Certainty.READ_BACK}
    Activity.record(account.organization_id, now, kind, text, **about)


def store_devices(account: ConnectedAccount, devices: list[Json], now: datetime) -> int:
    """Upsert a page of devices; the number of rows written. An unchanged lock costs none."""
    devices = [d for d in devices if is_lock(d)]
    known = {str(lock.seam_id): lock for lock in Lock.objects.filter(seam_id__in=[d["device_id"] for d in devices])}
    _find_relinked(account, devices, known)
    fresh: list[Lock] = []
    changed: list[Lock] = []
    readings: list[BatteryReading] = []
    waking: list[int] = []
    for device in devices:
        before = known.get(str(device["device_id"]))
        if before is not None and before.reading_hash == _hash(device) and before.vanished_at is None:
            continue
        lock = read_device(account, device, before, now)
        if before is None:
            lock.reconcile_at = _first_look(device, len(devices), now)
            fresh.append(lock)
        else:
            changed.append(lock)
            if _wakes(before, lock):
                waking.append(before.pk)
            readings += _battery_readings(before, lock, now)
    with transaction.atomic():
        Lock.objects.bulk_create(fresh, ignore_conflicts=True)
        if changed:
            Lock.objects.bulk_create(
                changed,
                update_conflicts=True,
                unique_fields=["seam_id"],
                update_fields=READ_COLUMNS,
                batch_size=500,
            )
        if fresh:
            made = Lock.objects.filter(seam_id__in=[lock.seam_id for lock in fresh])
            for lock in made:
                readings += _battery_readings(None, lock, now)
        BatteryReading.objects.bulk_create(readings, ignore_conflicts=True)
        if waking:
            Lock.objects.filter(pk__in=waking).wake(now)
            unit_ids = Door.objects.filter(lock_id__in=waking, units__isnull=False).values_list("units", flat=True)
            # A lock that can take codes now (keypad paired, account linked again) gets those of its stays.
            planning.replan_unit_stays(set(unit_ids), now, None)
    return len(fresh) + len(changed)


def _first_look(device: Json, how_many: int, now: datetime) -> datetime:
    """When a new lock's codes are read for the first time: a few at once, a fleet over an hour."""
    if how_many <= FEW:
        return now
    return now + timedelta(seconds=zlib.crc32(str(device["device_id"]).encode()) % 3600)


def is_lock(device: Json) -> bool:
    """Anything with a lock's flags or state, whatever its type is called: types are an open set."""
    if "lock" in (device.get("capabilities_supported") or []):
        return True
    return any(key in device for key in ("can_remotely_lock", "can_remotely_unlock")) or (
        "locked" in (device.get("properties") or {}) or "lock" in str(device.get("device_type"))
    )


def read_device(account: ConnectedAccount, device: Json, before: Lock | None, now: datetime) -> Lock:
    """A Seam device as a Lock that is not saved: the one place where the two vocabularies meet."""
    properties: Json = device.get("properties") or {}
    model: Json = properties.get("model") or {}
    battery: Json = properties.get("battery") or {}
    keypad: Json = properties.get("accessory_keypad") or {}
    keypad_battery: Json = keypad.get("battery") or properties.get("keypad_battery") or {}
    lock = Lock(
        organization_id=account.organization_id,
        account=account,
        seam_id=device["device_id"],
        name=str(device.get("display_name") or properties.get("name") or "Unnamed lock")[:255],
        device_type=str(device.get("device_type") or "")[:80],
        model_name=str(model.get("display_name") or "")[:120],
        maker_id=maker_id(device)[:200],
        time_zone=_zone(device),
        is_managed=bool(device.get("is_managed", True)),
        can_lock=_flag(device, "can_remotely_lock"),
        can_unlock=_flag(device, "can_remotely_unlock"),
        can_program_codes=_flag(device, "can_program_online_access_codes"),
        code_lengths=properties.get("supported_code_lengths") or [],
        code_constraints=properties.get("code_constraints") or [],
        code_capacity=properties.get("max_active_codes_supported"),
        has_keypad=_has_keypad(keypad, model),
        is_online=_flag(properties, "online"),
        is_locked=_flag(properties, "locked"),
        battery_level=_level(battery.get("level", properties.get("battery_level"))),
        battery_status=str(battery.get("status") or "")[:20],
        keypad_battery_level=_level(keypad_battery.get("level")),
        errors=device.get("errors") or [],
        warnings=device.get("warnings") or [],
        read_at=now,
        vanished_at=None,
        reading_hash=_hash(device),
    )
    _date_readings(lock, before, now)
    return lock


def _date_readings(lock: Lock, before: Lock | None, now: datetime) -> None:
    """When each value was last known. An event that is newer than this reading keeps its word."""
    lock.locked_at = now if lock.is_locked is not None else (before.locked_at if before else None)
    lock.battery_at = now if lock.battery_level is not None else (before.battery_at if before else None)
    has_keypad_level = lock.keypad_battery_level is not None
    lock.keypad_battery_at = now if has_keypad_level else (before.keypad_battery_at if before else None)
    if before is not None and before.locked_at is not None and before.locked_at > now:
        lock.is_locked, lock.locked_at = before.is_locked, before.locked_at


def maker_id(device: Json) -> str:
    """The lock's id at its maker, from whichever `<maker>_metadata` Seam sends; empty when there is none."""
    for key, value in (device.get("properties") or {}).items():
        if key.endswith("_metadata") and isinstance(value, dict):
            found = value.get("device_id") or value.get("lock_id") or value.get("serial_number")
            if found:
                return f"{key}:{found}"
    return ""


def _zone(device: Json) -> str:
    """The lock's zone, if it is one that this machine knows."""
    name = str((device.get("location") or {}).get("time_zone") or "")
    return name if name in available_timezones() else ""


def _flag(source: Json, name: str) -> bool | None:
    """Three values: true, false, and absent (None)."""
    value = source.get(name)
    return value if isinstance(value, bool) else None


def _level(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(min(1.0, max(0.0, float(value))), 4) if is_number else None


def _has_keypad(keypad: Json, model: Json) -> bool | None:
    if isinstance(keypad.get("is_connected"), bool):
        return bool(keypad["is_connected"])
    return _flag(model, "has_built_in_keypad")


def _hash(device: Json) -> str:
    return hashlib.blake2b(json.dumps(device, sort_keys=True).encode(), digest_size=16).hexdigest()


def _wakes(before: Lock, lock: Lock) -> bool:
    return any(getattr(before, name) != getattr(lock, name) for name in WAKING)


def _battery_readings(before: Lock | None, lock: Lock, now: datetime) -> list[BatteryReading]:
    """A row for each battery whose level is new."""
    lock_id = before.pk if before is not None else lock.pk
    found: list[BatteryReading] = []
    for part, name in (
        (BatteryReading.Part.LOCK, "battery_level"),
        (BatteryReading.Part.KEYPAD, "keypad_battery_level"),
    ):
        level = getattr(lock, name)
        if level is not None and (before is None or getattr(before, name) != level):
            found.append(BatteryReading(lock_id=lock_id, part=part, level=level, at=now))
    return found


def _find_relinked(account: ConnectedAccount, devices: list[Json], known: dict[str, Lock]) -> None:
    """A lock that came back under another Seam id (account linked anew, lock reset) keeps its row and its door.

    That the ids stay the same after a reconnection is implied by Seam's documents, not stated.
    """
    new = {maker_id(d): d for d in devices if str(d["device_id"]) not in known and maker_id(d)}
    if not new:
        return
    for lock in Lock.objects.filter(organization_id=account.organization_id, maker_id__in=list(new)):
        device = new.get(lock.maker_id)
        is_gone = lock.vanished_at is not None or lock.account.unlinked_at is not None
        if device is None or not (is_gone or lock.account_id == account.pk):
            continue
        Lock.objects.filter(pk=lock.pk).update(seam_id=device["device_id"])
        lock.access_codes.occupying().update(seam_id=None, create_sent_at=None)
        lock.refresh_from_db()
        known[str(device["device_id"])] = lock


def _mark_vanished(account: ConnectedAccount, seen: set[str], now: datetime) -> None:
    present = account.locks.filter(vanished_at=None).values_list("pk", "seam_id", "name")
    gone = [(pk, name) for pk, seam_id, name in present.iterator() if str(seam_id) not in seen]
    for pk, name in gone:
        if Lock.objects.filter(pk=pk, vanished_at=None).update(vanished_at=now, is_online=None, is_locked=None):
            about: dict[str, Any] = {"lock_id": pk, "source": "Seam", "certainty": Certainty.READ_BACK}
            text = f"{name} is no longer in {account}"
            Activity.record(account.organization_id, now, "lock.vanished", text, **about)


def sync_all_accounts(now: datetime, client: SeamClient) -> None:
    """Each account by itself: one that fails is noted and does not hold up the others."""
    for account in ConnectedAccount.objects.filter(unlinked_at=None):
        sync_or_note(account, now, client)


def sync_or_note(account: ConnectedAccount, now: datetime, client: SeamClient) -> bool:
    """Sync one account; a failure is kept on it in words."""
    try:
        sync_account(account, now, client)
    except SeamError as error:
        logger.warning("account %s not synced: %s", account.pk, error)
        words = f"Seam could not be read: {error.message}"
        ConnectedAccount.objects.filter(pk=account.pk).update(sync_error=words[:500])
        return False
    return True


def refresh_lock(lock: Lock, now: datetime, client: SeamClient) -> None:
    """Read one lock anew. Raises SeamError."""
    try:
        store_devices(lock.account, [client.get_device(str(lock.seam_id))], now)
    except SeamError as error:
        if not error.is_missing:
            raise
        Lock.objects.filter(pk=lock.pk, vanished_at=None).update(vanished_at=now, is_online=None, is_locked=None)
        return
    Lock.objects.filter(pk=lock.pk).update(read_at=now)
