"""Who may create an account, as SIGN_UP says."""

from django.conf import settings

from accounts import proof
from accounts.models import Membership, User
from dashboard import demo


def can_sign_up() -> bool:
    """With "first": until a person is in. One who typed another's address, or gave up, does not count."""
    if settings.SIGN_UP == "first":
        return not any(not proof.is_unproved(member.user) for member in _members())
    return bool(settings.SIGN_UP == "open")


def make_room_for(newcomer: User) -> None:
    """With "first" there is one sign-up at a time: the latest. Earlier ones that were never proved go."""
    if settings.SIGN_UP == "first":
        for member in _members():
            if member.user != newcomer and proof.is_unproved(member.user):
                proof.forget_unproved(member.user)


def _members() -> list[Membership]:
    people = Membership.objects.exclude(user__email=demo.EMAIL).select_related("user")
    # One who is in is among the oldest.
    return list(people.order_by("pk")[:20])
