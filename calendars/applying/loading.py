"""Rows to plain values: what is known of a feed's bookings, and which stays stand around them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from calendars.deciding.changes import COUNTED_FOR, Act, Circumstances
from calendars.deciding.channels import LABELS, Channel
from calendars.deciding.classify import Occupancy, Outcome
from calendars.deciding.known import Booking, BookingState, Decision, Instant, StandingStay
from calendars.models import BookingAlias, ChangeItem, Feed, FeedBooking
from properties.models import Stay

# Bookings that ended longer ago can neither change nor come back.
REMEMBERED = timedelta(days=60)


def load_bookings(feed: Feed, now: datetime) -> list[Booking]:
    rows = FeedBooking.objects.filter(feed=feed, ends_on__gte=(now - REMEMBERED).date())
    rows = rows.select_related("stay__guest", "conflict_with").prefetch_related(
        Prefetch("aliases", BookingAlias.objects.only("booking_id", "uid")), "stay__set_fields"
    )
    return [_booking(row, feed) for row in rows]


def _booking(row: FeedBooking, feed: Feed) -> Booking:
    state = BookingState(row.state)
    return Booking(
        id=row.pk,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        uids=frozenset(alias.uid for alias in row.aliases.all()),
        code=row.code,
        hint=row.hint,
        guest=row.guest,
        outcome=Outcome(row.outcome),
        state=state,
        decision=Decision(row.decision),
        missing_since=row.missing_since,
        misses=row.misses,
        cancelled_at=row.cancelled_at,
        has_conflict=_has_conflict(row, feed),
        stay=None if row.stay is None else _standing(row.stay, state),
    )


def _standing(stay: Stay, state: BookingState) -> StandingStay:
    return StandingStay(
        id=stay.pk,
        check_in_on=stay.check_in_on,
        check_out_on=stay.check_out_on,
        check_in_time=stay.check_in_time,
        check_out_time=stay.check_out_time,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        guest=stay.guest.name,
        party=stay.party_size,
        code=stay.reservation_code,
        is_cancelled=stay.is_cancelled,
        # What the channel cancelled is marked in its booking, too.
        cancelled_by_person=stay.is_cancelled and state is not BookingState.CANCELLED,
        set_fields=frozenset(one.field for one in stay.set_fields.all()),
    )


def _has_conflict(row: FeedBooking, feed: Feed) -> bool:
    """The stay that it met still has the unit for some of these nights."""
    other = row.conflict_with
    if other is None or other.is_cancelled or other.unit_id != feed.unit_id:
        return False
    place = feed.unit.property
    return other.shares_nights((row.starts_on, place.check_in_time), (row.ends_on, place.check_out_time))


def load_occupancies(feed: Feed, now: datetime) -> list[Occupancy]:
    """Standing stays that this feed's blocks may be about: of its unit from elsewhere, and of linked units."""
    # A feed that is only tried has no row yet.
    linked = list(feed.linked_units.values_list("pk", flat=True)) if feed.pk else []
    around = Q(unit_id=feed.unit_id) & ~Q(bookings__feed_id=feed.pk or 0) | Q(unit_id__in=linked)
    stays = Stay.objects.standing().filter(around, ends_at__gt=now - REMEMBERED).distinct()
    return [
        Occupancy(
            starts_on=stay.check_in_on,
            ends_on=stay.check_out_on,
            source=_source(stay),
            uids=frozenset(alias.uid for booking in stay.bookings.all() for alias in booking.aliases.all()),
            code=stay.reservation_code,
            linked_unit=str(stay.unit) if stay.unit_id != feed.unit_id else "",
        )
        for stay in stays.select_related("unit__property").prefetch_related("bookings__aliases")
    ]


def _source(stay: Stay) -> str:
    return Channel(stay.channel).label if stay.channel in LABELS else _("an entry by hand")


def load_circumstances(feed: Feed, now: datetime) -> Circumstances:
    lately = ChangeItem.objects.filter(change_set__feed=feed, act=Act.CANCEL, state=ChangeItem.State.APPLIED)
    lately = lately.filter(change_set__at__gt=now - COUNTED_FOR, decided_by=None, stay__isnull=False)
    return Circumstances(
        at=Instant(now, feed.unit.property.zone),
        lately_cancelled=lately.count(),
        known_errors=frozenset(map(str, feed.unreadable)),
        trusts_times=feed.trusts_times,
    )
