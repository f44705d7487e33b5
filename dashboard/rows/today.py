"""The rows of Today's tables: who arrives, is in house, leaves. Plain mappings: templates read them fastest."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from accounts.models import User
from dashboard.addresses import address_of
from dashboard.rows.doors import Chip, code_chips, door_chips
from dashboard.rows.next_steps import NextStep, first_step
from dashboard.wording import day, duration, zone_of
from properties.reading.day_stays import DayStay, Departure
from properties.reading.doors_and_codes import DoorsAndCodes
from properties.reading.today import Arrival, InHouse
from properties.values.wording import clock
from properties.verdict.checks import Check, Verdict


class StayRow(TypedDict):
    """What every table says of a stay."""

    url: str
    guest: str
    unit: str
    zone: str
    in_day: str
    in_time: str
    out_day: str
    out_time: str


class ArrivalRow(StayRow):
    """`leaves_at`: when another guest leaves the same unit that day; `may_enter` since or in `entry`."""

    zone_name: str
    leaves_at: str
    may_enter: bool
    entry: str
    verdict: Verdict
    why: str
    doors: list[Chip]
    step: NextStep | None


class InHouseRow(StayRow):
    """`verdict`, with its reason and the next step, when something about the stay needs attention."""

    entered_at: datetime | None
    entered_source: str
    verdict: Verdict | None
    why: str
    step: NextStep | None


class DepartureRow(StayRow):
    """A guest who leaves, and whether each of the codes is proved gone."""

    doors: list[Chip]
    leaves_in: str
    next_starts_at: datetime | None


def _stay_row(stay: DayStay) -> StayRow:
    return {
        "url": address_of("stay", stay.pk),
        "guest": stay.guest,
        "unit": stay.unit,
        "zone": stay.zone,
        "in_day": day(stay.check_in_on),
        "in_time": clock(stay.check_in_time),
        "out_day": day(stay.check_out_on),
        "out_time": clock(stay.check_out_time),
    }


def arrival_row(arrival: Arrival, loaded: DoorsAndCodes, user: User, now: datetime) -> ArrivalRow:
    stay, readiness, leaves_at = arrival.stay, arrival.readiness, arrival.leaves_at
    return {
        **_stay_row(stay),
        "zone_name": zone_of(stay.starts_at, stay.zone),
        "leaves_at": clock(leaves_at) if leaves_at is not None else "",
        "may_enter": stay.starts_at <= now,
        "entry": duration(stay.starts_at - now),
        "verdict": readiness.verdict,
        "why": _why(readiness.verdict, readiness.first_to_mend),
        "doors": door_chips(stay, loaded, now),
        "step": first_step(readiness, user) if readiness.verdict.needs_somebody else None,
    }


def _why(verdict: Verdict, check: Check | None) -> str:
    """What is so; then what to do, or why nothing has to be done."""
    if check is None:
        return ""
    more = check.todo if verdict.needs_somebody and check.todo else check.why
    return f"{check.what} {more}".strip()


def in_house_row(in_house: InHouse, user: User) -> InHouseRow:
    stay, readiness = in_house.stay, in_house.readiness
    check = readiness.first_to_mend if readiness is not None else None
    return {
        **_stay_row(stay),
        "entered_at": stay.entered_at,
        "entered_source": stay.entered_source or "",
        "verdict": readiness.verdict if readiness is not None else None,
        "why": check.what if check is not None else "",
        "step": first_step(readiness, user) if readiness is not None else None,
    }


def departure_rows(departures: Sequence[Departure], loaded: DoorsAndCodes, now: datetime) -> list[DepartureRow]:
    return [_departure_row(each, loaded, now) for each in departures]


def _departure_row(departure: Departure, loaded: DoorsAndCodes, now: datetime) -> DepartureRow:
    stay = departure.stay
    names = {door.lock_id: door.name for door in loaded.doors.get(stay.unit_id, ())}
    return {
        **_stay_row(stay),
        "doors": code_chips(departure.codes, now, names),
        "leaves_in": duration(stay.ends_at - now) if stay.ends_at > now else "",
        "next_starts_at": stay.next_starts_at,
    }
