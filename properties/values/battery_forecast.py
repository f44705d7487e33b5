"""When a battery is likely to be empty, and which day suits to change it. Pure; says "cannot tell" when it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import combinations, pairwise
from statistics import median, quantiles
from typing import NamedTuple

# A level that rises by this much is a new battery; less is warmth, or a better reading.
NEW_BATTERY_RISE = 0.15
# Fewer readings since the last change, a shorter time or a smaller fall say nothing about the pace.
FEWEST_READINGS = 4
SHORTEST_SPAN = timedelta(days=7)
SMALLEST_FALL = 0.02
# Unchanged to the digit for so long, though the door was used: the reading is stuck (field study P22).
STUCK_AFTER = timedelta(days=45)
# From an older reading nothing is foretold.
STALE_AFTER = timedelta(days=7)
FARTHEST = timedelta(days=365)
# The span is never given narrower than this to either side of the middle estimate.
LEAST_DOUBT = 0.1
# Pairs grow with the square of the readings.
MOST_READINGS = 120
# A change is advised this long before the battery may be empty.
MARGIN = timedelta(days=7)
DAY = timedelta(days=1)


class Outlook(Enum):
    """What can be said of a battery."""

    FALLING = "falling"
    LASTING = "lasting"
    EMPTY = "empty"
    STUCK = "stuck"
    UNKNOWN = "unknown"


class Reading(NamedTuple):
    """A level from 0 to 1, kept when it changed."""

    at: datetime
    level: float


@dataclass(frozen=True)
class Forecast:
    """A span in which the battery is likely to be empty, or why there is none."""

    outlook: Outlook
    empty_from: datetime | None = None
    empty_to: datetime | None = None
    reason: str = ""
    # The last jump up: the battery was replaced.
    changed_at: datetime | None = None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        return (self.empty_from, self.empty_to) if self.empty_from and self.empty_to else None


def forecast(
    readings: Sequence[Reading], now: datetime, *, seen_at: datetime | None = None, is_used: bool = False
) -> Forecast:
    """Forecast from readings, oldest first, each kept when the level changed.

    `seen_at` is when the last level was read again and found unchanged; `is_used`: the door moved since it changed.
    """
    if not readings:
        return Forecast(Outlook.UNKNOWN, reason="no level was ever read")
    changed_at, current = since_new_battery(readings)
    last = current[-1]
    seen_at = max(seen_at or last.at, last.at)
    cannot = _why_not(current, now, seen_at, is_used)
    if cannot is not None:
        outlook, reason = cannot
        return Forecast(outlook, reason=reason, changed_at=changed_at)
    # The level that was found again counts: a battery that stopped falling falls more slowly.
    if seen_at - last.at >= DAY:
        current = [*current, Reading(seen_at, last.level)]
    return _from_pace(current, now, changed_at)


def since_new_battery(readings: Sequence[Reading]) -> tuple[datetime | None, list[Reading]]:
    """When the battery was last changed (None: not seen), and the readings since."""
    start = 0
    for position, (before, after) in enumerate(pairwise(readings), start=1):
        if is_new_battery(before.level, after.level):
            start = position
    return (readings[start].at if start else None), list(readings[start:])


def is_new_battery(before: float, after: float) -> bool:
    # Levels are percentages: rounding keeps 0.15 a rise of 0.15.
    return round(after - before, 4) >= NEW_BATTERY_RISE


def _why_not(current: list[Reading], now: datetime, seen_at: datetime, is_used: bool) -> tuple[Outlook, str] | None:
    """Why nothing can be foretold, if so."""
    first, last = current[0], current[-1]
    if last.level <= 0:
        return Outlook.EMPTY, "it reads 0%"
    if now - seen_at > STALE_AFTER:
        return Outlook.UNKNOWN, f"the last reading is {_days(now - seen_at)} old"
    unchanged = seen_at - last.at
    if unchanged >= STUCK_AFTER and is_used:
        return Outlook.STUCK, f"{last.level:.0%} for {_days(unchanged)} though the door was used: do not trust it"
    if len(current) < FEWEST_READINGS:
        return Outlook.UNKNOWN, "needs a few more readings"
    if seen_at - first.at < SHORTEST_SPAN:
        return Outlook.UNKNOWN, f"it was watched for {_days(seen_at - first.at)} only; a pace shows after a week"
    if first.level - last.level < SMALLEST_FALL:
        return Outlook.UNKNOWN, f"the level hardly moves ({first.level:.0%} to {last.level:.0%})"
    return None


def _from_pace(current: list[Reading], now: datetime, changed_at: datetime | None) -> Forecast:
    """By the median of the slopes between all pairs; the quartiles give the span."""
    last = current[-1]
    slopes = pairwise_slopes(current)
    middle = median(slopes)
    fast, _, slow = quantiles(slopes, n=4, method="inclusive")
    if middle >= 0:
        return Forecast(Outlook.UNKNOWN, reason="the level goes up and down", changed_at=changed_at)
    days = last.level / -middle
    soonest = min(last.level / -fast, days * (1 - LEAST_DOUBT))
    latest = max(last.level / -slow if slow < 0 else days * 2, days * (1 + LEAST_DOUBT))
    if timedelta(days=min(soonest, 10_000)) > FARTHEST:
        return Forecast(Outlook.LASTING, reason="at its pace it lasts for more than a year", changed_at=changed_at)
    # Twice the middle estimate is as far as one can honestly see.
    begins = max(now, last.at + timedelta(days=soonest))
    ends = max(begins + DAY, last.at + timedelta(days=min(latest, days * 2)))
    return Forecast(Outlook.FALLING, begins, ends, changed_at=changed_at)


def pairwise_slopes(readings: Sequence[Reading]) -> list[float]:
    """Change per day between every two readings at different instants; negative is falling."""
    step = -(-len(readings) // MOST_READINGS)
    some = [*readings[:-1:step], readings[-1]]
    return [(b.level - a.level) / ((b.at - a.at) / DAY) for a, b in combinations(some, 2) if b.at > a.at]


# --- The day to change it -------------------------------------------------------------------------------------------


class Occupancy(NamedTuple):
    """A stay behind the door, by the local dates of its nights."""

    check_in_on: date
    check_out_on: date


class DayKind(Enum):
    """Who is there on a day."""

    VACANT = "vacant"
    BETWEEN_GUESTS = "no guest at midday"
    OCCUPIED = "occupied"


@dataclass(frozen=True)
class Change:
    """How many stays come before a battery may be empty, and the day that suits to change it (None: no day does)."""

    stays_before: int
    best_day: date | None = None
    kind: DayKind = DayKind.OCCUPIED


def plan_change(stays: Sequence[Occupancy], today: date, empty_on: date) -> Change:
    """The last vacant day a week or more before; else the next vacant day; else one between two guests."""
    before = [stay for stay in stays if stay.check_in_on < empty_on and stay.check_out_on >= today]
    last_day = max(today, empty_on - DAY)
    days = [today + timedelta(days=n) for n in range((last_day - today).days + 1)]
    # Today's check-in may be over by now.
    for kind, some in ((DayKind.VACANT, days), (DayKind.BETWEEN_GUESTS, days[1:])):
        suiting = [day for day in some if day_kind(before, day) is kind]
        early = [day for day in suiting if day <= empty_on - MARGIN]
        if suiting:
            return Change(len(before), early[-1] if early else suiting[0], kind)
    return Change(len(before))


def day_kind(stays: Sequence[Occupancy], day: date) -> DayKind:
    touching = [stay for stay in stays if stay.check_in_on <= day <= stay.check_out_on]
    if not touching:
        return DayKind.VACANT
    is_edge = all(day in stay for stay in touching)
    return DayKind.BETWEEN_GUESTS if is_edge else DayKind.OCCUPIED


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"
