"""What must be true when the dust has settled, looked at from outside: through Seam's API, and in the logs."""

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
from workbench.torture.people import Wish

# A code that has its start this close behind or ahead may be on its way to or from the lock.
ON_ITS_WAY = timedelta(minutes=20)


def wanted_by_intent(now: datetime) -> dict[tuple[str, str], tuple[datetime | None, datetime | None]]:
    """(device, holder) → window, from stays and doors and from codes people issued: never from what was sent."""
    wanted: dict[tuple[str, str], tuple[datetime | None, datetime | None]] = {}
    stays = Stay.objects.filter(cancelled_at=None).select_related("unit__property", "guest")
    for stay in stays:
        window = stay.window()
        # In residence the start stays what it was.
        starts_at = min(window.starts_at, stay.starts_at)
        if window.ends_at <= now:
            continue
        for door in Door.objects.filter(units=stay.unit, is_required=True).exclude(lock=None).select_related("lock"):
            if door.lock is not None and door.lock.can_program_codes:
                wanted[str(door.lock.seam_id), _plain(stay.guest.name)] = (starts_at, window.ends_at)
    loose = AccessCode.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), stay=None, revoked_at=None)
    for code in loose.select_related("lock"):
        wanted[str(code.lock.seam_id), _plain(code.holder_name)] = (code.starts_at, code.ends_at)
    return wanted


def _plain(holder_name: str) -> str:
    """A name as it goes to Seam, without the mark that makes it unique."""
    return planning.seam_name(holder_name).rsplit(" ", 1)[0]


def held_by_seam(latchkey: Installation) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """(device, holder) → codes. The holder is the beginning of the name we gave the code."""
    held: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for device in latchkey.ask_seam("/devices/list", limit=500)["devices"]:
        found = latchkey.ask_seam("/access_codes/list", device_id=device["device_id"])["access_codes"]
        for code in found:
            holder = str(code["name"]).rsplit(" ", 1)[0]
            held.setdefault((device["device_id"], holder), []).append(code)
    return held


def violations(latchkey: Installation, now: datetime, wishes: Iterable[Wish]) -> list[str]:
    """Every broken promise, as a sentence. PINs are not repeated in them."""
    wanted, held = wanted_by_intent(now), held_by_seam(latchkey)
    found: list[str] = []
    for key, window in wanted.items():
        found += _of_wanted(key, window, held.get(key, []), now)
    for key, codes in held.items():
        if key not in wanted:
            found += [f"{key[1]}: an orphan on a lock, {code['status']}, until {code['ends_at']}" for code in codes]
    found += _of_pins(held, wishes)
    found += _of_beliefs(held, now)
    found += rosy_verdicts(now)
    return found


def _of_wanted(
    key: tuple[str, str], window: tuple[datetime | None, datetime | None], codes: list[dict[str, Any]], now: datetime
) -> list[str]:
    if len(codes) != 1:
        return [f"{key[1]}: {len(codes)} codes on its lock instead of one"]
    code, (starts_at, ends_at) = codes[0], window
    found = []
    for word, ours, theirs in (("start", starts_at, code["starts_at"]), ("end", ends_at, code["ends_at"])):
        both_past = word == "start" and ours is not None and theirs is not None and max(ours, _time(theirs)) <= now
        if not both_past and not _same(ours, theirs):
            found.append(f"{key[1]}: {word} is {theirs} instead of {ours}")
    is_due = starts_at is None or starts_at <= now - ON_ITS_WAY
    if is_due and code["status"] != "set":
        found.append(f"{key[1]}: has begun and is {code['status']} instead of set")
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _same(ours: datetime | None, theirs: str | None) -> bool:
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - _time(theirs)) < timedelta(minutes=1)


def _of_pins(held: dict[tuple[str, str], list[dict[str, Any]]], wishes: Iterable[Wish]) -> list[str]:
    """A PIN that somebody saw does not change but by reissue."""
    by_name = {holder: codes for (_, holder), codes in held.items()}
    found = []
    for wish in wishes:
        for code in by_name.get(wish.name, []):
            if wish.pins and wish.page and code["code"] not in wish.pins:
                found.append(f"{wish.name}: the PIN changed after it was shown")
    return found


def _of_beliefs(held: dict[tuple[str, str], list[dict[str, Any]]], now: datetime) -> list[str]:
    """Nothing is recorded as proved that is not so."""
    at_seam = {code["access_code_id"]: code for codes in held.values() for code in codes}
    found = []
    for code in AccessCode.objects.select_related("lock"):
        remote = at_seam.get(str(code.seam_id))
        state = code.state(now)
        if state in (CodeState.LIVE, CodeState.ON_LOCK):
            is_there = remote and (remote["status"] == "set" or remote["is_scheduled_on_device"])
            if not is_there:
                found.append(f"{code.holder_name}: believed {state.label}, at Seam it is not")
        if state is CodeState.REMOVED and remote:
            found.append(f"{code.holder_name}: believed removed, and Seam still has it")
    return found


def rosy_verdicts(now: datetime) -> list[str]:
    """No stored verdict that a page would show is better than the one judged now, unless it became so in a minute.

    A mark stands in the row from the change on, so what is shown as unknown is not looked at.
    """
    rows = [row for row in storing.stored(StayVerdict.objects.filter(is_open=True)) if row.is_current(now)]
    shown = {row.pk: storing.readiness_of(row, now, now).verdict for row in rows}
    stays = Stay.objects.standing().filter(ends_at__gt=now, pk__in=shown).with_places()
    rosy = [each for each in assess(stays, now, now) if shown[each.stay.pk].rank < each.verdict.rank]
    if not rosy:
        return []
    # What changed between the two readings is marked by now.
    pks = [each.stay.pk for each in rosy]
    since = {row.pk for row in storing.stored(StayVerdict.objects.filter(pk__in=pks)) if row.is_current(now)}
    return [
        f"{each.stay}: shown as {shown[each.stay.pk].label}, judged {each.verdict.label}"
        for each in rosy
        if each.stay.pk in since
    ]


def pins_in_logs(folder: Path) -> list[str]:
    """No PIN in any log, of any program."""
    pins = {code.pin for code in AccessCode.objects.all()}
    found = []
    for path in [*folder.glob("log/*.log*"), folder / "up.log"]:
        # Six digits after a point or comma are fractions of seconds.
        digits = set(re.findall(r"(?<![\d.,])\d{4,8}(?!\d)", path.read_text(errors="replace")))
        found += [f"{path.name}: holds a PIN" for _ in digits & pins]
    return found
