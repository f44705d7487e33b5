"""Reading an account anew, on demand."""

from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Lock
from properties.tests.builders import make_account, make_lock
from seam_integration import tasks


def sync(pk: int) -> str:
    return reverse("connection-sync", args=[pk])


def test_what_changed_at_seam_is_read(seam, owner, owner_client):
    account = seam.link_for(owner)
    seam.set_device(str(seam.lock().seam_id), name="Lake House Main Door")
    page = owner_client.post(sync(account.pk), follow=True)
    assert "Reading jane@example.com anew. What changed appears by itself." in words(page)
    assert Lock.objects.filter(name="Lake House Main Door").exists()


def test_lock_that_is_gone_is_kept_and_marked(seam, owner, owner_client):
    account = seam.link_for(owner)
    lock = make_lock(account.organization, "Gone", account=account)
    owner_client.post(sync(account.pk))
    assert Lock.objects.get(pk=lock.pk).vanished_at is None
    seam.pass_time("PT10M")
    tasks.sync_all()
    gone = Lock.objects.get(pk=lock.pk)
    assert gone.vanished_at is not None
    page = words(owner_client.get(reverse("lock", args=[lock.pk])))
    assert "This lock is no longer in the linked account." in page
    assert "Seam did not know this lock at Mon 1 Jun 2026, 12:00 UTC and again at Mon 1 Jun 2026, 12:10 UTC." in page


def test_account_keeps_locks_when_seam_is_away(seam, owner, owner_client):
    account = seam.link_for(owner)
    seam.break_down({"path": "/devices/list", "what": "empty_503"})
    page = owner_client.post(sync(account.pk), follow=True)
    assert "Could not be read" in words(page)
    assert "Seam could not be read: Seam answered 503 without an explanation" in words(page)
    assert "7 locks" in words(page)


def test_account_that_seam_no_longer_knows_can_be_linked_anew(seam, owner, owner_client):
    account = seam.link_for(owner)
    seam("/connected_accounts/delete", connected_account_id=str(account.seam_id))
    page = owner_client.post(sync(account.pk), follow=True)
    assert "Disconnected" not in words(page)
    assert "Seam did not know it at Mon 1 Jun 2026, 12:00 UTC. It is asked again." in words(page)
    seam.pass_time("PT5M")
    page = owner_client.get(reverse("connections"))
    assert "Disconnected" in words(page)
    assert "did not know it at Mon 1 Jun 2026, 12:00 UTC and again at Mon 1 Jun 2026, 12:05 UTC." in words(page)
    assert "Doors, stays and codes are kept." in words(page)


def test_stranger_gets_404(stranger_client, organization):
    assert stranger_client.post(sync(make_account(organization).pk)).status_code == 404


def test_address_typed_by_hand_reads_nothing(owner_client, organization):
    assert owner_client.get(sync(make_account(organization).pk)).status_code == 405
