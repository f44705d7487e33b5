"""Staff: a person with a code of their own, the doors it opens, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from properties.models.access_codes import AccessCode
from properties.models.places import Door, Property
from properties.models.shared_columns import HeldPin, Named
from properties.models.tenancy import TenantQuerySet
from properties.values.staff_hours import EVERY_DAY, Rule

# An unused code is a risk without a use (field study P25).
UNUSED_AFTER = timedelta(days=60)


class StaffState(Enum):
    """Where a person stands: label, tone and icon of the chip."""

    ACTIVE = ("Has access", "ok", "check-circle")
    ENDED = ("Their time is over", "idle", "minus-circle")
    REMOVING = ("Being removed", "info", "arrow-path")
    REMOVED = ("Removed", "idle", "minus-circle")

    def __init__(self, label: str, tone: str, icon: str) -> None:
        self.label = label
        self.tone = tone
        self.icon = icon


def every_day() -> list[int]:
    return sorted(EVERY_DAY)


class StaffMemberQuerySet(TenantQuerySet["StaffMember"]):
    def at_properties(self, properties: Any) -> StaffMemberQuerySet:
        """People who open doors there and nowhere else: who changes them must see all of their doors."""
        elsewhere = Door.objects.exclude(property__in=properties)
        here = self.filter(pk__in=self.model.doors.through.objects.values("staffmember"))
        return here.exclude(pk__in=self.model.doors.through.objects.filter(door__in=elsewhere).values("staffmember"))

    def opening_doors_of(self, place: Property) -> StaffMemberQuerySet:
        """Who has a door there, or a code that is not proved to be off a lock there; whatever else they open."""
        doors = self.model.doors.through.objects.filter(door__property=place).values("staffmember")
        left = AccessCode.objects.filter(lock__door__property=place, removed_at=None, staff__isnull=False)
        return self.filter(Q(pk__in=doors) | Q(pk__in=left.values("staff")))

    def current(self) -> StaffMemberQuerySet:
        return self.filter(removed_at=None)

    def due(self, now: datetime) -> StaffMemberQuerySet:
        """People whose codes have to be planned again."""
        return self.filter(plan_at__lte=now)


class StaffMember(Named, HeldPin):
    """A person who works at the homes: cleaner, plumber, caretaker. One PIN for all of their doors."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="staff")
    name = models.CharField(max_length=200)
    job = models.CharField(max_length=100, blank=True)
    # Who this is among the people who log in, if they do: shows them their own day.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="staff_member"
    )
    doors = models.ManyToManyField(Door, related_name="staff", blank=True)

    # When: on these days (Monday is 0) between these hours, local to each door; both empty is round the clock.
    hours_from = models.TimeField(null=True, blank=True)
    hours_to = models.TimeField(null=True, blank=True)
    days = models.JSONField(default=every_day)
    until_on = models.DateField(null=True, blank=True)
    # Otherwise their hours do not open a home while a guest stays there.
    also_while_occupied = models.BooleanField("also while guests are there", default=False)

    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # As far as it could be told: Wyze does not say whose PIN was typed.
    last_used_at = models.DateTimeField(null=True)
    # The hour of the next plan: a sweep each minute takes who is due.
    plan_at = models.DateTimeField(null=True)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours_from=None, hours_to=None) | Q(hours_from__isnull=False, hours_to__isnull=False),
                name="staff_hours_both_or_none",
            )
        ]
        indexes = [models.Index(fields=["plan_at"], name="staff_due", condition=Q(plan_at__isnull=False))]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<StaffMember {self.pk}>"

    @property
    def rule(self) -> Rule:
        return Rule(self.hours_from, self.hours_to, frozenset(self.days), self.until_on)

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None

    def state(self, now: datetime, codes_left: int) -> StaffState:
        """`codes_left`: codes that are not proved to be off their locks."""
        if self.is_removed:
            return StaffState.REMOVING if codes_left else StaffState.REMOVED
        if self.rule.is_over(now):
            return StaffState.ENDED
        return StaffState.ACTIVE

    def is_unused(self, now: datetime) -> bool:
        """No use was seen for so long that the code should probably go."""
        return not self.is_removed and (self.last_used_at or self.created_at) <= now - UNUSED_AFTER
