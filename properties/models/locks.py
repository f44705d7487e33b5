"""Linked accounts, their locks, what was last read of them, and the commands sent to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, FilteredRelation, Q

from accounts.models import Organization
from properties.models.shared_columns import Named
from properties.models.steps import Step, StepStatus
from properties.models.tenancy import TenantQuerySet
from properties.values.opaque_ids import LONGEST_ID

# A reading older than this is shown, but not believed (Seam itself asks the maker every 10 minutes or so).
READING_IS_STALE_AFTER = timedelta(hours=24)
BATTERY_LOW = 0.30
BATTERY_CRITICAL = 0.15
# With so little left the keypad may answer no more.
BATTERY_EMPTY = 0.05
# A battery must outlast the check-out by this much.
BATTERY_RESERVE = timedelta(days=7)


class Charge(Enum):
    """How full a battery is: the worse of its level and of Seam's word for it, which is an open set."""

    UNKNOWN = "unknown"
    FINE = "fine"
    LOW = "low"
    CRITICAL = "critical"

    @classmethod
    def of(cls, level: float | None, status: str = "") -> Charge:
        if status == cls.CRITICAL.value or (level is not None and level < BATTERY_CRITICAL):
            return cls.CRITICAL
        if status == cls.LOW.value or (level is not None and level < BATTERY_LOW):
            return cls.LOW
        return cls.UNKNOWN if level is None and not status else cls.FINE

    @property
    def is_low(self) -> bool:
        return self in (Charge.LOW, Charge.CRITICAL)


# `Charge.is_low` of one of the batteries, for the database.
LOW_BATTERY = (
    Q(battery_level__lt=BATTERY_LOW)
    | Q(battery_status__in=[Charge.LOW.value, Charge.CRITICAL.value])
    | Q(keypad_battery_level__lt=BATTERY_LOW)
)
TROUBLE = (
    ~Q(errors=[]) | Q(is_online=False) | Q(vanished_at__isnull=False) | Q(breaker_until__isnull=False) | LOW_BATTERY
)


def generated_flag(condition: Q) -> models.GeneratedField:
    """A column that the database keeps true to the others of its row, so that the few are found by an index."""
    holds = models.Case(models.When(condition, then=True), default=False)
    return models.GeneratedField(expression=holds, output_field=models.BooleanField(), db_persist=True)


class Wake(Enum):
    """Why a lock has work."""

    # Only our rows changed: what was last read of the lock is as true as before.
    NEW_CODE = "new code"
    READ_ANEW = "read anew"
    # A person ended the pause after repeated failures.
    RESUME = "resume"


WakeHook = Callable[[Collection[int], datetime, Wake], None]
_wake_hooks: list[WakeHook] = []


def on_wake(hook: WakeHook) -> None:
    """Register what makes woken locks due; called in the transaction of the change."""
    if hook not in _wake_hooks:
        _wake_hooks.append(hook)


def wake_locks(lock_ids: Iterable[int], now: datetime, why: Wake) -> None:
    """Tell the engine that these locks have work."""
    woken = sorted(set(lock_ids))
    for hook in _wake_hooks if woken else ():
        hook(woken, now, why)


class ConnectedAccountQuerySet(TenantQuerySet["ConnectedAccount"]):
    def at_properties(self, properties: Any) -> ConnectedAccountQuerySet:
        """An account counts as being where its locks are."""
        return self.filter(pk__in=Lock.objects.at_properties(properties).values("account"))

    def with_tallies(self) -> ConnectedAccountQuerySet:
        """Each with `lock_count` (present ones) and `code_count` (codes that hold a place)."""
        # Joined to those that hold a place only: there are years of others.
        held = FilteredRelation("locks__access_codes", condition=Q(locks__access_codes__removed_at=None))
        return self.annotate(
            held=held,
            lock_count=Count("locks", filter=Q(locks__vanished_at=None), distinct=True),
            code_count=Count("held", distinct=True),
        )


class ConnectedAccount(models.Model):
    """A Wyze login linked at Seam. Healthy means: no errors."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="accounts")
    seam_id = models.CharField(max_length=LONGEST_ID, unique=True)
    provider = models.CharField(max_length=60, blank=True)
    display_name = models.CharField(max_length=255, blank=True)
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    linked_at = models.DateTimeField()
    # The last time its locks were read without an error; never: first sync still running.
    synced_at = models.DateTimeField(null=True)
    sync_error = models.CharField(max_length=500, blank=True)
    # When Seam, asked for it by id, first did not know it, and when it said so again: only then it is believed.
    missing_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    # Set when a person asked to unlink: codes are removed first, then the account, then `unlinked_at` is set.
    unlink_requested_at = models.DateTimeField(null=True)
    unlinked_at = models.DateTimeField(null=True)

    objects = ConnectedAccountQuerySet.as_manager()

    class Meta:
        ordering = ["linked_at"]

    def __str__(self) -> str:
        return self.display_name or f"{self.provider.title()} account"

    @property
    def is_dropped(self) -> bool:
        """The provider no longer lets Seam in: no command or code gets through until it is linked again."""
        return any(error.get("error_code") == "account_disconnected" for error in self.errors)


class LockQuerySet(TenantQuerySet["Lock"]):
    def at_properties(self, properties: Any) -> LockQuerySet:
        """Locks on doors of these properties; one that hangs nowhere is for people who are not limited."""
        return self.filter(door__property__in=properties)

    def wake(self, now: datetime) -> None:
        """Make these locks due, and have them read anew: the caller may know of something that our rows do not tell."""
        wake_locks(self.values_list("pk", flat=True), now, Wake.READ_ANEW)

    def with_places(self) -> LockQuerySet:
        return self.select_related("account", "door__property").prefetch_related("door__units")

    def resume(self, now: datetime) -> None:
        """End the pause after repeated failures."""
        with transaction.atomic():
            self.update(breaker_until=None)
            wake_locks(self.values_list("pk", flat=True), now, Wake.RESUME)

    def needs_attention(self) -> LockQuerySet:
        """Locks that need attention: broken, offline, low on battery, gone."""
        return self.filter(is_in_trouble=True, account__unlinked_at=None)


class ReadLock(Protocol):
    """As much of a lock as was last read of it: a `Lock`, or a plain row of the list of locks."""

    @property
    def account(self) -> ConnectedAccount: ...
    @property
    def is_online(self) -> bool | None: ...
    @property
    def battery_level(self) -> float | None: ...
    @property
    def battery_status(self) -> str: ...
    @property
    def battery_at(self) -> datetime | None: ...
    @property
    def keypad_battery_level(self) -> float | None: ...
    @property
    def keypad_battery_at(self) -> datetime | None: ...
    @property
    def errors(self) -> list[dict[str, Any]]: ...
    @property
    def read_at(self) -> datetime | None: ...
    @property
    def vanished_at(self) -> datetime | None: ...
    @property
    def breaker_until(self) -> datetime | None: ...
    @property
    def last_read_at(self) -> datetime | None: ...
    @property
    def charge(self) -> Charge: ...
    @property
    def keypad_charge(self) -> Charge: ...


class LastRead:
    """What follows from what was last read of a lock."""

    __slots__ = ()

    @property
    def last_read_at(self: ReadLock) -> datetime | None:
        """When Seam was last asked about this lock. A sync that found it unchanged wrote only the account's row."""
        if self.vanished_at is not None or self.read_at is None:
            return self.read_at
        return max(self.read_at, self.account.synced_at or self.read_at)

    @property
    def last_battery_at(self: ReadLock) -> datetime | None:
        """When the shown level was read; for an unknown level, when one was last known."""
        return self.last_read_at if self.battery_level is not None else self.battery_at

    @property
    def last_keypad_battery_at(self: ReadLock) -> datetime | None:
        return self.last_read_at if self.keypad_battery_level is not None else self.keypad_battery_at

    def attention(self: ReadLock, now: datetime) -> list[str]:
        """What needs attention, worst first, as short sentences."""
        found: list[str] = []
        if self.vanished_at is not None:
            found.append("No longer in the linked account")
        if self.breaker_until is not None:
            found.append("Paused after repeated failures")
        found += [str(e.get("message") or e.get("error_code") or "Unknown problem") for e in self.errors]
        if self.is_online is False and not self.errors:
            found.append("Offline")
        if self.charge.is_low:
            found.append("Lock battery is low")
        if self.keypad_charge.is_low:
            found.append("Keypad battery is low")
        if self.last_read_at is not None and now - self.last_read_at > READING_IS_STALE_AFTER:
            found.append("Not read for more than a day")
        return found

    @property
    def charge(self: ReadLock) -> Charge:
        return Charge.of(self.battery_level, self.battery_status)

    @property
    def keypad_charge(self: ReadLock) -> Charge:
        return Charge.of(self.keypad_battery_level)


class Lock(LastRead, Named):
    """A door lock: what Seam last said of it, with the age of each reading."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="locks")
    account = models.ForeignKey(ConnectedAccount, on_delete=models.CASCADE, related_name="locks")
    seam_id = models.CharField(max_length=LONGEST_ID, unique=True)
    name = models.CharField(max_length=255)
    device_type = models.CharField(max_length=80, blank=True)
    model_name = models.CharField(max_length=120, blank=True)
    # The maker's own id: finds the same lock again if linking anew gives it another Seam id.
    maker_id = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    is_managed = models.BooleanField(default=True)

    # Seam's capability flags have three values: yes; no, for now; and never (None).
    can_lock = models.BooleanField(null=True)
    can_unlock = models.BooleanField(null=True)
    can_program_codes = models.BooleanField(null=True)
    code_lengths = models.JSONField(default=list)
    code_constraints = models.JSONField(default=list)
    code_capacity = models.PositiveIntegerField(null=True)
    has_keypad = models.BooleanField(null=True)

    # Observation. None is "unknown", which is never shown as the last good value.
    is_online = models.BooleanField(null=True)
    is_locked = models.BooleanField(null=True)
    locked_at = models.DateTimeField(null=True)
    battery_level = models.FloatField(null=True)
    battery_status = models.CharField(max_length=20, blank=True)
    battery_at = models.DateTimeField(null=True)
    keypad_battery_level = models.FloatField(null=True)
    keypad_battery_at = models.DateTimeField(null=True)
    # Forecast each hour for the lock's and the keypad's battery, whichever is first: likely to be empty
    # BATTERY_RESERVE later. A stay that ends by then is not at risk.
    battery_good_until = models.DateTimeField(null=True)
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)
    # The last time the lock itself proved to be there: an event from it, or a command that it confirmed.
    heard_at = models.DateTimeField(null=True)
    # When Seam, asked for it by id, first did not know it, and when it said so again: only then it is gone.
    missing_at = models.DateTimeField(null=True)
    vanished_at = models.DateTimeField(null=True)
    # Hash of what Seam sent: an unchanged lock costs no write.
    reading_hash = models.CharField(max_length=64, blank=True)
    # Codes on the lock that were not made in Latchkey, in Seam's words (`seam_integration.locks.observe.other_code`).
    other_codes = models.JSONField(default=list, db_column="unmanaged_codes")
    unmanaged_read_at = models.DateTimeField(null=True)
    # Why no codes are programmed for now: set after repeated failures, which end with a success or a person's click.
    breaker_until = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=500, blank=True)

    has_low_battery = generated_flag(LOW_BATTERY)
    # It runs low, or holds unrecognized codes.
    needs_visit = generated_flag(LOW_BATTERY | ~Q(other_codes=[]))
    is_in_trouble = generated_flag(TROUBLE)

    objects = LockQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            # The same lock read through two accounts, or by two workers at once, is one lock.
            models.UniqueConstraint(
                fields=["organization", "maker_id"], condition=~Q(maker_id=""), name="one_row_per_lock"
            )
        ]
        indexes = [
            # With the account, so that the locks of linked ones are counted without reading them.
            models.Index(fields=["organization", "sort_key", "id", "account"], name="lock_by_sort_key"),
            # Of a fleet, those that Today lists.
            models.Index(fields=["organization"], name="lock_needs_visit", condition=Q(needs_visit=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The zone its codes' times are given in: its property's, else what Seam says, else UTC."""
        door = getattr(self, "door", None)
        if door is not None:
            return str(door.property.time_zone)
        return self.time_zone or "UTC"

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def capabilities(self) -> list[tuple[str, str]]:
        """What it can do, each with the reason where it cannot (empty: it can)."""
        return [
            ("Lock remotely", self.why_no_command("lock")),
            ("Unlock remotely", self.why_no_command("unlock")),
            ("Guest codes", self.why_no_codes()),
        ]

    @property
    def battery_empty_at(self) -> datetime | None:
        """When the first of its batteries is likely to be empty; None where there is no forecast, or it is far off."""
        return self.battery_good_until + BATTERY_RESERVE if self.battery_good_until is not None else None

    @property
    def is_usable(self) -> bool:
        """Still there and linked: a lock that vanished or whose account was unlinked takes no work."""
        return self.vanished_at is None and self.account.unlinked_at is None

    def why_no_codes(self) -> str:
        """Why this lock takes no guest codes, as a sentence; empty when it does."""
        if reason := self._why_not_usable():
            return reason
        if self.account.unlink_requested_at is not None:
            return f"Its account, {self.account}, is being unlinked."
        if not self.is_managed:
            return "This lock is not managed through Seam. Switch it to managed to give it codes."
        if self.can_program_codes:
            return ""
        if self.can_program_codes is None:
            return (
                "This lock takes no codes over the air. A Wyze Lock Bolt has Bluetooth only: make codes for it in "
                "the Wyze app."
            )
        if self.has_keypad is False:
            return "No keypad is connected. Pair a Wyze keypad with this lock, then codes can be put on it."
        return "Codes cannot be put on this lock right now. " + self._first_problem(
            "Check its gateway and keypad in the Wyze app."
        )

    def why_no_command(self, action: str) -> str:
        """Why the lock cannot be locked or unlocked from here, as a sentence; empty when it can."""
        can = self.can_lock if action == "lock" else self.can_unlock
        if reason := self._why_not_usable():
            return reason
        if not self.is_managed:
            return "This lock is not managed through Seam."
        if can:
            return ""
        if can is None:
            return (
                "This lock cannot be moved remotely. A Wyze Lock Bolt has Bluetooth only: use the Wyze app at the door."
            )
        return "Not possible right now. " + self._first_problem("Check that its gateway has power and internet.")

    def _why_not_usable(self) -> str:
        if self.vanished_at is not None:
            return "This lock is no longer in the linked account."
        if self.account.unlinked_at is not None:
            return f"Its account, {self.account}, was unlinked. Link it again to use this lock."
        return ""

    def _first_problem(self, otherwise: str) -> str:
        for problem in [*self.errors, *self.warnings]:
            if problem.get("message"):
                return str(problem["message"])
        return otherwise


class BatteryReading(models.Model):
    """One battery level, kept when it changed."""

    class Part(models.TextChoices):
        LOCK = "lock", "Lock"
        KEYPAD = "keypad", "Keypad"

    lock = models.ForeignKey(Lock, on_delete=models.CASCADE, related_name="battery_readings")
    part = models.CharField(max_length=10, choices=Part.choices, default=Part.LOCK)
    level = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lock", "part", "at"], name="one_battery_reading_at_a_time")]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.level:.0%}"


class LockCommandQuerySet(TenantQuerySet["LockCommand"]):
    def at_properties(self, properties: Any) -> LockCommandQuerySet:
        return self.filter(lock__door__property__in=properties)

    def unsettled(self) -> LockCommandQuerySet:
        return self.filter(settled_at=None)


class LockCommand(models.Model):
    """A person's command to lock or unlock: sent → received by Seam → confirmed by the lock, or not confirmed."""

    class Action(models.TextChoices):
        LOCK = "lock", "Lock"
        UNLOCK = "unlock", "Unlock"

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed by the lock"
        NOT_CONFIRMED = "not_confirmed", "Not confirmed: check the door"
        FAILED = "failed", "Failed"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    lock = models.ForeignKey(Lock, on_delete=models.CASCADE, related_name="commands")
    action = models.CharField(max_length=10, choices=Action.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    # Set before the call, so that a task that runs twice cannot move the bolt twice.
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    attempt_id = models.CharField(max_length=LONGEST_ID, null=True, blank=True, unique=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = LockCommandQuerySet.as_manager()

    class Meta:
        constraints = [
            # A double click is one command.
            models.UniqueConstraint(
                fields=["lock"], condition=Q(settled_at=None), name="one_unsettled_command_per_lock"
            )
        ]
        indexes = [models.Index(fields=["lock", "-requested_at"], name="command_of_lock")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.lock}"

    def steps(self) -> list[Step]:
        """sent → received → confirmed, or where it ended."""
        steps = [Step("Sent", StepStatus.DONE if self.sent_at else StepStatus.CURRENT, self.sent_at)]
        under_way = StepStatus.CURRENT if self.sent_at else StepStatus.WAITING
        received = StepStatus.DONE if self.received_at else under_way
        steps.append(Step("Received by Seam", received, self.received_at))
        confirmed = StepStatus.CURRENT if self.received_at else StepStatus.WAITING
        if self.outcome == self.Outcome.CONFIRMED:
            steps.append(Step("Confirmed by the lock", StepStatus.DONE, self.settled_at))
        elif self.settled_at is not None:
            steps = [s if s.status is StepStatus.DONE else replace(s, status=StepStatus.SKIPPED) for s in steps]
            steps.append(Step(self.get_outcome_display(), StepStatus.FAILED, self.settled_at))
        else:
            steps.append(Step("Confirmed by the lock", confirmed, None))
        return steps

    def settle(self, now: datetime, outcome: Outcome, reason: str = "") -> bool:
        """Write the outcome once; False when it was written before."""
        fields: dict[str, Any] = {"settled_at": now, "outcome": outcome, "reason": reason[:500]}
        return LockCommand.objects.filter(pk=self.pk, settled_at=None).update(**fields) == 1
