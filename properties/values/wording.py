"""How people read days, times and lists of names, in their language. Shared by the domain's sentences and the pages."""

from collections.abc import Iterable
from datetime import date, datetime, time
from functools import lru_cache

from django.utils.dateformat import format as formatted
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, ngettext

LISTED_AT_MOST = 3


def day(on: date) -> str:
    """ "Tue 24 Nov". A datetime gives the day of its own zone."""
    return _date(on, "D j M")


def day_and_year(on: date) -> str:
    """ "Tue 24 Nov 2026"."""
    return _date(on, "D j M Y")


def short_day(on: date) -> str:
    """ "24 Nov"."""
    return _date(on, "j M")


def short_day_and_year(on: date) -> str:
    """ "24 Nov 2026"."""
    return _date(on, "j M Y")


def weekday(number: int) -> str:
    """ "Mon" of 0, as `date.weekday` counts."""
    return str(WEEKDAYS_ABBR[number])


def moment(at: datetime) -> str:
    """ "Tue 24 Nov, 16:00", in the instant's own zone."""
    return f"{day(at)}, {clock(at)}"


def days_between(first: date, last: date) -> str:
    """ "9 to 21 Nov", "30 Nov to 4 Dec"; with the year at the end where it is another one."""
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else short_day(first)
    end = short_day(last) if first.year == last.year else short_day_and_year(last)
    return gettext("%(first)s to %(last)s") % {"first": start, "last": end}


def _date(on: date, pattern: str) -> str:
    return _cached_date(date(on.year, on.month, on.day), pattern, get_language())


@lru_cache(maxsize=4096)
def _cached_date(on: date, pattern: str, language: str | None) -> str:
    """Lists say the same few days hundreds of times, and Django formats one in some 10 µs."""
    return formatted(on, pattern)


def clock(at: time | datetime) -> str:
    """ "16:00", of a time or of a datetime in its own zone."""
    return f"{at:%H:%M}"


def listed(names: Iterable[object], at_most: int = 0) -> str:
    """ "A", "A and B", "A, B and C"; with `at_most` 3 also "A, B, C and 4 more", where that leaves out two or more."""
    words = [str(name) for name in names]
    if at_most and len(words) > at_most + 1:
        left = len(words) - at_most
        words = [*words[:at_most], ngettext("%(count)s more", "%(count)s more", left) % {"count": left}]
    return get_text_list(words, gettext("and"))
