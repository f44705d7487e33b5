"""What the conversation with Seam leaves behind: launches, inbox, webhook, clock, heartbeat."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from properties.models import ConnectedAccount
from properties.models.tenancy import TenantQuerySet


class ConnectWebview(models.Model):
    """One launch of Seam's log-in page. Its link is a bearer secret and is not kept."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for the log-in"
        AUTHORIZED = "authorized", "Linked"
        FAILED = "failed", "Not linked"
        EXPIRED = "expired", "Expired"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # The account to be linked anew; empty for a first link.
    reconnects = models.ForeignKey(ConnectedAccount, on_delete=models.SET_NULL, null=True, related_name="+")
    seam_id = models.UUIDField(unique=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    launched_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # When Seam was last asked how it went.
    asked_at = models.DateTimeField(null=True)
    # The way back carries a signed nonce and may be walked once.
    nonce_hash = models.CharField(max_length=64, unique=True)
    returned_at = models.DateTimeField(null=True)
    account = models.ForeignKey(ConnectedAccount, on_delete=models.SET_NULL, null=True, related_name="webviews")

    objects = TenantQuerySet["ConnectWebview"].as_manager()

    class Meta:
        ordering = ["-launched_at"]

    def __str__(self) -> str:
        return f"Connect Webview {self.pk} ({self.status})"

    def is_worth_asking(self, now: datetime) -> bool:
        """Each time in the first hour, when people log in; then every ten minutes."""
        is_young = now - self.launched_at < timedelta(hours=1)
        return is_young or self.asked_at is None or now - self.asked_at >= timedelta(minutes=10)


class SeamEvent(models.Model):
    """The inbox: each event once, whether a webhook brought it or the catch-up found it."""

    event_id = models.UUIDField(unique=True)
    event_type = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # Whole body, encrypted: some events carry PINs.
    body_encrypted = models.TextField()
    handled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at=None), name="event_not_handled"),
            models.Index(fields=["-occurred_at"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class CatchUp(models.Model):
    """Until when every event of Seam's list is in the inbox. Always row 1."""

    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"caught up until {self.until}"


class WebhookRegistration(models.Model):
    """Our webhook at Seam. The secret is given once, at creation."""

    url = models.CharField(max_length=300, unique=True)
    seam_id = models.UUIDField(unique=True)
    secret_encrypted = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Webhook {self.seam_id}"


class ClockReading(models.Model):
    """The sandbox's clock as last read: keeps time going in every process while the sandbox is away."""

    # Always row 1.
    real_at = models.DateTimeField()
    simulated_at = models.DateTimeField()
    speed = models.FloatField(default=1.0)

    def __str__(self) -> str:
        return f"{self.simulated_at:%Y-%m-%d %H:%M} at speed {self.speed:g}"


class Heartbeat(models.Model):
    """When the worker last did something (real time): beat, broker and worker were all alive then."""

    name = models.CharField(max_length=30, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at}"
