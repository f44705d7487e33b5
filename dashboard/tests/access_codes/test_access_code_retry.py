"""Trying again after a refusal or a pause."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import CodeState, Lock
from properties.tests.builders import make_code, make_lock
from seam_integration.models import LockWork


def retry(code) -> str:
    return reverse("access-code-retry", args=[code.pk])


@pytest.fixture
def refused(organization, now):
    lock = make_lock(organization, breaker_until=now + timedelta(hours=1))
    LockWork.objects.create(lock=lock, failures=5)
    return make_code(lock, rejected_at=now, rejection="Seam refused: no.")


def test_refusal_is_forgotten_and_lock_is_due(owner_client, refused, now):
    page = owner_client.post(retry(refused), follow=True)
    assert "Trying again to put the code for Anna Schmidt right on Front Door." in words(page)
    assert "Seam refused: no." not in words(page)
    refused.refresh_from_db()
    assert (refused.rejected_at, refused.rejection) == (None, "")
    lock = Lock.objects.get()
    assert (lock.breaker_until, lock.work.failures, lock.work.reconcile_at) == (None, 0, now)


def test_what_was_refused_once_goes_on_lock_when_it_can(seam, owner, owner_client):
    seam.link_for(owner)
    seam.break_down({"path": "/access_codes/create", "what": "status", "status": 400, "type": "invalid_input"})
    code = make_code(seam.lock(), window=None, now=seam.now_at)
    seam.work()
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.REJECTED
    page = owner_client.get(reverse("access-code", args=[code.pk]))
    assert "Seam refused: " in words(page)
    seam.mend()
    owner_client.post(retry(code))
    assert code.pin in seam.pins_on(seam.lock())


def test_one_that_is_off_lock_has_nothing_to_be_tried(owner_client, refused, now):
    type(refused).objects.update(removed_at=now)
    page = owner_client.post(retry(refused), follow=True)
    assert "This code is off the lock already." in words(page)
    refused.refresh_from_db()
    assert refused.rejected_at is not None


def test_stranger_gets_404(stranger_client, refused):
    assert stranger_client.post(retry(refused)).status_code == 404
    refused.refresh_from_db()
    assert refused.rejected_at is not None


def test_address_typed_by_hand_changes_nothing(owner_client, refused):
    assert owner_client.get(retry(refused)).status_code == 405


def test_colleague_who_may_only_look_is_told_so(colleague_client, refused):
    page = colleague_client.post(retry(refused))
    assert page.status_code == 403
    assert "does not allow you to make or change stays and codes" in words(page)
