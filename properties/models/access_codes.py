"""Access codes: what is wanted, what Seam accepted, what was last observed, and the state these imply."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from properties.models.locks import Lock, generated_flag
from properties.models.shared_columns import HeldPin, Searchable
from properties.models.stays import Stay, Window
from properties.models.steps import Step, StepStatus
from properties.models.tenancy import TenantQuerySet
from properties.values.opaque_ids import LONGEST_ID

# How long after its moment a proof may be missing before we call it a failure. Seam polls a lock every 10 minutes.
PROOF_GRACE = timedelta(minutes=15)
# Wyze is "natively scheduled": Seam loads a time-bound code about this long before it starts, not sooner.
LOADED_AHEAD = timedelta(hours=72)
MINUTE = timedelta(seconds=60)


class Tone(StrEnum):
    """What a state's colour says. Never shown without icon and word."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"
    IDLE = "idle"


class CodeState(Enum):
    """Where a code stands: label, tone and icon in one place, so that every chip agrees."""

    PLANNED = ("Planned", Tone.INFO, "clock")
    ACCEPTED = ("Accepted", Tone.INFO, "clock")
    CHANGING = ("Changing", Tone.INFO, "arrow-path")
    LIVE_CHANGING = ("Live, new times on their way", Tone.INFO, "arrow-path")
    ON_LOCK = ("On the lock", Tone.OK, "check-circle")
    LIVE = ("Live", Tone.OK, "check-circle")
    UNSURE = ("Cannot be checked", Tone.WARN, "question-mark-circle")
    NOT_ON_LOCK = ("Not on the lock", Tone.BAD, "x-circle")
    REJECTED = ("Refused", Tone.BAD, "x-circle")
    REMOVING = ("Removing", Tone.INFO, "arrow-path")
    NOT_REMOVED = ("Ended, removal not proved", Tone.BAD, "exclamation-triangle")
    REMOVED = ("Removed", Tone.IDLE, "minus-circle")

    def __init__(self, label: str, tone: Tone, icon: str) -> None:
        self.label = label
        self.tone = tone
        self.icon = icon


class CodeKind(models.TextChoices):
    GUEST = "guest", "Guest"
    STAFF = "staff", "Staff"
    OTHER = "other", "Other"
    # Put on a lock and taken off again to see that both work (properties/codes/lock_test.py).
    TEST = "test", "Test"


def errors_of_the_code(errors: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of what Seam lists with a code, the errors of the code itself. Those of its lock or account say so."""
    return [e for e in errors if not (e.get("is_device_error") or e.get("is_connected_account_error"))]


def is_unwanted(now: datetime) -> Q:
    """Revoked or over; of codes that are not removed, the opposite of `AccessCode.is_wanted`, for the database."""
    return Q(revoked_at__isnull=False) | Q(ends_at__lte=now)


def is_wanted(now: datetime) -> Q:
    """`AccessCode.is_wanted`, for the database."""
    return Q(revoked_at=None, removed_at=None) & (Q(ends_at=None) | Q(ends_at__gt=now))


def _differs(ours: str, theirs: str) -> Q:
    """The opposite of `same_minute`, for the database. Test equality first; date arithmetic is slow on SQLite."""
    apart = Q(**{f"{theirs}__gte": F(ours) + MINUTE}) | Q(**{f"{theirs}__lte": F(ours) - MINUTE})
    one_is_missing = Q(**{f"{ours}__isnull": True, f"{theirs}__isnull": False}) | Q(
        **{f"{ours}__isnull": False, f"{theirs}__isnull": True}
    )
    return one_is_missing | (~Q(**{theirs: F(ours)}) & apart)


# Seam's last word on the times is not ours: the opposite of `AccessCode.has_wanted_window`, for the database.
_BEGINS_LATER = (
    Q(accepted_at=None)
    | Q(starts_at=None)
    | Q(seam_starts_at=None)
    | Q(starts_at__gt=F("accepted_at"))
    | Q(seam_starts_at__gt=F("accepted_at"))
)
OTHER_WINDOW = (
    ~Q(pending_mutations=[])
    | (_differs("starts_at", "seam_starts_at") & _BEGINS_LATER)
    | _differs("ends_at", "seam_ends_at")
)


def bad_state(now: datetime) -> Q:
    """A state whose tone is bad, for the database."""
    late = now - PROOF_GRACE
    refused = [Q(errors__icontains=error) for error in REMOVAL_ERRORS]
    not_removed = Q(revoked_at__lt=late) | Q(ends_at__lt=late) | (is_unwanted(now) & reduce(or_, refused))
    shut = Q(seam_starts_at__gt=now) | Q(seam_ends_at__lte=now)
    unproved = Q(on_lock_at=None) | Q(has_own_errors=True) | shut
    begun = Q(starts_at__lte=now) | Q(starts_at=None)
    missing = begun & unproved & Q(created_at__lte=late)
    return Q(removed_at=None) & (not_removed | (is_wanted(now) & (missing | Q(rejected_at__isnull=False))))


class AccessCodeQuerySet(TenantQuerySet["AccessCode"]):
    def at_properties(self, properties: Any) -> AccessCodeQuerySet:
        """On a lock of these properties, or of a stay there whose lock was moved to another door since."""
        return self.filter(Q(lock__door__property__in=properties) | Q(stay__unit__property__in=properties))

    def occupying(self) -> AccessCodeQuerySet:
        """Codes that hold, or will hold, a place and a PIN on their lock."""
        return self.filter(removed_at=None)

    def leaving(self) -> AccessCodeQuerySet:
        """Codes on doors that their guest moved away from."""
        return self.standing().filter(leaves_by__isnull=False)

    def standing(self) -> AccessCodeQuerySet:
        """Codes a person still wants (they may be over)."""
        return self.filter(revoked_at=None, removed_at=None)

    def standing_ahead(self, now: datetime) -> AccessCodeQuerySet:
        """Codes a person still wants, that open a door now or later."""
        return self.standing().filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def loose(self, now: datetime) -> AccessCodeQuerySet:
        """Codes that follow no stay and no staff member: they stay on a lock wherever it is moved."""
        return self.standing_ahead(now).filter(stay=None, staff=None).exclude(kind=CodeKind.TEST)

    def needs_attention(self, now: datetime) -> AccessCodeQuerySet:
        """Codes whose state is bad: refused, not on the lock in time, over but not proved removed.

        The same cases as `AccessCode.state`; a test holds them together. Looked for among those that have begun, or
        were revoked or refused, each by its index: most codes are still to come. One that is over has begun.
        """
        held = self.filter(removed_at=None).order_by().values("pk")
        parts = [Q(starts_at__lte=now), Q(starts_at=None), Q(revoked_at__isnull=False), Q(rejected_at__isnull=False)]
        first, *others = (held.filter(part) for part in parts)
        return self.filter(bad_state(now), pk__in=first.union(*others))

    def with_places(self) -> AccessCodeQuerySet:
        return self.select_related("lock__door__property", "lock__account", "stay__unit__property", "stay__guest")


class AccessCode(Searchable, HeldPin):
    """A PIN on one lock for one window. The PIN of a row never changes: a new PIN is a new row (reissue)."""

    SEARCHED = ("holder_name",)

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="access_codes")
    lock = models.ForeignKey(Lock, on_delete=models.PROTECT, related_name="access_codes")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, null=True, related_name="access_codes")
    staff = models.ForeignKey(
        "properties.StaffMember", on_delete=models.PROTECT, null=True, related_name="access_codes"
    )
    kind = models.CharField(max_length=10, choices=CodeKind.choices, default=CodeKind.GUEST)

    # Intent. Both times empty: an ongoing code. Whole minutes, as Seam rounds to them.
    holder_name = models.CharField(max_length=200)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    pin_is_own_choice = models.BooleanField(default=False)
    pin_shown_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="replaced_by")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True)
    # A person took it away although the stay goes on: planning does not bring it back by itself.
    is_withheld = models.BooleanField(default=False)
    # Its guest moved to another unit: it goes when the codes there are proved, and at this time in any case.
    leaves_by = models.DateTimeField(null=True)

    # What Seam accepted from us. The name is unique per lock: by it a create whose answer was lost is found again.
    seam_name = models.CharField(max_length=60)
    seam_id = models.CharField(max_length=LONGEST_ID, null=True, blank=True, unique=True)
    create_sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_source = models.CharField(max_length=80, blank=True)
    # When a create last left us. Unlike `create_sent_at` it is kept whatever the answer said.
    sent_at = models.DateTimeField(null=True)
    # When Seam accepted our delete, or told that the code was removed.
    delete_sent_at = models.DateTimeField(null=True)
    # When Seam, asked for it, first had nothing of it. It is gone only when that is said again, later.
    missing_at = models.DateTimeField(null=True)
    # When Seam, asked for it before its account is unlinked, did not know it.
    absent_at = models.DateTimeField(null=True)

    # Observation: what Seam last said, and when. Errors and warnings are replaced at each read.
    seam_status = models.CharField(max_length=30, blank=True)
    is_scheduled_on_device = models.BooleanField(default=False)
    seam_starts_at = models.DateTimeField(null=True)
    seam_ends_at = models.DateTimeField(null=True)
    pending_mutations = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    # Written with `errors`: are there `own_errors`? For queries, which do not repeat the rule.
    has_own_errors = models.BooleanField(default=False)
    warnings = models.JSONField(default=list)
    observed_at = models.DateTimeField(null=True)

    # Proof. Set once, by an event or a read-back, never by our own request.
    on_lock_at = models.DateTimeField(null=True)
    on_lock_source = models.CharField(max_length=80, blank=True)
    live_at = models.DateTimeField(null=True)
    live_source = models.CharField(max_length=80, blank=True)
    # Proof is kept for each window: when other times were wanted of a code on the lock, and their own proof.
    moved_at = models.DateTimeField(null=True)
    window_proved_at = models.DateTimeField(null=True)
    window_proved_source = models.CharField(max_length=80, blank=True)
    used_at = models.DateTimeField(null=True)
    used_source = models.CharField(max_length=80, blank=True)
    removed_at = models.DateTimeField(null=True)
    removed_source = models.CharField(max_length=80, blank=True)

    # Refused for good: shown with a button, not tried again until a person says so.
    rejected_at = models.DateTimeField(null=True)
    rejection = models.CharField(max_length=500, blank=True)

    # Neither is read any more; a later version drops them. Seam has it and complains of nothing.
    is_sound = generated_flag(Q(errors=[], rejected_at=None, seam_id__isnull=False))
    # Reported on the lock, with the wanted times and nothing under way.
    is_there_as_wanted = generated_flag(
        Q(on_lock_at__isnull=False, seam_starts_at=F("starts_at"), seam_ends_at=F("ends_at"), pending_mutations=[])
    )

    objects = AccessCodeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lock", "pin_hash"], condition=Q(removed_at=None), name="pin_once_per_lock"
            ),
            models.UniqueConstraint(
                fields=["stay", "lock"],
                condition=Q(revoked_at=None, removed_at=None, stay__isnull=False),
                name="one_standing_code_per_stay_and_lock",
            ),
            models.UniqueConstraint(
                fields=["staff", "lock"],
                condition=Q(revoked_at=None, removed_at=None, staff__isnull=False),
                name="one_standing_code_per_staff_and_lock",
            ),
            # A double click is one test.
            models.UniqueConstraint(
                fields=["lock"],
                condition=Q(kind="test", revoked_at=None, removed_at=None),
                name="one_standing_test_per_lock",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(starts_at__lt=F("ends_at")),
                name="code_has_both_times_or_none",
            ),
        ]
        indexes = [
            models.Index(fields=["lock"], condition=Q(removed_at=None), name="codes_on_lock"),
            models.Index(fields=["organization", "-created_at"], name="codes_of_organization"),
            # Every page counts what needs attention: among the few codes that hold a place, not all there ever were.
            models.Index(fields=["organization", "ends_at"], condition=Q(removed_at=None), name="codes_not_removed"),
            models.Index(fields=["organization", "starts_at"], condition=Q(removed_at=None), name="codes_by_start"),
            models.Index(
                fields=["organization"], condition=Q(removed_at=None, revoked_at__isnull=False), name="codes_revoked"
            ),
            models.Index(
                fields=["organization"], condition=Q(removed_at=None, rejected_at__isnull=False), name="codes_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"Code for {self.holder_name}"

    def __repr__(self) -> str:
        return f"<AccessCode {self.pk} on lock {self.lock_id}>"

    # --- What is wanted ---------------------------------------------------------------------------------------------

    @property
    def is_ongoing(self) -> bool:
        return self.ends_at is None

    @property
    def window(self) -> Window | None:
        return Window(self.starts_at, self.ends_at) if self.starts_at and self.ends_at else None

    def local_window(self, zone: str) -> dict[str, datetime | None]:
        """The times as a person in that zone reads them, for a form."""
        times = {"starts_on": self.starts_at, "ends_on": self.ends_at}
        info = ZoneInfo(zone)
        return {name: t.astimezone(info).replace(tzinfo=None) if t else None for name, t in times.items()}

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def is_wanted(self, now: datetime) -> bool:
        """Should this code be at Seam now: not revoked, not over."""
        return self.revoked_at is None and self.removed_at is None and not self.is_over(now)

    # --- What is known ----------------------------------------------------------------------------------------------

    @property
    def is_at_seam(self) -> bool:
        """Seam may hold it: it was accepted, or a create was sent whose answer we do not know."""
        return self.removed_at is None and (self.seam_id is not None or self.create_sent_at is not None)

    @property
    def last_sent_at(self) -> datetime | None:
        """When it was last sent to Seam, whatever came of it; None: it never was."""
        times = [at for at in (self.sent_at, self.create_sent_at, self.accepted_at) if at is not None]
        return max(times, default=None)

    @property
    def is_ending_at_seam(self) -> bool:
        """When it was last seen, Seam was taking it off the lock."""
        return self.seam_status == "removing" or any(
            mutation.get("mutation_code") == "deleting" for mutation in self.pending_mutations
        )

    @property
    def has_wanted_window(self) -> bool:
        """Seam's last word on the times equals ours, and it is not still changing them."""
        changing = any(str(m.get("mutation_code", "")).startswith("updating") for m in self.pending_mutations)
        return (
            not changing
            and (self._had_begun_when_accepted or same_minute(self.seam_starts_at, self.starts_at))
            and same_minute(self.seam_ends_at, self.ends_at)
        )

    @property
    def _had_begun_when_accepted(self) -> bool:
        """A start that has passed is sent as now: Seam holds another one, which lets the holder in alike."""
        starts = (self.seam_starts_at, self.starts_at)
        return self.accepted_at is not None and all(at is not None and at <= self.accepted_at for at in starts)

    @property
    def own_errors(self) -> list[dict[str, Any]]:
        return errors_of_the_code(self.errors)

    @property
    def is_proved_on_lock(self) -> bool:
        """Seam reported it on the lock, for the window that is wanted now, and nothing speaks against it since."""
        return self.on_lock_at is not None and self.has_wanted_window and not self.own_errors

    @property
    def is_unsure(self) -> bool:
        """It was proved, but its lock or account cannot be reached, so what is on the lock now is unknown."""
        return self.seam_status == "unknown" or len(self.own_errors) < len(self.errors)

    def state(self, now: datetime) -> CodeState:
        """Computed, never stored."""
        if self.removed_at is not None:
            return CodeState.REMOVED
        if not self.is_wanted(now):
            return self._state_of_removal(now)
        if self.rejected_at is not None:
            return CodeState.REJECTED
        if self.seam_id is None:
            return CodeState.NOT_ON_LOCK if self._is_late(now) else CodeState.PLANNED
        if self.is_proved_on_lock and self.is_unsure:
            return CodeState.UNSURE
        if self.is_proved_on_lock:
            is_live = self.live_at is not None and (self.starts_at is None or self.starts_at <= now)
            return CodeState.LIVE if is_live else CodeState.ON_LOCK
        if self.opens_meanwhile(now):
            return CodeState.LIVE_CHANGING
        if self._is_late(now):
            return CodeState.NOT_ON_LOCK
        return CodeState.ACCEPTED if self.has_wanted_window or not self.observed_at else CodeState.CHANGING

    def is_settled(self, now: datetime) -> bool:
        """Nothing is under way that a person would wait for."""
        state = self.state(now)
        if state is CodeState.ACCEPTED:
            return self.will_be_loaded_at is not None and self.will_be_loaded_at > now
        if state is CodeState.ON_LOCK:
            # From its start on it is about to be proved live.
            return self.starts_at is not None and self.starts_at > now
        # A red state may end any moment, and the page that shows it is open.
        unsettled = (CodeState.PLANNED, CodeState.CHANGING, CodeState.LIVE_CHANGING, CodeState.REMOVING)
        return state not in (*unsettled, CodeState.NOT_ON_LOCK, CodeState.NOT_REMOVED)

    def _state_of_removal(self, now: datetime) -> CodeState:
        unwanted_since = min(t for t in (self.revoked_at, self.ends_at) if t is not None)
        failed = any(e.get("error_code") in REMOVAL_ERRORS for e in self.errors)
        if failed or now - unwanted_since > PROOF_GRACE:
            return CodeState.NOT_REMOVED
        return CodeState.REMOVING

    def opens_meanwhile(self, now: datetime) -> bool:
        """With the times that Seam holds, which are not the wanted ones, the code opens the door now."""
        is_there = self.on_lock_at is not None and not self.own_errors
        has_begun = self.seam_starts_at is None or self.seam_starts_at <= now
        return is_there and has_begun and (self.seam_ends_at is None or self.seam_ends_at > now)

    def _is_late(self, now: datetime) -> bool:
        """The guest could stand at the door by now, and nothing proves that the code is on the lock."""
        expected_at = self.starts_at if self.starts_at is not None else self.created_at + PROOF_GRACE
        return now >= max(expected_at, self.created_at + PROOF_GRACE)

    @property
    def has_new_times(self) -> bool:
        """It was on the lock when other times were wanted of it: they have a proof of their own."""
        return self.window_proved_at is not None or (self.revoked_at is None and self._awaits_new_times)

    @property
    def _awaits_new_times(self) -> bool:
        return self.on_lock_at is not None and not self.has_wanted_window and not self.own_errors

    def ladder(self, now: datetime, *, with_new_times: bool = False) -> list[Step]:
        """planned → accepted → on the lock → live → used → removed, each with its time and how we know.

        `with_new_times`: also the step for the times that were wanted later, as a column of several codes has it.
        """
        is_past = not self.is_wanted(now)
        state = self.state(now)
        proved = is_past or not self.own_errors
        has_begun = self.starts_at is None or self.starts_at <= now
        new_times = [(NEW_TIMES, self.window_proved_at, self.window_proved_source)]
        rungs = [
            ("Planned", self.created_at, self._planned_by()),
            ("Accepted", self.accepted_at, self.accepted_source),
            ("On the lock", self.on_lock_at if proved else None, self.on_lock_source),
            ("Live", self.live_at if proved else None, self.live_source),
            *(new_times if with_new_times or self.has_new_times else []),
            ("Used", self.used_at, self.used_source),
            ("Removed", self.removed_at, self.removed_source),
        ]
        steps: list[Step] = []
        # Use is up to the guest, and before its start nothing is under way that would make it live.
        undue = {"Used"} if has_begun else {"Used", "Live"}
        undue.add("Live" if self._awaits_new_times else NEW_TIMES)
        for name, at, source in rungs:
            # What is due next: the way up while the code is wanted, then its removal.
            is_due = (name == "Removed") is is_past and name not in undue
            if at is not None:
                steps.append(Step(name, StepStatus.DONE, at, source))
            elif is_due and not any(step.status in (StepStatus.CURRENT, StepStatus.FAILED) for step in steps):
                steps.append(Step(name, StepStatus.FAILED if state.tone is Tone.BAD else StepStatus.CURRENT))
            elif is_past and name != "Removed":
                was_open = name == "Used" and self.live_at is not None
                steps.append(Step(name, StepStatus.NEVER if was_open else StepStatus.SKIPPED))
            else:
                steps.append(Step(name, StepStatus.WAITING))
        return steps

    def _planned_by(self) -> str:
        if self.stay_id is not None:
            return "from the stay"
        if self.staff_id is not None:
            return "from staff access"
        return f"entered by {self.created_by}" if self.created_by is not None else "entered here"

    @property
    def will_be_loaded_at(self) -> datetime | None:
        """When Seam says, or its documents imply, that it will put the code on the lock."""
        for mutation in self.pending_mutations:
            if mutation.get("mutation_code") == "deferring_creation" and mutation.get("scheduled_at"):
                return datetime.fromisoformat(str(mutation["scheduled_at"]))
        return self.starts_at - LOADED_AHEAD if self.starts_at else None


NEW_TIMES = "New times"
REMOVAL_ERRORS = ("failed_to_remove_from_device", "failed_to_expire")


def same_minute(one: datetime | None, other: datetime | None) -> bool:
    """Equal to the minute: Seam rounds times, for Wyze to whole minutes (its guide shows it; nothing else says so)."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < MINUTE


def opens_alike(one: Window | None, other: Window | None, now: datetime) -> bool:
    """The same from now on: two starts that are both past let the holder in alike. None: ongoing."""
    if one is None or other is None:
        return one is other
    both_begun = max(one.starts_at, other.starts_at) <= now
    return (both_begun or same_minute(one.starts_at, other.starts_at)) and same_minute(one.ends_at, other.ends_at)
