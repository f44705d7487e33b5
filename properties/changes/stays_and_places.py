"""What people change about places and stays: each in one transaction, with its codes and its history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from properties.codes import planning, staff_codes
from properties.models import AccessCode, Activity, ActivityKind, Door, Guest, Property, Reach, SetField, Stay, Unit
from properties.values.names import search_form


class StaysOverlap(Exception):
    """Another stay has the unit then; says so in a sentence."""

    def __init__(self, other: Stay) -> None:
        super().__init__(
            _(
                "%(guest)s stays in %(unit)s from %(check_in)s to %(check_out)s. Choose other times or "
                "another unit, or change that stay first."
            )
            % {"guest": other.guest, "unit": other.unit, "check_in": other.check_in, "check_out": other.check_out}
        )
        self.other = other


class StayIsOver(Exception):
    """A stay that ended or was cancelled is history, which is not changed."""


class StillInUse(Exception):
    """Says in a sentence why a place cannot be deleted."""


class TakenMeanwhile(Exception):
    """The name or the lock was taken by another request a moment ago."""


# --- Stays ----------------------------------------------------------------------------------------------


def save_stay(
    stay: Stay, now: datetime, actor: User | None, *, source: str = "", may_have_ended: timedelta = timedelta(0)
) -> list[AccessCode]:
    """Write a new or changed stay with its guest, and plan its codes; returns the codes that changed.

    `source` names the calendar that asks for it, if no person does. A stay that ended within `may_have_ended` goes
    on. Raises StaysOverlap, StayIsOver or pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        before = None if stay.pk is None else _lock_stay(stay, now - may_have_ended)
        _lock_unit(stay)
        overlapping = Stay.objects.overlapping(stay.unit, stay.check_in, stay.check_out).exclude(pk=stay.pk)
        if other := overlapping.with_places().first():
            raise StaysOverlap(other)
        stay.starts_at, stay.ends_at = stay.window()
        if before is not None and before.starts_at <= now:
            # In residence only the end may move, even if the property's buffers are others by now.
            stay.starts_at = before.starts_at
        _save(stay.guest)
        stay.guest_id = stay.guest.pk
        if before is None:
            stay.created_at, stay.created_by = now, actor
            stay.save(force_insert=True)
            _record_for_stay(
                stay, now, actor, ActivityKind.STAY_CREATED, f"{stay}: {stay.check_in} to {stay.check_out}", source
            )
        else:
            # Who lets a calendar's change through sets nothing.
            if actor is not None and not source:
                keep_against_channel(before, stay, now, actor)
            stay.save(update_fields=[*STAY_FIELDS, "starts_at", "ends_at"])
            stay.access_codes.standing().update(holder_name=stay.guest.name, search_text=search_form(stay.guest.name))
            _record_for_stay(stay, now, actor, ActivityKind.STAY_CHANGED, _difference(before, stay), source)
        return planning.apply_stay_plan(stay, now, actor)


STAY_FIELDS = [
    "unit",
    "check_in_on",
    "check_in_time",
    "check_out_on",
    "check_out_time",
    "notes",
    "channel",
    "reservation_code",
    "party_size",
]
# What a channel says too; a person's value is kept against it.
TOLD_BY_CHANNELS = ["unit_id", "check_in_on", "check_in_time", "check_out_on", "check_out_time", "party_size"]


def keep_against_channel(before: Stay, stay: Stay, now: datetime, actor: User) -> None:
    """What a person changed of a stay from a channel stays as it is until they make it automatic again.

    Whatever changes a stay for a person calls it: else the channel's next answer takes the change back.
    """
    if not before.channel:
        return
    changed = [field for field in TOLD_BY_CHANNELS if getattr(before, field) != getattr(stay, field)]
    if before.guest.name != stay.guest.name:
        changed.append("guest")
    set_fields(stay, changed, now, actor)


def set_fields(stay: Stay, fields: Iterable[str], now: datetime, actor: User | None, reason: str = "") -> None:
    """Fields that a person set; who set one last is kept."""
    for field in fields:
        values = {"set_by": actor, "set_at": now, "reason": reason[:200]}
        row, is_new = SetField.objects.get_or_create(stay=stay, field=field, defaults=values)
        if not is_new:
            SetField.objects.filter(pk=row.pk).update(**values)


def make_automatic(stay: Stay, field: str) -> bool:
    """The channel's value is taken again, at its next check; False when it was automatic already."""
    return bool(SetField.objects.filter(stay=stay, field=field).delete()[0])


def cancel_stay(stay: Stay, now: datetime, actor: User | None, *, source: str = "") -> list[AccessCode]:
    """End a stay for good and take back its codes; returns them. Raises StayIsOver."""
    with transaction.atomic():
        phase = _lock_stay(stay, now).phase(now)
        stay.cancelled_at, stay.cancelled_by = now, actor
        stay.save(update_fields=["cancelled_at", "cancelled_by"])
        text = f"{stay} cancelled ({phase.label.lower()})"
        _record_for_stay(stay, now, actor, ActivityKind.STAY_CANCELLED, text, source)
        return planning.apply_stay_plan(stay, now, actor)


def revive_stay(stay: Stay, now: datetime, actor: User | None, *, source: str = "") -> list[AccessCode]:
    """Undo of `cancel_stay`: the stay stands again, with the PIN that it had if no lock has given it away.

    Raises StaysOverlap, StayIsOver or pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        _lock_unit(stay)
        row = Stay.objects.with_places().select_for_update(of=("self",)).get(pk=stay.pk)
        if not row.is_cancelled:
            return []
        if row.ends_at <= now:
            raise StayIsOver(_("The nights of this stay are over. Add a new stay instead."))
        if other := Stay.objects.overlapping(row.unit, row.check_in, row.check_out).with_places().first():
            raise StaysOverlap(other)
        stay.cancelled_at, stay.cancelled_by = None, None
        stay.save(update_fields=["cancelled_at", "cancelled_by"])
        text = f"{row} stands again: {row.check_in} to {row.check_out}"
        _record_for_stay(stay, now, actor, ActivityKind.STAY_REVIVED, text, source)
        return planning.apply_stay_plan(stay, now, actor)


def note_new_pin_sent(stay: Stay, now: datetime, actor: User) -> bool:
    """A person says that the guest has the new PIN. False when that was said before, or nothing was new."""
    with transaction.atomic():
        waiting = Stay.objects.filter(pk=stay.pk, old_pin_since__isnull=False)
        if waiting.update(old_pin_since=None, new_pin_sent_at=now, new_pin_sent_by=actor) != 1:
            return False
        _record_for_stay(stay, now, actor, ActivityKind.STAY_NEW_PIN_SENT, f"{stay}: the new PIN was sent to the guest")
        return True


def _lock_stay(stay: Stay, now: datetime) -> Stay:
    """The row as it stands, held until the transaction ends: two people cannot change it at once."""
    row = Stay.objects.with_places().select_for_update(of=("self",)).get(pk=stay.pk)
    if row.is_cancelled:
        raise StayIsOver(_("This stay was cancelled. Add a new stay instead."))
    if row.is_over(now):
        raise StayIsOver(_("This stay is over. Add a new stay instead."))
    return row


def _lock_unit(stay: Stay) -> None:
    """Two stays of a unit are saved one after the other, so that each sees the other one."""
    stay.unit = Unit.objects.with_places().select_for_update(of=("self",)).get(pk=stay.unit_id)


def _difference(before: Stay, after: Stay) -> str:
    told: list[tuple[str, object, object]] = [
        ("guest", before.guest.name, after.guest.name),
        ("unit", before.unit, after.unit),
        ("check-in", before.check_in, after.check_in),
        ("check-out", before.check_out, after.check_out),
    ]
    changes = [f"{name} {old} → {new}" for name, old, new in told if old != new]
    return f"{after} changed: {'; '.join(changes) or 'details'}"


def _record_for_stay(
    stay: Stay, now: datetime, actor: User | None, kind: ActivityKind, text: str, source: str = ""
) -> None:
    about = {"source": source} if source else {}
    Activity.record(stay.organization_id, now, kind, text, actor=actor, stay=stay, **about)


# --- Places ---------------------------------------------------------------------------------------------


def save_property(place: Property, now: datetime, actor: User | None) -> list[AccessCode]:
    """Write a property. Another zone or other buffers move the windows of the stays to come."""
    with transaction.atomic():
        is_new = place.pk is None
        _save_once(place)
        _record_for_place(
            place,
            now,
            actor,
            ActivityKind.PROPERTY_ADDED if is_new else ActivityKind.PROPERTY_CHANGED,
            f"Property {place}",
        )
        if is_new:
            _let_in(place, actor)
        staff_codes.wake(place.doors.all(), now)
        return planning.replan_unit_stays(place.units.values_list("pk", flat=True), now, actor)


def _let_in(place: Property, actor: User | None) -> None:
    """A person limited to some properties may see the one they just made."""
    if actor is not None and actor.current_membership is not None and actor.current_membership.is_limited:
        Reach.objects.create(membership=actor.current_membership, property=place)


def save_unit(unit: Unit, now: datetime, actor: User | None) -> list[AccessCode]:
    """Write a unit. No code follows: a new one has no door yet, and a name opens none."""
    with transaction.atomic():
        is_new = unit.pk is None
        _save_once(unit)
        _record_for_place(
            unit, now, actor, ActivityKind.UNIT_ADDED if is_new else ActivityKind.UNIT_CHANGED, f"Unit {unit}"
        )
        return []


def save_door(
    door: Door, units: Iterable[Unit], now: datetime, actor: User | None, *, revoke_loose: bool = True
) -> list[AccessCode]:
    """Write a door with its lock and its units; codes follow. Raises TakenMeanwhile; then nothing has changed.

    `revoke_loose`: a lock that leaves the door loses the codes that follow no stay.
    """
    with transaction.atomic():
        is_new = door.pk is None
        left = None if is_new else Door.objects.get(pk=door.pk).lock_id
        revoked = [] if left in (None, door.lock_id) or not revoke_loose else _revoke_loose([left], door, now, actor)
        before = set() if is_new else set(door.units.values_list("pk", flat=True))
        _save_once(door)
        door.units.set(units)
        staff_codes.wake([door], now)
        after = set(door.units.values_list("pk", flat=True))
        text = f"Door {door} of {door.property}: {f'lock {door.lock}' if door.lock else 'no lock'}"
        kind = ActivityKind.DOOR_ADDED if is_new else ActivityKind.DOOR_CHANGED
        _record_for_place(door, now, actor, kind, text, lock=door.lock)
        return revoked + planning.replan_unit_stays(before | after, now, actor)


def delete_door(door: Door, now: datetime, actor: User | None, *, revoke_loose: bool = True) -> list[AccessCode]:
    """Remove a door: its lock is free again, and stays lose their codes on it; others too, if `revoke_loose`."""
    with transaction.atomic():
        revoked = _revoke_loose([door.lock_id], door, now, actor) if revoke_loose else []
        unit_ids = list(door.units.values_list("pk", flat=True))
        _record_for_place(
            door, now, actor, ActivityKind.DOOR_DELETED, f"Door {door} of {door.property} deleted", lock=door.lock
        )
        staff_codes.wake([door], now)
        door.delete()
        return revoked + planning.replan_unit_stays(unit_ids, now, actor)


def _revoke_loose(
    lock_ids: Iterable[int | None], place: Door | Property, now: datetime, actor: User | None
) -> list[AccessCode]:
    codes = list(AccessCode.objects.loose(now).filter(lock__in=lock_ids).select_related("lock"))
    return [code for code in codes if planning.revoke(code, now, actor, f"Its lock left {place}")]


def delete_unit(unit: Unit, now: datetime, actor: User | None, *, revoke_loose: bool = True) -> list[AccessCode]:
    """Raises StillInUse for a unit with stays: they are its history."""
    with transaction.atomic():
        if problem := why_kept(unit.name, stays_of(unit)):
            raise StillInUse(problem)
        _record_for_place(unit, now, actor, ActivityKind.UNIT_DELETED, f"Unit {unit} deleted")
        unit.delete()
        return []


def delete_property(
    place: Property, now: datetime, actor: User | None, *, revoke_loose: bool = True
) -> list[AccessCode]:
    """Raises StillInUse for a property with stays: they are its history. `revoke_loose`: as for each of its doors."""
    with transaction.atomic():
        if problem := why_kept(place.name, stays_of(place)):
            raise StillInUse(problem)
        locks = place.doors.values_list("lock", flat=True)
        revoked = _revoke_loose(list(locks), place, now, actor) if revoke_loose else []
        _record_for_place(place, now, actor, ActivityKind.PROPERTY_DELETED, f"Property {place} deleted")
        staff_codes.wake(place.doors.all(), now)
        place.delete()
        return revoked


def stays_of(place: Property | Unit) -> int:
    """How many stays it has or had."""
    return Stay.objects.filter(**{"unit" if isinstance(place, Unit) else "unit__property": place}).count()


def why_kept(name: str, stays: int) -> str:
    """Why a place cannot be deleted, as a sentence; empty when it can."""
    if not stays:
        return ""
    words = ngettext(
        "%(name)s has %(count)s stay, past and cancelled ones included. It is its history, so it is kept. "
        "Rename it if it is no longer let.",
        "%(name)s has %(count)s stays, past and cancelled ones included. They are its history, so it is kept. "
        "Rename it if it is no longer let.",
        stays,
    )
    return words % {"name": name, "count": stays}


def _save_once(place: Property | Unit | Door) -> None:
    try:
        with transaction.atomic():
            _save(place)
    except IntegrityError as error:
        raise TakenMeanwhile(_("The same name or the same lock was saved a moment ago. Look again.")) from error


# What a form shows of a row; nothing else is written over.
EDITED: dict[type[Model], list[str]] = {
    Property: ["name", "address", "time_zone", "check_in_time", "check_out_time", "minutes_before", "minutes_after"],
    Unit: ["name"],
    Door: ["name", "lock", "is_required"],
    Guest: ["name", "email", "phone"],
}


def _save(row: Property | Unit | Door | Guest) -> None:
    if row.pk is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=EDITED[type(row)])


def _record_for_place(
    place: Property | Unit | Door, now: datetime, actor: User | None, kind: ActivityKind, text: str, **about: Any
) -> None:
    """An entry of the property's history; the end of a property itself is the organization's."""
    if kind != ActivityKind.PROPERTY_DELETED:
        about["property"] = place if isinstance(place, Property) else place.property
    Activity.record(place.organization_id, now, kind, text, actor=actor, **about)
