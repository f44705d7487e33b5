"""What an event of a channel means: a stay, a block, or unclear; the first rule that fits counts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from calendars.deciding import channels as words
from calendars.deciding.channels import SYSTEMS, Channel, normal
from calendars.reading.events import CalendarEvent, without_tags
from calendars.reasons import Reason, Why, reason
from properties.values.names import clean_name

# A longer span without a reservation is a season, not a guest.
LONGEST_UNNAMED = 90
# Booking windows begin so many days ahead, give or take; calendars end about a year ahead.
WINDOWS = (90, 180, 270, 365)
SLACK = 3
HORIZON = range(364, 369)
LONGEST_NAME = 120
DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What is done with an event."""

    STAY = "stay"
    UNCLEAR = "unclear"
    BLOCK = "block"
    EDGE = "edge"
    EXTRA = "extra"
    ECHO = "echo"
    OCCUPIED = "occupied"
    REPEATS = "rrule"
    PAST = "past"
    CANCELLED = "cancel"
    ERROR = "error"

    @property
    def may_be_guest(self) -> bool:
        return self in (Outcome.STAY, Outcome.UNCLEAR)


@dataclass(frozen=True)
class ChannelRules:
    """What the manager said of one calendar."""

    channel: Channel
    # Closures up to so many nights are stays; None: ask about each.
    closures_up_to: int | None = None
    stay_words: tuple[str, ...] = ()
    # False: this channel does not import others, so equal nights are a double booking.
    mirrors_others: bool = True


@dataclass(frozen=True)
class Occupancy:
    """A standing stay that a channel's block may be about: of this unit from elsewhere, or of a linked unit."""

    starts_on: date
    ends_on: date
    source: str
    uids: frozenset[str] = frozenset()
    code: str = ""
    # The linked unit's name; empty: the same unit.
    linked_unit: str = ""


@dataclass(frozen=True)
class Told:
    """What the texts of an event tell of the booking; nothing else of them is kept."""

    # The channel's number of the reservation: the strongest identity.
    code: str = ""
    # Part of the UID that outlives a change of dates; weaker.
    hint: str = ""
    guest: str = ""
    party: int | None = None
    # Where the booking was made, when a system passes it on.
    channel: Channel | None = None


@dataclass(frozen=True)
class Meaning:
    """An event with its outcome, and why."""

    event: CalendarEvent
    outcome: Outcome
    reason: Reason
    told: Told = Told()


def classify(event: CalendarEvent, rules: ChannelRules, today: date, others: Sequence[Occupancy] = ()) -> Meaning:
    """`today` is the property's; `others` are the standing stays around these nights."""
    found = _not_of_interest(event, today) or _by_channel(event, rules, today)
    if found.outcome.may_be_guest or found.outcome is Outcome.BLOCK:
        found = _mirror(found, rules, others) or found
    return found


def _not_of_interest(event: CalendarEvent, today: date) -> Meaning | None:
    if event.error is not None:
        return Meaning(event, Outcome.ERROR, event.error)
    if event.repeats:
        return Meaning(event, Outcome.REPEATS, reason(Why.REPEATS, how=event.repeats.lower()))
    if event.status in ("CANCELLED", "CANCELED"):
        return Meaning(event, Outcome.CANCELLED, reason(Why.CHANNEL_CANCELLED), _told(event))
    if event.ends_on < today:
        return Meaning(event, Outcome.PAST, reason(Why.PAST), _told(event))
    return None


def _by_channel(event: CalendarEvent, rules: ChannelRules, today: date) -> Meaning:
    summary, told = normal(event.summary), _told(event)
    if link := words.AIRBNB_LINK.search(event.description):
        because = reason(Why.RESERVATION_LINK, code=link[1])
        return _doubted(Meaning(event, Outcome.STAY, because, replace(told, code=link[1])))
    if event.status == "TENTATIVE":
        return Meaning(event, Outcome.UNCLEAR, reason(Why.TENTATIVE), told)
    found = Meaning(event, *_outcome(event, summary, rules), told)
    if found.outcome is Outcome.STAY:
        found = replace(found, told=_named(event, summary, told))
    elif told.code and found.outcome is Outcome.UNCLEAR and found.reason.why is not Why.TENTATIVE:
        found = replace(found, outcome=Outcome.STAY, reason=reason(Why.RESERVATION_NUMBER, code=told.code))
    if edge := _edge(found, summary, rules, today):
        found = replace(found, outcome=Outcome.EDGE, reason=edge)
    return _doubted(found)


def _doubted(found: Meaning) -> Meaning:
    if not found.event.is_ambiguous or not found.outcome.may_be_guest:
        return found
    return replace(found, outcome=Outcome.UNCLEAR, reason=reason(Why.SAME_ID_TWICE))


def _edge(found: Meaning, summary: str, rules: ChannelRules, today: date) -> Reason | None:
    """Side effects of booking windows: no reservation, no word of one, and very long or at the channel's horizon."""
    event = found.event
    if found.outcome not in (Outcome.UNCLEAR, Outcome.BLOCK) or words.HAS_RESERVED.search(summary):
        return None
    if rules.channel is Channel.VRBO and found.outcome is Outcome.UNCLEAR:
        # Vrbo writes bare names: an unknown summary there may always be a guest.
        return None
    ahead = (event.starts_on - today).days
    if (event.ends_on - today).days in HORIZON and (
        -SLACK <= ahead <= SLACK or any(abs(ahead - window) <= SLACK for window in WINDOWS)
    ):
        return reason(Why.WINDOW_EDGE)
    if event.nights > LONGEST_UNNAMED:
        return reason(Why.LONG_SPAN, nights=LONGEST_UNNAMED)
    return None


# --- Per channel ----------------------------------------------------------------------------------------------------

Ruling = tuple[Outcome, Reason]


def _outcome(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling:
    ruling = RULES.get(rules.channel, _custom)(event, summary, rules)
    if ruling is None and (word := _own_word(summary, rules)):
        ruling = Outcome.STAY, reason(Why.OWN_WORD, word=word)
    if ruling is not None:
        return ruling
    unclear = Why.BUSY_ONLY if words.IS_BUSY.fullmatch(summary) else Why.NOT_RECOGNIZED
    return Outcome.UNCLEAR, reason(unclear)


def _own_word(summary: str, rules: ChannelRules) -> str:
    """The first of the manager's words that stands in the summary as whole words."""
    for word in rules.stay_words:
        if (plain := normal(word).strip()) and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", summary):
            return word
    return ""


def _airbnb(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    if words.STARTS_RESERVED.match(summary):
        return Outcome.UNCLEAR, reason(Why.NO_LINK)
    is_block = words.AIRBNB_BLOCK.fullmatch(summary) or words.STARTS_BLOCKED.match(summary)
    if is_block or words.AIRBNB_BLOCK_UID.match(event.uid):
        return Outcome.BLOCK, reason(Why.BLOCK)
    return None


def _vrbo(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    if words.STARTS_TENTATIVE.match(summary):
        return Outcome.UNCLEAR, reason(Why.TENTATIVE)
    if words.STARTS_RESERVED.match(summary):
        return Outcome.STAY, reason(Why.RESERVED)
    if words.STARTS_BLOCKED.match(summary):
        return Outcome.BLOCK, reason(Why.BLOCK)
    if _spells_own_dates(event):
        return Outcome.BLOCK, reason(Why.BLOCK_BY_ID)
    return None


def _booking(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    if not words.STARTS_BLOCKED.match(summary):
        return None
    if rules.closures_up_to is None:
        return Outcome.UNCLEAR, reason(Why.CLOSED_OR_BOOKED)
    if event.nights <= rules.closures_up_to:
        return Outcome.STAY, reason(Why.SHORT_CLOSURE, nights=rules.closures_up_to)
    return Outcome.BLOCK, reason(Why.LONG_CLOSURE, nights=rules.closures_up_to)


def _expedia(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    if words.STARTS_RESERVED.match(summary):
        return Outcome.STAY, reason(Why.RESERVED)
    return (Outcome.BLOCK, reason(Why.BLOCK)) if words.STARTS_BLOCKED.match(summary) else None


def _system(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    is_short = event.starts_at is not None and event.nights <= 1
    if words.STARTS_EXTRA.match(summary) and is_short:
        return Outcome.EXTRA, reason(Why.EXTRA)
    if "blocked by guesty" in summary:
        if words.GUESTY_RULE.search(event.uid):
            return Outcome.BLOCK, reason(Why.BLOCK_BY_RULE)
        return Outcome.UNCLEAR, reason(Why.BLOCKED_OR_BOOKED)
    if words.STARTS_TENTATIVE.match(summary):
        return Outcome.UNCLEAR, reason(Why.TENTATIVE)
    is_stay = words.HOSTAWAY_STAY.fullmatch(summary) or words.TRIPADVISOR_STAY.fullmatch(summary)
    if is_stay or words.STARTS_RESERVED.match(summary):
        return Outcome.STAY, reason(Why.RESERVED)
    return (Outcome.BLOCK, reason(Why.BLOCK)) if words.STARTS_BLOCKED.match(summary) else None


def _custom(event: CalendarEvent, summary: str, rules: ChannelRules) -> Ruling | None:
    return None


RULES: dict[Channel, Callable[[CalendarEvent, str, ChannelRules], Ruling | None]] = {
    Channel.AIRBNB: _airbnb,
    Channel.VRBO: _vrbo,
    Channel.BOOKING: _booking,
    Channel.EXPEDIA: _expedia,
    **dict.fromkeys(SYSTEMS, _system),
}


def _spells_own_dates(event: CalendarEvent) -> bool:
    found = words.DATES_AS_UID.fullmatch(event.uid)
    if not found:
        return False
    month, day, year, end_month, end_day, end_year = found.groups()
    spelled = f"{year}-{month}-{day}", f"{end_year}-{end_month}-{end_day}"
    return spelled == (event.starts_on.isoformat(), event.ends_on.isoformat())


# --- Stays that are known already -----------------------------------------------------------------------------------


def _mirror(found: Meaning, rules: ChannelRules, others: Sequence[Occupancy]) -> Meaning | None:
    """Another calendar's booking seen again, or a linked unit's guest; None when these nights are news."""
    event = found.event
    is_closure = found.outcome is Outcome.BLOCK or found.reason.why in CLOSURES
    for other in others:
        same_nights = (other.starts_on, other.ends_on) == (event.starts_on, event.ends_on)
        if other.linked_unit:
            if is_closure and other.starts_on < event.ends_on and event.starts_on < other.ends_on:
                through = reason(Why.OCCUPIED_THROUGH, unit=other.linked_unit)
                return replace(found, outcome=Outcome.OCCUPIED, reason=through)
            continue
        same_booking = bool(found.told.code) and found.told.code == other.code
        if same_booking or (same_nights and ((is_closure and rules.mirrors_others) or event.uid in other.uids)):
            mirrors = reason(Why.MIRRORS, source=other.source)
            return replace(found, outcome=Outcome.ECHO, reason=mirrors)
    return None


# Reasons of events that do not say who comes.
CLOSURES = {Why.CLOSED_OR_BOOKED, Why.BLOCKED_OR_BOOKED, Why.SHORT_CLOSURE, Why.BUSY_ONLY}


# --- What an event tells of the guest -------------------------------------------------------------------------------


def _told(event: CalendarEvent) -> Told:
    found = words.VRBO_CODE_IN_UID.search(event.uid)
    told = Told(hint=found[0] if found else "")
    if not event.description:
        return told
    text = without_tags(event.description)
    plain = normal(text)
    code = words.CODE_LABEL.search(plain)
    name = words.NAME_LABEL.search(text) or words.RESERVED_BY.search(text)
    guest = _name(name[1]) if name else ""
    return replace(told, code=code[1].upper() if code else "", guest=guest, party=_party(plain))


def _party(plain: str) -> int | None:
    if party := words.PARTY_LABEL.search(plain):
        return int(party[1])
    if adults := words.ADULTS_LABEL.search(plain):
        children = words.CHILDREN_LABEL.search(plain)
        return int(adults[1]) + (int(children[1]) if children else 0)
    return None


def _named(event: CalendarEvent, summary: str, told: Told) -> Told:
    """With what the summary of a stay tells: name, number, the channel that it was passed on from."""
    text = event.summary.translate(words.DASHES)
    if passed := words.HOSTAWAY_STAY.fullmatch(text):
        channel = words.PASSED_ON.get(normal(passed["channel"] or ""))
        return replace(told, guest=told.guest or _name(passed["name"]), channel=channel)
    if trip := words.TRIPADVISOR_STAY.fullmatch(text):
        return replace(told, guest=told.guest or _name(trip["name"]))
    if code := words.CODE_IN_SUMMARY.match(text):
        return replace(told, code=told.code or code[1])
    if not told.guest and words.STARTS_RESERVED.match(summary) and (name := words.NAME_IN_SUMMARY.match(text)):
        return replace(told, guest=_name(name["name"]))
    return told


def _name(text: str) -> str:
    return clean_name(text)[:LONGEST_NAME]
