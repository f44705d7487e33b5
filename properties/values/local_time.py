"""Local wall-clock times to instants, over every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from properties.values.wording import clock, day_and_year

# Years that people may name: within fifty of ours. Further off there is no zone that one could count with.
YEARS = range(1976, 2077)


class Edge(Enum):
    """Which end of a window a local time is: decides which reading of an ambiguous time is taken."""

    START = "start"
    END = "end"


class LocalTime(NamedTuple):
    """A day and a time on a wall clock."""

    on: date
    at: time

    @property
    def day(self) -> str:
        return day_and_year(self.on)

    def __str__(self) -> str:
        return f"{self.day}, {clock(self.at)}"


def to_instant(on: date, at: time, zone: str, edge: Edge) -> datetime:
    """The UTC instant of a local time; never makes a window shorter than promised.

    Where the clocks change, a local time can exist twice or not at all. Both readings (fold 0 and 1) are worked
    out; a start takes the earlier instant, an end the later (field study P10).
    """
    naive = datetime.combine(on, at)
    readings = [naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings) if edge is Edge.START else max(readings)


def exists(on: date, at: time, zone: str) -> bool:
    """False for a local time that the clocks skip (02:30 on the day summer time begins)."""
    naive = datetime.combine(on, at)
    aware = naive.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive


def clocks_change_between(start: datetime, end: datetime, zone: str) -> bool:
    """True when the zone's offset differs somewhere between two instants."""
    info = ZoneInfo(zone)
    first = start.astimezone(info).utcoffset()
    steps = max(1, (end - start).days + 1)
    return any((start + timedelta(days=n)).astimezone(info).utcoffset() != first for n in range(1, steps + 1))


# How far ahead two zones are compared: changes of law are announced within this.
COMPARED = timedelta(days=2 * 366)


def have_same_times(zone: str, other: str, now: datetime) -> bool:
    """Do two zones agree on every hour to come? Many have two names: US/Pacific is America/Los_Angeles."""
    return zone == other or _offsets(zone, now.year, now.month) == _offsets(other, now.year, now.month)


@lru_cache(maxsize=64)
def _offsets(zone: str, year: int, month: int) -> list[timedelta | None]:
    """The offset at each hour from the beginning of a month on."""
    start, info = datetime(year, month, 1, tzinfo=UTC), ZoneInfo(zone)
    return [(start + timedelta(hours=hour)).astimezone(info).utcoffset() for hour in range(COMPARED.days * 24)]


@lru_cache(maxsize=1)
def zone_names() -> list[str]:
    """IANA zones that a place can have, in alphabetical order."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
