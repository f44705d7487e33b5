"""Celery's way in: one task a message, and the sweep that finds what was lost."""

from celery import shared_task

from outbox import clock
from outbox.delivery import deliver, erase_old_content
from outbox.handing_over import enqueue
from outbox.models import Message

# One sweep hands out this many; the rest is due a minute later, the longest waiting first.
SWEEP_BATCH = 500


# Acknowledged when it begins: its row says that it is due, and a run that died keeps others out by its lease.
@shared_task(acks_late=False, soft_time_limit=45, time_limit=60)
def send_message(message_id: int) -> None:
    """Try one message."""
    deliver(message_id, clock.now())


@shared_task(soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """Each minute: messages that are due, for whatever reason they were not sent."""
    now = clock.now()
    for message_id in Message.objects.due(now).order_by("next_try_at").values_list("pk", flat=True)[:SWEEP_BATCH]:
        enqueue(send_message, message_id)
    erase_old_content(now)
