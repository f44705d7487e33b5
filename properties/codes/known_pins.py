"""PINs that people know who may no longer see them: which these are, and making them worthless."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Membership, Organization, Right, User
from properties.codes import planning, staff_codes
from properties.models import AccessCode, StayPhase
from properties.models.known_pins import KnownPin, KnownPinQuerySet


def left_over(organization: Organization, now: datetime) -> list[KnownPin]:
    """PINs that open a door although a person knows them who was removed, or may not see them any more."""
    rows = KnownPin.objects.filter(organization=organization, accepted_at=None).standing(now)
    suspects = _who_may_not_see_all(organization, rows)
    if not suspects:
        return []
    some = rows.filter(user__in=suspects).with_places().prefetch_related("staff__doors").order_by("user", "since", "pk")
    return [row for row in some if not _may_see(suspects[row.user_id], row, now)]


def look_for_left_over(organization: Organization, now: datetime) -> None:
    """After a person lost a right: note whether a page has to name PINs."""
    Organization.objects.filter(pk=organization.pk).update(has_left_over_pins=bool(left_over(organization, now)))


def count_left_over(organization: Organization, now: datetime) -> int:
    """How many PINs a page has to name. Costs nothing while there are none."""
    if not organization.has_left_over_pins:
        return 0
    count = len(left_over(organization, now))
    if not count:
        Organization.objects.filter(pk=organization.pk).update(has_left_over_pins=False)
    return count


def _who_may_not_see_all(organization: Organization, rows: KnownPinQuerySet) -> dict[int, Membership | None]:
    """People who know some PIN and may not see each, with their place in the organization as far as they have one."""
    people = set(rows.order_by().values_list("user", flat=True).distinct())
    if not people:
        return {}
    members = Membership.objects.filter(organization=organization, user__in=people).prefetch_related("reaches")
    placed = {member.user_id: member for member in members}
    return {pk: placed.get(pk) for pk in people if (one := placed.get(pk)) is None or not _sees_all(one)}


def _sees_all(member: Membership) -> bool:
    return not member.is_limited and member.can(Right.LOOK_AROUND) and member.can(Right.SEE_PIN)


def _may_see(member: Membership | None, row: KnownPin, now: datetime) -> bool:
    if row.staff is not None and row.staff.user_id == row.user_id:
        # Their own: removing the person takes it off every door.
        return True
    if member is None or not member.can(Right.LOOK_AROUND) or not member.can(Right.SEE_PIN):
        return False
    reach = {each.property_id for each in member.reaches.all()}
    return not member.is_limited or _places(row, now) <= reach


def _places(row: KnownPin, now: datetime) -> set[int | None]:
    """The properties whose doors the PIN opens; None: a lock that hangs nowhere."""
    if row.staff is not None:
        return {door.property_id for door in row.staff.doors.all()}
    doors = (getattr(code.lock, "door", None) for code in row.codes(now))
    return {door.property_id if door is not None else None for door in doors}


def is_in_use(row: KnownPin, now: datetime) -> bool:
    """A guest in house types this PIN: a new one would lock them out until they are told."""
    stays = (code.stay for code in row.codes(now))
    return any(stay is not None and stay.phase(now) is StayPhase.IN_HOUSE for stay in stays)


def settle(rows: Iterable[KnownPin], worthless: Collection[int], now: datetime, actor: User) -> list[AccessCode]:
    """Make the PINs of the rows with these ids worthless, and accept the others as they are; the codes that changed.

    A code that follows no stay is revoked; guests and staff get a new PIN. Raises pins.NoPinLeft; nothing has changed.
    """
    changed: list[AccessCode] = []
    with transaction.atomic():
        for row in rows:
            if row.pk in worthless:
                changed += _make_worthless(row, now, actor)
            else:
                KnownPin.objects.filter(pk=row.pk).update(accepted_at=now, accepted_by=actor)
    return changed


def _make_worthless(row: KnownPin, now: datetime, actor: User) -> list[AccessCode]:
    reason = f"{row.user} knew the PIN"
    if row.staff is not None:
        return staff_codes.renew_pin(row.staff, now, actor, reason)
    loose = [code for code in row.codes(now) if code.stay is None]
    changed = [code for code in loose if planning.revoke(code, now, actor, reason)]
    # One reissue renews all doors of a stay.
    of_stays = {code.stay_id: code for code in row.codes(now) if code.stay is not None}
    return changed + [planning.reissue(code, now, actor, reason) for code in of_stays.values()]
