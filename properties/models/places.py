"""Where guests stay: properties, their units, and the doors that lead to them."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import Organization
from properties.models.locks import Lock
from properties.models.shared_columns import Named
from properties.models.tenancy import TenantQuerySet
from properties.values.local_time import zone_names


def validate_zone(name: str) -> None:
    if name not in zone_names():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Choose one from the list, such as Europe/Berlin.") % {"name": name}
        )


class PropertyQuerySet(TenantQuerySet["Property"]):
    def at_properties(self, properties: Any) -> PropertyQuerySet:
        return self.filter(pk__in=properties)


class Property(Named):
    """A building or home, with the zone and the times that its stays are given in."""

    SEARCHED = ("name", "address")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="properties")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    check_in_time = models.TimeField(default=time(16, 0))
    check_out_time = models.TimeField(default=time(11, 0))
    # Hidden grace around each stay: codes open this much earlier and close this much later.
    minutes_before = models.PositiveSmallIntegerField(default=0)
    minutes_after = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PropertyQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "name"]
        verbose_name_plural = "properties"
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="property_name_once_per_organization")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class UnitQuerySet(TenantQuerySet["Unit"]):
    def at_properties(self, properties: Any) -> UnitQuerySet:
        return self.filter(property__in=properties)

    def with_places(self) -> UnitQuerySet:
        return self.select_related("property")


def unit_title(name: str, property_name: str) -> str:
    """A property that is let as a whole has one name."""
    return name if name == property_name else f"{property_name} · {name}"


class Unit(Named):
    """What a guest books: an apartment, a room, or the whole home."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(max_length=200)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["property__sort_key", "property__name", "sort_key", "name"]
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="unit_name_once_per_property")]

    def __str__(self) -> str:
        return unit_title(self.name, self.property.name)


class DoorQuerySet(TenantQuerySet["Door"]):
    def at_properties(self, properties: Any) -> DoorQuerySet:
        return self.filter(property__in=properties)


class Door(Named):
    """A door of a property, the lock on it, and the units it leads to (a shared entrance leads to many)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="doors")
    name = models.CharField(max_length=200)
    lock = models.OneToOneField(Lock, on_delete=models.SET_NULL, null=True, blank=True, related_name="door")
    units = models.ManyToManyField(Unit, related_name="doors", blank=True)
    # A guest cannot get in without it. An optional door (a shed) never makes an arrival "not ready".
    is_required = models.BooleanField(default=True)

    objects = DoorQuerySet.as_manager()

    class Meta:
        ordering = ["property__sort_key", "property__name", "sort_key", "name"]
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="door_name_once_per_property")]

    def __str__(self) -> str:
        return self.name

    def why_no_codes(self) -> str:
        """Why no code can be put on this door, as a sentence; empty when one can."""
        if self.lock is None:
            return _("No lock is on this door yet. Put one on it, then the code follows by itself.")
        return self.lock.why_no_codes()
