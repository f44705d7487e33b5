"""A guest who leaves early: the stay ends at this minute, and for some minutes that can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from properties.changes.stays_and_places import StayIsOver, StaysOverlap, keep_against_channel
from properties.codes import planning
from properties.models import AccessCode, Activity, ActivityKind, Stay
from properties.values.local_time import LocalTime

UNDO_WITHIN = timedelta(minutes=15)
FIELDS = ["check_out_on", "check_out_time", "ends_at", "ended_at", "ended_by"]
PLANNED = ["planned_check_out_on", "planned_check_out_time"]


def end_now(stay: Stay, now: datetime, actor: User) -> list[AccessCode]:
    """Check-out is now; the codes go, and the stay is past, not cancelled. Raises StayIsOver."""
    with transaction.atomic():
        row = _held(stay)
        if row.is_over(now):
            raise StayIsOver(_("This stay is over already. Nothing was changed."))
        if row.starts_at > now:
            raise StayIsOver(_("This stay has not begun, so it cannot end. Cancel it instead."))
        planned = row.check_out
        stay.planned_check_out_on, stay.planned_check_out_time = planned
        stay.ends_at = max(now.replace(second=0, microsecond=0), row.starts_at + timedelta(minutes=1))
        there = stay.ends_at.astimezone(row.unit.property.zone)
        stay.check_out_on, stay.check_out_time = there.date(), there.time()
        stay.ended_at, stay.ended_by = now, actor
        stay.save(update_fields=[*FIELDS, *PLANNED])
        keep_against_channel(row, stay, now, actor)
        text = f"{stay} ended early: check-out {planned} → {stay.check_out}"
        Activity.record(stay.organization_id, now, ActivityKind.STAY_ENDED, text, actor=actor, stay=stay)
        return planning.apply_stay_plan(stay, now, actor)


def can_go_on(stay: Stay, now: datetime) -> bool:
    return not stay.is_cancelled and stay.ended_at is not None and now - stay.ended_at <= UNDO_WITHIN


def go_on(stay: Stay, now: datetime, actor: User) -> list[AccessCode]:
    """Undo of `end_now`: check-out is as planned. A code that is gone is made again, with its PIN where that is free.

    Raises StayIsOver, StaysOverlap or pins.NoPinLeft; then nothing has changed.
    """
    with transaction.atomic():
        row = _held(stay)
        if not can_go_on(row, now) or row.planned_check_out_on is None or row.planned_check_out_time is None:
            raise StayIsOver(_("It is too late to take this back. Add a new stay instead."))
        stay.check_out_on, stay.check_out_time = row.planned_check_out_on, row.planned_check_out_time
        stay.ends_at = stay.window().ends_at
        if stay.ends_at <= now:
            raise StayIsOver(_("The planned check-out has passed. Add a new stay instead."))
        overlapping = Stay.objects.overlapping(row.unit, row.check_in, LocalTime(*stay.check_out)).exclude(pk=row.pk)
        if other := overlapping.with_places().first():
            raise StaysOverlap(other)
        stay.ended_at = stay.ended_by = stay.planned_check_out_on = stay.planned_check_out_time = None
        stay.save(update_fields=[*FIELDS, *PLANNED])
        keep_against_channel(row, stay, now, actor)
        text = f"{stay} goes on: check-out {stay.check_out} again"
        Activity.record(stay.organization_id, now, ActivityKind.STAY_RESUMED, text, actor=actor, stay=stay)
        return planning.apply_stay_plan(stay, now, actor)


def _held(stay: Stay) -> Stay:
    """The row as it stands, held until the transaction ends."""
    return Stay.objects.with_places().select_for_update(of=("self",)).get(pk=stay.pk)
