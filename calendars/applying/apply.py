"""A plan to rows: each change by itself, so that one that fails costs only itself. Safe to repeat."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from calendars.applying.stays import Hand
from calendars.deciding.changes import Act, ChangePlan, PlannedChange
from calendars.deciding.classify import Meaning, Outcome
from calendars.deciding.identify import Match
from calendars.deciding.known import BookingState
from calendars.models import BookingAlias, ChangeItem, ChangeSet, Feed, FeedBooking
from properties.changes.stays_and_places import StayIsOver, StaysOverlap
from properties.codes.pins import NoPinLeft

logger = logging.getLogger(__name__)

State = ChangeItem.State
# What frees nights comes before what needs them.
ORDER = [Act.CANCEL, Act.MOVE, Act.REVIVE, Act.ADD, Act.DETAILS]
UNEXPECTED = "An unexpected problem; it is tried again at the next check."
Key = tuple[str, int | None, str]
SEEN_COLUMNS = [
    "starts_on",
    "ends_on",
    "outcome",
    "state",
    "missing_since",
    "misses",
    "code",
    "hint",
    "guest",
    "party",
    "reason",
    "identity",
]
# That a booking is still there is written down no oftener: a thousand calendars would write all day long.
SEEN_NOTED = timedelta(hours=6)


@dataclass
class Failure:
    """Why a change could not be made."""

    text: str
    conflict: StaysOverlap | None = None


def apply_plan(feed: Feed, plan: ChangePlan, now: datetime) -> ChangeSet | None:
    """Write down what was seen, change the stays; returns the set of changes if there is anything to tell."""
    return _Applier(feed, plan, now).run()


class _Applier:
    def __init__(self, feed: Feed, plan: ChangePlan, now: datetime) -> None:
        self._feed = feed
        self._plan = plan
        self._now = now
        self._hand = Hand(feed, now)
        self._set: ChangeSet | None = None

    def run(self) -> ChangeSet | None:
        rows = FeedBooking.objects.in_bulk([one.booking.id for one in self._plan.items if one.booking is not None])
        with transaction.atomic():
            for change in self._plan.items:
                self._remember(change, rows.get(change.booking.id) if change.booking else None)
            self._withdraw()
        free = [change for change in self._plan.of_stays if change.held is None]
        free.sort(key=lambda change: ORDER.index(change.act))
        again = [change for change in free if not self._try(change, is_last=change.act is not Act.MOVE)]
        for change in again:
            # Another change of this set may have freed the nights.
            self._try(change, is_last=True)
        for change in self._plan.of_stays:
            if change.held is not None:
                self._put_aside(change)
        return self._set

    # --- What was seen --------------------------------------------------------------------------------------------

    def _remember(self, change: PlannedChange, row: FeedBooking | None) -> None:
        match = change.match
        if change.act is Act.MISS and row is not None:
            row.state, row.misses = BookingState.MISSING, row.misses + 1
            row.missing_since = row.missing_since or self._now
            row.reason = change.reason.stored()
            row.save(update_fields=["state", "misses", "missing_since", "reason"])
        elif match is not None and row is not None:
            known = change.booking.uids if change.booking else frozenset()
            see(row, match, self._now, is_new_uid=match.meaning.event.uid not in known)
        elif match is not None and change.act is Act.NOTE:
            new_booking(self._feed, match, self._now)

    # --- Changes of stays -----------------------------------------------------------------------------------------

    def _try(self, change: PlannedChange, *, is_last: bool) -> bool:
        """Make one change; False when it may succeed after the others."""
        row: FeedBooking | None = None
        try:
            with transaction.atomic():
                row = self._row_of(change)
                stay, before = self._hand.do(change.act, row, change.target)
                if stay is not None or change.act is not Act.ADD:
                    self._record(change, row, State.APPLIED, before=before, stay_id=stay.pk if stay else None)
            return True
        except Exception as error:
            failure = explain(error)
            if failure.conflict is not None and not is_last:
                return False
            self._fail(change, failure)
            return True

    def _fail(self, change: PlannedChange, failure: Failure) -> None:
        with transaction.atomic():
            row = self._row_of(change)
            if failure.conflict is not None:
                row.conflict_with = failure.conflict.other
                row.save(update_fields=["conflict_with"])
            last = row.items.filter(act=change.act).order_by("pk").last()
            # Tried again at each check, told once.
            if last is None or (last.state, last.problem) != (State.FAILED, failure.text[:300]):
                self._record(change, row, State.FAILED, problem=failure.text[:300])

    def _row_of(self, change: PlannedChange) -> FeedBooking:
        if change.booking is not None:
            return FeedBooking.objects.select_for_update().get(pk=change.booking.id)
        assert change.match is not None
        return new_booking(self._feed, change.match, self._now)

    # --- What waits -----------------------------------------------------------------------------------------------

    def _put_aside(self, change: PlannedChange) -> None:
        """Kept once, however often it is planned; what a person ignored is not asked again."""
        after, booking_id = _after(change), change.booking.id if change.booking else None
        same = ChangeItem.objects.filter(change_set__feed=self._feed, act=change.act, booking=booking_id)
        same = same.filter(uid=_uid(change) if booking_id is None else "")
        for item in same.filter(state__in=[State.WAITING, State.IGNORED]):
            if item.after == after:
                return
            if item.state == State.WAITING:
                ChangeItem.objects.filter(pk=item.pk, state=State.WAITING).update(state=State.MOOT)
        self._record(change, None, State.WAITING)

    def _withdraw(self) -> None:
        """What waited and is not planned any more needs no answer."""
        planned = {_key(change) for change in self._plan.of_stays if change.held is not None}
        waiting = ChangeItem.objects.filter(change_set__feed=self._feed, state=State.WAITING)
        for pk, act, booking_id, uid in waiting.values_list("pk", "act", "booking_id", "uid"):
            if (act, booking_id, uid if booking_id is None else "") not in planned:
                ChangeItem.objects.filter(pk=pk, state=State.WAITING).update(state=State.MOOT)

    def _record(self, change: PlannedChange, row: FeedBooking | None, state: str, **values: Any) -> None:
        if self._set is None:
            held = self._plan.held.stored() if self._plan.held else {}
            organization_id = self._feed.organization_id
            self._set = ChangeSet.objects.create(
                feed=self._feed, organization_id=organization_id, at=self._now, held=held
            )
        if "stay_id" not in values and change.booking is not None and change.booking.stay is not None:
            values["stay_id"] = change.booking.stay.id
        booking_id = row.pk if row is not None else (change.booking.id if change.booking else None)
        self._set.items.create(
            booking_id=booking_id,
            act=change.act,
            state=state,
            uid="" if booking_id else _uid(change),
            reason=change.reason.stored(),
            held=change.held.stored() if change.held else {},
            after=_after(change),
            **values,
        )


def explain(error: Exception) -> Failure:
    """A failed change in words. What was not foreseen is logged by its type: texts may hold names."""
    if isinstance(error, SoftTimeLimitExceeded):
        raise error
    if isinstance(error, StaysOverlap):
        return Failure(str(error), error)
    if isinstance(error, StayIsOver | NoPinLeft):
        return Failure(str(error))
    logger.error("a booking could not be applied: %s", type(error).__name__)
    return Failure(UNEXPECTED)


def see(row: FeedBooking, match: Match, now: datetime, *, is_new_uid: bool) -> None:
    """Write down what the feed says of a known booking now."""
    meaning, event = match.meaning, match.meaning.event
    if meaning.outcome is Outcome.ERROR:
        return
    if is_new_uid and not event.is_ambiguous:
        take_alias(row, event.uid)
    before = _columns(row)
    was_missing = row.state == BookingState.MISSING
    if meaning.outcome not in (Outcome.PAST, Outcome.CANCELLED, Outcome.BLOCK, Outcome.EDGE):
        row.starts_on, row.ends_on = event.starts_on, event.ends_on
        row.outcome = meaning.outcome
        if was_missing:
            row.state, row.missing_since, row.misses = BookingState.ACTIVE, None, 0
            row.items.filter(act=Act.CANCEL, state__in=[State.WAITING, State.IGNORED]).update(state=State.MOOT)
    told = meaning.told
    row.code, row.hint = row.code or told.code[:60], row.hint or told.hint[:60]
    row.guest = told.guest or row.guest
    row.party = told.party if told.party is not None else row.party
    row.reason, row.identity = meaning.reason.stored(), match.reason.stored()
    changed = [name for name, value in _columns(row).items() if value != before[name]]
    if changed or now - row.seen_at > SEEN_NOTED:
        row.seen_at = now
        row.save(update_fields=[*changed, "seen_at"])


def new_booking(feed: Feed, match: Match, now: datetime) -> FeedBooking:
    """A booking that was not known; the same one when it is called again for its id."""
    meaning, event = match.meaning, match.meaning.event
    row = FeedBooking.objects.create(
        feed=feed,
        code=meaning.told.code[:60],
        hint=meaning.told.hint[:60],
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        guest=meaning.told.guest,
        party=meaning.told.party,
        outcome=meaning.outcome,
        reason=meaning.reason.stored(),
        identity=match.reason.stored(),
        seen_at=now,
    )
    if not event.is_ambiguous:
        take_alias(row, event.uid)
    return row


def take_alias(row: FeedBooking, uid: str) -> None:
    """From now on this id is this booking's, whoever had it."""
    if not uid:
        return
    alias, is_new = BookingAlias.objects.get_or_create(feed_id=row.feed_id, uid=uid, defaults={"booking": row})
    if not is_new and alias.booking_id != row.pk:
        BookingAlias.objects.filter(pk=alias.pk).update(booking=row)


def _columns(row: FeedBooking) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SEEN_COLUMNS}


def _after(change: PlannedChange) -> dict[str, Any]:
    after = change.target.stored() if change.target else {}
    if change.booking is None and change.match is not None:
        after["meaning"] = _stored_meaning(change.match.meaning)
    return after


def _stored_meaning(meaning: Meaning) -> dict[str, Any]:
    """Enough to make the booking when a person lets it in."""
    return {"outcome": meaning.outcome, "hint": meaning.told.hint, "reason": meaning.reason.stored()}


def _uid(change: PlannedChange) -> str:
    return change.match.meaning.event.uid if change.match else ""


def _key(change: PlannedChange) -> Key:
    return (change.act.value, change.booking.id, "") if change.booking else (change.act.value, None, _uid(change))
