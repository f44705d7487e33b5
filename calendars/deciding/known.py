"""What is known of a calendar's bookings when the next answer comes. Plain values, without the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from calendars.deciding.classify import Outcome


class BookingState(StrEnum):
    """Where a booking is in the life that its calendar gives it. It ends by the clock only."""

    ACTIVE = "active"
    MISSING = "missing"
    CANCELLED = "cancelled"


class Decision(StrEnum):
    """What a person said of an unclear event; remembered for all its ids."""

    NONE = ""
    STAY = "stay"
    IGNORE = "ignore"


@dataclass(frozen=True)
class StandingStay:
    """The stay that came of a booking."""

    id: int
    check_in_on: date
    check_out_on: date
    check_in_time: time
    check_out_time: time
    starts_at: datetime
    ends_at: datetime
    guest: str = ""
    party: int | None = None
    code: str = ""
    is_cancelled: bool = False
    cancelled_by_person: bool = False
    # Fields that a person set: the channel's values are shown, not taken.
    set_fields: frozenset[str] = frozenset()

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    def is_in_house(self, now: datetime) -> bool:
        return not self.is_cancelled and self.starts_at <= now < self.ends_at


@dataclass(frozen=True)
class Booking:
    """A booking of one calendar, with every id that it ever had."""

    id: int
    starts_on: date
    ends_on: date
    uids: frozenset[str] = frozenset()
    code: str = ""
    hint: str = ""
    guest: str = ""
    outcome: Outcome = Outcome.STAY
    state: BookingState = BookingState.ACTIVE
    decision: Decision = Decision.NONE
    missing_since: datetime | None = None
    misses: int = 0
    cancelled_at: datetime | None = None
    # Another stay has the unit for some of these nights: no stay, or not these nights, until that is solved.
    has_conflict: bool = False
    stay: StandingStay | None = None

    def is_past(self, now: datetime, today: date) -> bool:
        return self.stay.is_over(now) if self.stay is not None else self.ends_on < today

    @property
    def has_standing_stay(self) -> bool:
        return self.stay is not None and not self.stay.is_cancelled


@dataclass(frozen=True)
class Instant:
    """The moment a plan is made for, and the property's clock."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()
