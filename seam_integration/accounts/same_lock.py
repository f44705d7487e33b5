"""One row for one lock, by its id at its maker: whichever account it is read through, and under whichever Seam id."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from properties.models import ConnectedAccount, Lock
from seam_integration.accounts.lock_rows import Before, rows_before
from seam_integration.api.client import Json
from seam_integration.api.payloads import record
from seam_integration.models import LockWork

# Whether Seam, asked for it by id, knows a device.
Knows = Callable[[str], bool]


class Read(NamedTuple):
    """A lock at Seam, in our words."""

    seam_id: str
    values: dict[str, Any]


def maker_id(device: Json) -> str:
    """The lock's id at its maker, from `<maker>_metadata`, else its serial number; empty when Seam sends neither."""
    properties = record(device.get("properties"))
    for key, value in properties.items():
        if key.endswith("_metadata") and isinstance(value, dict):
            for name in ("device_id", "lock_id", "serial_number"):
                if found := _text(value.get(name)):
                    return f"{key}:{found}"
    serial = _text(properties.get("serial_number"))
    return f"serial_number:{serial}" if serial else ""


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def locks_of_account(
    account: ConnectedAccount, locks: Collection[Read], known: dict[str, Before], knows: Knows
) -> list[Read]:
    """Those locks for which this account speaks; `known` gains the rows of locks that have another Seam id now.

    One that two accounts have goes on through the account that was read first, until that one loses it.
    """
    silent = _silent_accounts(account)
    may_move = silent | {account.pk}
    through_others = {
        seam_id for seam_id, before in known.items() if before.account_id not in may_move and before.vanished_at is None
    }
    listed = {lock.seam_id for lock in locks}
    new = _new_by_maker_id(lock for lock in locks if lock.seam_id not in known)
    rows = Lock.objects.filter(organization_id=account.organization_id, maker_id__in=list(new))
    for row in rows:
        seam_id = new[row.maker_id].seam_id
        is_renamed = row.account_id == account.pk and row.seam_id not in listed and not knows(row.seam_id)
        if row.vanished_at is not None or row.account_id in silent or is_renamed:
            _move(row, seam_id)
            known |= rows_before([seam_id])
        elif row.account_id == account.pk and row.name != new[row.maker_id].values["name"]:
            # Both are there, through one account, under two names: two locks, whatever the maker calls them.
            new[row.maker_id].values["maker_id"] = ""
        else:
            through_others.add(seam_id)
    return [lock for lock in locks if lock.seam_id not in through_others]


def _new_by_maker_id(locks: Iterable[Read]) -> dict[str, Read]:
    """Each by its id at its maker. Several names with the same one are several locks: the first keeps it."""
    found: dict[str, Read] = {}
    for lock in locks:
        first = found.setdefault(lock.values["maker_id"], lock)
        if first.values["name"] != lock.values["name"]:
            lock.values["maker_id"] = ""
    found.pop("", None)
    return found


def _silent_accounts(account: ConnectedAccount) -> set[int]:
    """Other accounts through which nothing reaches a lock, if anything does through this one."""
    if account.is_dropped:
        return set()
    others = ConnectedAccount.objects.filter(organization_id=account.organization_id).exclude(pk=account.pk)
    return {other.pk for other in others if other.unlinked_at is not None or other.is_dropped}


def _move(lock: Lock, seam_id: str) -> None:
    """Its row, with door, stays and codes, goes on under another id. Each code is then asked for by its own."""
    Lock.objects.filter(pk=lock.pk, seam_id=lock.seam_id).update(seam_id=seam_id)
    LockWork.objects.filter(pk=lock.pk).update(codes_read_at=None)


def keep_maker_ids(account: ConnectedAccount, pairs: Collection[tuple[Before, dict[str, Any]]]) -> None:
    """An answer without the maker's id does not erase it, and none takes the one of another row."""
    differing = {values["maker_id"] for before, values in pairs if values["maker_id"] not in ("", before.maker_id)}
    held = Lock.objects.filter(organization_id=account.organization_id, maker_id__in=differing)
    taken = set(held.values_list("maker_id", flat=True)) if differing else set()
    for before, values in pairs:
        if values["maker_id"] == "" or (values["maker_id"] != before.maker_id and values["maker_id"] in taken):
            values["maker_id"] = before.maker_id
