"""Posting a message, taking it back, trying it anew: what the packages above call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from outbox.handing_over import enqueue
from outbox.models import LOST, Content, Message, MessageState
from outbox.tasks import send_message

LASTS = timedelta(days=2)


@dataclass(frozen=True)
class Draft:
    """A message before it is posted. `dedupe_key` names the cause: the same one never makes two messages."""

    channel: str
    address: str
    title: str
    dedupe_key: str
    content: Content
    organization_id: int | None = None
    not_before: datetime | None = None
    # From `not_before` on; after that it is given up.
    lasts: timedelta = LASTS


def post(draft: Draft, now: datetime) -> Message:
    """Write a message in the caller's transaction; it is handed over on commit. Safe to call twice."""
    start = max(now, draft.not_before or now)
    message = Message(
        organization_id=draft.organization_id,
        channel=draft.channel,
        title=draft.title,
        dedupe_key=draft.dedupe_key,
        created_at=now,
        not_before=start,
        next_try_at=start,
        deadline=start + draft.lasts,
    )
    message.set_secrets(draft.address, draft.content)
    with transaction.atomic():
        Message.objects.bulk_create([message], ignore_conflicts=True)
        kept = Message.objects.get(dedupe_key=draft.dedupe_key)
        if kept.state == MessageState.WAITING and kept.next_try_at <= now:
            enqueue(send_message, kept.pk)
    return kept


def withdraw(dedupe_key: str, now: datetime) -> bool:
    """Take back a message that is no longer true; False when it is on its way, or over."""
    waiting = Message.objects.filter(dedupe_key=dedupe_key, state=MessageState.WAITING)
    return waiting.update(state=MessageState.WITHDRAWN, settled_at=now) == 1


def try_again(message: Message, now: datetime) -> bool:
    """A new span for a message that was refused or given up; False when it is neither."""
    lost = Message.objects.filter(pk=message.pk, state__in=LOST).exclude(content_encrypted="")
    with transaction.atomic():
        done = (
            lost.update(
                state=MessageState.WAITING,
                tries=0,
                next_try_at=now,
                deadline=now + (message.deadline - message.not_before),
                settled_at=None,
            )
            == 1
        )
        if done:
            enqueue(send_message, message.pk)
    return done
