"""A message is a row of its cause's transaction; the same cause makes one row; what is in it is encrypted."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from outbox import posting
from outbox.delivery import deliver
from outbox.models import Content, Message, MessageState, mask
from outbox.tasks import send_message
from outbox.tests.drafts import TEXT, posted
from properties.tests.builders import NOW


@pytest.fixture
def handed_over(monkeypatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(send_message, "apply_async", lambda arguments, **options: found.append(*arguments))
    return found


@pytest.mark.django_db(transaction=True)
def test_message_is_handed_over_on_commit(handed_over):
    with transaction.atomic():
        message = posted()
        assert handed_over == []
    assert handed_over == [message.pk]


@pytest.mark.django_db(transaction=True)
def test_message_goes_with_its_cause_when_undone(handed_over):
    with transaction.atomic():
        posted()
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert handed_over == []


@pytest.mark.django_db(transaction=True)
def test_row_waits_when_broker_is_away(monkeypatch):
    def away(*arguments: object, **options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(send_message, "apply_async", away)
    assert posted().state == MessageState.WAITING


@pytest.mark.django_db
def test_same_cause_makes_one_message():
    first = posted()
    again = posted(content=Content("Another subject", "Another text"))
    assert again.pk == first.pk
    assert Message.objects.get().content == TEXT


@pytest.mark.django_db
def test_address_and_text_are_encrypted():
    message = posted()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_message")
        kept = str(cursor.fetchall())
    assert "ana@example" not in kept
    assert "secret-token" not in kept
    assert "A subject" not in kept
    assert (message.address, message.content) == ("ana@example.org", TEXT)


@pytest.mark.django_db(transaction=True)
def test_message_is_kept_back_until_its_hour(handed_over):
    message = posted(not_before=NOW + timedelta(hours=1), lasts=timedelta(hours=2))
    deliver(message.pk, NOW)
    message.refresh_from_db()
    assert (message.state, message.tries, handed_over) == (MessageState.WAITING, 0, [])
    assert message.deadline == NOW + timedelta(hours=3)


@pytest.mark.django_db
def test_waiting_message_can_be_taken_back(mailoutbox):
    message = posted()
    assert posting.withdraw(message.dedupe_key, NOW)
    deliver(message.pk, NOW)
    assert not mailoutbox
    assert not posting.withdraw(message.dedupe_key, NOW)


@pytest.mark.django_db
def test_sent_message_cannot_be_taken_back(mailoutbox):
    message = posted()
    deliver(message.pk, NOW)
    assert not posting.withdraw(message.dedupe_key, NOW)
    assert Message.objects.get().state == MessageState.SENT


@pytest.mark.django_db(transaction=True)
def test_lost_message_gets_its_whole_span_anew(handed_over):
    message = posted(lasts=timedelta(hours=1))
    later = NOW + timedelta(hours=5)
    deliver(message.pk, later)
    message.refresh_from_db()
    assert posting.try_again(message, later)
    message.refresh_from_db()
    assert (message.state, message.deadline) == (MessageState.WAITING, later + timedelta(hours=1))
    assert handed_over == [message.pk, message.pk]
    assert not posting.try_again(message, later)


@pytest.mark.parametrize(
    ("address", "shown"), [("ana@example.org", "a…@example.org"), ("+14155550142", "…42"), ("", "…")]
)
def test_address_is_masked(address, shown):
    assert mask(address) == shown
