"""What is wrong with a stay's times: pure, and said in sentences that name what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from properties.models.places import Property
from properties.values.local_time import Edge, LocalTime, exists, to_instant
from properties.values.wording import clock

LONGEST = timedelta(days=731)
# Further ahead is a slip of the keyboard: 2062 for 2026.
FURTHEST_AHEAD = timedelta(days=5 * 366)


def problems(
    place: Property, check_in: LocalTime, check_out: LocalTime, now: datetime, *, has_started: bool = False
) -> dict[str, str]:
    """Field name → sentence; empty when the times will do. A check-in that has passed is not judged again."""
    if check_out <= check_in:
        return {"check_out_on": _("Check-out must come after check-in. Choose a later day or time for check-out.")}
    if check_out.on - check_in.on > LONGEST:
        return {"check_out_on": _("A stay can last two years at most. Check the years, or issue an ongoing code.")}
    if check_in.on > (now + FURTHEST_AHEAD).date():
        return {"check_in_on": _("Check-in is more than five years ahead. Check the year.")}
    # Also keeps the first and last days of the calendar, which have no UTC instant, away from what follows.
    if check_out.on < (now - timedelta(days=2)).date() or _instant(place, check_out) <= now:
        words = _("This check-out has passed: it is %(now)s at %(place)s. Choose a later one.")
        return {"check_out_on": words % {"now": _here(place, now), "place": place}}
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
    words = _(
        "%(time)s does not exist on %(day)s at %(place)s: the clocks go forward. "
        "Choose another time, such as %(other)s."
    )
    return words % {"time": clock(moment.at), "day": moment.day, "place": place, "other": clock(pushed)}


def _instant(place: Property, moment: LocalTime) -> datetime:
    return to_instant(moment.on, moment.at, place.time_zone, Edge.END)


def _here(place: Property, now: datetime) -> str:
    here = now.astimezone(place.zone)
    return str(LocalTime(here.date(), here.time()))
