"""Known bookings and answers of a channel, for tests of the pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calendars.deciding.changes import Circumstances, PlannedChange, plan_changes
from calendars.deciding.channels import Channel
from calendars.deciding.classify import ChannelRules, Meaning, classify
from calendars.deciding.known import Booking, Instant, StandingStay
from calendars.reading.events import read
from calendars.tests.samples import calendar
from properties.values.local_time import Edge, to_instant

DENVER = ZoneInfo("America/Denver")
# Tuesday, 08:00 in Denver.
NOW = datetime(2031, 3, 4, 15, tzinfo=UTC)
AT = Instant(NOW, DENVER)


def day(text: str) -> date:
    """ "0307" is 7 March 2031."""
    return date(2031, int(text[:2]), int(text[2:]))


def stay(first: str = "0320", last: str = "0323", **fields: Any) -> StandingStay:
    values: dict[str, Any] = {
        "id": 1,
        "check_in_on": day(first),
        "check_out_on": day(last),
        "check_in_time": time(16),
        "check_out_time": time(10),
        "starts_at": to_instant(day(first), time(16), DENVER.key, Edge.START),
        "ends_at": to_instant(day(last), time(10), DENVER.key, Edge.END),
    }
    return StandingStay(**(values | fields))


def booking(number: int = 1, first: str = "0320", last: str = "0323", **fields: Any) -> Booking:
    """A booking with a standing stay, known by the UID of its number."""
    values: dict[str, Any] = {
        "id": number,
        "starts_on": day(first),
        "ends_on": day(last),
        "uids": frozenset({f"uid-{number}"}),
        "stay": stay(first, last, id=number),
    }
    return Booking(**(values | fields))


def answer(*events: str, channel: Channel = Channel.VRBO, at: Instant = AT) -> list[Meaning]:
    found = read(calendar(*events), DENVER)
    assert found.problem is None
    return [classify(one, ChannelRules(channel), at.today) for one in found.events]


def planned(known: list[Booking], *events: str, at: Instant = AT, **around: Any) -> list[PlannedChange]:
    """The items for an answer of Vrbo, without those that are only remembered."""
    return plan_changes(known, answer(*events, at=at), Circumstances(at, **around)).items


def later(**span: float) -> Instant:
    return Instant(NOW + timedelta(**span), DENVER)
