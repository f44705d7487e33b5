"""A unit with a door, a lock and a feed, whose channel says what a test wants it to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Organization
from calendars.applying.check import Checked, check_feed
from calendars.deciding.channels import Channel
from calendars.fetching.addresses import parse_address
from calendars.fetching.http import Answer, Fetched
from calendars.models import ChangeItem, Feed, FeedBooking
from calendars.reasons import Reason, reason
from calendars.tests.samples import calendar
from properties.models import AccessCode, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_unit

SECRET = "https://www.vrbo.com/icalendar/secret-token.ics"


def make_feed(organization: Organization, channel: Channel = Channel.VRBO, **fields: Any) -> Feed:
    unit = fields.pop("unit", None)
    if unit is None:
        unit = make_unit(make_property(organization, time_zone="America/Denver"))
        make_door(unit, make_lock(organization))
    feed = Feed(organization=organization, unit=unit, channel=channel, created_at=NOW, next_at=NOW, **fields)
    feed.set_address(parse_address(SECRET))
    feed.save(force_insert=True)
    return feed


@dataclass
class Scene:
    """One feed, and a clock that goes on when told."""

    feed: Feed
    now: datetime = NOW
    asked: list[tuple[str, str]] = field(default_factory=list)

    def after(self, **span: float) -> Scene:
        self.now += timedelta(**span)
        return self

    def says(self, *events: str, **fetched: Any) -> Checked | None:
        return self.answers(Fetched(Answer.BODY, calendar(*events), **fetched))

    def fails(self, why: Any, **values: Any) -> Checked | None:
        return self.answers(Fetched(Answer.FAILED, problem=reason(why, **values)))

    def answers(self, fetched: Fetched) -> Checked | None:
        def fetcher(feed: Feed, address: Any, etag: str, last_modified: str, now: datetime) -> Fetched:
            self.asked.append((etag, last_modified))
            return fetched

        checked = check_feed(self.feed.pk, self.now, fetcher)
        self.feed.refresh_from_db()
        return checked

    def says_fetched(self, body: bytes) -> Checked | None:
        return self.answers(Fetched(Answer.BODY, body))

    @property
    def stays(self) -> list[Stay]:
        return list(Stay.objects.filter(unit=self.feed.unit).order_by("pk"))

    @property
    def stay(self) -> Stay:
        (stay,) = self.stays
        return stay

    @property
    def booking(self) -> FeedBooking:
        return FeedBooking.objects.get(feed=self.feed)

    def items(self, *states: str) -> list[ChangeItem]:
        found = ChangeItem.objects.filter(change_set__feed=self.feed).order_by("pk")
        return list(found.filter(state__in=states) if states else found)

    def told(self) -> list[tuple[str, str]]:
        return [(item.act, item.state) for item in self.items()]


def code_of(stay: Stay) -> AccessCode:
    """Its standing code."""
    return stay.access_codes.standing().get()


def why_of(stored: Reason | None) -> Any:
    return stored and stored.why
