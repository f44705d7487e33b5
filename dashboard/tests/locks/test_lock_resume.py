"""Ending the pause of a lock after repeated failures."""

from datetime import timedelta

from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Lock
from properties.tests.builders import make_code, make_lock
from seam_integration.models import LockWork


def resume(lock) -> str:
    return reverse("lock-resume", args=[lock.pk])


def paused(organization, now) -> Lock:
    until = now + timedelta(hours=1)
    lock = make_lock(organization, breaker_until=until)
    LockWork.objects.create(lock=lock, failures=5, failed_since=now, reconcile_at=until)
    return lock


def test_lock_is_due_at_once(owner_client, organization, now):
    lock = paused(organization, now)
    page = owner_client.post(resume(lock), follow=True)
    assert "Trying Front Door again." in words(page)
    assert "Paused after repeated failures" not in words(page)
    lock.refresh_from_db()
    assert (lock.work.failures, lock.breaker_until, lock.work.reconcile_at) == (0, None, now)


def test_codes_go_on_to_lock_afterwards(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    code = make_code(lock, window=None, now=seam.now_at)
    hour = seam.now_at + timedelta(hours=1)
    Lock.objects.filter(pk=lock.pk).update(breaker_until=hour)
    LockWork.objects.filter(pk=lock.pk).update(failures=5, reconcile_at=hour)
    owner_client.post(resume(lock))
    assert code.pin in seam.pins_on(lock)


def test_stranger_gets_404(stranger_client, organization, now):
    lock = paused(organization, now)
    assert stranger_client.post(resume(lock)).status_code == 404
    lock.refresh_from_db()
    assert lock.breaker_until is not None


def test_address_typed_by_hand_changes_nothing(owner_client, organization, now):
    assert owner_client.get(resume(paused(organization, now))).status_code == 405


def test_colleague_who_may_only_look_is_told_so(colleague_client, organization, now):
    page = colleague_client.post(resume(paused(organization, now)))
    assert page.status_code == 403
    assert "does not allow you to make or change stays and codes" in words(page)
