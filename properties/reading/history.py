"""History of one row: a stay's story from plan to removal, who set its times, who changed a row last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from properties.models import AccessCode, Activity, ActivityKind, Door, Property, Stay, Unit
from properties.models.activity import ActivityQuerySet
from properties.values.wording import clock


@dataclass(frozen=True)
class SetBy:
    """Where a value of the stay comes from, in words."""

    check_in: str
    check_out: str


def story(stay: Stay) -> ActivityQuerySet:
    """What is told of the stay and its codes, and what its locks did while its window was open. Newest first."""
    locks = stay.access_codes.order_by().values("lock")
    at_the_doors = Q(kind__startswith="lock.", lock__in=locks, at__range=(stay.starts_at, stay.ends_at))
    return Activity.objects.filter(
        Q(stay=stay) | at_the_doors, organization_id=stay.organization_id
    ).select_related("actor").newest_first()  # fmt: skip


def last_changed_by(row: Model) -> str:
    """The person who changed a stay, place, staff member or code last, by name; empty when no person did."""
    about = {Stay: "stay", AccessCode: "access_code", Property: "property", Door: "property", Unit: "property"}
    column = about.get(type(row))
    if column is None:
        return ""
    subject = row if isinstance(row, Stay | AccessCode | Property) else row.property  # type: ignore[attr-defined]
    told = Activity.objects.filter(**{column: subject}, actor__isnull=False).select_related("actor")
    last = told.newest_first().first()
    return str(last.actor) if last is not None else ""


def set_by(stay: Stay) -> SetBy:
    """A usual time comes from the property; otherwise by whoever last changed it, or else created the stay."""
    told = stay.activities.filter(kind__in=(ActivityKind.STAY_CREATED, ActivityKind.STAY_CHANGED))
    changes = list(told.select_related("actor").newest_first())
    place = stay.unit.property
    return SetBy(
        _describe_source(stay, place, stay.check_in_time, place.check_in_time, _last_change(changes, "check-in")),
        _describe_source(stay, place, stay.check_out_time, place.check_out_time, _last_change(changes, "check-out")),
    )


def _describe_source(stay: Stay, place: Property, value: time, usual: time, change: Activity | None) -> str:
    who = change.actor if change is not None and change.actor is not None else stay.created_by
    words = {"who": who, "place": place, "time": clock(usual)}
    if value == usual:
        return (
            _("Date set; the usual time of %(place)s.") % words
            if who is None
            else _("Date set by %(who)s; the usual time of %(place)s.") % words
        )
    if who is None:
        return _("Set; the usual time of %(place)s is %(time)s.") % words
    return _("Set by %(who)s; the usual time of %(place)s is %(time)s.") % words


def _last_change(changes: list[Activity], name: str) -> Activity | None:
    """The last entry that set this value: a change that names it, else the creation."""
    return next(
        (entry for entry in changes if entry.kind == ActivityKind.STAY_CREATED or f"{name} " in entry.text), None
    )
