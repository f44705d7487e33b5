"""The statements in plain SQL write and read what the models would."""

import uuid
from datetime import timedelta

import pytest

from properties.models import Lock
from properties.tests.builders import NOW, make_lock
from seam_integration import fast_rows
from seam_integration.models import SeamEvent, WebhookRegistration

pytestmark = pytest.mark.django_db


def test_event_is_kept_once_and_reads_back():
    event_id, occurred_at = "event7", NOW - timedelta(seconds=5)
    assert fast_rows.keep_event(event_id, "lock.locked", occurred_at, NOW, "body")
    assert not fast_rows.keep_event(event_id, "lock.unlocked", occurred_at, NOW, "another")
    kept = SeamEvent.objects.get()
    assert (kept.event_id, kept.event_type, kept.body_encrypted) == (event_id, "lock.locked", "body")
    assert (kept.occurred_at, kept.received_at, kept.attempts, kept.error) == (occurred_at, NOW, 0, "")


def test_secrets_are_those_of_all_registrations():
    for number in range(2):
        WebhookRegistration.objects.create(url=f"u{number}", seam_id=str(uuid.uuid4()), secret_encrypted=f"s{number}")
    assert sorted(fast_rows.webhook_secrets()) == ["s0", "s1"]


@pytest.mark.parametrize(("event_age", "is_locked"), [(-1, False), (1, True)])
def test_newer_event_keeps_its_word_over_reading(organization, event_age, is_locked):
    lock = make_lock(organization, is_locked=False, locked_at=NOW - timedelta(seconds=event_age))
    values = {name: getattr(lock, name) for name in fast_rows.READ}
    values |= {"is_locked": True, "name": "New name", "errors": [{"error_code": "a"}], "code_lengths": [4, 6]}
    fast_rows.write_changed(lock.account_id, [(lock.pk, values)], NOW)
    written = Lock.objects.get()
    assert {name: getattr(written, name) for name in fast_rows.READ} == {name: values[name] for name in fast_rows.READ}
    assert (written.read_at, written.is_locked) == (NOW, is_locked)
