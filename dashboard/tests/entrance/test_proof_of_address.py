"""An address that was never proved joins nothing, and who prepared an account keeps no way into it."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Organization, Role, User
from dashboard.tests.pages import words
from properties.changes import people
from properties.tests.builders import make_proved

SIGN_UP, LOG_IN = reverse("account_signup"), reverse("account_login")
COLLEAGUE, PASSWORD = "new@example.org", "outsider-horse-9"
LINK = re.compile(r"http://testserver(/\S+)")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_UP = "open"
    cache.clear()


@pytest.fixture
def outsider() -> Client:
    """A browser in which a colleague's address was used to sign up."""
    client = Client()
    client.post(SIGN_UP, {"email": COLLEAGUE, "password1": PASSWORD, "organization": "Outsiders"})
    return client


@pytest.fixture
def token(owner, now) -> str:
    return people.invite(Invitation(email=COLLEAGUE, role=Role.MANAGER), [], now, owner)


def join(client: Client, token: str, **fields: str):
    client.get(reverse("invitation-open", args=[token]))
    return client.post("/invitation/", fields, follow=True)


def test_sign_up_alone_enters_nothing(outsider):
    assert "_auth_user_id" not in outsider.session
    assert outsider.get(reverse("overview")).status_code == 302
    outsider.post(reverse("account_email"), {"action_add": "", "email": "outsider@example.net"})
    assert not EmailAddress.objects.filter(email="outsider@example.net").exists()


def test_log_in_before_proof_asks_for_it(outsider, client):
    answer = client.post(LOG_IN, {"login": COLLEAGUE, "password": PASSWORD})
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session


def test_link_of_mail_leads_in(outsider, mailoutbox):
    path = LINK.search(mailoutbox[0].body)[1]
    page = outsider.get(path)
    assert "Is new@example.org yours?" in words(page)
    assert outsider.post(path)["Location"] == reverse("overview")
    assert outsider.get(reverse("overview")).status_code == 200


def test_outsider_with_colleagues_address_stays_out(outsider, token, organization):
    colleague = Client()
    page = join(colleague, token, first_name="Maria", password="correct-horse-9")
    assert "Welcome to Lake Homes." in words(page)
    user = User.objects.get(email=COLLEAGUE)
    assert user.organization == organization
    assert not user.check_password(PASSWORD)
    assert [address.email for address in EmailAddress.objects.filter(user=user)] == [COLLEAGUE]
    assert not Organization.objects.filter(name="Outsiders").exists()
    assert "_auth_user_id" not in outsider.session


def test_unproved_person_cannot_accept(token, now):
    user = User.objects.create_user(COLLEAGUE)
    with pytest.raises(people.NotAllowed, match="Confirm that new@example.org is yours first"):
        people.accept(Invitation.objects.get(), user, now)


def test_joining_leaves_one_way_in(token):
    user = make_proved(COLLEAGUE, "correct-horse-9")
    EmailAddress.objects.create(user=user, email="second@example.net", verified=True)
    TOTP.activate(user, generate_totp_secret())
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(user)
    assert "Welcome to Lake Homes." in words(join(here, token))
    assert [address.email for address in EmailAddress.objects.filter(user=user)] == [COLLEAGUE]
    assert not Authenticator.objects.filter(user=user).exists()
    assert here.get(reverse("overview")).status_code == 200
    assert elsewhere.get(reverse("overview")).status_code == 302


def test_person_who_was_in_is_not_forgotten(token, now):
    user = User.objects.create_user(COLLEAGUE, "correct-horse-9")
    User.objects.filter(pk=user.pk).update(last_login=now)
    assert "has an account already" in words(join(Client(), token, first_name="Maria", password=PASSWORD))
    assert User.objects.get(email=COLLEAGUE).check_password("correct-horse-9")
