"""One check of one feed: lease, fetch, read, classify, compare, apply, and when to come again."""

from __future__ import annotations

import hashlib
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from calendars.applying.apply import apply_plan
from calendars.applying.loading import load_bookings, load_circumstances, load_occupancies
from calendars.applying.rhythm import after_failure, next_check
from calendars.deciding.changes import ChangePlan, error_keys, plan_changes
from calendars.deciding.channels import LARGE, Channel
from calendars.deciding.classify import Meaning, classify
from calendars.deciding.known import BookingState
from calendars.fetching.addresses import Address, BadAddress
from calendars.fetching.http import Answer, Fetched, FetchLimits, fetch
from calendars.models import Feed, FeedBooking
from calendars.reading.envelope import ReadLimits
from calendars.reading.events import ReadCalendar, read
from calendars.reasons import Reason, Why, reason
from properties.models import Stay

# Real time: guards processes. Longer than a fetch with all its work.
LEASE = timedelta(seconds=90)
# An unchanged answer is compared again after this: decisions of people and the calendar day change, too.
COMPARED_AGAIN = timedelta(hours=1)
LARGE_BYTES, ORDINARY_BYTES = 5_000_000, 1_000_000
# These lines tell when a calendar was written, not what is in it.
MOMENTS = re.compile(rb"^(?:DTSTAMP|LAST-MODIFIED|CREATED)[^\r\n]*[\r\n]+", re.MULTILINE)
SHOWN_EVENTS = 500

logger = logging.getLogger(__name__)

Fetcher = Callable[[Feed, Address, str, str, datetime], Fetched]


@dataclass(frozen=True)
class Checked:
    """How a check ended, for who asked for it."""

    problem: Reason | None = None
    changed: bool = False


def most_bytes(channel: Channel) -> int:
    return LARGE_BYTES if channel in LARGE else ORDINARY_BYTES


def fetch_feed(feed: Feed, address: Address, etag: str, last_modified: str, now: datetime) -> Fetched:
    return fetch(
        address,
        settings.FEED_USER_AGENT,
        now,
        etag=etag,
        last_modified=last_modified,
        private_hosts=settings.PRIVATE_FEED_HOSTS,
        limits=FetchLimits(most_bytes=most_bytes(Channel(feed.channel))),
    )


def check_feed(feed_id: int, now: datetime, fetcher: Fetcher = fetch_feed) -> Checked | None:
    """None when another worker has the feed, or it is not in use. Safe to run twice."""
    if not Feed.objects.lease(feed_id, timezone.now(), LEASE):
        return None
    feed = Feed.objects.with_places().get(pk=feed_id)
    try:
        return _check(feed, now, fetcher)
    except (Exception, SoftTimeLimitExceeded) as error:
        # It costs this calendar, is shown there, and is tried again with pauses.
        logger.exception("calendar %s", feed_id)
        return _failed(feed, reason(Why.UNEXPECTED, kind=type(error).__name__), None, now)
    finally:
        Feed.objects.filter(pk=feed_id, lease_until=feed.lease_until).update(lease_until=None)


def _check(feed: Feed, now: datetime, fetcher: Fetcher) -> Checked:
    has_missing = FeedBooking.objects.filter(feed=feed, state=BookingState.MISSING).exists()
    # "Not modified" proves no stay, and is no second look at one that is missing.
    asks_whole = has_missing or _is_compare_due(feed, now)
    etag, last_modified = ("", "") if asks_whole else (feed.etag, feed.last_modified)
    try:
        fetched = fetcher(feed, feed.address(), etag, last_modified, now)
    except BadAddress as refused:
        fetched = Fetched(Answer.FAILED, problem=refused.reason)
    if fetched.answer is Answer.FAILED:
        return _failed(feed, fetched.problem, fetched.retry_after, now)
    if fetched.answer is Answer.NOT_MODIFIED:
        return _went_well(feed, now)
    digest = body_hash(fetched.body)
    if digest == feed.body_hash and not asks_whole:
        return _went_well(feed, now)
    limits = ReadLimits(most_bytes=most_bytes(Channel(feed.channel)))
    calendar = read(fetched.body, feed.unit.property.zone, limits, z_is_local=feed.z_is_local)
    if calendar.problem is not None:
        return _failed(feed, calendar.problem, None, now)
    changed = _compare(feed, calendar, now)
    validators = {"etag": fetched.etag, "last_modified": fetched.last_modified, "body_hash": digest}
    return _went_well(feed, now, compared_at=now, **validators, **({"changed_at": now} if changed else {}))


def _is_compare_due(feed: Feed, now: datetime) -> bool:
    if feed.compared_at is None or now - feed.compared_at >= COMPARED_AGAIN:
        return True
    zone = feed.unit.property.zone
    return feed.compared_at.astimezone(zone).date() != now.astimezone(zone).date()


def body_hash(body: bytes) -> str:
    """The same for two answers that differ only in when they were written."""
    return hashlib.sha256(MOMENTS.sub(b"", body)).hexdigest()


def _compare(feed: Feed, calendar: ReadCalendar, now: datetime) -> bool:
    around = load_circumstances(feed, now)
    others = load_occupancies(feed, now)
    meanings = [classify(event, feed.rules, around.at.today, others) for event in calendar.events]
    plan = plan_changes(load_bookings(feed, now), meanings, around)
    change_set = apply_plan(feed, plan, now)
    Feed.objects.filter(pk=feed.pk).update(**_picture(calendar, meanings, plan))
    return change_set is not None


def _picture(calendar: ReadCalendar, meanings: Sequence[Meaning], plan: ChangePlan) -> dict[str, object]:
    """What the feed's page shows of an answer: no names and no texts."""
    return {
        "counts": counts(meanings),
        "events": [_shown(meaning) for meaning in meanings[:SHOWN_EVENTS]],
        "notes": [note.stored() for note in (*calendar.notes, *plan.notes)],
        "unreadable": sorted(error_keys(meanings)),
    }


def counts(meanings: Sequence[Meaning]) -> dict[str, int]:
    return dict(Counter(meaning.outcome.value for meaning in meanings))


def _shown(meaning: Meaning) -> dict[str, object]:
    event = meaning.event
    is_dated = event.starts_on != date.min
    return {
        "number": event.number,
        "starts_on": event.starts_on.isoformat() if is_dated else "",
        "ends_on": event.ends_on.isoformat() if is_dated else "",
        "outcome": meaning.outcome.value,
        "reason": meaning.reason.stored(),
        "notes": [note.stored() for note in event.notes],
    }


def _went_well(feed: Feed, now: datetime, **values: object) -> Checked:
    Feed.objects.filter(pk=feed.pk).update(
        tried_at=now,
        fetched_at=now,
        failures=0,
        failed_since=None,
        problem={},
        next_at=next_check(now, feed.unit.property.zone, _chance(), is_lively=_is_lively(feed, now)),
        **values,
    )
    return Checked(changed="changed_at" in values)


def _failed(feed: Feed, problem: Reason | None, retry_after: timedelta | None, now: datetime) -> Checked:
    """No news: whatever was known stays in force."""
    failures = feed.failures + 1
    Feed.objects.filter(pk=feed.pk).update(
        tried_at=now,
        failures=failures,
        failed_since=feed.failed_since or now,
        problem=problem.stored() if problem else {},
        next_at=after_failure(now, failures, _chance(), retry_after),
    )
    return Checked(problem)


def _is_lively(feed: Feed, now: datetime) -> bool:
    """A guest may book tonight or arrives today."""
    today = now.astimezone(feed.unit.property.zone).date()
    nights = Stay.objects.standing().filter(unit=feed.unit, check_in_on__lte=today, check_out_on__gt=today)
    found = list(nights.values_list("check_in_on", flat=True)[:2])
    return not found or today in found


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads load, hides nothing
