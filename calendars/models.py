"""Calendars of channels: their addresses and rules, the bookings known from them, and what each answer changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from calendars.deciding.channels import LARGE, Channel
from calendars.deciding.classify import ChannelRules, Outcome
from calendars.deciding.known import BookingState, Decision
from calendars.fetching.addresses import Address, parse_address
from calendars.reasons import Reason, reason_from
from properties.models import Stay, Unit
from properties.models.tenancy import TenantQuerySet
from properties.values.encryption import decrypt, encrypt


class FeedQuerySet(TenantQuerySet["Feed"]):
    def at_properties(self, properties: Any) -> FeedQuerySet:
        return self.filter(unit__property__in=properties)

    def in_use(self) -> FeedQuerySet:
        return self.filter(removed_at=None)

    def due(self, now: datetime) -> FeedQuerySet:
        return self.in_use().filter(next_at__lte=now)

    def with_places(self) -> FeedQuerySet:
        return self.select_related("unit__property")

    def lease(self, feed_id: int, clock: datetime, lasts: timedelta) -> bool:
        """Take the feed for one worker; True for the one that got it. `clock` is real time: it guards processes."""
        free = Q(lease_until=None) | Q(lease_until__lt=clock)
        return self.in_use().filter(free, pk=feed_id).update(lease_until=clock + lasts) == 1


class Feed(models.Model):
    """One calendar address of a channel for one unit, with its rules and how it fares."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="feeds")
    channel = models.CharField(max_length=20)
    # The address is a secret: whoever has it reads the bookings.
    address_encrypted = models.TextField()
    host = models.CharField(max_length=253)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Its stays remain; it is fetched no more.
    removed_at = models.DateTimeField(null=True)

    # Rules. Empty: ask about each closure.
    closures_up_to = models.PositiveSmallIntegerField(null=True)
    stay_words = models.JSONField(default=list)
    trusts_times = models.BooleanField(default=False)
    z_is_local = models.BooleanField(default=False)
    mirrors_others = models.BooleanField(default=True)
    # Units whose guests block this one on the channel: the whole home and its rooms.
    linked_units = models.ManyToManyField(Unit, related_name="+", blank=True)

    # The next check, and who does it.
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    # How it fares. `fetched_at`: the last whole answer; what it said is in force since then.
    tried_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failed_since = models.DateTimeField(null=True)
    problem = models.JSONField(default=dict)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)

    # What the last whole answer held, to be shown: no names, no texts.
    counts = models.JSONField(default=dict)
    events = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    unreadable = models.JSONField(default=list)

    objects = FeedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="feed_due", condition=Q(removed_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.source} of {self.unit}"

    @property
    def source(self) -> str:
        """Who speaks, in the history of a stay."""
        channel = Channel(self.channel)
        return channel.label if channel in LARGE else _("%(channel)s calendar") % {"channel": channel.label}

    @property
    def rules(self) -> ChannelRules:
        words = tuple(map(str, self.stay_words))
        return ChannelRules(Channel(self.channel), self.closures_up_to, words, self.mirrors_others)

    @property
    def why_unhealthy(self) -> Reason | None:
        return reason_from(self.problem) if self.failures else None

    def set_address(self, address: Address) -> None:
        self.address_encrypted = encrypt(address.whole)
        self.host = address.host

    def address(self) -> Address:
        """The secret itself, to fetch it. Raises BadAddress when the operator's exceptions no longer hold."""
        return parse_address(decrypt(self.address_encrypted), settings.PRIVATE_FEED_HOSTS)


class FeedBookingQuerySet(models.QuerySet["FeedBooking"]):
    def for_user(self, user: User) -> FeedBookingQuerySet:
        return self.filter(feed__in=Feed.objects.for_user(user))

    def unclear(self) -> FeedBookingQuerySet:
        """What waits for a person to say whether it is a stay."""
        asked = self.filter(outcome=Outcome.UNCLEAR, decision=Decision.NONE, state=BookingState.ACTIVE)
        return asked.filter(stay=None, feed__removed_at=None)


class FeedBooking(models.Model):
    """A booking as one feed tells it, with what came of it. Rows stay when the feed forgets them."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="bookings")
    stay = models.ForeignKey(Stay, on_delete=models.SET_NULL, null=True, related_name="bookings")
    # The channel's number, and a part of the id that outlives a change of dates.
    code = models.CharField(max_length=60, blank=True)
    hint = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    guest = models.CharField(max_length=120, blank=True)
    party = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=10)
    # Why it is what it is, and why it is the same as before.
    reason = models.JSONField(default=dict)
    identity = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=BookingState.ACTIVE.value)
    decision = models.CharField(max_length=6, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True)
    misses = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)
    # Another stay that has the unit for some of these nights.
    conflict_with = models.ForeignKey(Stay, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = FeedBookingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["feed", "ends_on"], name="booking_of_feed")]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on} from feed {self.feed_id}"


class BookingAlias(models.Model):
    """An id that a booking has or had in its feed."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+")
    booking = models.ForeignKey(FeedBooking, on_delete=models.CASCADE, related_name="aliases")
    uid = models.CharField(max_length=400)

    class Meta:
        verbose_name_plural = "booking aliases"
        constraints = [models.UniqueConstraint(fields=["feed", "uid"], name="alias_once_per_feed")]

    def __str__(self) -> str:
        return f"Alias {self.pk} of booking {self.booking_id}"


class ChangeSetQuerySet(TenantQuerySet["ChangeSet"]):
    def at_properties(self, properties: Any) -> ChangeSetQuerySet:
        return self.filter(feed__unit__property__in=properties)


class ChangeSet(models.Model):
    """What one answer of a feed changed, or would change once a person agrees. It can be undone."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="change_sets")
    at = models.DateTimeField()
    # Why all of it waits, if it does.
    held = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"Changes of feed {self.feed_id} at {self.at}"


class ChangeItemQuerySet(models.QuerySet["ChangeItem"]):
    def for_user(self, user: User) -> ChangeItemQuerySet:
        return self.filter(change_set__feed__in=Feed.objects.for_user(user))

    def waiting(self) -> ChangeItemQuerySet:
        """What a person has to answer."""
        return self.filter(state=ChangeItem.State.WAITING, change_set__feed__removed_at=None)


class ChangeItem(models.Model):
    """One change of one stay, with its reason and what was there before."""

    class State(models.TextChoices):
        APPLIED = "applied", "Applied"
        WAITING = "waiting", "Waits for a person"
        IGNORED = "ignored", "Ignored"
        FAILED = "failed", "Not possible"
        UNDONE = "undone", "Undone"
        MOOT = "moot", "No longer needed"

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="items")
    booking = models.ForeignKey(FeedBooking, on_delete=models.CASCADE, null=True, related_name="items")
    stay = models.ForeignKey(Stay, on_delete=models.SET_NULL, null=True, related_name="+")
    # The event's id, for one that waits before there is a booking.
    uid = models.CharField(max_length=400, blank=True)
    act = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ChangeItemQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["booking", "act"], name="item_of_booking")]

    def __str__(self) -> str:
        return f"{self.act} of booking {self.booking_id}"
