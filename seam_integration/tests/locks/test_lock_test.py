"""The test of a lock against the sandbox: proof comes by events, or by reading alone, or not at all."""

from datetime import timedelta

import pytest

from properties.codes import lock_test
from properties.codes.lock_test import LockTestOutcome
from properties.models import AccessCode, CodeKind, CodeState
from seam_integration import notify
from seam_integration.models import LockWork


def start(seam, owner, name="Lake House Front Door"):
    lock = seam.lock(name)
    code = lock_test.start_lock_test(lock, seam.now_at, owner)
    return lock, code


def report(seam, lock):
    return lock_test.last_report(lock, seam.now_at)


@pytest.mark.parametrize("hears_webhooks", [True, False], ids=["with webhooks", "by reading alone"])
def test_lock_that_works_passes_and_is_left_as_it_was(seam, owner, hears_webhooks):
    seam.link_for(owner)
    if hears_webhooks:
        seam.register_webhook()
    seam.hears_webhooks = hears_webhooks
    lock, code = start(seam, owner)
    before = seam.pins_on(lock)
    assert code.pin in before
    assert report(seam, lock).outcome is LockTestOutcome.RUNNING
    seam.pass_time("PT1M", times=10)
    found = report(seam, lock)
    assert found.outcome is LockTestOutcome.PASSED
    assert [step.status for step in found.steps] == ["done"] * 4
    assert code.pin not in seam.pins_on(lock)
    # Well before the code would have ended by itself.
    assert found.at - found.code.created_at < timedelta(minutes=15)


def test_two_clicks_are_one_test(seam, owner):
    seam.link_for(owner)
    lock, code = start(seam, owner)
    assert lock_test.start_lock_test(lock, seam.now_at, owner) is None
    assert list(AccessCode.objects.filter(kind=CodeKind.TEST)) == [code]


def test_second_test_may_follow_first_and_both_are_kept(seam, owner):
    seam.link_for(owner)
    lock, first = start(seam, owner)
    seam.pass_time("PT1M", times=10)
    _, second = start(seam, owner)
    assert second is not None
    assert report(seam, lock).code == second
    first.refresh_from_db()
    assert lock_test.report(first, seam.now_at).outcome is LockTestOutcome.PASSED


def test_silent_lock_fails_test_after_15_minutes(seam, owner):
    seam.link_for(owner)
    lock = seam.lock()
    seam("/devices/simulate/disconnect_from_hub", device_id=str(lock.seam_id))
    start(seam, owner)
    seam.pass_time("PT5M", times=2)
    assert report(seam, lock).outcome is LockTestOutcome.RUNNING
    seam.pass_time("PT5M", times=2)
    found = report(seam, lock)
    assert found.outcome in (LockTestOutcome.NOT_WRITTEN, LockTestOutcome.NOT_REMOVED)
    assert not found.code.is_wanted(seam.now_at)


def test_refused_code_fails_at_once_with_seams_words(seam, owner):
    seam.link_for(owner)
    seam.break_down(
        {"path": "/access_codes/create", "what": "status", "status": 400, "type": "invalid_input", "times": 1}
    )
    lock, _ = start(seam, owner)
    found = report(seam, lock)
    assert found.outcome is LockTestOutcome.NOT_WRITTEN
    assert found.words.startswith("Seam refused")
    assert found.code.state(seam.now_at) is CodeState.REMOVED


def test_nothing_is_lost_when_message_to_worker_is(seam, owner, monkeypatch):
    seam.link_for(owner)
    lock = seam.lock()
    monkeypatch.setattr(notify, "send", lambda *message: None)
    lock_test.start_lock_test(lock, seam.now_at, owner)
    # The row is due, and the sweep finds it.
    assert LockWork.objects.due(seam.now_at).filter(pk=lock.pk).exists()
    seam.pass_time("PT1M", times=10)
    assert report(seam, lock).outcome is LockTestOutcome.PASSED
