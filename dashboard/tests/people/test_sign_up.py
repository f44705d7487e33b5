"""Signing up: everybody who does owns a new organization, and sees no other."""

import pytest
from django.urls import reverse

from accounts.models import Organization, Role, User
from dashboard.tests.pages import words
from properties.tests.builders import make_lock

SIGN_UP = reverse("account_signup")
TYPED = {"email": "New@Example.com", "password1": "correct-horse-9", "organization": "Dune Homes"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_who_signs_up_owns_new_organization_and_is_in(client, organization):
    make_lock(organization)
    page = client.post(SIGN_UP, TYPED, follow=True)
    assert page.redirect_chain[-1][0] == reverse("overview")
    user = User.objects.get()
    assert (user.organization.name, user.current_membership.role) == ("Dune Homes", Role.OWNER)
    assert "Link a Wyze account" in words(page)
    assert "Front Door" not in words(client.get(reverse("locks")))


def test_without_name_organization_gets_one(client):
    client.post(SIGN_UP, TYPED | {"organization": ""})
    assert User.objects.get().organization.name == "new's homes"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"password1": ""}, "This field is required."),
        ({"password1": "short"}, "This password is too short."),
        ({"password1": "1234567890"}, "This password is entirely numeric."),
        ({"password1": "password123"}, "This password is too common."),
        ({"organization": "x" * 201}, "at most 200 characters"),
    ],
)
def test_bad_input_says_why_and_makes_nobody(client, fields, sentence):
    page = client.post(SIGN_UP, TYPED | fields)
    assert sentence in words(page)
    assert not User.objects.exists()
    assert not Organization.objects.exists()


def test_taken_email_makes_no_second_person(client, owner):
    page = client.post(SIGN_UP, TYPED | {"email": owner.email.upper()}, follow=True)
    assert "A user is already registered with this email address." in words(page)
    assert User.objects.count() == 1
    assert "_auth_user_id" not in client.session
