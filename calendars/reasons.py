"""Every reason for a decision about a calendar, as a sentence that can be stored and translated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

Value = str | int


@unique
class Why(Enum):
    """A sentence with its named gaps. The name is what rows keep, so it must not change."""

    # An address that a person gave.
    BAD_ADDRESS = _("This is not a web address. Copy the whole calendar address, from https:// to its end.")
    NOT_HTTPS = _("The address must begin with https://.")
    WITH_PASSWORD = _("The address holds a user name or a password. Copy the calendar's own address.")
    NUMBER_AS_HOST = _("The address names a computer by its number. Copy the calendar's own address.")
    OTHER_PORT = _("The address names a port. Copy the calendar's own address.")
    GOOGLE_PAGE = _(
        "This is the calendar's web page. In Google Calendar's settings of this calendar, copy the "
        "“secret address in iCal format”."
    )
    GUESTY_FOR_HOSTS = _("Guesty For Hosts was shut down on 31 May 2026. Take the address from where the home is now.")
    LISTING_PAGE = _("This is a web page of the channel. Use “export calendar” there, and copy the address it gives.")

    KNOWN_ADDRESS = _("This calendar is connected to %(unit)s already.")
    OTHER_CHANNEL = _("This looks like a calendar of %(theirs)s, not of %(ours)s.")
    SEVERAL_UNITS = _(
        "Some bookings share nights: does this calendar hold several units? Connect one calendar per unit."
    )
    MAYBE_LOCAL_TIMES = _("All times look like check-in and check-out. If they are local times, tick that box below.")

    # The way to the answer.
    CANNOT_REACH = _("The calendar's host cannot be reached.")
    BAD_CERTIFICATE = _("The host does not prove who it is: its certificate is wrong or too old.")
    TOO_SLOW = _("The answer took longer than %(seconds)s seconds.")
    TOO_MANY_REDIRECTS = _("The address leads from one place to the next without an end.")
    BAD_ANSWER = _("The host's answer cannot be read.")
    REFUSED = _("The channel refuses this address (%(status)s). It may have made a new one: copy it again.")
    NOT_THERE = _("The channel does not know this address (%(status)s). Copy it again.")
    BUSY_HOST = _("The channel asks to wait (%(status)s).")
    HOST_ERROR = _("The channel has a problem (%(status)s).")

    # The answer as a whole: no news.
    EMPTY_BODY = _("The answer is empty.")
    WEB_PAGE = _("The answer is a web page, not a calendar. Often that is a log-in page: copy the address again.")
    NO_CALENDAR = _("The answer is not a calendar.")
    CUT_SHORT = _("The calendar is cut off before its end.")
    TOO_LARGE = _("The calendar is larger than %(megabytes)s MB. Make a calendar only for bookings.")
    TOO_MANY_EVENTS = _("The calendar has more than %(most)s events. Make a calendar only for bookings.")
    VALUE_TOO_LONG = _("Event %(event)s has a text of more than %(kilobytes)s kB.")
    # The answer as a whole: remarks.
    OLD_ENCODING = _("Some letters were not UTF-8 and were read as Western European.")
    NUL_BYTES = _("Zero bytes were left out.")
    STRAY_LINES = _("Lines that are no property were skipped: %(count)s.")
    CALENDAR_ZONE = _("The calendar says %(theirs)s, the property is in %(ours)s.")
    SAME_EVENT_TWICE = _("Event %(event)s repeats an id; the newer version counts.")

    # One event: it cannot be read.
    EVENT_NOT_CLOSED = _("Event %(event)s has no end line.")
    NESTED_TOO_DEEP = _("Event %(event)s holds parts within parts.")
    NO_START = _("Event %(event)s has no start date.")
    BAD_DATE = _("Event %(event)s has a date that cannot be read.")
    BAD_DURATION = _("Event %(event)s has a duration that cannot be read.")
    END_BEFORE_START = _("Event %(event)s: the end is before the start.")
    # One event: remarks.
    TWO_STARTS = _("It has two start dates; the first one counts.")
    UNKNOWN_ZONE = _("Its time zone “%(zone)s” is unknown; the property's was used.")
    NO_UID = _("It has no id; it is recognized by its nights.")
    DATES_AS_TIMES = _("It runs from midnight to midnight, so these are dates.")

    # What an event means.
    RESERVATION_LINK = _("Reservation %(code)s: its link is in the calendar.")
    RESERVATION_NUMBER = _("Reservation %(code)s: its number is in the calendar.")
    RESERVED = _("The channel says reserved.")
    OWN_WORD = _("It contains your word “%(word)s”.")
    SHORT_CLOSURE = _("A closure of at most %(nights)s nights: a stay by the rule of this calendar.")
    CHANNEL_CANCELLED = _("The channel says cancelled.")
    PAST = _("It is over.")
    TENTATIVE = _("An inquiry or tentative booking, not confirmed yet.")
    REPEATS = _("It repeats (%(how)s): not a stay.")
    LONG_SPAN = _("More than %(nights)s nights without a reservation: not a stay.")
    WINDOW_EDGE = _("The end of the channel's booking window, not a stay.")
    BLOCK = _("Blocked on the channel: not this unit's guest.")
    BLOCK_BY_ID = _("Its id spells its own dates, as this channel's blocks do: not this unit's guest.")
    BLOCK_BY_RULE = _("Blocked by a rule of the channel (notice, booking window or pause between stays).")
    LONG_CLOSURE = _("A closure of more than %(nights)s nights: not a stay.")
    EXTRA = _("A check-in or check-out mark, not a stay.")
    MIRRORS = _("It mirrors a stay that is known from %(source)s.")
    OCCUPIED_THROUGH = _("Occupied through %(unit)s.")
    NO_LINK = _("It says reserved, but has no reservation link. Is it a stay?")
    CLOSED_OR_BOOKED = _("The channel does not say whether this is a booking or a closure. Is it a stay?")
    BLOCKED_OR_BOOKED = _("Blocked without a reason; some real bookings look like this. Is it a stay?")
    BUSY_ONLY = _("The calendar says only that it is busy. Is it a stay?")
    SAME_ID_TWICE = _("The calendar has this id twice with different nights. Which one is right?")
    NOT_RECOGNIZED = _("Not recognized. Is it a stay?")

    # Why an event is a booking that is known already.
    SAME_CODE = _("The same stay as before: the reservation number is the same.")
    SAME_UID = _("The same stay as before: the id is the same.")
    SAME_HINT = _("The same stay as before: its id holds the same reservation.")
    SAME_NIGHTS = _("The same stay as before: the nights are the same; the id changed.")
    SAME_CHECK_OUT = _("The same stay as before: the check-out is the same; the start moves with the day.")
    OVERLAPPING_NIGHTS = _("The same stay as before: one booking went, one with nights in common came.")
    NEW_BOOKING = _("A new booking.")
    SEVERAL_CANDIDATES = _("It may be one of several known bookings. Is it a stay of its own?")
    UIDS_UNSTABLE = _("All ids changed; the bookings were recognized by their nights.")

    # What follows, and what waits for a person.
    MOVED = _("The channel says %(starts)s to %(ends)s.")
    DETAILS_CHANGED = _("The channel gives other details.")
    MISSING = _("Not in the calendar since the last check. The code stays.")
    MISSING_WITH_BLOCK = _("Not in the calendar any more; a block has its nights. The code stays for now.")
    BACK = _("In the calendar again.")
    GONE = _("Not in the calendar for a day and two good checks.")
    REVIVED = _("It came back: the stay stands again with its PIN.")
    IN_HOUSE = _("The guest is in house. Cancel only if you know that they left.")
    ARRIVES_SOON = _("The guest arrives within 48 hours. Ask before the code goes.")
    MAY_BE_UNREADABLE = _("Some events of the calendar cannot be read. It may be one of them.")
    TOO_MANY_GONE = _("This check would cancel several stays at once: %(count)s.")
    TOO_MANY_MOVED = _("This check would shorten several stays at once: %(count)s.")
    NOTHING_LEFT = _("The calendar is empty. Known bookings: %(count)s.")
    ALL_OTHERS = _("None of the known bookings (%(count)s) is in it. Is this another home's calendar?")
    ENDS_IN_PAST = _("The channel says it ended on %(ends)s, but the stay goes on.")
    CANCELLED_HERE = _("Cancelled in Latchkey; the channel still has it.")
    IGNORED_BY_PERSON = _("A person said: ignore.")
    STAY_BY_PERSON = _("A person said: this is a stay.")
    UNEXPECTED = _("An unexpected problem of ours (%(kind)s). What was known stays in force.")
    UNREADABLE_NOW = _("It cannot be read this time; nothing changes.")


@dataclass(frozen=True)
class Reason:
    """Why something was decided: the sentence and what stands in its gaps."""

    why: Why
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return gettext(self.why.value) % dict(self.values) if self.values else gettext(self.why.value)

    def stored(self) -> dict[str, Any]:
        """For a JSON column; `reason_from` reads it."""
        return {"why": self.why.name, **dict(self.values)}


def reason(why: Why, **values: Value) -> Reason:
    return Reason(why, tuple(values.items()))


def reason_from(stored: dict[str, Any]) -> Reason | None:
    """None for an empty column and for a reason that a later version wrote."""
    why = Why.__members__.get(stored.get("why", ""))
    return Reason(why, tuple(item for item in stored.items() if item[0] != "why")) if why else None
