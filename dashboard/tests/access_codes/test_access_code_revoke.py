"""Revoking a code: asked first, then taken off the lock, and called removed only when that is proved."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Activity, CodeState
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit

AT_SEAM = {"seam_id": "11111111-1111-4111-8111-111111111111"}


def revoke(code) -> str:
    return reverse("access-code-revoke", args=[code.pk])


@pytest.fixture
def lock(organization, now):
    return make_lock(organization)


def test_question_comes_first_and_changes_nothing(owner_client, lock):
    code = make_code(lock)
    page = words(owner_client.get(revoke(code)))
    assert "Revoke the code for Anna Schmidt?" in page
    assert "It stops opening Front Door as soon as the lock confirms" in page
    code.refresh_from_db()
    assert code.revoked_at is None


def test_confirmation_says_other_doors_keep_codes(owner_client, lock, organization):
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    code = make_code(lock, stay=make_stay(unit))
    assert "Other doors of the stay keep theirs." in words(owner_client.get(revoke(code)))


def test_revoking_records_who_and_why_and_wakes_lock(owner_client, owner, lock, now):
    code = make_code(lock, **AT_SEAM)
    page = owner_client.post(revoke(code), {"reason": " Left early "}, follow=True)
    assert "Code for Anna Schmidt is revoked. It is being taken off Front Door." in words(page)
    code.refresh_from_db()
    assert (code.revoked_at, code.revoked_by, code.revoke_reason) == (now, owner, "Left early")
    assert code.state(now) is CodeState.REMOVING
    lock.refresh_from_db()
    assert lock.work.reconcile_at == now
    assert "revoked: Left early" in Activity.objects.get(kind="code.revoked").text


def test_it_comes_off_lock_and_opens_no_more(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    code = make_code(lock, window=None, now=seam.now_at)
    seam.work()
    seam.pass_time("PT2M", times=2)
    assert seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=code.pin)["opened"]
    owner_client.post(revoke(code))
    seam.pass_time("PT2M", times=3)
    assert "Removed" in words(owner_client.get(reverse("access-code-state", args=[code.pk])))
    assert not seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=code.pin)["opened"]


def test_one_that_never_left_us_is_removed_on_spot(owner_client, lock, now):
    code = make_code(lock)
    owner_client.post(revoke(code))
    code.refresh_from_db()
    assert code.state(now) is CodeState.REMOVED
    assert code.removed_source == "never sent to Seam"


def test_revoking_twice_keeps_first_reason(owner_client, lock, now):
    code = make_code(lock, **AT_SEAM, revoked_at=now - timedelta(minutes=1), revoke_reason="Left early")
    page = owner_client.post(revoke(code), {"reason": "Again"}, follow=True)
    assert "This code was revoked before." in words(page)
    code.refresh_from_db()
    assert (code.revoked_at, code.revoke_reason) == (now - timedelta(minutes=1), "Left early")


def test_one_that_is_off_lock_already_stays_as_it_is(owner_client, lock, now):
    code = make_code(lock, removed_at=now)
    page = owner_client.post(revoke(code), follow=True)
    assert "This code is off the lock already." in words(page)
    code.refresh_from_db()
    assert code.revoked_at is None


@pytest.mark.parametrize("reason", ["x" * 1000, "a\0b", "<b>"])
def test_odd_reason_does_no_harm(owner_client, lock, reason):
    code = make_code(lock, **AT_SEAM)
    assert owner_client.post(revoke(code), {"reason": reason}, follow=True).status_code == 200
    code.refresh_from_db()
    assert code.revoked_at is not None
    assert len(code.revoke_reason) <= 300


def test_stranger_gets_404(stranger_client, lock):
    code = make_code(lock)
    assert stranger_client.get(revoke(code)).status_code == 404
    assert stranger_client.post(revoke(code)).status_code == 404
    code.refresh_from_db()
    assert code.revoked_at is None


def test_colleague_who_may_only_look_is_told_so(colleague_client, lock):
    code = make_code(lock)
    page = colleague_client.post(revoke(code))
    assert page.status_code == 403
    assert "does not allow you to make or change stays and codes" in words(page)
    code.refresh_from_db()
    assert code.revoked_at is None
