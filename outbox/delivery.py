"""One try of one message under a lease: claim, send, write down what came of it."""

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from outbox.models import Message, MessageState
from outbox.transports import Refused, TryLater, transport_of

logger = logging.getLogger(__name__)

# Longer than the task's own limit, so that no two workers ever send the same message at once.
LEASE = timedelta(seconds=75)
# How long what was sent, and to whom, can still be read.
CONTENT_KEPT = timedelta(days=30)


def deliver(message_id: int, now: datetime) -> None:
    """Try one message, if it is due and no other worker has it. Its failures stay on its row.

    The claim is committed before the connection opens: a worker that dies leaves a lease behind, and the sweep sends
    the message again under the same id.
    """
    if not Message.objects.lease(message_id, now, timezone.now(), LEASE):
        return
    message = Message.objects.get(pk=message_id)
    if now >= message.deadline:
        Message.objects.settle(message, state=MessageState.GIVEN_UP, settled_at=now)
        logger.warning("message %s given up after %s tries", message.pk, message.tries - 1)
        return
    # A worker that dies now leaves a message that rests before it is tried again.
    Message.objects.filter(pk=message.pk, lease_until=message.lease_until).update(
        next_try_at=min(now + backoff(message.tries), message.deadline)
    )
    Message.objects.settle(message, **_outcome(message, now))


def _outcome(message: Message, now: datetime) -> dict[str, Any]:
    """Send it; the columns that say what came of it."""
    try:
        answer = transport_of(message.channel)(message)
    except Refused as error:
        logger.warning("message %s refused", message.pk)
        return {"state": MessageState.FAILED, "settled_at": now, "answer": _words(message, error)}
    except TryLater as error:
        return _later(message, now, _words(message, error), error.retry_after)
    except SoftTimeLimitExceeded:
        return _later(message, now, "No answer in time", None)
    except Exception as error:
        logger.exception("message %s", message.pk)
        return _later(message, now, f"An unexpected error ({type(error).__name__})", None)
    return {"state": MessageState.SENT, "settled_at": now, "answer": answer[:300]}


def _later(message: Message, now: datetime, answer: str, retry_after: timedelta | None) -> dict[str, Any]:
    logger.warning("message %s not sent, tried again later", message.pk)
    next_try_at = min(now + max(backoff(message.tries), retry_after or timedelta(0)), message.deadline)
    return {"state": MessageState.WAITING, "next_try_at": next_try_at, "answer": answer}


def _words(message: Message, error: Exception) -> str:
    """The other side's words on one line, without the address."""
    words = " ".join(str(error).split())
    return words.replace(message.address, message.masked_address)[:300]


def backoff(tries: int) -> timedelta:
    """15 s, 30 s, 1 min … at most 15 min, ± a quarter so that messages do not come back in step."""
    seconds = min(15 * 2 ** max(0, min(tries, 10) - 1), 900)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, guards nothing


def erase_old_content(now: datetime) -> None:
    """Forget what messages said, and to whom, some weeks after they were settled."""
    over = Message.objects.filter(settled_at__lt=now - CONTENT_KEPT).exclude(content_encrypted="")
    over.update(address_encrypted="", content_encrypted="")
