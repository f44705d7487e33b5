"""Whose an email address is proved to be, and what goes when that decides who a person is."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.models import Organization, User


def has_proved(user: User, email: str) -> bool:
    """Whether a mail to this address was answered by this person."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists())


def prove(user: User) -> None:
    """Write down that the person's own address is proved: they came by a link that only its mailbox knows."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def is_unproved(user: User) -> bool:
    """Signed up, never in: any person may have typed this address."""
    return user.last_login is None and not user.is_staff and not has_proved(user, user.email)


def forget_unproved(user: User) -> None:
    """Delete a sign-up whose address was never proved, and the organization that no person ever entered with it."""
    with transaction.atomic():
        entered = list(Organization.objects.filter(memberships__user=user))
        user.delete()
        for organization in entered:
            if not organization.memberships.exists():
                organization.delete()


def keep_only(user: User, email: str) -> None:
    """From now on this address alone is the person: other addresses, second factors and sessions go.

    Whoever prepared an account before its owner came keeps no way into it.
    """
    EmailAddress.objects.filter(user=user).exclude(email__iexact=email).delete()
    EmailAddress.objects.filter(user=user).update(primary=True)
    Authenticator.objects.filter(user=user).delete()
    user.end_sessions()
