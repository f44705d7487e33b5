"""Locking a door: at once, for a locked door does no harm."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import LockCommand
from properties.tests.builders import make_lock
from seam_integration import tasks


def lock_it(lock) -> str:
    return reverse("lock-lock", args=[lock.pk])


def test_it_is_sent_at_once_and_confirmed_by_lock(seam, owner, owner_client):
    seam.link_for(owner)
    door = seam.lock()
    seam.set_device(str(door.seam_id), locked=False)
    tasks.sync_all()
    page = owner_client.post(lock_it(door), follow=True)
    assert page.redirect_chain == [(reverse("lock", args=[door.pk]), 302)]
    assert "received by Seam, waiting for the lock" in words(page)
    seam.pass_time("PT10S")
    assert LockCommand.objects.get().outcome == LockCommand.Outcome.CONFIRMED
    assert "Lock: Confirmed by the lock" in words(owner_client.get(reverse("lock-state", args=[door.pk])))
    assert seam.lock().is_locked is True


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"can_lock": None}, "Bluetooth only"), ({"can_lock": False}, "Not possible right now.")],
)
def test_lock_that_cannot_be_locked_says_why(owner_client, organization, fields, reason):
    page = owner_client.post(lock_it(make_lock(organization, **fields)), follow=True)
    assert reason in words(page)
    assert not LockCommand.objects.exists()


def test_stranger_gets_404(stranger_client, organization):
    assert stranger_client.post(lock_it(make_lock(organization))).status_code == 404
    assert not LockCommand.objects.exists()


def test_address_typed_by_hand_moves_nothing(owner_client, organization):
    assert owner_client.get(lock_it(make_lock(organization))).status_code == 405
    assert not LockCommand.objects.exists()


def test_colleague_who_may_only_look_is_told_so(colleague_client, organization):
    page = colleague_client.post(lock_it(make_lock(organization)))
    assert page.status_code == 403
    assert "does not allow you to lock and unlock doors" in words(page)
