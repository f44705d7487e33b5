"""What the conversation with Seam leaves behind: work on locks, launches, inbox, webhook, clock, heartbeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from properties.models import ConnectedAccount, Lock
from properties.models.locks import Wake
from properties.models.tenancy import TenantQuerySet
from properties.values.opaque_ids import LONGEST_ID

# Ids in one statement: databases limit their number.
BATCH = 1000
# A lock is polled daily at the least, and a new one within an hour.
FARTHEST_TURN = timedelta(hours=25)
# Clocks of our own processes differ by less.
CLOCKS_APART = timedelta(minutes=2)


class LockWorkQuerySet(models.QuerySet["LockWork"]):
    def due(self, now: datetime) -> LockWorkQuerySet:
        """Locks with unfinished business: the moment at which the last turn asked for another has come."""
        return self.filter(reconcile_at__lte=now)

    def pull_back(self, now: datetime) -> int:
        """Make due what lies further ahead than any turn asks for, or was set by a clock that was ahead."""
        later = now + CLOCKS_APART
        odd = Q(reconcile_at__gt=now + FARTHEST_TURN) | Q(codes_read_at__gt=later) | Q(failed_since__gt=later)
        found = list(self.filter(odd).values_list("pk", flat=True))
        for first in range(0, len(found), BATCH):
            rows = self.filter(pk__in=found[first : first + BATCH])
            rows.update(reconcile_at=now, codes_read_at=None, failed_since=None, failures=0)
        return len(found)

    def add(self, lock_ids: Sequence[int], **values: Any) -> None:
        """A row for each lock that has none yet."""
        rows = [LockWork(lock_id=lock_id, **values) for lock_id in lock_ids]
        self.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)

    def wake(self, lock_ids: Sequence[int], now: datetime, why: Wake) -> None:
        """Make locks due. Counted, so that a turn under way cannot put its later hour over this one."""
        changes: dict[str, Any] = {"reconcile_at": now, "wakes": F("wakes") + 1}
        if why is not Wake.NEW_CODE:
            changes["codes_read_at"] = None
        if why is Wake.RESUME:
            changes |= {"failures": 0, "failed_since": None}
        for first in range(0, len(lock_ids), BATCH):
            batch = lock_ids[first : first + BATCH]
            rows = self.filter(pk__in=batch)
            if rows.update(**changes) < len(batch):
                # Counting a lock twice does no harm; leaving out one whose row another worker adds now would.
                self.add(batch)
                rows.update(**changes)

    def lease(self, lock_id: int, clock: datetime, lasts: timedelta) -> bool:
        """Take the lock for one worker; True for the one that got it. `clock` is real time: it guards processes."""
        # A lease that lasts for too long was taken while the clock was ahead.
        free = Q(lease_until=None) | Q(lease_until__lt=clock) | Q(lease_until__gt=clock + 2 * lasts)
        return self.filter(free, pk=lock_id).update(lease_until=clock + lasts) == 1

    def renew(self, work: LockWork, clock: datetime, lasts: timedelta) -> bool:
        """Hold a lease for longer; False when another worker has it by now."""
        until = clock + lasts
        mine = self.filter(pk=work.pk, lease_until=work.lease_until).update(lease_until=until) == 1
        if mine:
            work.lease_until = until
        return mine

    def release(self, work: LockWork) -> None:
        """Give back a lease that is still ours."""
        if work.lease_until is not None:
            self.filter(pk=work.pk, lease_until=work.lease_until).update(lease_until=None)

    def finish(self, work: LockWork, next_at: datetime, read_at: datetime) -> bool:
        """Give back a lease that is still ours, with the hour of the next turn.

        False, and nothing is written, when the lock was woken meanwhile: its hour stands, and its doubt in what was
        read.
        """
        mine = self.filter(pk=work.pk, lease_until=work.lease_until, wakes=work.wakes)
        done = mine.update(lease_until=None, reconcile_at=next_at, codes_read_at=read_at) == 1
        if done:
            work.lease_until = None
        return done

    def put_off(self, work: LockWork, until: datetime | None) -> bool:
        """Set the hour of the next turn (None: no more); False when the lock was woken meanwhile."""
        return self.filter(pk=work.pk, wakes=work.wakes).update(reconcile_at=until) == 1


class LockWork(models.Model):
    """The engine's queue, a row a lock: when its next turn is due, who has it, what went wrong (decision 0016)."""

    lock = models.OneToOneField(Lock, on_delete=models.CASCADE, primary_key=True, related_name="work")
    # A sweep each minute takes what is due. Empty: nothing to do.
    reconcile_at = models.DateTimeField(null=True)
    wakes = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # Failures in a row, and since when: five within an hour pause the lock (`Lock.breaker_until`).
    failures = models.PositiveSmallIntegerField(default=0)
    failed_since = models.DateTimeField(null=True)
    # When the lock's managed codes were last listed; None: never, or there is a reason to do it anew.
    codes_read_at = models.DateTimeField(null=True)

    objects = LockWorkQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "lock work"
        indexes = [models.Index(fields=["reconcile_at"], name="work_due", condition=Q(reconcile_at__isnull=False))]

    def __str__(self) -> str:
        return f"Work on lock {self.pk}"


class ConnectWebview(models.Model):
    """One launch of Seam's log-in page. Its link is a bearer secret, kept only until a waiting page goes there."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for the log-in"
        AUTHORIZED = "authorized", "Linked"
        FAILED = "failed", "Not linked"
        EXPIRED = "expired", "Expired"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # The account to be linked anew; empty for a first link.
    reconnects = models.ForeignKey(ConnectedAccount, on_delete=models.SET_NULL, null=True, related_name="+")
    # Empty while Seam has not answered yet.
    seam_id = models.CharField(max_length=LONGEST_ID, blank=True, null=True, unique=True)
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
    # While a page waits for Seam: the way back, then the log-in page. Encrypted, and emptied within minutes.
    way_back_encrypted = models.TextField(blank=True)
    page_encrypted = models.TextField(blank=True)

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

    event_id = models.CharField(max_length=LONGEST_ID, unique=True)
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
    seam_id = models.CharField(max_length=LONGEST_ID, unique=True)
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


class SeamClock(models.Model):
    """Seam's time when a machine was booted, as its processes heard last: a row for each boot."""

    boot = models.CharField(max_length=40, unique=True)
    seam_at_boot = models.DateTimeField()
    # The machine's clock differs from Seam's, and the log has said so.
    is_apart = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Seam's time at boot {self.boot}: {self.seam_at_boot}"


class Heartbeat(models.Model):
    """When the worker last did something (real time): beat, broker and worker were all alive then."""

    name = models.CharField(max_length=30, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at}"
