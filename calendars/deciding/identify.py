"""Which known booking an event is: a ladder of rules, surest first, each with its reason. Never guesses between two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from calendars.deciding.channels import normal
from calendars.deciding.classify import Meaning, Outcome
from calendars.deciding.known import Booking, BookingState, Instant
from calendars.reasons import Reason, Why, reason

# A cancelled booking that comes back within this is the same one.
REVIVED_WITHIN = timedelta(days=14)
# Ids that may be mere positions: another booking has them after one is cancelled.
WEAK_UID = re.compile(r"\d{0,4}")
BY_NIGHTS = {Why.SAME_NIGHTS, Why.SAME_CHECK_OUT, Why.OVERLAPPING_NIGHTS}


@dataclass
class Match:
    """An event, the booking that it is (None: a new one), and why."""

    meaning: Meaning
    booking: Booking | None
    reason: Reason


@dataclass
class Identified:
    """The events of one answer with their bookings, and the bookings that it lacks."""

    matches: list[Match] = field(default_factory=list)
    lost: list[Booking] = field(default_factory=list)

    @property
    def uids_are_unstable(self) -> bool:
        why = Counter(match.reason.why for match in self.matches if match.booking is not None)
        return sum(why[one] for one in BY_NIGHTS) > 1 and not (why[Why.SAME_UID] or why[Why.SAME_CODE])


def identify(bookings: Sequence[Booking], meanings: Sequence[Meaning], at: Instant) -> Identified:
    """Match events with bookings. Every event of the answer is in it once."""
    return _Ladder(bookings, meanings, at).climb()


Pair = tuple[Meaning, Booking]
Rung = Callable[[Meaning, Booking], bool]
KeysOfEvent = Callable[[Meaning], str]
KeysOfBooking = Callable[[Booking], Iterable[str]]


class _Ladder:
    def __init__(self, bookings: Sequence[Booking], meanings: Sequence[Meaning], at: Instant) -> None:
        self._at = at
        self._free = [booking for booking in bookings if not self._is_forgotten(booking)]
        self._open = list(meanings)
        self._found = Identified()

    def climb(self) -> Identified:
        self._take(self._sharing(_codes_of_event, _codes_of_booking), Why.SAME_CODE)
        same_uid = self._sharing(_uids_of_event, _uids_of_booking)
        self._take([pair for pair in same_uid if _same_uid(*pair) and _same_nights(*pair)], Why.SAME_UID)
        self._take(self._fitting(_same_nights_other_position), Why.SAME_NIGHTS)
        self._take([pair for pair in self._sharing(_uids_of_event, _uids_of_booking) if _same_uid(*pair)], Why.SAME_UID)
        self._take(self._sharing(_hints_of_event, _hints_of_booking), Why.SAME_HINT)
        self._take(self._fitting(self._may_be(_same_nights)), Why.SAME_NIGHTS)
        self._take(self._fitting(self._may_be(self._drifted)), Why.SAME_CHECK_OUT)
        asked = self._take(self._fitting(self._may_be(_overlap)), Why.OVERLAPPING_NIGHTS)
        for meaning in self._open:
            match = Match(meaning, None, reason(Why.NEW_BOOKING))
            if id(meaning) in asked:
                match = Match(_as_question(meaning), None, reason(Why.SEVERAL_CANDIDATES))
            self._found.matches.append(match)
        self._found.matches.sort(key=lambda match: match.meaning.event.number)
        self._found.lost = self._free
        return self._found

    def _fitting(self, fits: Rung) -> list[Pair]:
        return [(meaning, booking) for meaning in self._open for booking in self._free if fits(meaning, booking)]

    def _sharing(self, of_event: KeysOfEvent, of_booking: KeysOfBooking) -> list[Pair]:
        """Pairs with a key in common, found by it: a calendar can have two thousand of each."""
        having: dict[str, list[Booking]] = {}
        for booking in self._free:
            for key in of_booking(booking):
                having.setdefault(key, []).append(booking)
        return [(meaning, booking) for meaning in self._open for booking in having.get(of_event(meaning), ())]

    def _take(self, pairs: list[Pair], why: Why) -> set[int]:
        """Match what fits exactly one to one; returns the events, by `id`, that fit several or share a booking."""
        events = Counter(id(meaning) for meaning, _ in pairs)
        bookings = Counter(booking.id for _, booking in pairs)
        alone = [pair for pair in pairs if events[id(pair[0])] == bookings[pair[1].id] == 1]
        self._found.matches += [Match(meaning, booking, reason(why)) for meaning, booking in alone]
        taken, gone = {id(meaning) for meaning, _ in alone}, {booking.id for _, booking in alone}
        self._open = [meaning for meaning in self._open if id(meaning) not in taken]
        self._free = [booking for booking in self._free if booking.id not in gone]
        return set(events) - taken

    def _is_forgotten(self, booking: Booking) -> bool:
        """Cancelled so long ago that the same id is another booking."""
        return booking.cancelled_at is not None and self._at.now - booking.cancelled_at > REVIVED_WITHIN

    def _may_be(self, fits: Rung) -> Rung:
        """By nights alone only what may be a guest is recognized, and nothing that was cancelled."""

        def checked(meaning: Meaning, booking: Booking) -> bool:
            is_candidate = (meaning.outcome.may_be_guest or meaning.outcome is Outcome.ECHO) and not (
                booking.state is BookingState.CANCELLED and (booking.uids or meaning.event.uid)
            )
            return is_candidate and _compatible(meaning, booking) and fits(meaning, booking)

        return checked

    def _drifted(self, meaning: Meaning, booking: Booking) -> bool:
        """In progress: some channels let the start of a stay move with the day, under a new id."""
        event, today = meaning.event, self._at.today
        is_today = today - timedelta(days=1) <= event.starts_on <= today + timedelta(days=1)
        return booking.ends_on == event.ends_on and booking.starts_on < event.starts_on and is_today


def _codes_of_event(meaning: Meaning) -> str:
    return meaning.told.code


def _codes_of_booking(booking: Booking) -> Iterable[str]:
    return [booking.code] if booking.code else []


def _uids_of_event(meaning: Meaning) -> str:
    return "" if meaning.event.is_ambiguous else meaning.event.uid


def _uids_of_booking(booking: Booking) -> Iterable[str]:
    return booking.uids


def _hints_of_event(meaning: Meaning) -> str:
    return meaning.told.hint


def _hints_of_booking(booking: Booking) -> Iterable[str]:
    return [booking.hint] if booking.hint else []


def _same_uid(meaning: Meaning, booking: Booking) -> bool:
    """The id alone: a number that differs says that it is another booking."""
    return not (meaning.told.code and booking.code and meaning.told.code != booking.code)


def _same_nights(meaning: Meaning, booking: Booking) -> bool:
    return (meaning.event.starts_on, meaning.event.ends_on) == (booking.starts_on, booking.ends_on)


def _same_nights_other_position(meaning: Meaning, booking: Booking) -> bool:
    """Ids such as 1, 2, 3 slide when a booking goes: then the nights tell more than the id."""
    is_weak = bool(WEAK_UID.fullmatch(meaning.event.uid)) and meaning.outcome.may_be_guest
    return is_weak and _same_nights(meaning, booking) and _compatible(meaning, booking)


def _overlap(meaning: Meaning, booking: Booking) -> bool:
    return booking.starts_on < meaning.event.ends_on and meaning.event.starts_on < booking.ends_on


def _compatible(meaning: Meaning, booking: Booking) -> bool:
    """Nothing says that these are two bookings: neither number nor name differs."""
    if meaning.told.code and booking.code and meaning.told.code != booking.code:
        return False
    ours, theirs = normal(booking.guest).strip(" ."), normal(meaning.told.guest).strip(" .")
    return not (ours and theirs) or ours.startswith(theirs) or theirs.startswith(ours)


def _as_question(meaning: Meaning) -> Meaning:
    if not meaning.outcome.may_be_guest:
        return meaning
    return replace(meaning, outcome=Outcome.UNCLEAR, reason=reason(Why.SEVERAL_CANDIDATES))
