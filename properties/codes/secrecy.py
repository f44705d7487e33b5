"""Who may see or change a PIN, and how often: a PIN is worth all of the doors that it opens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from properties.models import AccessCode, Activity, ActivityKind, Lock, StaffMember

HOUR = timedelta(hours=1)
REVEALS_AN_HOUR = 20
# An answer about a typed PIN tells whether it opens a door.
TRIES_AN_HOUR = 10
REVEALS = (ActivityKind.CODE_REVEALED, ActivityKind.STAFF_REVEALED)


def opens_doors_of_others(code: AccessCode, user: User) -> bool:
    """Whether its PIN opens, or will open, doors that this person may not see."""
    if code.staff_id is not None and not StaffMember.objects.for_user(user).filter(pk=code.staff_id).exists():
        return True
    alike = AccessCode.objects.filter(organization=code.organization_id, pin_hash=code.pin_hash, removed_at=None)
    return alike.exclude(lock__in=Lock.objects.for_user(user).values("pk")).exists()


def has_revealed_many(user: User, now: datetime, since: datetime | None = None) -> bool:
    """Whether this person has seen as many PINs within an hour, or since they last proved who they are."""
    from_then = max(now - HOUR, since) if since is not None else now - HOUR
    return _count(user, REVEALS, from_then, now) >= REVEALS_AN_HOUR


def why_no_more_tries(user: User, now: datetime) -> str:
    """Why this person may try no PIN of their own choice now, as a sentence; empty when they may."""
    if _count(user, (ActivityKind.CODE_PIN_REFUSED,), now - HOUR, now) < TRIES_AN_HOUR:
        return ""
    return _("Too many PINs were refused within an hour. Leave the field empty, and one is chosen.")


def record_refused_pin(lock: Lock, user: User, now: datetime) -> None:
    """Each refusal tells something about the PINs on a lock, so it is known who was told, and when."""
    text = f"A PIN that was typed for {lock} was refused"
    Activity.record(lock.organization_id, now, ActivityKind.CODE_PIN_REFUSED, text, actor=user, lock=lock)


def _count(user: User, kinds: tuple[ActivityKind, ...], from_then: datetime, now: datetime) -> int:
    rows = Activity.objects.filter(organization=user.organization_id, actor=user, kind__in=kinds)
    return rows.filter(at__gt=from_then, at__lte=now).count()
