"""What a person decides about a feed's changes: let one through, ignore it, undo a set, say what an event is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from calendars.applying.apply import Failure, explain, take_alias
from calendars.applying.stays import Hand
from calendars.deciding.changes import Act, Target, target_from
from calendars.deciding.classify import Outcome
from calendars.deciding.known import BookingState, Decision
from calendars.models import BookingAlias, ChangeItem, ChangeSet, FeedBooking

State = ChangeItem.State


def accept(item: ChangeItem, now: datetime, actor: User) -> Failure | None:
    """Make a change that waits; None when it is done or needs no answer any more."""
    with transaction.atomic():
        if not _claim(item, State.APPLIED, now, actor):
            return None
        try:
            with transaction.atomic():
                booking = item.booking or _booking_from(item, now)
                target = target_from(item.after) if "check_in_on" in item.after else None
                stay, before = Hand(item.change_set.feed, now, actor).do(Act(item.act), booking, target)
            values = {"stay": stay, "before": before, "booking": booking}
        except Exception as error:
            failure = explain(error)
            ChangeItem.objects.filter(pk=item.pk).update(state=State.FAILED, problem=failure.text[:300])
            return failure
        ChangeItem.objects.filter(pk=item.pk).update(**values)
    return None


def ignore(item: ChangeItem, now: datetime, actor: User) -> bool:
    """It is not asked again while the channel says the same; False when it needs no answer any more."""
    return _claim(item, State.IGNORED, now, actor)


def undo(change_set: ChangeSet, now: datetime, actor: User) -> list[Failure]:
    """Take back what a set changed, last change first, with the same codes and PINs; returns what could not be."""
    failures = []
    fresh = ChangeSet.objects.filter(pk=change_set.pk, undone_at=None)
    if not fresh.update(undone_at=now, undone_by=actor):
        return []
    for item in change_set.items.filter(state=State.APPLIED).select_related("booking__feed").order_by("-pk"):
        if failure := _undo_one(item, now, actor):
            failures.append(failure)
    return failures


def _undo_one(item: ChangeItem, now: datetime, actor: User) -> Failure | None:
    booking = item.booking
    if booking is None or not Act(item.act).changes_stay:
        return None
    try:
        with transaction.atomic():
            if not ChangeItem.objects.filter(pk=item.pk, state=State.APPLIED).update(state=State.UNDONE):
                return None
            if item.stay_id is not None:
                Hand(booking.feed, now, actor).undo(Act(item.act), booking, item.before)
            _remember_undoing(booking, Act(item.act), now, actor)
    except Exception as error:
        failure = explain(error)
        ChangeItem.objects.filter(pk=item.pk).update(problem=failure.text[:300])
        return failure
    return None


def _remember_undoing(booking: FeedBooking, act: Act, now: datetime, actor: User) -> None:
    """So that the next check does not do it again: the person's word counts."""
    if act in (Act.ADD, Act.REVIVE):
        _decide(booking, Decision.IGNORE, now, actor)
    elif act is Act.CANCEL:
        booking.state, booking.cancelled_at = BookingState.ACTIVE, None
        booking.missing_since, booking.misses = None, 0
        booking.save(update_fields=["state", "cancelled_at", "missing_since", "misses"])
        _decide(booking, Decision.STAY, now, actor)


def decide(booking: FeedBooking, decision: Decision, now: datetime, actor: User) -> Failure | None:
    """An unclear event is a stay, or is ignored: remembered for all its ids. Returns why there is no stay, if so."""
    with transaction.atomic():
        row = FeedBooking.objects.select_for_update().get(pk=booking.pk)
        _decide(row, decision, now, actor)
        if decision is not Decision.STAY or row.stay_id is not None:
            return None
        target = Target(row.starts_on, row.ends_on, guest=row.guest, party=row.party, code=row.code)
        try:
            with transaction.atomic():
                Hand(row.feed, now, actor).do(Act.ADD, row, target)
        except Exception as error:
            failure = explain(error)
            if failure.conflict is not None:
                row.conflict_with = failure.conflict.other
                row.save(update_fields=["conflict_with"])
            return failure
    return None


def _decide(row: FeedBooking, decision: Decision, now: datetime, actor: User) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor, now
    row.save(update_fields=["decision", "decided_by", "decided_at"])


def _claim(item: ChangeItem, state: str, now: datetime, actor: User) -> bool:
    waiting = ChangeItem.objects.filter(pk=item.pk, state=State.WAITING)
    return waiting.update(state=state, decided_by=actor, decided_at=now) == 1


def _booking_from(item: ChangeItem, now: datetime) -> FeedBooking:
    """A booking that waited with its change."""
    target, meaning = target_from(item.after), item.after.get("meaning", {})
    feed = item.change_set.feed
    known = BookingAlias.objects.filter(feed=feed, uid=item.uid).select_related("booking").first()
    if known is not None and item.uid and known.booking.stay_id is None:
        return known.booking
    row = FeedBooking.objects.create(
        feed=feed,
        code=target.code[:60],
        hint=str(meaning.get("hint", ""))[:60],
        starts_on=target.check_in_on,
        ends_on=target.check_out_on,
        guest=target.guest,
        party=target.party,
        outcome=meaning.get("outcome", Outcome.STAY),
        reason=meaning.get("reason", {}),
        seen_at=now,
    )
    take_alias(row, item.uid)
    return row
