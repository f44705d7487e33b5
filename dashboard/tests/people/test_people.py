"""The list of people: role, rights, properties, last seen; only for who manages people."""

from datetime import timedelta

import pytest

from accounts.models import Invitation, Membership, Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.changes import people
from properties.models import Reach
from properties.tests.builders import make_property, make_user

URL = "/people/"


@pytest.fixture
def limited(organization, colleague):
    Membership.objects.filter(user=colleague).update(is_limited=True, granted=["see_pin"])
    Reach.objects.create(membership=colleague.membership, property=make_property(organization, "Moor Cottage"))


def test_each_person_is_shown_with_rights_and_last_visit(owner_client, limited, now):
    Membership.objects.filter(user__email="colleague@example.org").update(seen_at=now - timedelta(hours=3))
    page = words(owner_client.get(URL))
    assert "colleague@example.org Read only also may see PINs Moor Cottage 3 h ago" in page
    assert "owner@example.org (you) Owner All properties" in page


def test_who_never_came_is_never_not_unknown(owner_client, colleague, now):
    assert "Read only All properties never" in words(owner_client.get(URL))


def test_invitations_that_wait_and_those_that_ended(owner_client, owner, now):
    people.invite(Invitation(email="new@example.org", role=Role.CLEANER), [], now, owner)
    old = now - timedelta(days=8)
    people.invite(Invitation(email="old@example.org", role=Role.MANAGER), [], old, owner)
    page = words(owner_client.get(URL))
    assert "new@example.org by owner@example.org Cleaner All properties Waiting" in page
    assert "old@example.org by owner@example.org Manager All properties Expired" in page


def test_somebody_alone_is_told_what_to_do(owner_client):
    assert "You are alone here: invite a colleague" in words(owner_client.get(URL))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_DESK, Role.READ_ONLY, Role.CLEANER])
def test_others_read_why_not(organization, role, owner):
    answer = client_as(organization, role).get(URL)
    assert answer.status_code == 403
    assert "owner@example.org" not in words(answer)


def test_manager_who_was_given_right_may(organization, owner):
    assert client_as(organization, Role.MANAGER, granted=["manage_people"]).get(URL).status_code == 200


def test_people_of_another_organization_are_not_there(stranger_client, owner, colleague):
    page = words(stranger_client.get(URL))
    assert "stranger@example.net" in page
    assert "example.org" not in page


def test_more_people_cost_no_more_queries(owner_client, owner, organization, now, django_assert_max_num_queries):
    place = make_property(organization)
    for n in range(12):
        user = make_user(f"person{n}@example.org", organization, Role.READ_ONLY)
        Membership.objects.filter(user=user).update(is_limited=True)
        Reach.objects.create(membership=user.membership, property=place)
        invitation = Invitation(email=f"invited{n}@example.org", role=Role.READ_ONLY, is_limited=True)
        people.invite(invitation, [place], now - timedelta(hours=12 - n), owner)
    # The first page notes that the session is used.
    owner_client.get(URL)
    with django_assert_max_num_queries(18):
        assert "person11@example.org" in words(owner_client.get(URL))
