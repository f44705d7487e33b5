"""Reading one lock anew, on demand."""

from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import AccessCode, CodeState
from properties.tests.builders import make_code, make_lock
from seam_integration.models import LockWork


def refresh(lock) -> str:
    return reverse("lock-refresh", args=[lock.pk])


def test_lock_and_codes_are_read(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    make_code(lock, window=None, now=seam.now_at)
    LockWork.objects.filter(pk=lock.pk).update(reconcile_at=None)
    seam.set_device(str(lock.seam_id), battery_level=0.07)
    page = owner_client.post(refresh(lock), follow=True)
    assert "Reading Lake House Front Door anew." in words(page)
    assert "7% Critical" in words(page)
    assert AccessCode.objects.get().state(seam.now_at) is not CodeState.PLANNED


def test_when_seam_is_away_last_readings_stay(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    seam.break_down({"path": "/devices/*", "what": "empty_503"}, {"path": "/access_codes/*", "what": "empty_503"})
    page = owner_client.post(refresh(lock), follow=True)
    assert page.status_code == 200
    assert "85%" in words(page)


def test_stranger_gets_404(stranger_client, organization):
    assert stranger_client.post(refresh(make_lock(organization))).status_code == 404


def test_address_typed_by_hand_reads_nothing(owner_client, organization):
    assert owner_client.get(refresh(make_lock(organization))).status_code == 405
