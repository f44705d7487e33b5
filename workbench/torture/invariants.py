"""What must be true at the end, checked from outside: Seam's API, the rows, and the logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q

from properties.codes import planning
from properties.models import AccessCode, CodeState, Door, Stay, StayVerdict
from properties.verdict import storing
from properties.verdict.loading import assess
from workbench.installation import Installation
from workbench.torture.people import Expectation

# A code whose start is this close may still be on its way to or from the lock.
SETTLING_TIME = timedelta(minutes=20)

# (device, holder) → codes at Seam.
CodesAtLocks = dict[tuple[str, str], list[dict[str, Any]]]


def list_expected_codes(now: datetime) -> dict[tuple[str, str], tuple[datetime | None, datetime | None]]:
    """Map (device, holder) → window from stays, doors and issued codes, never from what was sent."""
    wanted: dict[tuple[str, str], tuple[datetime | None, datetime | None]] = {}
    stays = Stay.objects.filter(cancelled_at=None).select_related("unit__property", "guest")
    for stay in stays:
        window = stay.window()
        # For a guest in house the start does not move.
        starts_at = min(window.starts_at, stay.starts_at)
        if window.ends_at <= now:
            continue
        for door in Door.objects.filter(units=stay.unit, is_required=True).exclude(lock=None).select_related("lock"):
            if door.lock is not None and door.lock.can_program_codes:
                wanted[door.lock.seam_id, _strip_mark(stay.guest.name)] = (starts_at, window.ends_at)
    loose = AccessCode.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), stay=None, revoked_at=None)
    for code in loose.select_related("lock"):
        wanted[code.lock.seam_id, _strip_mark(code.holder_name)] = (code.starts_at, code.ends_at)
    return wanted


def _strip_mark(holder_name: str) -> str:
    """Return a name as it goes to Seam, without the mark that makes it unique."""
    return planning.seam_name(holder_name).rsplit(" ", 1)[0]


def list_codes_at_seam(latchkey: Installation) -> CodesAtLocks:
    """Map (device, holder) → codes; the holder is the beginning of the name we gave."""
    at_locks: CodesAtLocks = {}
    for device in latchkey.ask_seam("/devices/list", limit=500)["devices"]:
        found = latchkey.ask_seam("/access_codes/list", device_id=device["device_id"])["access_codes"]
        for code in found:
            holder = str(code["name"]).rsplit(" ", 1)[0]
            at_locks.setdefault((device["device_id"], holder), []).append(code)
    return at_locks


def find_violations(latchkey: Installation, now: datetime, expectations: Iterable[Expectation]) -> list[str]:
    """Describe every broken promise in a sentence, without PINs."""
    wanted, at_locks = list_expected_codes(now), list_codes_at_seam(latchkey)
    found: list[str] = []
    for key, window in wanted.items():
        found += _check_expected_code(key, window, at_locks.get(key, []), now)
    for key, codes in at_locks.items():
        if key not in wanted:
            found += [
                f"{key[1]}: an orphaned code on a lock, {code['status']}, until {code['ends_at']}" for code in codes
            ]
    found += _check_pins(at_locks, expectations)
    found += _check_recorded_proofs(at_locks, now)
    found += find_rosy_verdicts(now)
    return found


def _check_expected_code(
    key: tuple[str, str], window: tuple[datetime | None, datetime | None], codes: list[dict[str, Any]], now: datetime
) -> list[str]:
    if len(codes) != 1:
        return [f"{key[1]}: {len(codes)} codes on its lock instead of one"]
    code, (starts_at, ends_at) = codes[0], window
    found = []
    for word, ours, theirs in (("start", starts_at, code["starts_at"]), ("end", ends_at, code["ends_at"])):
        both_past = (
            word == "start" and ours is not None and theirs is not None and max(ours, _parse_time(theirs)) <= now
        )
        if not both_past and not _is_same_minute(ours, theirs):
            found.append(f"{key[1]}: {word} is {theirs} instead of {ours}")
    is_due = starts_at is None or starts_at <= now - SETTLING_TIME
    if is_due and code["status"] != "set":
        found.append(f"{key[1]}: has begun and is {code['status']} instead of set")
    return found


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_same_minute(ours: datetime | None, theirs: str | None) -> bool:
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - _parse_time(theirs)) < timedelta(minutes=1)


def _check_pins(at_locks: CodesAtLocks, expectations: Iterable[Expectation]) -> list[str]:
    """A PIN that was shown changes only by reissue."""
    by_name = {holder: codes for (_, holder), codes in at_locks.items()}
    found = []
    for expectation in expectations:
        for code in by_name.get(expectation.name, []):
            if expectation.pins and expectation.page and code["code"] not in expectation.pins:
                found.append(f"{expectation.name}: the PIN changed after it was shown")
    return found


def _check_recorded_proofs(at_locks: CodesAtLocks, now: datetime) -> list[str]:
    """Everything recorded as proved is so at Seam."""
    at_seam = {code["access_code_id"]: code for codes in at_locks.values() for code in codes}
    found = []
    for code in AccessCode.objects.select_related("lock"):
        remote = at_seam.get(str(code.seam_id))
        state = code.state(now)
        if state in (CodeState.LIVE, CodeState.ON_LOCK):
            is_there = remote and (remote["status"] == "set" or remote["is_scheduled_on_device"])
            if not is_there:
                found.append(f"{code.holder_name}: recorded as {state.label}, but not so at Seam")
        if state is CodeState.REMOVED and remote:
            found.append(f"{code.holder_name}: recorded as removed, but Seam still has it")
    return found


def find_rosy_verdicts(now: datetime) -> list[str]:
    """No verdict that a page shows is better than the one judged now.

    A stay is marked from the change on, and a marked one is shown as unknown, so a minute of grace is not needed.
    """
    rows = [row for row in storing.stored(StayVerdict.objects.filter(is_open=True)) if row.is_current(now)]
    shown = {row.pk: storing.readiness_of(row, now, now).verdict for row in rows}
    stays = Stay.objects.standing().filter(ends_at__gt=now, pk__in=shown).with_places()
    rosy = {each.stay: each.verdict for each in assess(stays, now, now) if shown[each.stay.pk].rank < each.verdict.rank}
    # What changed between the two queries is marked by now, or was judged again.
    again = storing.stored(StayVerdict.objects.filter(pk__in=[stay.pk for stay in rosy]))
    unchanged = {row.pk for row in again if row in rows}
    return [
        f"{stay}: shown as {shown[stay.pk].label}, judged {verdict.label}"
        for stay, verdict in rosy.items()
        if stay.pk in unchanged
    ]


def find_pins_in_logs(folder: Path) -> list[str]:
    """No log of any program holds a PIN."""
    pins = {code.pin for code in AccessCode.objects.all()}
    found = []
    for path in [*folder.glob("log/*.log*"), folder / "up.log"]:
        # Digits after a point or comma are fractions of seconds.
        digits = set(re.findall(r"(?<![\d.,])\d{4,8}(?!\d)", path.read_text(errors="replace")))
        found += [f"{path.name}: holds a PIN" for _ in digits & pins]
    return found
