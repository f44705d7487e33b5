"""How pages say instants in a zone, ages, spans, levels and proofs. Days and lists: properties/values/wording.py."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from properties.models.steps import is_event
from properties.values.wording import clock, day_and_year, short_day
from properties.values.wording import day as day_of

UTC = ZoneInfo("UTC")
# From (seconds) how old an age is counted in which unit. The same table is in static/js/app.js.
AGES = [(86_400, gettext_noop("d")), (3_600, gettext_noop("h")), (60, gettext_noop("min")), (1, gettext_noop("s"))]


# --- Instants in a zone -----------------------------------------------------------------------------------
def as_zone(zone: object) -> dt.tzinfo:
    """A zone from a name ("America/Los_Angeles"), from a tzinfo, or UTC from nothing."""
    if isinstance(zone, dt.tzinfo):
        return zone
    return ZoneInfo(str(zone)) if zone else UTC


def zone_name(instant: dt.datetime) -> str:
    """The zone as people write it: "PST", or "UTC+3" where a zone has no letters."""
    name = instant.tzname() or ""
    if name[:1] in "+-":
        hours, minutes = name[1:3], name[3:5]
        return f"UTC{name[0]}{int(hours)}" + (f":{minutes}" if minutes.strip("0") else "")
    return name


def zone_of(instant: dt.datetime | None, zone: object = "") -> str:
    """ "PST": which clock a local time beside it is read on."""
    return zone_name(instant.astimezone(as_zone(zone))) if instant else ""


def local(instant: dt.datetime | None, zone: object = "") -> str:
    """ "Mon 24 Nov 2026, 16:00 PST"."""
    if instant is None:
        return ""
    there = instant.astimezone(as_zone(zone))
    return f"{day_and_year(there)}, {clock(there)} {zone_name(there)}"


def local_time(instant: dt.datetime | None, zone: object = "") -> str:
    """ "16:00"."""
    return clock(instant.astimezone(as_zone(zone))) if instant else ""


def local_day(instant: dt.datetime | None, zone: object = "") -> str:
    """ "Tue 24 Nov"."""
    return day(instant.astimezone(as_zone(zone))) if instant else ""


def local_short(instant: dt.datetime | None, zone: object = "") -> str:
    """ "24 Nov, 16:00", for tables and ladders."""
    if instant is None:
        return ""
    there = instant.astimezone(as_zone(zone))
    return f"{short_day(there)}, {clock(there)}"


def local_moment(instant: dt.datetime, zone: object) -> str:
    """ "Tue 24 Nov, 16:00 PST", for a sentence."""
    there = instant.astimezone(as_zone(zone))
    return f"{day_of(there)}, {clock(there)} {zone_name(there)}"


def day(date: dt.date | None) -> str:
    """ "Tue 24 Nov". A datetime keeps the day of its own zone."""
    return day_of(date) if date else ""


def iso(instant: dt.datetime | None) -> str:
    """What `<time datetime>` wants: "2026-11-24T16:00:00Z"."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if instant else ""


# --- Spans and ages ---------------------------------------------------------------------------------------
def duration(span: dt.timedelta | None) -> str:
    """ "3 d 4 h": the two largest units, rounded down."""
    if span is None:
        return ""
    rest = int(abs(span).total_seconds())
    words: list[str] = []
    for size, unit in AGES:
        count, rest = divmod(rest, size)
        if count or words:
            words.append(f"{count} {_(unit)}" if count else "")
        if len(words) == 2:
            break
    return " ".join(filter(None, words)) or f"0 {_('s')}"


def since(later: dt.datetime, earlier: dt.datetime) -> dt.timedelta:
    """The time between two instants, for `duration`."""
    return later - earlier


def age(instant: dt.datetime, now: dt.datetime) -> str:
    """ "20 s ago", "in 3 h"; "now" within two seconds. One unit: more would change while one reads.

    Django's `naturaltime` says two units, and asks the clock itself, which on the sandbox is another one.
    """
    seconds = int((now - instant).total_seconds())
    if abs(seconds) < 2:
        return _("now")
    size, unit = next((size, unit) for size, unit in AGES if abs(seconds) >= size)
    span = f"{abs(seconds) // size} {_(unit)}"
    return _("%(span)s ago") % {"span": span} if seconds > 0 else _("in %(span)s") % {"span": span}


# --- Other words ------------------------------------------------------------------------------------------
def percent(level: float | None) -> str:
    """ "87%"."""
    return _("Unknown") if level is None else f"{round(level * 100)}%"


def how_known(source: str) -> str:
    """A proof's source in words: an event's id is kept for the page of the code."""
    return _("reported by an event") if is_event(source) else source


SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
# In this order: the later ones call themselves by the names of the earlier ones, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}


def browser(user_agent: str) -> str:
    """ "Firefox on Linux", as far as a browser says so itself."""
    name = next((word for sign, word in BROWSERS.items() if sign in user_agent), "")
    system = next((word for sign, word in SYSTEMS.items() if sign in user_agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("An unknown browser")
