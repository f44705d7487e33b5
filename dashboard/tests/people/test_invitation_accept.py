"""Accepting an invitation: a new person sets a password and joins; others are told in words what to do."""

import logging
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, Organization, Role, User
from dashboard.tests.cast import client_of
from dashboard.tests.pages import words
from properties.changes import people
from properties.tests.builders import make_property, make_proved

URL = "/invitation/"
GOOD = {"first_name": "Maria", "last_name": "Lopez", "password": "correct-horse-9"}


@pytest.fixture
def token(owner, now) -> str:
    return people.invite(Invitation(email="new@example.org", role=Role.FRONT_DESK), [], now, owner)


def opened(token: str, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.get(reverse("invitation-open", args=[token]))
    assert answer.headers["Location"] == URL
    return client


def test_new_person_sets_password_and_joins(token, organization):
    client = opened(token)
    assert "Join Lake Homes" in words(client.get(URL))
    page = words(client.post(URL, GOOD, follow=True))
    assert "Welcome to Lake Homes." in page
    user = User.objects.get(email="new@example.org")
    assert user.check_password(GOOD["password"])
    assert (user.get_full_name(), user.membership.role) == ("Maria Lopez", Role.FRONT_DESK)
    assert EmailAddress.objects.get(user=user).verified


def test_no_second_organization_is_made(token, organization):
    opened(token).post(URL, GOOD)
    assert list(Organization.objects.all()) == [organization]


def test_they_see_only_properties_that_were_offered(owner, organization, now):
    place = make_property(organization, "Mine")
    make_property(organization, "Other")
    invitation = Invitation(email="new@example.org", role=Role.MANAGER, is_limited=True)
    client = opened(people.invite(invitation, [place], now, owner))
    client.post(URL, GOOD)
    page = words(client.get("/properties/"))
    assert "Mine" in page
    assert "Other" not in page


def test_link_works_once(token):
    opened(token).post(URL, GOOD)
    answer = opened(token).post(URL, GOOD | {"first_name": "Thief"})
    assert answer.status_code == 410
    assert "accepted before" in words(answer)
    assert User.objects.filter(first_name="Thief").count() == 0


def test_after_seven_days_it_works_no_more(owner, now):
    invitation = Invitation(email="new@example.org", role=Role.MANAGER)
    old = people.invite(invitation, [], now - timedelta(days=7), owner)
    answer = opened(old).post(URL, GOOD)
    assert answer.status_code == 410
    assert "more than seven days old" in words(answer)
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("bad", ["nonsense", "a:b", "x" * 300])
def test_link_that_was_never_sent_opens_nothing(token, bad):
    answer = opened(bad).post(URL, GOOD)
    assert answer.status_code == 410
    assert "This link does not work." in words(answer)
    assert Client().get(URL).status_code == 410


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"password": "short"}, "This password is too short."),
        ({"password": ""}, "This field is required."),
        ({"password": "new@example.org"}, "too similar to the email address"),
        ({"first_name": ""}, "This field is required."),
    ],
)
def test_bad_input_says_why(token, fields, reason):
    answer = opened(token).post(URL, GOOD | fields)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not User.objects.filter(email="new@example.org").exists()


def test_somebody_of_another_organization_is_told_what_to_do(owner, stranger, now):
    token = people.invite(Invitation(email=stranger.email, role=Role.MANAGER), [], now, owner)
    for client in (Client(), client_of(stranger)):
        answer = opened(token, client).post(URL, GOOD)
        assert answer.status_code == 410
        assert "belongs to Elsewhere" in words(answer)
        assert "invite you at another email address" in words(answer)
    assert stranger.membership.organization.name == "Elsewhere"


def test_somebody_with_account_and_no_place_logs_in_and_joins(token, organization):
    user = make_proved("new@example.org", "correct-horse-9")
    client = opened(token)
    assert "has an account already. Log in with it" in words(client.get(URL))
    assert client.post(URL, GOOD).status_code == 200
    assert not Membership.objects.filter(user=user).exists()
    client.force_login(user)
    assert "Join as new@example.org" in words(client.get(URL))
    client.post(URL)
    assert Membership.objects.get(user=user).organization == organization


def test_wrong_person_is_told_to_log_out(token, colleague_client):
    answer = opened(token, colleague_client).post(URL, GOOD)
    assert answer.status_code == 410
    assert "this invitation is for new@example.org. Log out first." in words(answer)


def test_secret_is_in_no_log_and_no_session(token, caplog):
    caplog.set_level(logging.DEBUG)
    client = opened(token)
    client.post(URL, GOOD | {"password": "short"})
    secret = token.split(":")[0]
    assert secret not in caplog.text
    assert secret not in "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert "no-cache" in client.get(URL).headers["Cache-Control"]
