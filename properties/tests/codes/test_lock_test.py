"""The test of a lock: when its code may go, and what each of its moments is called."""

from datetime import timedelta

import pytest

from properties.codes import lock_test
from properties.codes.lock_test import LockTestOutcome
from properties.models import AccessCode, CodeKind
from properties.tests.builders import NOW, make_lock, make_user

MINUTE = timedelta(minutes=1)
SEAM_ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
SENT = {"seam_id": SEAM_ID, "create_sent_at": NOW, "accepted_at": NOW, "observed_at": NOW}
ON_LOCK = SENT | {"on_lock_at": NOW + MINUTE, "live_at": NOW + MINUTE}
WRITTEN = ON_LOCK | {"revoked_at": NOW + MINUTE}

MOMENTS = {
    # facts, minutes since the start, outcome, may go, states of the four steps
    "just asked": ({}, 0, LockTestOutcome.RUNNING, False, "current waiting waiting waiting"),
    "sent": (SENT, 1, LockTestOutcome.RUNNING, False, "done current waiting waiting"),
    "on the lock": (ON_LOCK, 1, LockTestOutcome.RUNNING, True, "done done current waiting"),
    "taken back": (WRITTEN, 2, LockTestOutcome.RUNNING, True, "done done done current"),
    "gone": (WRITTEN | {"removed_at": NOW + 2 * MINUTE}, 30, LockTestOutcome.PASSED, True, "done done done done"),
    "nothing proved in time": (SENT, 15, LockTestOutcome.NOT_WRITTEN, True, "done failed waiting waiting"),
    "refused": (
        {"rejected_at": NOW, "rejection": "Seam refused: no."},
        1,
        LockTestOutcome.NOT_WRITTEN,
        True,
        "failed waiting waiting waiting",
    ),
    "never gone": (WRITTEN, 17, LockTestOutcome.NOT_REMOVED, True, "done done done failed"),
    "given up and never gone": (
        SENT | {"revoked_at": NOW + 15 * MINUTE},
        31,
        LockTestOutcome.NOT_REMOVED,
        True,
        "done failed done waiting",
    ),
    "given up and gone": (
        SENT | {"revoked_at": NOW + 15 * MINUTE, "removed_at": NOW + 16 * MINUTE},
        20,
        LockTestOutcome.NOT_WRITTEN,
        True,
        "done failed done done",
    ),
}


@pytest.fixture
def owner_of(organization):
    return make_user("tester@example.org", organization)


def trial_code(lock, owner, **facts) -> AccessCode:
    code = lock_test.start_lock_test(lock, NOW, owner)
    assert code is not None
    seam = {"seam_starts_at": code.starts_at, "seam_ends_at": code.ends_at} if "seam_id" in facts else {}
    AccessCode.objects.filter(pk=code.pk).update(**facts, **seam)
    code.refresh_from_db()
    return code


@pytest.mark.parametrize(("facts", "minutes", "outcome", "may_go", "steps"), MOMENTS.values(), ids=MOMENTS)
def test_what_test_shows(organization, owner_of, facts, minutes, outcome, may_go, steps):
    code = trial_code(make_lock(organization), owner_of, **facts)
    report = lock_test.report(code, NOW + minutes * MINUTE)
    assert report.outcome is outcome
    assert report.is_running is (outcome is LockTestOutcome.RUNNING)
    assert bool(lock_test.why_over(code, NOW + minutes * MINUTE)) is may_go
    assert [step.status for step in report.steps] == steps.split()
    assert report.words


def test_it_ends_by_itself_hour_later_whatever_stops(organization, owner_of):
    code = lock_test.start_lock_test(make_lock(organization), NOW, owner_of)
    assert (code.starts_at, code.ends_at) == (NOW, NOW + timedelta(hours=1))
    assert code.kind == CodeKind.TEST
    assert lock_test.report(code, NOW + timedelta(hours=2)).outcome is not LockTestOutcome.RUNNING


def test_only_tests_that_are_over_are_taken_off_and_only_once(organization, owner_of):
    done = trial_code(make_lock(organization, "Done"), owner_of, **ON_LOCK)
    trial_code(make_lock(organization, "Waiting"), owner_of, **SENT | {"seam_id": SEAM_ID[:-1] + "2"})
    lock_test.carry_on(NOW + MINUTE)
    lock_test.carry_on(NOW + 2 * MINUTE)
    revoked = AccessCode.objects.exclude(revoked_at=None)
    assert [(code.pk, code.revoked_at) for code in revoked] == [(done.pk, NOW + MINUTE)]


def test_other_locks_are_left_alone(organization, owner_of):
    done = trial_code(make_lock(organization), owner_of, **ON_LOCK)
    lock_test.carry_on(NOW + MINUTE, [done.lock_id + 1])
    assert not AccessCode.objects.exclude(revoked_at=None).exists()
    lock_test.carry_on(NOW + MINUTE, [done.lock_id])
    assert AccessCode.objects.exclude(revoked_at=None).exists()


def test_lock_that_was_never_tested_has_no_report(organization):
    assert lock_test.last_report(make_lock(organization), NOW) is None
