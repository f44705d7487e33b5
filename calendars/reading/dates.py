"""Dates, times, durations and zones of a calendar. No zone definition of a feed is ever evaluated."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from tzlocal.windows_tz import win_tz

DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(Z?)", re.ASCII)
DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,3})W|(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?)"
)
ZONE = re.compile(r"(?:^|;)\s*TZID\s*=\s*(\"[^\"]*\"|.*?)(?:;[A-Za-z-]+\s*=|$)", re.IGNORECASE)
# Outside these a year is a slip or a trick, and arithmetic with it may overflow.
YEARS = range(1970, 2200)
MIDNIGHT = time()
LONGEST_ZONE = 100


class Moment(NamedTuple):
    """A day, with a time on its own clock unless the calendar gives only days."""

    on: date
    at: time | None = None
    # None: floating, on the property's clock.
    zone: ZoneInfo | None = None

    def local(self, zone: ZoneInfo) -> datetime:
        """On the property's clock, without its zone."""
        there = datetime.combine(self.on, self.at or MIDNIGHT)
        return there.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None) if self.zone else there

    def instant(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.on, self.at or MIDNIGHT).replace(tzinfo=self.zone or zone).astimezone(UTC)

    def plus(self, span: timedelta) -> Moment:
        there = datetime.combine(self.on, self.at or MIDNIGHT) + span
        return self._replace(on=there.date(), at=None if self.at is None else there.time())


class UnknownZone(NamedTuple):
    """A zone's name that neither the zone database nor Windows knows."""

    name: str


UTC_ZONE = ZoneInfo("UTC")


def parse_moment(parameters: str, value: str) -> tuple[Moment | None, UnknownZone | None]:
    """A date or a date with a time; (None, None) when it cannot be read. `Z` wins over a named zone."""
    text = value.strip().upper()
    try:
        if found := DATE.fullmatch(text):
            on = date(*map(int, found.groups()))
            return (Moment(on), None) if on.year in YEARS else (None, None)
        if not (found := DATE_TIME.fullmatch(text)):
            return None, None
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        moment = Moment(date(year, month, day), time(hour, minute, min(second, 59)))
    except ValueError:
        return None, None
    if moment.on.year not in YEARS:
        return None, None
    if found[7]:
        return moment._replace(zone=UTC_ZONE), None
    name = zone_name_in(parameters)
    if not name:
        return moment, None
    zone = find_zone(name)
    return moment._replace(zone=zone), None if zone else UnknownZone(name)


def zone_name_in(parameters: str) -> str:
    found = ZONE.search(parameters) if parameters else None
    return found[1].strip().strip('"').strip()[:LONGEST_ZONE] if found else ""


def parse_duration(value: str) -> timedelta | None:
    """None when it cannot be read."""
    found = DURATION.fullmatch(value.strip().upper())
    if found is None or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if found[1] == "-" else span


@lru_cache(maxsize=512)
def find_zone(name: str) -> ZoneInfo | None:
    """A zone by its IANA name, also at the end of a path (/example.org/2005/Europe/Brussels), or by Windows' name."""
    known, windows = _zone_names()
    parts = name.strip("/").split("/")
    for first in range(len(parts)):
        if exact := known.get("/".join(parts[first:]).lower()):
            return ZoneInfo(exact)
    return ZoneInfo(windows[name.lower()]) if name.lower() in windows else None


@lru_cache(maxsize=1)
def _zone_names() -> tuple[dict[str, str], dict[str, str]]:
    known = {name.lower(): name for name in available_timezones()}
    return known, {name.lower(): zone for name, zone in win_tz.items() if zone.lower() in known}
