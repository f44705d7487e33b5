"""From intent to plan: which codes a stay asks for, and the rows that say so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import User
from properties.codes import pins
from properties.models import (
    AccessCode,
    Activity,
    ActivityKind,
    CodeKind,
    Door,
    KnownPin,
    Lock,
    ProofSource,
    StaffMember,
    Stay,
)
from properties.models.locks import Wake, wake_locks
from properties.models.stays import Window

# Codes of one lock are told apart at Seam by the end of their names; look-alikes are left out.
NAME_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass
class StayPlan:
    """What must change so that the rows match the stay."""

    create_on: list[Lock] = field(default_factory=list)
    move: list[AccessCode] = field(default_factory=list)
    revoke: list[AccessCode] = field(default_factory=list)


def plan_stay(
    stay: Stay,
    doors: Iterable[Door],
    codes: Iterable[AccessCode],
    now: datetime,
    withheld_on: Collection[int] = (),
) -> StayPlan:
    """Pure: a code on the lock of each required door for the stay's window, none when it is cancelled or over.

    `codes` are the stay's standing codes, `doors` those of its unit; `withheld_on` are locks whose code a person
    took away.
    """
    window = Window(stay.starts_at, stay.ends_at)
    doors = list(doors)
    wanted = {} if stay.is_over(now) else locks_that_take_codes(doors)
    plan = StayPlan()
    held = {code.lock_id: code for code in codes}
    plan.create_on = [lock for lock_id, lock in wanted.items() if lock_id not in held and lock_id not in withheld_on]
    for lock_id, code in held.items():
        if lock_id not in wanted:
            # A lock that cannot take codes for the moment keeps the one it was given.
            still_there = any(door.lock_id == lock_id and door.is_required for door in doors)
            if stay.is_cancelled or not still_there:
                plan.revoke.append(code)
                continue
        if code.window != window and not (stay.is_over(now) and code.is_over(now)):
            plan.move.append(code)
    return plan


def why_no_code(stay: Stay, door: Door, now: datetime) -> str:
    """Why the stay asks for no code on this door, as a sentence; empty when it asks for one."""
    if stay.is_cancelled:
        return _("The stay is cancelled.")
    if stay.is_over(now):
        return _("The stay is over.")
    return _why_no_guest_code(door)


def locks_that_take_codes(doors: Iterable[Door]) -> dict[int, Lock]:
    """Pure: of these doors the locks, by id, on which a guest's codes are put."""
    return {door.lock.pk: door.lock for door in doors if door.lock is not None and not _why_no_guest_code(door)}


def _why_no_guest_code(door: Door) -> str:
    if not door.is_required:
        return _("An optional door: guests get no code for it.")
    return door.why_no_codes()


def apply_stay_plan(stay: Stay, now: datetime, actor: User | None) -> list[AccessCode]:
    """Carry the plan out in our rows; returns the codes that changed. Locks that have work are due now.

    Raises pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        # One plans at a time, from what is true now: a stay cancelled a moment ago must get no code.
        stay.refresh_from_db(
            fields=["cancelled_at", "starts_at", "ends_at"], from_queryset=Stay.objects.select_for_update()
        )
        doors = list(stay.unit.doors.select_related("lock__account"))
        standing = list(stay.access_codes.standing().select_related("lock"))
        withheld = stay.access_codes.filter(is_withheld=True).values_list("lock_id", flat=True)
        plan = plan_stay(stay, doors, standing, now, set(withheld))
        changed: list[AccessCode] = []
        for code in plan.revoke:
            reason = "Stay cancelled" if stay.is_cancelled else "No longer a required door of the unit"
            revoke(code, now, actor, reason)
            changed.append(code)
        for code in plan.move:
            move(code, Window(stay.starts_at, stay.ends_at), now, actor)
            changed.append(code)
        if plan.create_on:
            changed += _add_codes(stay, plan.create_on, now, actor)
    return changed


def _add_codes(stay: Stay, locks: list[Lock], now: datetime, actor: User | None) -> list[AccessCode]:
    """A code on each lock: the one that was on its way out, if it still is there, else a new one."""
    window = Window(stay.starts_at, stay.ends_at)
    leaving = {code.lock_id: code for code in stay.access_codes.occupying().filter(replaced_by=None)}
    added = [leaving[lock.pk] for lock in locks if lock.pk in leaving and revive(leaving[lock.pk], window, now, actor)]
    bare = [lock for lock in locks if lock.pk not in {code.lock_id for code in added}]
    if bare:
        pin = _pin_for(stay, bare, now)
        added += [issue(lock, stay.guest.name, window, pin, now, actor, stay=stay) for lock in bare]
    return added


def _pin_for(stay: Stay, locks: list[Lock], now: datetime) -> str:
    """The PIN the guest has, or had before a stay that was over went on; else, or if a lock has it, a new one."""
    taken = pins.taken_pins(locks, now, other_than=stay)
    for code in stay.access_codes.filter(replaced_by=None).order_by("removed_at", "-pk"):
        if len(code.pin) in pins.common_lengths(locks) and not pins.clash(code.pin, taken):
            return code.pin
    return pins.choose_pin(locks, now, avoid=pins.phone_ends(stay.guest.phone))


def replan_unit_stays(unit_ids: Iterable[int], now: datetime, actor: User | None) -> list[AccessCode]:
    """After doors, locks, zones or times changed: work out the windows and codes of all stays to come again.

    A stay for which no PIN is left is told in the history and does not hold up the others.
    """
    changed: list[AccessCode] = []
    to_come = Stay.objects.standing().filter(unit_id__in=list(unit_ids), ends_at__gt=now)
    with transaction.atomic():
        for stay in to_come.with_places().select_for_update(of=("self",)):
            window = stay.window()
            if stay.starts_at <= now:
                # In residence: only the end may move (field study P4).
                window = window._replace(starts_at=stay.starts_at)
            if window != Window(stay.starts_at, stay.ends_at):
                stay.starts_at, stay.ends_at = window
                stay.save(update_fields=["starts_at", "ends_at"])
            try:
                changed += apply_stay_plan(stay, now, actor)
            except pins.NoPinLeft as reason:
                text = f"No code could be planned for {stay}: {reason}"
                Activity.record(stay.organization_id, now, ActivityKind.STAY_NO_CODE, text, stay=stay)
    return changed


# --- The verbs people use on a code ---------------------------------------------------------------------------------


def issue(
    lock: Lock,
    holder_name: str,
    window: Window | None,
    pin: str,
    now: datetime,
    actor: User | None,
    *,
    stay: Stay | None = None,
    staff: StaffMember | None = None,
    kind: CodeKind | None = None,
    pin_is_own_choice: bool = False,
    replaces: AccessCode | None = None,
) -> AccessCode:
    """Plan one code. The row is the decision; putting it on the lock is the engine's work.

    Raises django.db.IntegrityError when another code with this PIN holds a place on the lock.
    """
    code = AccessCode(
        organization_id=lock.organization_id,
        lock=lock,
        stay=stay,
        staff=staff,
        kind=kind or (CodeKind.GUEST if stay else CodeKind.STAFF if staff else CodeKind.OTHER),
        holder_name=holder_name,
        starts_at=window.starts_at if window else None,
        ends_at=window.ends_at if window else None,
        seam_name=seam_name(holder_name),
        created_at=now,
        created_by=actor,
        pin_is_own_choice=pin_is_own_choice,
        replaces=replaces,
    )
    code.set_pin(pin)
    with transaction.atomic():
        code.save(force_insert=True)
        if actor is not None and (pin_is_own_choice or code.kind == CodeKind.OTHER):
            # They typed it, or made it for a person whom no stay and no staff list names.
            KnownPin.of_code(code, actor, now)
        _record(code, now, actor, ActivityKind.CODE_PLANNED, f"Code for {holder_name} planned on {lock}")
        wake_locks([code.lock_id], now, Wake.NEW_CODE)
    return code


def move(code: AccessCode, window: Window | None, now: datetime, actor: User | None) -> None:
    """Extend or shorten: the same PIN for another window. None makes it ongoing."""
    with transaction.atomic():
        code.starts_at, code.ends_at = window or (None, None)
        code.rejected_at, code.rejection = None, ""
        code.save(update_fields=["starts_at", "ends_at", "rejected_at", "rejection"])
        _record(code, now, actor, ActivityKind.CODE_MOVED, f"Code for {code.holder_name} on {code.lock}: new times")
        _wake(code, now)


def revoke(code: AccessCode, now: datetime, actor: User | None, reason: str = "") -> bool:
    """End a code for good; False when it was revoked already. One that never left us is removed on the spot."""
    with transaction.atomic():
        mine = AccessCode.objects.filter(pk=code.pk, revoked_at=None)
        done = mine.update(revoked_at=now, revoked_by=actor, revoke_reason=reason[:300]) == 1
        if done:
            never_sent = {"removed_at": now, "removed_source": ProofSource.NEVER_SENT.value}
            no_trace = {"seam_id": None, "create_sent_at": None, "sent_at": None, "accepted_at": None}
            AccessCode.objects.filter(pk=code.pk, **no_trace).update(**never_sent)
            note = f": {reason}" if reason else ""
            _record(
                code, now, actor, ActivityKind.CODE_REVOKED, f"Code for {code.holder_name} on {code.lock} revoked{note}"
            )
            _wake(code, now)
    code.refresh_from_db()
    return done


def withhold(code: AccessCode, now: datetime, actor: User, reason: str) -> bool:
    """A person's revoke: the code ends, and its stay does not ask for it again. False when it was revoked before."""
    with transaction.atomic():
        done = revoke(code, now, actor, reason)
        if done and code.stay_id is not None:
            AccessCode.objects.filter(pk=code.pk).update(is_withheld=True)
    return done


def give_back(code: AccessCode, now: datetime, actor: User) -> list[AccessCode]:
    """Undo of `withhold`: the stay gets a code for this door again. Raises pins.NoPinLeft."""
    with transaction.atomic():
        if code.stay is None or not AccessCode.objects.filter(pk=code.pk, is_withheld=True).update(is_withheld=False):
            return []
        _record(
            code, now, actor, ActivityKind.CODE_GIVEN_BACK, f"Code for {code.holder_name} on {code.lock} given back"
        )
        return apply_stay_plan(code.stay, now, actor)


def revive(code: AccessCode, window: Window, now: datetime, actor: User | None) -> bool:
    """A code that was revoked but is not off its lock yet is wanted again: same row, same PIN. False when too late."""
    with transaction.atomic():
        here = AccessCode.objects.filter(pk=code.pk, removed_at=None)
        intent = {"revoked_at": None, "revoked_by": None, "revoke_reason": "", "is_withheld": False}
        times = {"starts_at": window.starts_at, "ends_at": window.ends_at}
        fresh_start = {"delete_sent_at": None, "missing_at": None, "removed_source": ""}
        fresh_start |= {"rejected_at": None, "rejection": ""}
        done = here.update(**intent, **times, **fresh_start) == 1
        if done:
            _record(
                code,
                now,
                actor,
                ActivityKind.CODE_REVIVED,
                f"Code for {code.holder_name} on {code.lock} is wanted again",
            )
            _wake(code, now)
    code.refresh_from_db()
    return done


def retry(code: AccessCode, now: datetime, actor: User | None) -> None:
    """Forget a refusal and the lock's pause, and try again at once."""
    with transaction.atomic():
        AccessCode.objects.filter(pk=code.pk).update(rejected_at=None, rejection="")
        Lock.objects.filter(pk=code.lock_id).resume(now)
        _record(code, now, actor, ActivityKind.CODE_RETRIED, f"Code for {code.holder_name} on {code.lock}: try again")


def reissue(code: AccessCode, now: datetime, actor: User | None, reason: str, pin: str = "") -> AccessCode:
    """A new PIN for the same holder and window, with a reason; the old code is revoked at once.

    A guest has one PIN for all doors of the stay, so they change together. Returns the code for the same lock.
    Raises pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        group = same_pin_group(code)
        avoid = pins.phone_ends(code.stay.guest.phone) if code.stay else []
        new_pin = pin or pins.choose_pin([one.lock for one in group], now, avoid)
        fresh = [_reissue_one(one, new_pin, bool(pin), now, actor, reason) for one in group]
    return next(one for one in fresh if one.lock_id == code.lock_id)


def same_pin_group(code: AccessCode) -> list[AccessCode]:
    """The codes that share this one's PIN because they open the doors of one stay; itself among them."""
    if code.stay is None:
        return [code]
    return list(code.stay.access_codes.standing().select_related("lock", "stay__guest"))


def _reissue_one(
    code: AccessCode, pin: str, is_own_choice: bool, now: datetime, actor: User | None, reason: str
) -> AccessCode:
    revoke(code, now, actor, f"Reissued: {reason}")
    return issue(
        code.lock,
        code.holder_name,
        code.window,
        pin,
        now,
        actor,
        stay=code.stay,
        pin_is_own_choice=is_own_choice,
        replaces=code,
    )


def reveal(code: AccessCode, now: datetime, actor: User) -> str:
    """The PIN for a person's eyes. Recorded: from here on it counts as known to the guest."""
    AccessCode.objects.filter(pk=code.pk, pin_shown_at=None).update(pin_shown_at=now)
    KnownPin.of_code(code, actor, now)
    _record(code, now, actor, ActivityKind.CODE_REVEALED, f"PIN of {code.holder_name} on {code.lock} was shown")
    return code.pin


def seam_name(holder_name: str) -> str:
    """A short plain name, unique on its lock: makers cut and mangle long ones, and refuse the same name twice."""
    latin = unicodedata.normalize("NFKD", holder_name).encode("ascii", "ignore").decode()
    plain = " ".join(re.sub(r"[^A-Za-z0-9 .'-]", " ", latin).split())[:20].strip()
    return f"{plain or 'Guest'} {get_random_string(6, NAME_ALPHABET)}"


def _wake(code: AccessCode, now: datetime) -> None:
    wake_locks([code.lock_id], now, Wake.READ_ANEW)


def _record(code: AccessCode, now: datetime, actor: User | None, kind: ActivityKind, text: str) -> None:
    about: dict[str, Any] = {"access_code": code, "lock_id": code.lock_id, "stay_id": code.stay_id}
    Activity.record(code.organization_id, now, kind, text, actor=actor, **about)
