"""Guests and their stays: local dates and times, from which the instants are derived."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from properties.models.places import Property, Unit
from properties.models.shared_columns import Searchable
from properties.models.tenancy import TenantQuerySet
from properties.values.local_time import Edge, LocalTime, to_instant
from properties.values.names import guest_search_form


class Window(NamedTuple):
    """From when to when a guest may enter, as UTC instants on whole minutes."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Window) -> bool:
        """They share time. `StayQuerySet.during` asks the same of the database."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: Window) -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


def window_of(
    place: Property, check_in_on: date, check_in_time: time, check_out_on: date, check_out_time: time
) -> Window:
    """A stay's local dates and times as instants, widened by the property's buffers."""
    starts_at = to_instant(check_in_on, check_in_time, place.time_zone, Edge.START)
    ends_at = to_instant(check_out_on, check_out_time, place.time_zone, Edge.END)
    return Window(starts_at - timedelta(minutes=place.minutes_before), ends_at + timedelta(minutes=place.minutes_after))


class GuestQuerySet(TenantQuerySet["Guest"]):
    def at_properties(self, properties: Any) -> GuestQuerySet:
        return self.filter(pk__in=Stay.objects.filter(unit__property__in=properties).values("guest"))


class Guest(Searchable):
    """A person who stays. Email and phone are optional."""

    SEARCHED = ("name", "email", "phone")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    objects = GuestQuerySet.as_manager()

    def work_out_search_text(self) -> str:
        return guest_search_form(self.name, self.email, self.phone)

    def __str__(self) -> str:
        return self.name


class StayPhase(Enum):
    """Where a stay is in its life: the word of lists, filters and chips."""

    UPCOMING = ("upcoming", "Upcoming", "info", "calendar-days")
    IN_HOUSE = ("in-house", "In house", "ok", "home")
    PAST = ("past", "Past", "idle", "check-circle")
    CANCELLED = ("cancelled", "Cancelled", "idle", "no-symbol")

    def __init__(self, key: str, label: str, tone: str, icon: str) -> None:
        self.key = key
        self.label = label
        self.tone = tone
        self.icon = icon


def phase_is(phase: StayPhase, now: datetime) -> Q:
    """The same four answers as `Stay.phase`, for the database."""
    standing = Q(cancelled_at=None)
    match phase:
        case StayPhase.UPCOMING:
            return standing & Q(starts_at__gt=now)
        case StayPhase.IN_HOUSE:
            return standing & Q(starts_at__lte=now, ends_at__gt=now)
        case StayPhase.PAST:
            return standing & Q(ends_at__lte=now)
        case StayPhase.CANCELLED:
            return ~standing


NEAREST_FIRST = {
    StayPhase.UPCOMING: ("starts_at", "id"),
    StayPhase.IN_HOUSE: ("ends_at", "id"),
    StayPhase.PAST: ("-ends_at", "-id"),
    StayPhase.CANCELLED: ("-starts_at", "-id"),
}


class StayQuerySet(TenantQuerySet["Stay"]):
    def at_properties(self, properties: Any) -> StayQuerySet:
        return self.filter(unit__property__in=properties)

    def standing(self) -> StayQuerySet:
        return self.filter(cancelled_at=None)

    def in_phase(self, phase: StayPhase, now: datetime) -> StayQuerySet:
        """Stays in this phase, what is nearest to now first."""
        return self.filter(phase_is(phase, now)).order_by(*NEAREST_FIRST[phase])

    def during(self, window: Window) -> StayQuerySet:
        """Stays whose own window shares time with this one."""
        return self.filter(ends_at__gt=window.starts_at, starts_at__lt=window.ends_at)

    def overlapping(self, unit: Unit, check_in: tuple[date, time], check_out: tuple[date, time]) -> StayQuerySet:
        """Standing stays of this unit for which `Stay.shares_nights` holds, for the database."""
        ends_later = Q(check_out_on__gt=check_in[0]) | Q(check_out_on=check_in[0], check_out_time__gt=check_in[1])
        starts_earlier = Q(check_in_on__lt=check_out[0]) | Q(check_in_on=check_out[0], check_in_time__lt=check_out[1])
        return self.standing().filter(ends_later, starts_earlier, unit=unit)

    def with_places(self) -> StayQuerySet:
        return self.select_related("unit__property", "guest")


class Stay(models.Model):
    """A guest in a unit. Intent: the codes follow from it.

    `starts_at`/`ends_at` are derived (`window`) and stored only to be searched for; they are derived again
    whenever the local times, the zone or the buffers change.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="stays")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="stays")
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="stays")
    check_in_on = models.DateField("check-in date")
    check_in_time = models.TimeField("check-in time")
    check_out_on = models.DateField("check-out date")
    check_out_time = models.TimeField("check-out time")
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    notes = models.TextField(blank=True)
    # Where it was booked, and the number it has there; empty for a stay that a person typed in.
    channel = models.CharField(max_length=20, blank=True, default="")
    reservation_code = models.CharField(max_length=60, blank=True, default="")
    party_size = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # The guest left early: check-out is when that was said. What was planned before is kept, to be taken up again.
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    planned_check_out_on = models.DateField(null=True)
    planned_check_out_time = models.TimeField(null=True)
    # The PIN was changed, and the guest knows the old one; until a person says that the new one was sent.
    old_pin_since = models.DateTimeField(null=True)
    new_pin_sent_at = models.DateTimeField(null=True)
    new_pin_sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = StayQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="stay_ends_after_it_starts")
        ]
        indexes = [
            models.Index(fields=["organization", "starts_at"], name="stay_by_start"),
            models.Index(fields=["organization", "ends_at"], name="stay_by_end"),
            models.Index(fields=["unit", "starts_at"], name="stay_of_unit"),
            # Who shares time with a stay, and who leaves before it: without all who were there before.
            models.Index(fields=["unit", "ends_at"], name="stay_of_unit_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.guest} in {self.unit}"

    def window(self) -> Window:
        """From when to when this guest may enter: local time in the property's zone, ± buffers, as UTC."""
        return window_of(
            self.unit.property,
            self.check_in_on,
            self.check_in_time,
            self.check_out_on,
            self.check_out_time,
        )

    def shares_nights(self, check_in: tuple[date, time], check_out: tuple[date, time]) -> bool:
        """The local times meet, without the buffers. Check-out = check-in is a turnover."""
        return self.check_in < check_out and check_in < self.check_out

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    def is_over(self, now: datetime) -> bool:
        return self.is_cancelled or self.ends_at <= now

    def phase(self, now: datetime) -> StayPhase:
        if self.is_cancelled:
            return StayPhase.CANCELLED
        if self.ends_at <= now:
            return StayPhase.PAST
        return StayPhase.UPCOMING if self.starts_at > now else StayPhase.IN_HOUSE

    @property
    def check_in(self) -> LocalTime:
        return LocalTime(self.check_in_on, self.check_in_time)

    @property
    def check_out(self) -> LocalTime:
        return LocalTime(self.check_out_on, self.check_out_time)

    @property
    def nights(self) -> int:
        return (self.check_out_on - self.check_in_on).days


class SetField(models.Model):
    """A field of a stay that a person set: its channel's value is shown there and not taken. No row: automatic."""

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="set_fields")
    field = models.CharField(max_length=30)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stay", "field"], name="set_field_once_per_stay")]

    def __str__(self) -> str:
        return f"{self.field} of stay {self.stay_id}"
