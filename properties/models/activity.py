"""History: who or what did what, when, and how sure we are. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from properties.models.places import Door, Property
from properties.models.shared_columns import Searchable
from properties.models.stays import Stay
from properties.models.tenancy import TenantQuerySet
from properties.values.opaque_ids import LONGEST_ID


class Certainty(models.TextChoices):
    """How we know."""

    DONE = "done", "Done here"
    REPORTED = "reported", "Reported by Seam"
    READ_BACK = "read_back", "Read back from Seam"
    INFERRED = "inferred", "Inferred"


class ActivityKind(StrEnum):
    """The kinds that Latchkey writes. Seam's events bring others: the column is an open set."""

    STAY_CREATED = "stay.created"
    STAY_CHANGED = "stay.changed"
    STAY_CANCELLED = "stay.cancelled"
    STAY_ENDED = "stay.ended"
    STAY_RESUMED = "stay.resumed"
    STAY_NEW_PIN_SENT = "stay.new_pin_sent"
    STAY_REVIVED = "stay.revived"
    STAY_NO_CODE = "stay.no_code"
    CODE_PLANNED = "code.planned"
    CODE_MOVED = "code.moved"
    CODE_REVOKED = "code.revoked"
    CODE_GIVEN_BACK = "code.given_back"
    CODE_REVIVED = "code.revived"
    CODE_RETRIED = "code.retried"
    CODE_REVEALED = "code.revealed"
    CODE_PIN_REFUSED = "code.pin_refused"
    CODE_ACCEPTED = "code.accepted"
    CODE_ON_LOCK = "code.on_lock"
    CODE_LIVE = "code.live"
    CODE_REMOVED = "code.removed"
    CODE_LOST = "code.lost"
    CODE_RETURNED = "code.returned"
    CODE_REJECTED = "code.rejected"
    CODE_REFUSED = "code.refused"
    CODE_TROUBLE = "code.trouble"
    LOCK_LOCKED = "lock.locked"
    LOCK_UNLOCKED = "lock.unlocked"
    LOCK_ACCESS_DENIED = "lock.access_denied"
    LOCK_LOW_BATTERY = "lock.low_battery"
    LOCK_VANISHED = "lock.vanished"
    DOOR_ADDED = "door.added"
    DOOR_CHANGED = "door.changed"
    DOOR_DELETED = "door.deleted"
    PROPERTY_ADDED = "property.added"
    PROPERTY_CHANGED = "property.changed"
    PROPERTY_DELETED = "property.deleted"
    UNIT_ADDED = "unit.added"
    UNIT_CHANGED = "unit.changed"
    UNIT_DELETED = "unit.deleted"
    FEED_ADDED = "feed.added"
    FEED_CHANGED = "feed.changed"
    FEED_REMOVED = "feed.removed"
    PEOPLE_CHANGED = "people.changed"
    PEOPLE_INVITATION_WITHDRAWN = "people.invitation_withdrawn"
    PEOPLE_INVITED = "people.invited"
    PEOPLE_JOINED = "people.joined"
    PEOPLE_REMOVED = "people.removed"
    STAFF_ADDED = "staff.added"
    STAFF_CHANGED = "staff.changed"
    STAFF_NEW_PIN = "staff.new_pin"
    STAFF_REMOVED = "staff.removed"
    STAFF_REVEALED = "staff.revealed"
    ACCOUNT_LINKED = "account.linked"
    ACCOUNT_DROPPED = "account.dropped"
    ACCOUNT_RETURNED = "account.returned"
    ACCOUNT_UNLINK_REQUESTED = "account.unlink_requested"
    ACCOUNT_UNLINK_WITHDRAWN = "account.unlink_withdrawn"
    ACCOUNT_UNLINKED = "account.unlinked"


class Subject(models.TextChoices):
    """What an entry is about: told by the first word of its kind."""

    STAYS = "stays", "Stays"
    CODES = "codes", "Codes"
    LOCKS = "locks", "Locks and doors"
    PLACES = "places", "Properties and units"
    PEOPLE = "people", "People and staff"
    ACCOUNTS = "accounts", "Accounts"


AREAS: dict[Subject, tuple[str, ...]] = {
    Subject.STAYS: ("stay",),
    Subject.CODES: ("code", "access_code"),
    Subject.LOCKS: ("lock", "device", "door"),
    Subject.PLACES: ("property", "unit", "feed"),
    Subject.PEOPLE: ("people", "staff"),
    Subject.ACCOUNTS: ("account", "connected_account"),
}
SUBJECT_OF = {area: subject for subject, areas in AREAS.items() for area in areas}


ICONS = {
    "account": "link",
    "code": "key",
    "lock": "lock-closed",
    ActivityKind.LOCK_UNLOCKED: "lock-open",
    ActivityKind.LOCK_ACCESS_DENIED: "no-symbol",
    "stay": "calendar-days",
    "device": "signal",
    "people": "user-group",
    "staff": "identification",
    "property": "home-modern",
    "unit": "home-modern",
    "feed": "calendar-days",
    "door": "map-pin",
    "connected_account": "link",
}


class ActivityQuerySet(TenantQuerySet["Activity"]):
    def at_properties(self, properties: Any) -> ActivityQuerySet:
        """What is told of the place, of a lock or a stay there. What concerns the whole organization is left out."""
        # Sets of numbers, not joins: of a hundred thousand rows, few are read further for either.
        locks = Door.objects.filter(property__in=properties, lock__isnull=False).order_by().values("lock")
        stays = Stay.objects.filter(unit__property__in=properties).order_by().values("pk")
        return self.filter(Q(property__in=properties) | Q(lock__in=locks) | Q(stay__in=stays))

    def about(self, subject: Subject) -> ActivityQuerySet:
        return self.filter(reduce(or_, (Q(kind__startswith=f"{area}.") for area in AREAS[subject])))

    def with_places(self) -> ActivityQuerySet:
        """With who did it and with what tells where it happened."""
        return self.select_related("actor", "property", "lock__door__property", "stay__guest", "stay__unit__property")

    def newest_first(self) -> ActivityQuerySet:
        return self.order_by("-at", "-id")


class Activity(Searchable):
    """One thing that happened. `text` is a sentence for people and never holds a PIN."""

    SEARCHED = ("text",)

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    # Empty: Latchkey itself, or what `source` names.
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
    # Of what is told of the place itself; a lock's and a stay's entries find theirs by what they name. (It hides the
    # builtin of that name, so derived values are a cached_property.)
    property = models.ForeignKey("properties.Property", on_delete=models.SET_NULL, null=True, related_name="+")
    # The event this row tells of: the same event, heard twice, is told once.
    seam_event_id = models.CharField(max_length=LONGEST_ID, null=True, blank=True, unique=True)

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

    @cached_property
    def place(self) -> Property | None:
        """Where it happened, if it happened at one property."""
        if self.property is not None:
            return self.property
        if self.stay is not None:
            return self.stay.unit.property
        door = getattr(self.lock, "door", None)
        return door.property if door is not None else None

    @cached_property
    def subject(self) -> Subject | None:
        """None for an unknown kind."""
        return SUBJECT_OF.get(self.kind.split(".")[0])

    @cached_property
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
