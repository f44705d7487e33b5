"""People with a role, logged in, for tests of rights."""

from django.test import Client

from accounts.models import Membership, Organization, Role, User
from properties.models import Property, Reach
from properties.tests.builders import make_user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_as(organization: Organization, role: Role, *places: Property, **grants: object) -> Client:
    """A person of this organization; limited to `places` if any are named."""
    user = make_user(f"{role}{User.objects.count()}@example.org", organization, role)
    Membership.objects.filter(user=user).update(is_limited=bool(places), **grants)
    for place in places:
        Reach.objects.create(membership=user.membership, property=place)
    return client_of(User.objects.get(pk=user.pk))
