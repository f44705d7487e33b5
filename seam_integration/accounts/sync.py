"""Seam → our rows: accounts, locks, their state and batteries, in bulk, and only what changed."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import available_timezones

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from properties.codes import planning
from properties.models import Activity, BatteryReading, Certainty, ConnectedAccount, Door, Lock
from properties.models.locks import Wake, wake_locks
from properties.values.names import clean_name, search_form, sort_key
from seam_integration.accounts.absence import note_found, note_missing
from seam_integration.accounts.lock_rows import Before, Reading, rows_before, write_readings
from seam_integration.accounts.same_lock import Read, keep_maker_ids, locks_of_account, maker_id
from seam_integration.api.client import Json, SeamClient, SeamError
from seam_integration.api.listing import Listed, Page
from seam_integration.api.payloads import count, counts, entries, has_id, issues, record, text
from seam_integration.api.readings import battery_level
from seam_integration.fast_rows import DATED, write_changed
from seam_integration.models import LockWork, Unreadable

logger = logging.getLogger(__name__)

# How an account that was deleted at Seam shows itself: as dropped, so that it can be linked anew.
FORGOTTEN = {
    "error_code": "account_disconnected",
    "message": "Seam no longer knows this account. Reconnect it.",
}
FEW = 50
ASKED_AT_ONCE = 20
# A change in one of these may be what the engine waits for.
WAKING = ("can_program_codes", "is_online", "errors", "is_managed", "code_lengths")


def sync_account(account: ConnectedAccount, now: datetime, client: SeamClient) -> None:
    """Read an account with all its locks. Raises SeamError; what was read until then is kept.

    Locks that Seam no longer lists are marked, never deleted, and only after a complete listing.
    """
    try:
        remote = client.get_account(account.seam_id)
    except SeamError as error:
        if error.is_missing:
            _note_account_missing(account, now)
        raise
    if account.missing_at is not None:
        ConnectedAccount.objects.filter(pk=account.pk).update(missing_at=None, forgotten_at=None)
    refresh_account(account, remote, now)
    present = list(account.locks.filter(vanished_at=None).order_by().values_list("reading_hash", "pk", "missing_at"))
    known, unseen = {digest: pk for digest, pk, _ in present}, {pk for _, pk, _ in present}
    for page in _device_pages(account, client, known):
        locks = [device for listed in page.rows if (device := _read_or_set_aside(listed, client))]
        unseen -= store_locks(account, locks, now, client, len(locks) + len(page.unchanged))
        unseen.difference_update(known[fingerprint] for fingerprint in page.unchanged)
    # An unchanged one is not written, and may have been missing before.
    if missing_before := {pk for _, pk, missing_at in present if missing_at is not None} - unseen:
        note_found(Lock.objects.filter(pk__in=missing_before))
    unread = client.take_unread()
    if not unread:
        _ask_for_unseen(account, unseen, now, client)
    Unreadable.objects.keep(unread, now, account_id=account.pk)
    ConnectedAccount.objects.filter(pk=account.pk).update(synced_at=now, sync_error="")


def _read_or_set_aside(listed: Listed, client: SeamClient) -> Read | None:
    """A row that cannot be read costs no other one."""
    device = listed.read()
    try:
        read = read_lock(device, listed.fingerprint)
    except Exception:
        logger.exception("a device could not be read")
        read = None
    else:
        if read is not None or has_id(device, "device_id"):
            return read
    client.set_aside("/devices/list", device)
    return read


def _device_pages(account: ConnectedAccount, client: SeamClient, known: Container[str]) -> Iterator[Page]:
    yield from client.list_device_pages(account.seam_id, known)
    yield from client.list_unmanaged_device_pages(account.seam_id, known)


def _note_account_missing(account: ConnectedAccount, now: datetime) -> None:
    """One that Seam twice did not know is shown as dropped, so that it can be linked anew."""
    row = ConnectedAccount.objects.filter(pk=account.pk)
    if note_missing(row, now):
        row.filter(forgotten_at=None).update(forgotten_at=now)
        refresh_account(account, {"errors": [FORGOTTEN]}, now)


def refresh_account(account: ConnectedAccount, remote: Json, now: datetime) -> None:
    """Take over an account's health; a drop and a return are told, and a return wakes its locks."""
    was_dropped = account.is_dropped
    read = {
        "provider": text(remote.get("account_type"), 60) or account.provider,
        "display_name": account_name(remote)[:255] or account.display_name,
        "errors": issues(remote.get("errors")),
        "warnings": issues(remote.get("warnings")),
    }
    changed = {name: value for name, value in read.items() if getattr(account, name) != value}
    if not changed:
        return
    ConnectedAccount.objects.filter(pk=account.pk).update(**changed)
    for name, value in changed.items():
        setattr(account, name, value)
    if account.is_dropped and not was_dropped:
        _record_of_account(account, now, "account.dropped", f"{account} was disconnected: no lock of it can be reached")
    if was_dropped and not account.is_dropped:
        _record_of_account(account, now, "account.returned", f"{account} is connected again")
        account.locks.all().wake(now)


def account_name(remote: Json) -> str:
    """What a person calls the account: its (maybe masked) email address."""
    return text(remote.get("display_name"), 255) or text(record(remote.get("user_identifier")).get("email"), 255)


def _record_of_account(account: ConnectedAccount, now: datetime, kind: str, text: str) -> None:
    about: dict[str, Any] = {"account": account, "source": "Seam", "certainty": Certainty.READ_BACK}
    Activity.record(account.organization_id, now, kind, text, **about)


def store_locks(
    account: ConnectedAccount, locks: list[Read], now: datetime, client: SeamClient, how_many: int = 1
) -> set[int]:
    """Upsert locks; which of our rows they are, new ones apart. `how_many` came, unchanged ones among them."""
    if not locks:
        return set()
    known = rows_before(lock.seam_id for lock in locks)
    locks = locks_of_account(account, locks, known, lambda seam_id: client.find_device(seam_id) is not None)
    keep_maker_ids(account, [(known[seam_id], values) for seam_id, values in locks if seam_id in known])
    fresh: list[Lock] = []
    changed: list[tuple[int, dict[str, Any]]] = []
    readings: list[Reading] = []
    waking: list[int] = []
    for seam_id, values in locks:
        before = known.get(seam_id)
        if before is None:
            fresh.append(_new_lock(account, seam_id, values, now))
        else:
            changed.append((before.pk, values))
            if _wakes(before, values, account):
                waking.append(before.pk)
            readings += _battery_readings(before.pk, before, values)
    with transaction.atomic():
        write_changed(account.pk, changed, now)
        if fresh:
            readings += _add(fresh, how_many, now)
        write_readings(readings, now)
        if waking:
            wake_locks(waking, now, Wake.READ_ANEW)
            unit_ids = Door.objects.filter(lock_id__in=waking, units__isnull=False).values_list("units", flat=True)
            # A lock that can take codes now (keypad paired, account linked again) gets those of its stays.
            planning.replan_unit_stays(set(unit_ids), now, None)
    return {pk for pk, _ in changed}


def _new_lock(account: ConnectedAccount, seam_id: str, values: dict[str, Any], now: datetime) -> Lock:
    """A lock that is not saved, each value dated as far as it is known."""
    dates = {at: now if values[name] is not None else None for name, at in DATED.items()}
    return Lock(
        organization_id=account.organization_id,
        account=account,
        seam_id=seam_id,
        read_at=now,
        locked_at=now if values["is_locked"] is not None else None,
        **values,
        **dates,
    )


def _add(fresh: list[Lock], how_many: int, now: datetime) -> list[Reading]:
    """New rows, each due for its first poll; returns their first battery levels."""
    Lock.objects.bulk_create(fresh, ignore_conflicts=True)
    levels = {lock.seam_id: {name: getattr(lock, name) for name in DATED} for lock in fresh}
    made = Lock.objects.filter(seam_id__in=list(levels)).order_by().values_list("pk", "seam_id")
    found: list[Reading] = []
    work: list[LockWork] = []
    for pk, seam_id in made:
        found += _battery_readings(pk, None, levels[seam_id])
        work.append(LockWork(lock_id=pk, reconcile_at=_first_poll(seam_id, how_many, now)))
    # One that another sync added meanwhile has its row.
    LockWork.objects.bulk_create(work, ignore_conflicts=True)
    return found


def _first_poll(seam_id: str, how_many: int, now: datetime) -> datetime:
    """When a new lock's codes are read for the first time: a few at once, a fleet over an hour."""
    if how_many <= FEW:
        return now
    return now + timedelta(seconds=zlib.crc32(seam_id.encode()) % 3600)


def read_lock(device: Json, fingerprint: str) -> Read | None:
    """None for any other device. Without a fingerprint the next sync compares it again."""
    if not has_id(device, "device_id") or not is_lock(device):
        return None
    return Read(str(device["device_id"]), read_device(device) | {"reading_hash": fingerprint})


def is_lock(device: Json) -> bool:
    """Anything with a lock's flags or state, whatever its type is called: types are an open set."""
    capabilities = device.get("capabilities_supported")
    if isinstance(capabilities, list) and "lock" in capabilities:
        return True
    return any(key in device for key in ("can_remotely_lock", "can_remotely_unlock")) or (
        "locked" in record(device.get("properties")) or "lock" in text(device.get("device_type"), 80)
    )


def read_device(device: Json) -> dict[str, Any]:
    """A Seam device in a Lock's words: the one place where the two vocabularies meet."""
    properties = record(device.get("properties"))
    model, battery = record(properties.get("model")), record(properties.get("battery"))
    keypad = record(properties.get("accessory_keypad"))
    keypad_battery = record(keypad.get("battery")) or record(properties.get("keypad_battery"))
    return {
        **_name_forms(device, properties),
        "device_type": text(device.get("device_type"), 80),
        "model_name": text(model.get("display_name"), 120),
        "maker_id": maker_id(device)[:200],
        "time_zone": _zone(device),
        "is_managed": bool(device.get("is_managed", True)),
        "can_lock": _flag(device, "can_remotely_lock"),
        "can_unlock": _flag(device, "can_remotely_unlock"),
        "can_program_codes": _flag(device, "can_program_online_access_codes"),
        "code_lengths": counts(properties.get("supported_code_lengths")),
        "code_constraints": entries(properties.get("code_constraints")),
        "code_capacity": count(properties.get("max_active_codes_supported")),
        "has_keypad": _has_keypad(keypad, model),
        "is_online": _flag(properties, "online"),
        "is_locked": _flag(properties, "locked"),
        "battery_level": battery_level(battery.get("level", properties.get("battery_level"))),
        "battery_status": text(battery.get("status"), 20),
        "keypad_battery_level": battery_level(keypad_battery.get("level")),
        "errors": issues(device.get("errors")),
        "warnings": issues(device.get("warnings")),
    }


def _zone(device: Json) -> str:
    """The lock's zone, if it is one that this machine knows."""
    name = text(record(device.get("location")).get("time_zone"), 64)
    return name if name in _known_zones() else ""


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    """Asked once: each answer reads all files of the zone database."""
    return frozenset(available_timezones())


def _name_forms(device: Json, properties: Json) -> dict[str, str]:
    """Its name as one sees it, and what it is found and sorted by (`properties.models.shared_columns`)."""
    typed = (device.get("display_name"), properties.get("name"))
    name = next(filter(None, (clean_name(text(each, 255)) for each in typed)), "Unnamed lock")
    return {"name": name, "search_text": search_form(name), "sort_key": sort_key(name)}


def _flag(source: Json, name: str) -> bool | None:
    """Three values: true, false, and absent (None)."""
    value = source.get(name)
    return value if isinstance(value, bool) else None


def _has_keypad(keypad: Json, model: Json) -> bool | None:
    if isinstance(keypad.get("is_connected"), bool):
        return bool(keypad["is_connected"])
    return _flag(model, "has_built_in_keypad")


def _wakes(before: Before, values: dict[str, Any], account: ConnectedAccount) -> bool:
    if before.account_id != account.pk or before.vanished_at is not None:
        return True
    return any(getattr(before, name) != values[name] for name in WAKING)


def _battery_readings(lock_id: int, before: Before | None, values: dict[str, Any]) -> list[Reading]:
    """A row for each battery whose level is new."""
    found: list[Reading] = []
    for part, name in (
        (BatteryReading.Part.LOCK, "battery_level"),
        (BatteryReading.Part.KEYPAD, "keypad_battery_level"),
    ):
        level = values[name]
        if level is not None and (before is None or getattr(before, name) != level):
            found.append(Reading(lock_id, part.value, level))
    return found


def _ask_for_unseen(account: ConnectedAccount, unseen: set[int], now: datetime, client: SeamClient) -> None:
    """Ask for each of the locks that were here before and that no page held.

    So many at once are asked for; the rest at the next sync. A list that was behind costs some calls, not a fleet.
    """
    if not unseen:
        return
    rows = account.locks.filter(vanished_at=None).order_by("pk").only("pk", "name", "seam_id", "organization_id")
    asked = list(islice((lock for lock in rows.iterator() if lock.pk in unseen), ASKED_AT_ONCE))
    for lock in asked:
        if client.find_device(lock.seam_id) is None:
            _note_lock_missing(lock, account, now)
        else:
            note_found(Lock.objects.filter(pk=lock.pk))


def _note_lock_missing(lock: Lock, account: ConnectedAccount, now: datetime) -> None:
    """One that Seam twice did not know is marked as gone; it is kept, with its door and its codes."""
    row = Lock.objects.filter(pk=lock.pk, vanished_at=None)
    if note_missing(row, now) and row.update(vanished_at=now, is_online=None, is_locked=None):
        about: dict[str, Any] = {"lock_id": lock.pk, "source": "Seam", "certainty": Certainty.READ_BACK}
        text = f"{lock.name} is no longer in {account}"
        Activity.record(lock.organization_id, now, "lock.vanished", text, **about)


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
    except Exception as error:
        # Anything else costs this account only, and is shown there.
        logger.exception("account %s not synced", account.pk)
        words = f"An answer of Seam could not be read ({type(error).__name__}). It is read again at the next sync."
        ConnectedAccount.objects.filter(pk=account.pk).update(sync_error=words)
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return False
    return True


def refresh_lock(lock: Lock, now: datetime, client: SeamClient) -> None:
    """Read one lock anew. Raises SeamError."""
    try:
        found = read_lock(client.get_device(lock.seam_id), "")
        store_locks(lock.account, [found] if found else [], now, client)
    except SeamError as error:
        if not error.is_missing:
            raise
        _note_lock_missing(lock, lock.account, now)
        return
    Lock.objects.filter(pk=lock.pk).update(read_at=now, missing_at=None)
