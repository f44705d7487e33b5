"""One try: leased, backed off, given up at its deadline; a failure stays on its message."""

from datetime import timedelta

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded

from outbox import clock, delivery, tasks
from outbox.delivery import backoff, deliver
from outbox.models import Message, MessageState
from outbox.tests.drafts import posted
from outbox.transports import Refused, TryLater
from properties.tests.builders import NOW

pytestmark = pytest.mark.django_db


class Line:
    """A transport that notes what it was given, and fails as told."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.failure: Exception | None = None

    def __call__(self, message: Message) -> str:
        self.sent.append(message)
        if self.failure is not None:
            raise self.failure
        return "Taken"


line = Line()


@pytest.fixture(autouse=True)
def used(settings, now) -> Line:
    settings.OUTBOX_TRANSPORTS = {"test": "outbox.tests.test_delivery.line"}
    line.__init__()
    return line


def current(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_sent_message_is_not_sent_again():
    message = posted(channel="test")
    deliver(message.pk, NOW)
    deliver(message.pk, NOW + timedelta(minutes=5))
    assert len(line.sent) == 1
    message = current(message)
    assert (message.state, message.answer, message.settled_at) == (MessageState.SENT, "Taken", NOW)
    assert message.lease_until is None


def test_second_worker_leaves_leased_message_alone():
    message = posted(channel="test")
    assert Message.objects.lease(message.pk, NOW, NOW, delivery.LEASE)
    deliver(message.pk, NOW)
    assert not line.sent


def test_dead_workers_message_is_sent_under_same_id():
    message = posted(channel="test")
    first_id = message.message_id
    assert Message.objects.lease(message.pk, NOW, NOW, delivery.LEASE)
    later = NOW + delivery.LEASE + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        deliver(message.pk, later)
    assert [sent.message_id for sent in line.sent] == [first_id]
    assert current(message).tries == 2


def test_late_worker_does_not_overwrite_newer_try():
    message = posted(channel="test")
    assert Message.objects.lease(message.pk, NOW, NOW, delivery.LEASE)
    slow = current(message)
    later = NOW + delivery.LEASE + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        deliver(message.pk, later)
    assert not Message.objects.settle(slow, state=MessageState.WAITING)
    assert current(message).state == MessageState.SENT


def test_passing_failure_is_tried_again_after_pause():
    message = posted(channel="test")
    line.failure = TryLater("451 Greylisted, ana@example.org")
    deliver(message.pk, NOW)
    message = current(message)
    assert (message.state, message.answer) == (MessageState.WAITING, "451 Greylisted, a…@example.org")
    assert message.next_try_at > NOW
    deliver(message.pk, NOW)
    assert len(line.sent) == 1
    line.failure = None
    deliver(message.pk, message.next_try_at)
    assert current(message).state == MessageState.SENT


def test_pause_that_other_side_asks_for_is_kept():
    message = posted(channel="test")
    line.failure = TryLater("429", timedelta(hours=1))
    deliver(message.pk, NOW)
    assert current(message).next_try_at == NOW + timedelta(hours=1)


def test_refusal_is_for_good():
    message = posted(channel="test")
    line.failure = Refused("550 No such mailbox")
    deliver(message.pk, NOW)
    message = current(message)
    assert (message.state, message.answer) == (MessageState.FAILED, "550 No such mailbox")
    assert not Message.objects.due(NOW + timedelta(days=1)).exists()


def test_unknown_channel_is_refused():
    message = posted(channel="pigeon")
    deliver(message.pk, NOW)
    assert current(message).state == MessageState.FAILED


@pytest.mark.parametrize("failure", [KeyError("secret"), SoftTimeLimitExceeded()])
def test_unexpected_failure_costs_its_message_only(failure, caplog):
    message = posted(channel="test")
    line.failure = failure
    deliver(message.pk, NOW)
    message = current(message)
    assert message.state == MessageState.WAITING
    assert "secret" not in message.answer


def test_message_is_tried_until_its_deadline_then_given_up():
    message = posted(channel="test", lasts=timedelta(hours=1))
    line.failure = TryLater("No answer")
    at = NOW
    for _ in range(30):
        deliver(message.pk, at)
        at = current(message).next_try_at
    message = current(message)
    assert message.state == MessageState.GIVEN_UP
    assert message.settled_at == message.deadline == NOW + timedelta(hours=1)
    assert message.answer == "No answer"
    assert 5 <= len(line.sent) <= 12


def test_pauses_grow_to_quarter_of_hour():
    assert timedelta(seconds=11) < backoff(1) < timedelta(seconds=19)
    assert timedelta(minutes=11) < backoff(30) < timedelta(minutes=19)


def test_sweep_hands_out_what_is_due(monkeypatch, django_capture_on_commit_callbacks):
    due, early, sent = (posted(name, channel="test") for name in ("due", "early", "sent"))
    Message.objects.filter(pk=early.pk).update(next_try_at=NOW + timedelta(minutes=1))
    deliver(sent.pk, NOW)
    found: list[int] = []
    monkeypatch.setattr(tasks.send_message, "apply_async", lambda arguments, **options: found.append(*arguments))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep()
    assert found == [due.pk]


def test_clock_of_package_above_counts():
    assert clock.now() == NOW


def test_old_content_is_erased():
    message = posted(channel="test")
    deliver(message.pk, NOW)
    delivery.erase_old_content(NOW + delivery.CONTENT_KEPT)
    assert current(message).content is not None
    delivery.erase_old_content(NOW + delivery.CONTENT_KEPT + timedelta(seconds=1))
    message = current(message)
    assert (message.content, message.address) == (None, "")
    assert not message.can_be_retried
