"""The test of a lock: write a code, wait for proof, take it off again, wait for proof. Its code's row is its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from properties.codes import pins, planning
from properties.models import AccessCode, CodeKind, CodeState, Lock, Step, StepStatus, Tone
from properties.models.access_codes import PROOF_GRACE
from properties.models.stays import Window
from properties.models.steps import without_event_id

HOLDER = "Test of the lock"
# The code ends by itself, should everything of ours stop in the middle of a test.
LASTS = timedelta(hours=1)
# A lock that has not taken the code by then does not do what a guest needs.
GIVE_UP_AFTER = PROOF_GRACE
PASSED, FAILED = (
    "Test passed",
    "Test given up: nothing proved that the code was on the lock",
)


class LockTestOutcome(Enum):
    """How a test ended: label, tone and icon, as with codes."""

    RUNNING = (gettext_lazy("Test under way"), Tone.INFO, "arrow-path")
    PASSED = (gettext_lazy("Works end to end"), Tone.OK, "check-circle")
    NOT_WRITTEN = (gettext_lazy("Did not take the code"), Tone.BAD, "x-circle")
    NOT_REMOVED = (gettext_lazy("Kept the code"), Tone.BAD, "exclamation-triangle")

    def __init__(self, label: str, tone: Tone, icon: str) -> None:
        self.label = label
        self.tone = tone
        self.icon = icon


@dataclass(frozen=True)
class LockTestReport:
    """What a test showed so far, for people."""

    code: AccessCode
    outcome: LockTestOutcome
    words: str
    steps: tuple[Step, ...]
    at: datetime

    @property
    def is_running(self) -> bool:
        return self.outcome is LockTestOutcome.RUNNING


def start_lock_test(lock: Lock, now: datetime, actor: User) -> AccessCode | None:
    """Plan a test code; None when a test of this lock is under way. Raises pins.NoPinLeft."""
    starts_at = now.replace(second=0, microsecond=0)
    try:
        return planning.issue(
            lock,
            HOLDER,
            Window(starts_at, starts_at + LASTS),
            pins.choose_pin([lock], now),
            now,
            actor,
            kind=CodeKind.TEST,
        )
    except IntegrityError:
        return None


def why_over(code: AccessCode, now: datetime) -> str:
    """Pure: why the test code may go now; empty while we still wait for its proof."""
    if _is_written(code):
        return PASSED
    if code.rejected_at is not None or now - code.created_at >= GIVE_UP_AFTER:
        return FAILED
    return ""


def carry_on(now: datetime, lock_ids: Iterable[int] | None = None) -> None:
    """Take the code of each test that is over off its lock. May run at any time."""
    standing = AccessCode.objects.standing().filter(kind=CodeKind.TEST).select_related("lock")
    if lock_ids is not None:
        standing = standing.filter(lock_id__in=list(lock_ids))
    for code in standing:
        if reason := why_over(code, now):
            planning.revoke(code, now, None, reason)


def last_report(lock: Lock, now: datetime) -> LockTestReport | None:
    """What the last test of this lock showed; None: it was never tested."""
    tests = lock.access_codes.filter(kind=CodeKind.TEST).select_related("created_by")
    code = tests.order_by("-created_at", "-id").first()
    return report(code, now) if code is not None else None


def report(code: AccessCode, now: datetime) -> LockTestReport:
    outcome = _outcome(code, now)
    ended_at = None if outcome is LockTestOutcome.RUNNING else code.removed_at or code.revoked_at
    at = ended_at or code.created_at
    return LockTestReport(code, outcome, _words(code, outcome), tuple(_steps(code, outcome)), at)


def _is_written(code: AccessCode) -> bool:
    """Live for its holder: proved by an event or by reading. What is proved stays so while it is taken off."""
    if code.on_lock_at is None or code.live_at is None:
        return False
    return code.revoked_at is not None or code.is_proved_on_lock


def _outcome(code: AccessCode, now: datetime) -> LockTestOutcome:
    is_removal_late = code.state(now) is CodeState.NOT_REMOVED
    if not _is_written(code):
        is_over = code.revoked_at is not None or bool(why_over(code, now)) or not code.is_wanted(now)
        if is_over and is_removal_late and code.seam_id is not None:
            return LockTestOutcome.NOT_REMOVED
        return LockTestOutcome.NOT_WRITTEN if is_over else LockTestOutcome.RUNNING
    if code.removed_at is not None:
        return LockTestOutcome.PASSED
    return LockTestOutcome.NOT_REMOVED if is_removal_late else LockTestOutcome.RUNNING


def _steps(code: AccessCode, outcome: LockTestOutcome) -> list[Step]:
    """asked → on the lock → taken back → off the lock; the first open one is under way, or where it failed."""
    written = _is_written(code)
    rungs = [
        (_("Sent to Seam"), code.accepted_at, code.accepted_source),
        (_("On the lock"), code.live_at if written else None, code.live_source),
        (_("Taken back"), code.revoked_at, ""),
        (_("Off the lock"), code.removed_at, code.removed_source),
    ]
    has_failed = outcome in (LockTestOutcome.NOT_WRITTEN, LockTestOutcome.NOT_REMOVED)
    steps: list[Step] = []
    for name, at, source in rungs:
        is_first_open = at is None and all(step.status is StepStatus.DONE for step in steps)
        under_way = StepStatus.FAILED if has_failed else StepStatus.CURRENT
        open_status = under_way if is_first_open else StepStatus.WAITING
        steps.append(Step(name, StepStatus.DONE if at is not None else open_status, at, without_event_id(source)))
    return steps


def _words(code: AccessCode, outcome: LockTestOutcome) -> str:
    match outcome:
        case LockTestOutcome.PASSED:
            return _("Your door works end to end: a code was put on the lock and taken off again, both proved.")
        case LockTestOutcome.NOT_WRITTEN:
            why = code.rejection or _("Nothing proved within 15 minutes that the test code is on the lock.")
            return _(
                "%(why)s Check that the gateway has power and internet and the keypad is paired, then test again."
            ) % {"why": why}
        case LockTestOutcome.NOT_REMOVED:
            return _(
                "Nothing proves that the test code is off the lock. It ends by itself an hour after "
                "the test began; check the gateway, or delete it in the Wyze app."
            )
    if code.revoked_at is not None:
        return _("The code worked. Waiting for the lock to report that it is off again.")
    if code.accepted_at is not None:
        return _("Seam has the code. Waiting for the lock to report it.")
    return _("Sending a test code.")
