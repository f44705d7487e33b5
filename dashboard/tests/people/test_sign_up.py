"""Signing up: everybody who does owns a new organization, and sees no other."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Organization, Role, User
from dashboard.tests.pages import words
from properties.tests.builders import make_lock

SIGN_UP = reverse("account_signup")
LINK = re.compile(r"http://testserver(/\S+)")
TYPED = {"email": "New@Example.com", "password1": "correct-horse-9", "organization": "Dune Homes"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def test_who_signs_up_owns_new_organization(client, organization, mailoutbox):
    make_lock(organization)
    page = client.post(SIGN_UP, TYPED, follow=True)
    assert page.redirect_chain[-1][0] == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.organization.name, user.current_membership.role) == ("Dune Homes", Role.OWNER)
    page = client.post(LINK.search(mailoutbox[0].body)[1], follow=True)
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


def test_taken_email_is_told_by_mail_only(client, owner, mailoutbox):
    page = client.post(SIGN_UP, TYPED | {"email": owner.email.upper()}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("account_email_verification_sent")
    assert "already exists" in mailoutbox[0].body
    assert User.objects.count() == 1
    assert "_auth_user_id" not in client.session
