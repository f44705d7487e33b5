"""Changing a person's role, rights and properties: holds from their next click."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role
from dashboard.tests.cast import client_as, client_of
from dashboard.tests.pages import words
from properties.tests.builders import make_property


def url(member) -> str:
    return reverse("person-change", args=[member.pk])


def typed(**fields):
    return {"role": "read_only", "where": "all"} | fields


@pytest.fixture
def member(colleague) -> Membership:
    return colleague.membership


def test_another_role_holds_from_next_click(owner_client, member, colleague):
    client = client_of(colleague)
    assert client.get(reverse("stay-add")).status_code == 403
    page = words(owner_client.post(url(member), typed(role="front_desk"), follow=True))
    assert "colleague@example.org is front desk now." in page
    assert client.get(reverse("stay-add")).status_code == 200


def test_right_is_given_and_one_withheld(owner_client, member):
    owner_client.post(url(member), typed(role="front_desk", right_manage_places="yes", right_see_pin="no"))
    member.refresh_from_db()
    assert (member.granted, member.withheld) == (["manage_places"], ["see_pin"])
    form = owner_client.get(url(member)).context["form"]
    assert (form["right_manage_places"].value(), form["right_see_pin"].value()) == ("yes", "no")


def test_limited_to_property_and_shown_so(owner_client, member, organization):
    place = make_property(organization)
    make_property(organization, "Other")
    owner_client.post(url(member), typed(where="some", places=[place.pk]))
    member.refresh_from_db()
    assert member.is_limited
    assert [reach.property for reach in member.reaches.all()] == [place]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"where": "some"}, "Choose at least one property."),
        ({"role": "owner", "where": "some"}, "An owner sees every property."),
        ({"role": "cleaner", "right_see_pin": "yes"}, "They would not get that far."),
        ({"role": "king"}, "Select a valid choice"),
    ],
)
def test_bad_input_says_why(owner_client, member, fields, reason):
    answer = owner_client.post(url(member), typed(**fields))
    assert answer.status_code == 422
    assert reason in words(answer)
    member.refresh_from_db()
    assert (member.role, member.is_limited) == ("read_only", False)


def test_property_of_somebody_else_cannot_be_named(owner_client, member, stranger):
    foreign = make_property(stranger.organization, "Elsewhere House")
    answer = owner_client.post(url(member), typed(where="some", places=[foreign.pk]))
    assert answer.status_code == 422
    assert not member.reaches.exists()


def test_last_owner_cannot_be_demoted(owner_client, owner):
    answer = owner_client.post(url(owner.membership), typed(role="manager"))
    assert answer.status_code == 422
    assert "the only owner" in words(answer)
    assert Membership.objects.get(user=owner).role == Role.OWNER


def test_who_is_no_owner_cannot_touch_one_or_make_one(organization, owner, member):
    client = client_as(organization, Role.MANAGER, granted=["manage_people"])
    page = words(client.post(url(owner.membership), typed(), follow=True))
    assert "Only an owner can change or remove an owner." in page
    assert client.post(url(member), typed(role="owner")).status_code == 422
    assert Membership.objects.get(user=owner).role == Role.OWNER
    member.refresh_from_db()
    assert member.role == Role.READ_ONLY


def test_stranger_finds_nobody(stranger_client, member):
    assert stranger_client.post(url(member), typed(role="owner")).status_code == 404


def test_without_right_it_is_refused(colleague_client, member):
    assert colleague_client.get(url(member)).status_code == 403
    assert colleague_client.post(url(member), typed(role="owner")).status_code == 403
    assert Membership.objects.get(pk=member.pk).role == Role.READ_ONLY
