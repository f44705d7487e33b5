"""What people do with calendars: try an address, connect it, change its rules, stop it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from django.db import transaction

from accounts.models import User
from calendars.applying.check import Fetcher, counts, fetch_feed, most_bytes
from calendars.applying.loading import load_occupancies
from calendars.deciding.channels import Channel, recognize
from calendars.deciding.classify import Meaning, Outcome, classify
from calendars.deciding.known import Instant
from calendars.fetching.http import Answer
from calendars.models import Feed
from calendars.reading.envelope import ReadLimits
from calendars.reading.events import ReadCalendar, look_like_local_times, read
from calendars.reasons import Reason, Why, reason
from properties.models import Activity, ActivityKind, Stay

RULES = ["channel", "closures_up_to", "stay_words", "trusts_times", "z_is_local", "mirrors_others"]


@dataclass(frozen=True)
class Trial:
    """What an address would bring, before anything is saved."""

    problem: Reason | None = None
    counts: dict[str, int] = field(default_factory=dict)
    meanings: Sequence[Meaning] = ()
    warnings: Sequence[Reason] = ()


def try_feed(feed: Feed, now: datetime, fetcher: Fetcher = fetch_feed) -> Trial:
    """Fetch an address that is not saved yet. The one page that waits for a channel: 20 seconds at most."""
    address = feed.address()
    fetched = fetcher(feed, address, "", "", now)
    if fetched.answer is not Answer.BODY:
        return Trial(fetched.problem)
    zone = feed.unit.property.zone
    limits = ReadLimits(most_bytes=most_bytes(Channel(feed.channel)))
    calendar = read(fetched.body, zone, limits, z_is_local=feed.z_is_local)
    if calendar.problem is not None:
        return Trial(calendar.problem)
    today = Instant(now, zone).today
    others = load_occupancies(feed, now)
    meanings = [classify(event, feed.rules, today, others) for event in calendar.events]
    return Trial(None, counts(meanings), meanings, _warnings(feed, calendar, meanings))


def _warnings(feed: Feed, calendar: ReadCalendar, meanings: Sequence[Meaning]) -> list[Reason]:
    warnings = [*calendar.notes]
    ours, theirs = Channel(feed.channel), recognize(feed.address().whole, calendar.producer)
    if theirs is not None and theirs is not ours and ours is not Channel.CUSTOM:
        warnings.append(reason(Why.OTHER_CHANNEL, theirs=theirs.label, ours=ours.label))
    spans = sorted((one.event.starts_on, one.event.ends_on) for one in meanings if one.outcome is Outcome.STAY)
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        warnings.append(reason(Why.SEVERAL_UNITS))
    if not feed.z_is_local and look_like_local_times(calendar.events):
        warnings.append(reason(Why.MAYBE_LOCAL_TIMES))
    return warnings


def same_feed(feed: Feed) -> Feed | None:
    """The feed of this organization that has this address already."""
    whole = feed.address().whole
    others = Feed.objects.in_use().filter(organization_id=feed.organization_id, host=feed.host).exclude(pk=feed.pk)
    return next((other for other in others.with_places() if other.address().whole == whole), None)


def add_feed(feed: Feed, now: datetime, actor: User) -> Feed:
    """Connect a calendar; its first check is due at once."""
    with transaction.atomic():
        feed.created_at, feed.created_by, feed.next_at = now, actor, now
        feed.save(force_insert=True)
        _record(feed, now, actor, ActivityKind.FEED_ADDED, f"{feed.source} connected to {feed.unit}")
    return feed


def change_rules(feed: Feed, now: datetime, actor: User) -> None:
    """Its last answer is compared again by the new rules, at once."""
    with transaction.atomic():
        feed.compared_at, feed.next_at = None, now
        feed.save(update_fields=[*RULES, "compared_at", "next_at"])
        _record(feed, now, actor, ActivityKind.FEED_CHANGED, f"{feed.source} of {feed.unit}: other rules")


def compare_again(stay: Stay, now: datetime) -> list[int]:
    """The calendars that know this stay are compared again at once; returns them."""
    ids = list(Feed.objects.in_use().filter(bookings__stay=stay).values_list("pk", flat=True))
    Feed.objects.filter(pk__in=ids).update(compared_at=None, next_at=now)
    return ids


def remove_feed(feed: Feed, now: datetime, actor: User) -> bool:
    """Stop a calendar; its stays remain. False when it was stopped before."""
    with transaction.atomic():
        if not Feed.objects.in_use().filter(pk=feed.pk).update(removed_at=now, next_at=None):
            return False
        _record(feed, now, actor, ActivityKind.FEED_REMOVED, f"{feed.source} of {feed.unit} stopped")
    return True


def _record(feed: Feed, now: datetime, actor: User, kind: ActivityKind, text: str) -> None:
    Activity.record(feed.organization_id, now, kind, text, actor=actor, property=feed.unit.property)
