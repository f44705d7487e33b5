"""One change of one stay, done and undone through the domain, so that its codes follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from calendars.deciding.changes import GOES_ON_WITHIN, Act, Target, target_from
from calendars.deciding.channels import Channel
from calendars.deciding.known import BookingState
from calendars.models import Feed, FeedBooking
from properties.changes.stays_and_places import (
    StayIsOver,
    cancel_stay,
    revive_stay,
    save_stay,
    set_fields,
)
from properties.models import Guest, Stay

DATES = ["check_in_on", "check_in_time", "check_out_on", "check_out_time"]


@dataclass
class Hand:
    """On whose behalf stays are changed: a feed, with the person who agreed, if one had to."""

    feed: Feed
    now: datetime
    actor: User | None = None

    def do(self, act: Act, booking: FeedBooking, target: Target | None) -> tuple[Stay | None, dict[str, Any]]:
        """Carry one change out; returns the stay and what was there before.

        Raises StaysOverlap, StayIsOver or pins.NoPinLeft; then nothing has changed.
        """
        if act is Act.CANCEL:
            return self._cancel(booking)
        assert target is not None
        if act is Act.ADD:
            return self._add(booking, target), {}
        stay = _stay_of(booking)
        before = picture(stay).stored()
        if act is Act.REVIVE:
            self._revive(booking, stay, target)
        else:
            self._change(stay, target, moves=act is Act.MOVE)
        return stay, before

    def undo(self, act: Act, booking: FeedBooking, before: dict[str, Any]) -> None:
        """The stay as it was, with its codes and PINs. The fields that go back are set by this person from then on."""
        stay = _stay_of(booking)
        if act in (Act.ADD, Act.REVIVE):
            if not stay.is_cancelled:
                cancel_stay(stay, self.now, self.actor)
        elif act is Act.CANCEL:
            revive_stay(stay, self.now, self.actor)
        else:
            target = target_from(before)
            changed = [name for name in DATES if getattr(target, name) != getattr(stay, name)]
            changed += ["guest"] if target.guest and target.guest != stay.guest.name else []
            self._change(stay, target, moves=True)
            set_fields(stay, changed, self.now, self.actor, _("Change of the calendar undone"))

    def _add(self, booking: FeedBooking, target: Target) -> Stay | None:
        feed, place = self.feed, self.feed.unit.property
        guest = target.guest or _("%(channel)s guest") % {"channel": Channel(feed.channel).label}
        stay = Stay(
            organization_id=feed.organization_id,
            unit=feed.unit,
            guest=Guest(organization_id=feed.organization_id, name=guest),
            check_in_on=target.check_in_on,
            check_in_time=target.check_in_time or place.check_in_time,
            check_out_on=target.check_out_on,
            check_out_time=target.check_out_time or place.check_out_time,
            channel=feed.channel,
            reservation_code=target.code[:60],
            party_size=target.party,
        )
        if stay.window().ends_at <= self.now:
            # Its last hours are over: no code could follow.
            return None
        save_stay(stay, self.now, self.actor, source=self.feed.source)
        booking.stay, booking.conflict_with, booking.state = stay, None, BookingState.ACTIVE
        booking.save(update_fields=["stay", "conflict_with", "state"])
        return stay

    def _change(self, stay: Stay, target: Target, *, moves: bool) -> None:
        if moves:
            stay.check_in_on, stay.check_out_on = target.check_in_on, target.check_out_on
            stay.check_in_time = target.check_in_time or stay.check_in_time
            stay.check_out_time = target.check_out_time or stay.check_out_time
        stay.guest.name = target.guest or stay.guest.name
        stay.party_size = target.party if target.party is not None else stay.party_size
        stay.reservation_code = target.code[:60] or stay.reservation_code
        save_stay(stay, self.now, self.actor, source=self.feed.source, may_have_ended=GOES_ON_WITHIN)

    def _cancel(self, booking: FeedBooking) -> tuple[Stay | None, dict[str, Any]]:
        stay = _found_stay(booking)
        before: dict[str, Any] = {}
        if stay is not None and not stay.is_over(self.now):
            before = picture(stay).stored()
            cancel_stay(stay, self.now, self.actor, source=self.feed.source)
        booking.state, booking.cancelled_at = BookingState.CANCELLED, self.now
        booking.save(update_fields=["state", "cancelled_at"])
        return stay, before

    def _revive(self, booking: FeedBooking, stay: Stay, target: Target) -> None:
        if stay.is_cancelled:
            # Its dates may have changed meanwhile; a cancelled stay has no codes that would follow.
            stay.check_in_on, stay.check_out_on = target.check_in_on, target.check_out_on
            stay.check_in_time = target.check_in_time or stay.check_in_time
            stay.check_out_time = target.check_out_time or stay.check_out_time
            stay.starts_at, stay.ends_at = stay.window()
            stay.save(update_fields=[*DATES, "starts_at", "ends_at"])
            revive_stay(stay, self.now, self.actor, source=self.feed.source)
        booking.state, booking.cancelled_at, booking.conflict_with = BookingState.ACTIVE, None, None
        booking.missing_since, booking.misses = None, 0
        booking.save(update_fields=["state", "cancelled_at", "conflict_with", "missing_since", "misses"])


def _found_stay(booking: FeedBooking) -> Stay | None:
    return None if booking.stay_id is None else Stay.objects.with_places().filter(pk=booking.stay_id).first()


def _stay_of(booking: FeedBooking) -> Stay:
    stay = _found_stay(booking)
    if stay is None:
        raise StayIsOver(_("There is no stay of this booking any more."))
    return stay


def picture(stay: Stay) -> Target:
    """A stay as it stands."""
    return Target(
        stay.check_in_on,
        stay.check_out_on,
        stay.check_in_time,
        stay.check_out_time,
        stay.guest.name,
        stay.party_size,
        stay.reservation_code,
    )
