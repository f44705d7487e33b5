"""History: who or what did what, when, and how sure we are. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from properties.models.tenancy import TenantQuerySet


class Certainty(models.TextChoices):
    """How we know."""

    DONE = "done", "Done here"
    REPORTED = "reported", "Reported by Seam"
    READ_BACK = "read_back", "Read back from Seam"
    INFERRED = "inferred", "Inferred"


ICONS = {
    "account": "link",
    "code": "key",
    "lock": "lock-closed",
    "lock.unlocked": "lock-open",
    "lock.access_denied": "no-symbol",
    "stay": "calendar-days",
    "device": "signal",
    "people": "user-group",
    "staff": "identification",
}


class ActivityQuerySet(TenantQuerySet["Activity"]):
    def at_properties(self, properties: Any) -> ActivityQuerySet:
        """What is told of a lock or a stay there. What concerns the whole organization is left out."""
        return self.filter(Q(lock__door__property__in=properties) | Q(stay__unit__property__in=properties))

    def newest_first(self) -> ActivityQuerySet:
        return self.order_by("-at", "-id")


class Activity(models.Model):
    """One thing that happened. `text` is a sentence for people and never holds a PIN."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    # Nobody: Latchkey itself, or what `source` names.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=40, default="Latchkey")
    kind = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    certainty = models.CharField(max_length=20, choices=Certainty.choices, default=Certainty.DONE)
    account = models.ForeignKey("properties.ConnectedAccount", on_delete=models.CASCADE, null=True, related_name="+")
    lock = models.ForeignKey("properties.Lock", on_delete=models.CASCADE, null=True, related_name="activities")
    access_code = models.ForeignKey(
        "properties.AccessCode", on_delete=models.CASCADE, null=True, related_name="activities"
    )
    stay = models.ForeignKey("properties.Stay", on_delete=models.CASCADE, null=True, related_name="activities")
    # The event this row tells of: the same event, heard twice, is told once.
    seam_event_id = models.UUIDField(null=True, unique=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["organization", "-at"], name="activity_of_organization"),
            models.Index(fields=["lock", "-at"], name="activity_of_lock"),
            models.Index(fields=["stay", "-at"], name="activity_of_stay"),
            models.Index(fields=["access_code", "-at"], name="activity_of_access_code"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def icon(self) -> str:
        """A heroicon that fits the kind."""
        return ICONS.get(self.kind) or ICONS.get(self.kind.split(".")[0], "information-circle")

    @classmethod
    def record(cls, organization_id: int, at: datetime, kind: str, text: str, **about: Any) -> Activity | None:
        """Add a row; None when this Seam event was told before."""
        about.setdefault("source", "Person" if about.get("actor") else "Latchkey")
        values = {"organization_id": organization_id, "at": at, "kind": kind, "text": text[:500], **about}
        event_id = values.get("seam_event_id")
        if event_id is None:
            return cls.objects.create(**values)
        row, is_new = cls.objects.get_or_create(seam_event_id=event_id, defaults=values)
        return row if is_new else None
