"""Celery's way in: which calendars are due, and one check of one. Each may run twice; arguments are ids."""

from __future__ import annotations

from collections import Counter

from celery import shared_task

from calendars.applying import check
from calendars.models import Feed
from outbox import clock
from outbox.handing_over import enqueue

# One sweep hands out so many feeds, and so many of one host; the rest is due again a minute later.
SWEEP_BATCH = 500
MOST_OF_HOST = 60


@shared_task(soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """Each minute: the calendars that are due, longest waiting first."""
    of_host: Counter[str] = Counter()
    due = Feed.objects.due(clock.now()).order_by("next_at").values_list("pk", "host")
    for feed_id, host in due[:SWEEP_BATCH]:
        of_host[host] += 1
        if of_host[host] <= MOST_OF_HOST:
            enqueue(check_feed, feed_id)


# A fetch has 20 seconds; reading and comparing take a few more at the worst.
@shared_task(acks_late=False, soft_time_limit=60, time_limit=75)
def check_feed(feed_id: int) -> None:
    """Check one calendar."""
    check.check_feed(feed_id, clock.now())
