"""A stay moves to another unit: codes on the new doors first, then off the old ones, in one action."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from properties.changes.stays_and_places import StayIsOver, StaysOverlap, set_fields
from properties.codes import planning
from properties.models import AccessCode, Activity, ActivityKind, Stay, Unit

# A guest in residence keeps the old doors until the new ones are proved, but no longer than this.
OLD_DOORS_FOR = timedelta(hours=2)


def move_stay(stay: Stay, unit: Unit, now: datetime, actor: User) -> list[AccessCode]:
    """Give the stay this unit; its codes follow. The PIN stays where the new doors can have it.

    Raises StayIsOver, StaysOverlap or pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        row = Stay.objects.with_places().select_for_update(of=("self",)).get(pk=stay.pk)
        # Two stays of a unit are saved one after the other, so that each sees the other one.
        target = Unit.objects.with_places().select_for_update(of=("self",)).get(pk=unit.pk)
        if row.is_over(now):
            raise StayIsOver(_("This stay is over, so it cannot move."))
        before = row.unit
        overlapping = Stay.objects.overlapping(target, row.check_in, row.check_out).exclude(pk=row.pk)
        if other := overlapping.with_places().first():
            raise StaysOverlap(other)
        row.unit = target
        window = row.window()
        row.starts_at = row.starts_at if row.starts_at <= now else window.starts_at
        row.ends_at = window.ends_at
        if row.ends_at <= now:
            raise StayIsOver(_("On the clock of that unit this check-out has passed."))
        row.save(update_fields=["unit", "starts_at", "ends_at"])
        if row.channel:
            set_fields(row, ["unit_id"], now, actor)
        text = f"{row} changed: unit {before} → {target}"
        Activity.record(row.organization_id, now, ActivityKind.STAY_CHANGED, text, actor=actor, stay=row)
        if row.starts_at <= now:
            planning.keep_old_doors(row, _old_doors_until(row, before, now))
        pins_before = set(row.access_codes.standing().values_list("pin_hash", flat=True))
        changed = planning.apply_stay_plan(row, now, actor)
        planning.give_one_pin(row, pins_before, now, actor)
        stay.refresh_from_db()
        return changed


def _old_doors_until(stay: Stay, unit: Unit, now: datetime) -> datetime:
    """The limit; the next guest of the old unit makes it shorter."""
    coming = Stay.objects.standing().filter(unit=unit, starts_at__gt=now).order_by("starts_at")
    following = coming.values_list("starts_at", flat=True).first()
    return min(now + OLD_DOORS_FOR, stay.ends_at, following or stay.ends_at)
