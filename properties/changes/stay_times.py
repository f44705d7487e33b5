"""What is wrong with a stay's times: pure, and said in sentences that name what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from properties.models.places import Property
from properties.values.local_time import Edge, LocalTime, exists, to_instant

LONGEST = timedelta(days=731)
# Further ahead is a slip of the keyboard: 2062 for 2026.
FURTHEST_AHEAD = timedelta(days=5 * 366)


def problems(
    place: Property, check_in: LocalTime, check_out: LocalTime, now: datetime, *, has_started: bool = False
) -> dict[str, str]:
    """Field name → sentence; empty when the times will do. A check-in that has passed is not judged again."""
    if check_out <= check_in:
        return {"check_out_on": "Check-out must come after check-in. Choose a later day or time for check-out."}
    if check_out.on - check_in.on > LONGEST:
        return {"check_out_on": "A stay can last two years at most. Check the years, or issue an ongoing code."}
    if check_in.on > (now + FURTHEST_AHEAD).date():
        return {"check_in_on": "Check-in is more than five years ahead. Check the year."}
    # Also keeps the first and last days of the calendar, which have no UTC instant, away from what follows.
    if check_out.on < (now - timedelta(days=2)).date() or _instant(place, check_out) <= now:
        return {"check_out_on": f"This check-out has passed: it is {_here(place, now)} at {place}. Choose a later one."}
    found = {}
    if not has_started and (problem := skipped(place, check_in)):
        found["check_in_time"] = problem
    if problem := skipped(place, check_out):
        found["check_out_time"] = problem
    return found


def skipped(place: Property, moment: LocalTime) -> str:
    """Why this time cannot be: the clocks skip it that day; empty when it exists."""
    if exists(moment.on, moment.at, place.time_zone):
        return ""
    pushed = datetime.combine(moment.on, moment.at, place.zone).astimezone(UTC).astimezone(place.zone)
    return (
        f"{moment.at:%H:%M} does not exist on {moment.day} at {place}: the clocks go forward. "
        f"Choose another time, such as {pushed:%H:%M}."
    )


def _instant(place: Property, moment: LocalTime) -> datetime:
    return to_instant(moment.on, moment.at, place.time_zone, Edge.END)


def _here(place: Property, now: datetime) -> str:
    here = now.astimezone(place.zone)
    return str(LocalTime(here.date(), here.time()))
