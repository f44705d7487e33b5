"""The admin has no door of its own: who enters passes the log-in of everybody; nothing is deleted there."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.urls import reverse

from accounts import proof
from accounts.models import User

ADMIN = reverse("admin:index")
PASSWORD = "correct-horse-9"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def operator() -> User:
    user = User.objects.create_superuser("operator@example.org", PASSWORD)
    proof.prove(user)
    return user


def log_in_at_admin(client, person):
    return client.post(reverse("admin:login"), {"username": person.email, "password": PASSWORD, "next": ADMIN})


def test_password_alone_does_not_enter_admin(client, operator):
    TOTP.activate(operator, generate_totp_secret())
    answer = log_in_at_admin(client, operator)
    assert answer["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_second_factor_holds_on_way_to_admin(client, operator):
    TOTP.activate(operator, generate_totp_secret())
    answer = client.post(reverse("account_login"), {"login": operator.email, "password": PASSWORD, "next": ADMIN})
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(ADMIN).status_code == 302


def test_log_in_page_has_no_second_copy(client, operator):
    assert client.get(reverse("admin:login")).status_code == 302


def test_person_who_is_no_staff_is_refused(owner_client):
    assert owner_client.get(reverse("admin:login")).status_code == 403


def test_operator_deletes_nothing(client, operator):
    request = RequestFactory().get(ADMIN)
    request.user = operator
    allowed = [model for model, page in admin.site._registry.items() if page.has_delete_permission(request)]
    assert len(admin.site._registry) > 3
    assert allowed == []
    client.force_login(operator)
    assert client.post(reverse("admin:accounts_user_delete", args=[operator.pk]), {"post": "yes"}).status_code == 403


def test_only_backend_is_that_of_log_in_page(operator):
    assert settings.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
    assert authenticate(None, username="operator@example.org", password="wrong") is None
