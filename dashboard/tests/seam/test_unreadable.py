"""What could not be read of Seam's answers is told on the lock's and the account's page, and of the feed."""

import pytest
from django.test import Client

from properties.tests.builders import NOW, make_account, make_lock
from seam_integration.api.payloads import unread
from seam_integration.models import SeamEvent, Unreadable

ROW = {"access_code_id": 5, "code": "482917", "name": "PIN 482917.", "at": "2026-06-01T12:00:00Z"}


@pytest.fixture
def rows():
    return [unread("/access_codes/list", ROW), unread("/access_codes/list", None)]


def text_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_lock_says_what_could_not_be_read(owner_client, organization, rows, now):
    lock = make_lock(organization)
    Unreadable.objects.keep(rows, NOW, lock_id=lock.pk)
    text = text_of(owner_client, f"/locks/{lock.pk}/")
    assert "2 answers of Seam could not be read." in text
    assert "2026-06-01T12:00:00Z" in text
    assert "482917" not in text
    Unreadable.objects.keep([], NOW, lock_id=lock.pk)
    assert "could not be read" not in text_of(owner_client, f"/locks/{lock.pk}/")


def test_account_says_what_could_not_be_read(owner_client, organization, rows, now):
    account = make_account(organization)
    Unreadable.objects.keep(rows[:1], NOW, account_id=account.pk)
    assert "1 answer of Seam could not be read." in text_of(owner_client, "/connections/")


def test_feed_says_so_without_its_content(owner_client, owner, rows, now):
    Unreadable.objects.keep(rows, NOW)
    text = text_of(owner_client, "/connections/")
    assert "2 answers of Seam could not be read." in text
    assert "access_codes/list" not in text
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    assert "access_codes/list" in text_of(owner_client, "/connections/")


def test_events_that_fail_are_counted(owner_client, now):
    SeamEvent.objects.create(
        event_id="11111111-1111-4111-8111-111111111111",
        event_type="lock.unlocked",
        occurred_at=NOW,
        received_at=NOW,
        body_encrypted="",
        attempts=2,
        error="ValueError",
    )
    assert "1 event of Seam could not be handled." in text_of(owner_client, "/connections/")


def test_failing_lock_says_so_before_it_is_paused(owner_client, organization, now):
    lock = make_lock(organization, last_failure="500 : A fault.")
    text = text_of(owner_client, f"/locks/{lock.pk}/")
    assert "The last try failed" in text
    assert "500 : A fault." in text


def test_since_is_when_the_first_was_met(db, organization, rows):
    lock = make_lock(organization)
    Unreadable.objects.keep(rows[:1], NOW, lock_id=lock.pk)
    later = NOW.replace(hour=15)
    Unreadable.objects.keep(rows, later, lock_id=lock.pk)
    assert [row.first_at for row in lock.unreadable.all()] == [NOW, later]
