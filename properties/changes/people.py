"""What people change about people: invite, accept, change, remove. Each in one transaction, with its history.

It stands here and not in `accounts`, because it also touches the properties a person may see and their staff code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import proof
from accounts.models import Grants, Invitation, InvitationState, Membership, Organization, Right, Role, User
from properties.codes import staff_codes
from properties.codes.known_pins import look_for_left_over
from properties.models import AccessCode, Activity, ActivityKind, Property, Reach, StaffMember


class NotAllowed(Exception):
    """Says in a sentence why a change about a person cannot be."""


LAST_OWNER = gettext_lazy("{} is the only owner. Make another person an owner first, so that one is always left.")
ENDED = {
    InvitationState.ACCEPTED: gettext_lazy("This invitation was accepted before. Log in instead."),
    InvitationState.WITHDRAWN: gettext_lazy("This invitation was withdrawn. Ask whoever invited you."),
    InvitationState.EXPIRED: gettext_lazy(
        "This invitation is more than seven days old. Ask whoever invited you to send it again."
    ),
}


# --- Rules --------------------------------------------------------------------------------------------------


def why_not_give(giver: Membership, wanted: Grants) -> str:
    """Why this person may not give these rights, as a sentence; empty when they may. Pure."""
    if wanted.role == Role.OWNER and not giver.is_owner:
        return _("Only an owner can make another person an owner.")
    beyond = sorted(right.words for right in wanted.rights - giver.rights)
    if beyond:
        return _("You cannot give a right that you do not have yourself: %(beyond)s.") % {"beyond": ", ".join(beyond)}
    return ""


def why_not_touch(giver: Membership, membership: Membership) -> str:
    """Why `giver` may not change or remove this person; empty when they may. Pure."""
    if membership.is_owner and not giver.is_owner:
        return _("Only an owner can change or remove an owner.")
    return ""


def why_senseless(wanted: Grants) -> dict[Right, str]:
    """Rights that would have no effect, each with a sentence. Pure."""
    found: dict[Right, str] = {}
    granted = {Right(name) for name in wanted.granted}
    for right in granted:
        if wanted.is_limited and right.is_organization_wide:
            found[right] = _("This concerns all properties, so it is not for a person who is limited to some.")
        elif right is not Right.LOOK_AROUND and Right.LOOK_AROUND not in wanted.rights:
            found[right] = _("They would not get that far. Also let them %(words)s.") % {
                "words": Right.LOOK_AROUND.words
            }
    return found


def _must_leave_an_owner(membership: Membership) -> None:
    """Raises NotAllowed for the last owner. Holds the owners' rows, so that two cannot leave at once."""
    owners = Membership.objects.select_for_update().filter(organization_id=membership.organization_id, role=Role.OWNER)
    if set(owners.values_list("pk", flat=True)) == {membership.pk}:
        raise NotAllowed(LAST_OWNER.format(membership.user))


# An invitation is a mail to a person who did not ask for it: so many within an hour, by one person and by all.
EACH_PERSON, EACH_ORGANIZATION = 10, 30


def _must_not_flood(now: datetime, actor: User) -> None:
    """Raises NotAllowed for a person without a proved address of their own, and after many within an hour."""
    if not proof.has_proved(actor, actor.email):
        raise NotAllowed(_("Confirm your own email address first: the mail goes out in your name."))
    sent = Activity.objects.filter(
        organization=actor.organization, kind=ActivityKind.PEOPLE_INVITED, at__gt=now - timedelta(hours=1)
    )
    if sent.filter(actor=actor).count() >= EACH_PERSON or sent.count() >= EACH_ORGANIZATION:
        raise NotAllowed(_("That were many invitations within an hour. Go on a little later."))


# --- Invitations --------------------------------------------------------------------------------------------


def invite(invitation: Invitation, places: Iterable[Property], now: datetime, actor: User) -> str:
    """Save a new invitation; returns the secret of its link. Raises NotAllowed."""
    with transaction.atomic():
        _must_not_flood(now, actor)
        invitation.organization, invitation.invited_by = actor.organization, actor
        if Membership.objects.filter(
            organization_id=invitation.organization_id, user__email__iexact=invitation.email
        ).exists():
            raise NotAllowed(_("%(email)s is one of your people already.") % {"email": invitation.email})
        token = invitation.renew_token(now)
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError as error:
            raise NotAllowed(
                _("%(email)s was invited before. Send that invitation again instead.") % {"email": invitation.email}
            ) from error
        _set_reach(invitation, places)
        _record(
            invitation.organization,
            now,
            actor,
            ActivityKind.PEOPLE_INVITED,
            f"{invitation.email} invited: {_terms(invitation)}",
        )
    return token


def resend(invitation: Invitation, now: datetime, actor: User) -> str:
    """A new link for another seven days; the earlier one stops working. Raises NotAllowed."""
    with transaction.atomic():
        _must_not_flood(now, actor)
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if row.state(now) in (InvitationState.ACCEPTED, InvitationState.WITHDRAWN):
            raise NotAllowed(
                _("The invitation of %(email)s was %(label)s meanwhile.")
                % {"email": row.email, "label": row.state(now).label.lower()}
            )
        token = row.renew_token(now)
        row.save(update_fields=["token_hash", "sent_at", "expires_at"])
        _record(
            row.organization,
            now,
            actor,
            ActivityKind.PEOPLE_INVITED,
            f"Invitation of {row.email} sent again",
        )
    return token


def withdraw(invitation: Invitation, now: datetime, actor: User) -> bool:
    """Its link stops working at once; False when it was accepted or withdrawn before."""
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    with transaction.atomic():
        done = open_ones.update(withdrawn_at=now) == 1
        if done:
            text = f"Invitation of {invitation.email} withdrawn"
            _record(invitation.organization, now, actor, ActivityKind.PEOPLE_INVITATION_WITHDRAWN, text)
    return done


def why_not_join(invitation: Invitation, user: User | None, now: datetime) -> str:
    """Why this person cannot accept, as a sentence that says what to do; empty when they can.

    Reads the person's membership.
    """
    if reason := ENDED.get(invitation.state(now), ""):
        return str(reason)
    if user is None:
        return ""
    if user.email.lower() != invitation.email.lower():
        return _("You are logged in as %(email)s, but this invitation is for %(email2)s. Log out first.") % {
            "email": user.email,
            "email2": invitation.email,
        }
    if user.organization_id == invitation.organization_id:
        return _("You belong to %(organization)s already.") % {"organization": invitation.organization}
    if user.organization_id is not None:
        return _(
            "Your account %(email)s belongs to %(organization)s, and an account works for one "
            "organization only. Ask %(organization2)s to invite you at another email address, or "
            "ask an owner of %(organization)s to remove you there; then open this link again."
        ) % {"email": user.email, "organization": user.organization, "organization2": invitation.organization}
    return ""


def accept(invitation: Invitation, user: User, now: datetime) -> Membership:
    """Join the organization, with the role and the properties that were offered. Raises NotAllowed."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update(of=("self",)).select_related("organization").get(pk=invitation.pk)
        if reason := why_not_join(row, user, now):
            raise NotAllowed(reason)
        if not proof.has_proved(user, row.email):
            raise NotAllowed(
                _("Confirm that %(email)s is yours first: log in, and a mail with a link comes.") % {"email": row.email}
            )
        proof.keep_only(user, row.email)
        membership = Membership.objects.create(
            user=user,
            organization_id=row.organization_id,
            role=row.role,
            granted=row.granted,
            withheld=row.withheld,
            is_limited=row.is_limited,
        )
        Reach.objects.filter(invitation=row).update(invitation=None, membership=membership)
        Invitation.objects.filter(pk=row.pk).update(accepted_at=now, accepted_by=user)
        user.forget_membership()
        _record(
            row.organization,
            now,
            user,
            ActivityKind.PEOPLE_JOINED,
            f"{user} joined: {_terms(membership)}",
        )
    return membership


# --- Members ------------------------------------------------------------------------------------------------


def change(membership: Membership, places: Iterable[Property], now: datetime, actor: User) -> None:
    """Write another role, other rights, other properties. Raises NotAllowed for the last owner."""
    with transaction.atomic():
        if not membership.is_owner:
            _must_leave_an_owner(membership)
        membership.save(update_fields=["role", "granted", "withheld", "is_limited"])
        _set_reach(membership, places)
        look_for_left_over(membership.organization, now)
        text = f"{membership.user} changed: {_terms(membership)}"
        _record(membership.organization, now, actor, ActivityKind.PEOPLE_CHANGED, text)


def remove(membership: Membership, now: datetime, actor: User) -> list[AccessCode]:
    """Remove a person: logged out everywhere, off every door. Returns the codes that are taken off.

    Raises NotAllowed for the last owner. The person stays in the history.
    """
    with transaction.atomic():
        _must_leave_an_owner(membership)
        changed: list[AccessCode] = []
        for member in StaffMember.objects.current().filter(user=membership.user):
            changed += staff_codes.remove(member, now, actor)
        _record(
            membership.organization,
            now,
            actor,
            ActivityKind.PEOPLE_REMOVED,
            f"{membership.user} removed",
        )
        membership.user.end_sessions()
        membership.delete()
        look_for_left_over(membership.organization, now)
    return changed


def demand_second_factor(organization: Organization, roles: list[Role], now: datetime, actor: User) -> None:
    """From now on people with these roles log in with a second factor; with none of them nobody has to."""
    with transaction.atomic():
        organization.second_factor_roles = [role.value for role in roles]
        organization.save(update_fields=["second_factor_roles"])
        names = ", ".join(role.label for role in roles)
        text = f"Two-factor login demanded of: {names}" if names else "Two-factor login is demanded of no role"
        _record(organization, now, actor, ActivityKind.PEOPLE_CHANGED, text)


def _set_reach(grants: Membership | Invitation, places: Iterable[Property]) -> None:
    grants.reaches.all().delete()
    if grants.is_limited:
        of = {"membership": grants} if isinstance(grants, Membership) else {"invitation": grants}
        Reach.objects.bulk_create(Reach(property=place, **of) for place in places)


def _terms(grants: Membership | Invitation) -> str:
    """The role and where it holds, for the history."""
    role = Role(grants.role).label
    if not grants.is_limited:
        return f"{role}, all properties"
    names = grants.reaches.order_by("property__name").values_list("property__name", flat=True)
    return f"{role}, only {', '.join(names) or 'properties that are gone'}"


def exceptions_of(grants: Grants) -> Mapping[Right, bool]:
    """Rights given or withheld for this person beyond the role."""
    known = set(Right.values)
    exceptions = {Right(name): True for name in grants.granted if name in known}
    return exceptions | {Right(name): False for name in grants.withheld if name in known}


def _record(organization: Organization, now: datetime, actor: User, kind: ActivityKind, text: str) -> None:
    Activity.record(organization.pk, now, kind, text, actor=actor)
