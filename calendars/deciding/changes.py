"""What an answer of a channel changes: known × fetched × now → items, each with its reason. Pure.

The firewall stands here: what could hurt a guest is `held` until a person has said yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from calendars.deciding.classify import Meaning, Outcome
from calendars.deciding.identify import Identified, Match, identify
from calendars.deciding.known import Booking, BookingState, Decision, Instant, StandingStay
from calendars.reasons import Reason, Why, reason
from properties.values.local_time import Edge, to_instant

# A booking is cancelled by absence only after so many good checks and this long.
GOOD_CHECKS = 2
ABSENT_FOR = timedelta(hours=24)
# Stays that arrive within this are never cancelled by absence alone.
SOON = timedelta(hours=48)
# One check, together with the cancellations of the day before, may end so many stays, and no more than a third.
MOST_GONE = 2
MOST_SHORTENED = 2
COUNTED_FOR = timedelta(hours=24)
# A stay that ended so lately goes on when the channel extends it.
GOES_ON_WITHIN = timedelta(hours=48)
# Of so many known bookings at least one must be in an answer that brings others.
TELLING = 2


class Act(StrEnum):
    """What is to be done about one booking."""

    ADD = "add"
    MOVE = "move"
    DETAILS = "details"
    CANCEL = "cancel"
    REVIVE = "revive"
    # Remembered only; no stay changes.
    NOTE = "note"
    MISS = "miss"
    BACK = "back"
    SEE = "see"

    @property
    def changes_stay(self) -> bool:
        return self in STAY_ACTS


STAY_ACTS = {Act.ADD, Act.MOVE, Act.DETAILS, Act.CANCEL, Act.REVIVE}


@dataclass(frozen=True)
class Target:
    """What the stay should be. None leaves what is there."""

    check_in_on: date
    check_out_on: date
    check_in_time: time | None = None
    check_out_time: time | None = None
    guest: str = ""
    party: int | None = None
    code: str = ""

    def stored(self) -> dict[str, Any]:
        """For a JSON column; `target_from` reads it."""
        values = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {name: value.isoformat() if isinstance(value, date | time) else value for name, value in values.items()}


def target_from(stored: dict[str, Any]) -> Target:
    def clock(name: str) -> time | None:
        return time.fromisoformat(stored[name]) if name in stored else None

    return Target(
        date.fromisoformat(stored["check_in_on"]),
        date.fromisoformat(stored["check_out_on"]),
        clock("check_in_time"),
        clock("check_out_time"),
        stored.get("guest", ""),
        stored.get("party"),
        stored.get("code", ""),
    )


@dataclass(frozen=True)
class PlannedChange:
    """One thing to do, and why; `held` says why it waits for a person."""

    act: Act
    reason: Reason
    booking: Booking | None = None
    # None: the answer lacks the booking.
    match: Match | None = None
    target: Target | None = None
    held: Reason | None = None


@dataclass
class ChangePlan:
    """All that follows from one whole answer."""

    items: list[PlannedChange] = field(default_factory=list)
    # Why the whole set waits, if it does.
    held: Reason | None = None
    notes: list[Reason] = field(default_factory=list)

    @property
    def of_stays(self) -> list[PlannedChange]:
        return [item for item in self.items if item.act.changes_stay]


@dataclass(frozen=True)
class Circumstances:
    """What else is known when an answer is judged."""

    at: Instant
    # Stays that this calendar cancelled within the last day.
    lately_cancelled: int = 0
    # Events that could not be read before either, so they hide nothing new.
    known_errors: frozenset[str] = frozenset()
    trusts_times: bool = False


def plan_changes(bookings: Sequence[Booking], meanings: Sequence[Meaning], around: Circumstances) -> ChangePlan:
    """Compare a whole answer with what is known. An answer that is not whole is no news and never comes here."""
    return _Planner(identify(bookings, meanings, around.at), bookings, meanings, around).plan()


def error_keys(meanings: Sequence[Meaning]) -> frozenset[str]:
    """The unreadable events of an answer, by id; those without one are told apart by their count."""
    errors = [meaning.event.uid for meaning in meanings if meaning.outcome is Outcome.ERROR]
    nameless = sum(not uid for uid in errors)
    return frozenset([*filter(None, errors), *(f"without id {number}" for number in range(nameless))])


class _Planner:
    def __init__(
        self, found: Identified, bookings: Sequence[Booking], meanings: Sequence[Meaning], around: Circumstances
    ) -> None:
        self._found = found
        self._around = around
        self._at = around.at
        self._meanings = meanings
        self._current = [one for one in bookings if self._is_current(one)]
        # An event that cannot be read may be any of the bookings that seem to be gone.
        stray = [match.meaning for match in found.matches if match.booking is None]
        self._has_unreadable = bool(error_keys(stray))
        self._is_doubtful = bool(error_keys(stray) - around.known_errors)

    def plan(self) -> ChangePlan:
        plan = ChangePlan()
        for match in self._found.matches:
            plan.items += self._seen(match)
        if not self._meanings and self._current:
            plan.held = reason(Why.NOTHING_LEFT, count=len(self._current))
            plan.items += [self._cancel(booking, reason(Why.GONE)) for booking in self._current if booking.stay]
        elif self._is_another_home():
            plan.held = reason(Why.ALL_OTHERS, count=len(self._current))
        else:
            plan.items += [item for booking in self._found.lost for item in self._lost(booking)]
        if self._found.uids_are_unstable:
            plan.notes.append(reason(Why.UIDS_UNSTABLE))
        if plan.held is not None:
            plan.items = [_hold(item, plan.held) for item in plan.items if item.act.changes_stay]
        else:
            plan.items = self._within_limits(plan.items)
        return plan

    def _is_current(self, booking: Booking) -> bool:
        is_open = booking.state is not BookingState.CANCELLED and booking.decision is not Decision.IGNORE
        return is_open and not booking.is_past(self._at.now, self._at.today)

    def _is_another_home(self) -> bool:
        """Bookings came, and not one of those known is among them: a feed of another home, or nonsense."""
        known = {booking.id for booking in self._current if booking.has_standing_stay}
        matched = {match.booking.id for match in self._found.matches if match.booking is not None}
        comes = any(match.booking is None and match.meaning.outcome.may_be_guest for match in self._found.matches)
        return len(known) >= TELLING and comes and not known & matched

    # --- Bookings that the answer has ---------------------------------------------------------------------------

    def _seen(self, match: Match) -> list[PlannedChange]:
        meaning, booking = match.meaning, match.booking
        if booking is None:
            return self._new(match)
        outcome = meaning.outcome
        if outcome is Outcome.ERROR:
            return [PlannedChange(Act.SEE, reason(Why.UNREADABLE_NOW), booking, match)]
        if outcome is Outcome.CANCELLED:
            return self._cancelled_by_channel(match, booking)
        if outcome is Outcome.PAST:
            return self._said_to_be_past(match, booking)
        if outcome in (Outcome.BLOCK, Outcome.EDGE) and booking.has_standing_stay:
            return self._lost(booking)
        if outcome in (Outcome.REPEATS, Outcome.EXTRA):
            return [PlannedChange(Act.SEE, meaning.reason, booking, match)]
        if booking.decision is Decision.IGNORE:
            return [PlannedChange(Act.SEE, reason(Why.IGNORED_BY_PERSON), booking, match)]
        if booking.stay is not None and booking.stay.cancelled_by_person:
            return [PlannedChange(Act.SEE, reason(Why.CANCELLED_HERE), booking, match)]
        is_stay = outcome is Outcome.STAY or booking.decision is Decision.STAY
        if booking.stay is None:
            if is_stay and not booking.has_conflict:
                why = meaning.reason if outcome is Outcome.STAY else reason(Why.STAY_BY_PERSON)
                return [PlannedChange(Act.ADD, why, booking, match, self._target(meaning))]
            return [PlannedChange(Act.SEE, meaning.reason, booking, match)]
        if booking.state is BookingState.CANCELLED or booking.stay.is_cancelled:
            if not is_stay and booking.outcome is not Outcome.STAY:
                return [PlannedChange(Act.SEE, meaning.reason, booking, match)]
            if booking.has_conflict:
                return [PlannedChange(Act.SEE, match.reason, booking, match)]
            return [PlannedChange(Act.REVIVE, reason(Why.REVIVED), booking, match, self._target(meaning))]
        return [*self._back(match, booking), *self._changed(match, booking)]

    def _new(self, match: Match) -> list[PlannedChange]:
        meaning = match.meaning
        if meaning.outcome is Outcome.STAY:
            return [PlannedChange(Act.ADD, meaning.reason, None, match, self._target(meaning))]
        if meaning.outcome in (Outcome.UNCLEAR, Outcome.ECHO, Outcome.OCCUPIED):
            return [PlannedChange(Act.NOTE, meaning.reason, None, match)]
        return []

    def _back(self, match: Match, booking: Booking) -> list[PlannedChange]:
        return (
            [PlannedChange(Act.BACK, reason(Why.BACK), booking, match)] if booking.state is BookingState.MISSING else []
        )

    def _changed(self, match: Match, booking: Booking) -> list[PlannedChange]:
        """New dates or details of a standing stay. A set field stays; in residence only the end moves."""
        stay, meaning = booking.stay, match.meaning
        assert stay is not None
        if stay.is_over(self._at.now) and not self._goes_on(match, stay):
            return [PlannedChange(Act.SEE, match.reason, booking, match)]
        wanted = self._target(meaning)
        target = replace(
            wanted,
            check_in_on=stay.check_in_on if "check_in_on" in stay.set_fields else wanted.check_in_on,
            check_in_time=None if "check_in_time" in stay.set_fields else wanted.check_in_time,
            check_out_on=stay.check_out_on if "check_out_on" in stay.set_fields else wanted.check_out_on,
            check_out_time=None if "check_out_time" in stay.set_fields else wanted.check_out_time,
            guest="" if "guest" in stay.set_fields else wanted.guest,
            party=None if "party_size" in stay.set_fields else wanted.party,
        )
        if stay.starts_at <= self._at.now:
            target = replace(target, check_in_on=stay.check_in_on, check_in_time=None)
        if meaning.event.is_ambiguous or booking.has_conflict or target.check_out_on <= target.check_in_on:
            target = replace(target, check_in_on=stay.check_in_on, check_out_on=stay.check_out_on)
            target = replace(target, check_in_time=None, check_out_time=None)
        times = target.check_in_time or stay.check_in_time, target.check_out_time or stay.check_out_time
        dates = target.check_in_on, target.check_out_on
        items = []
        if (*dates, *times) != (stay.check_in_on, stay.check_out_on, stay.check_in_time, stay.check_out_time):
            items.append(self._move(match, booking, target))
        elif self._details_differ(target, booking):
            items.append(PlannedChange(Act.DETAILS, reason(Why.DETAILS_CHANGED), booking, match, target))
        return items or [PlannedChange(Act.SEE, match.reason, booking, match)]

    def _goes_on(self, match: Match, stay: StandingStay) -> bool:
        """The channel extended it too late for us to see in time: the guest is still there."""
        was_there = self._at.now - stay.ends_at <= GOES_ON_WITHIN
        return was_there and match.meaning.event.ends_on > self._at.today and "check_out_on" not in stay.set_fields

    def _move(self, match: Match, booking: Booking, target: Target) -> PlannedChange:
        assert booking.stay is not None
        starts, ends = target.check_in_on.isoformat(), target.check_out_on.isoformat()
        item = PlannedChange(Act.MOVE, reason(Why.MOVED, starts=starts, ends=ends), booking, match, target)
        end_time = target.check_out_time or booking.stay.check_out_time
        if to_instant(target.check_out_on, end_time, self._at.zone.key, Edge.END) <= self._at.now:
            return _hold(item, reason(Why.ENDS_IN_PAST, ends=ends))
        return item

    def _details_differ(self, target: Target, booking: Booking) -> bool:
        stay = booking.stay
        assert stay is not None
        told = (
            target.guest and target.guest != booking.guest and target.guest != stay.guest,
            target.party is not None and target.party != stay.party,
            target.code and target.code != stay.code,
        )
        return any(told)

    def _target(self, meaning: Meaning) -> Target:
        event, told, trusts = meaning.event, meaning.told, self._around.trusts_times
        return Target(
            event.starts_on,
            event.ends_on,
            event.starts_at if trusts else None,
            event.ends_at if trusts else None,
            told.guest,
            told.party,
            told.code,
        )

    # --- Bookings that go -----------------------------------------------------------------------------------------

    def _cancelled_by_channel(self, match: Match, booking: Booking) -> list[PlannedChange]:
        if not self._is_current(booking):
            return [PlannedChange(Act.SEE, match.meaning.reason, booking, match)]
        item = replace(self._cancel(booking, match.meaning.reason), match=match)
        if booking.stay is not None and booking.stay.is_in_house(self._at.now):
            return [_hold(item, reason(Why.IN_HOUSE))]
        return [item]

    def _said_to_be_past(self, match: Match, booking: Booking) -> list[PlannedChange]:
        """Never a cancellation: a stay that goes on is asked about, any other ends by the clock."""
        stay, ends = booking.stay, match.meaning.event.ends_on.isoformat()
        if stay is None or stay.is_cancelled or stay.is_over(self._at.now) or "check_out_on" in stay.set_fields:
            return [PlannedChange(Act.SEE, match.meaning.reason, booking, match)]
        because = reason(Why.ENDS_IN_PAST, ends=ends)
        return [_hold(replace(self._cancel(booking, because), match=match), because)]

    def _lost(self, booking: Booking) -> list[PlannedChange]:
        if not self._is_current(booking) or self._is_doubtful:
            return []
        has_block = any(self._covers(meaning, booking) for meaning in self._meanings)
        if booking.missing_since is None:
            return [PlannedChange(Act.MISS, reason(Why.MISSING_WITH_BLOCK if has_block else Why.MISSING), booking)]
        is_due = self._at.now - booking.missing_since >= ABSENT_FOR
        if booking.misses + 1 + has_block < GOOD_CHECKS or not is_due:
            return [PlannedChange(Act.MISS, reason(Why.MISSING_WITH_BLOCK if has_block else Why.MISSING), booking)]
        item = self._cancel(booking, reason(Why.GONE))
        if booking.decision is Decision.STAY and booking.has_standing_stay:
            return [_hold(item, reason(Why.STAY_BY_PERSON))]
        if booking.has_standing_stay and booking.stay is not None:
            if booking.stay.is_in_house(self._at.now):
                return [_hold(item, reason(Why.IN_HOUSE))]
            if booking.stay.starts_at - self._at.now <= SOON:
                return [_hold(item, reason(Why.ARRIVES_SOON))]
            if self._has_unreadable:
                return [_hold(item, reason(Why.MAY_BE_UNREADABLE))]
        return [item]

    def _covers(self, meaning: Meaning, booking: Booking) -> bool:
        event = meaning.event
        is_block = meaning.outcome is Outcome.BLOCK
        return is_block and event.starts_on <= booking.starts_on and booking.ends_on <= event.ends_on

    def _cancel(self, booking: Booking, because: Reason) -> PlannedChange:
        return PlannedChange(Act.CANCEL, because, booking)

    # --- Limits -----------------------------------------------------------------------------------------------

    def _within_limits(self, items: list[PlannedChange]) -> list[PlannedChange]:
        """Many cancellations or shortenings at once are a channel's fault until a person says otherwise."""
        standing = [booking for booking in self._current if booking.has_standing_stay]
        gone = [item for item in items if item.act is Act.CANCEL and item.held is None and _ends_stay(item)]
        count, known = len(gone) + self._around.lately_cancelled, len(standing) + self._around.lately_cancelled
        if gone and count > 1 and (count > MOST_GONE or count * 3 > known):
            items = [_hold(item, reason(Why.TOO_MANY_GONE, count=count)) if item in gone else item for item in items]
        shorter = [item for item in items if item.act is Act.MOVE and item.held is None and _shortens(item)]
        if len(shorter) > MOST_SHORTENED and len(shorter) * 3 > len(standing):
            because = reason(Why.TOO_MANY_MOVED, count=len(shorter))
            items = [_hold(item, because) if item in shorter else item for item in items]
        return items


def _hold(item: PlannedChange, because: Reason) -> PlannedChange:
    return item if item.held is not None else replace(item, held=because)


def _ends_stay(item: PlannedChange) -> bool:
    return item.booking is not None and item.booking.has_standing_stay


def _shortens(item: PlannedChange) -> bool:
    stay, target = item.booking and item.booking.stay, item.target
    if not stay or target is None:
        return False
    return target.check_in_on > stay.check_in_on or target.check_out_on < stay.check_out_on
