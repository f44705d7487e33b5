"""SIGN_UP: the first person only, then invitations; open to everybody; closed."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Organization, User
from dashboard import demo
from dashboard.tests.pages import words
from properties.tests.builders import make_organization, make_user

SIGN_UP, LOG_IN = reverse("account_signup"), reverse("account_login")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_only(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_UP = "first"
    cache.clear()


def sign_up(client, email: str = "new@example.org"):
    return client.post(SIGN_UP, {"email": email, "password1": "correct-horse-9", "organization": "Mine"}, follow=True)


def test_first_person_may_sign_up(client):
    assert "Create an account" in words(client.get(LOG_IN))
    sign_up(client)
    assert User.objects.get().organization.name == "Mine"


def test_second_person_may_not(client, owner):
    assert "No new accounts here" in words(sign_up(client))
    assert "Create an account" not in words(client.get(LOG_IN))
    assert User.objects.count() == 1


def test_sign_up_that_was_never_proved_makes_room(client):
    sign_up(client, "wrong@example.org")
    sign_up(client, "right@example.org")
    assert [user.email for user in User.objects.all()] == ["right@example.org"]
    assert Organization.objects.count() == 1


def test_proved_sign_up_closes_door(client):
    sign_up(client)
    EmailAddress.objects.update(verified=True)
    assert "No new accounts here" in words(sign_up(client, "late@example.org"))


def test_demos_person_is_not_first(client):
    make_user(demo.EMAIL, make_organization("Demo"))
    sign_up(client)
    assert User.objects.filter(email="new@example.org").exists()


def test_open_installation_takes_everybody(client, owner, settings):
    settings.SIGN_UP = "open"
    sign_up(client)
    assert User.objects.count() == 2


def test_closed_installation_takes_none(client, settings):
    settings.SIGN_UP = "closed"
    assert "No new accounts here" in words(sign_up(client))
    assert not User.objects.exists()
