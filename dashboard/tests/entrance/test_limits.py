"""Wrong log-ins: counted by client behind the proxies, by account and address together, and not washed out."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from dashboard.entrance.client_address import client_address
from dashboard.tests.pages import words

LOG_IN = reverse("account_login")
PASSWORD = "correct-horse-9"
TOO_MANY = "Too many failed login attempts."


@pytest.fixture(autouse=True)
def fresh_counters(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def person(owner) -> User:
    owner.set_password(PASSWORD)
    owner.save(update_fields=["password"])
    return owner


def try_in(client, email: str, password: str = "wrong", **headers: str):
    return client.post(LOG_IN, {"login": email, "password": password}, headers=headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "127.0.0.1"),
        (0, "192.0.2.7", "127.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "10.9.9.9, 192.0.2.7", "192.0.2.7"),
        (2, "10.9.9.9, 192.0.2.7, 198.51.100.1", "192.0.2.7"),
        (2, "192.0.2.7", "127.0.0.1"),
        (1, "192.0.2.7:5123", "192.0.2.7"),
        (1, "[2001:db8::1]:5123", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "<script>", "0.0.0.0"),  # noqa: S104
        (1, " , ", "127.0.0.1"),
    ],
)
def test_address_is_what_trusted_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert client_address(RequestFactory().get("/", headers=headers)) == address


def test_wrong_log_ins_lock_out_no_other_behind_proxy(client, settings, person):
    settings.TRUSTED_PROXIES = 1
    for number in range(12):
        try_in(client, f"x{number}@example.org", **{"x-forwarded-for": "192.0.2.7"})
    assert TOO_MANY in words(try_in(client, "x@example.org", **{"x-forwarded-for": "192.0.2.7"}))
    assert try_in(client, person.email, PASSWORD, **{"x-forwarded-for": "192.0.2.8"}).status_code == 302


def test_made_up_header_does_not_reset_counter(client, settings, person):
    for number in range(5):
        try_in(client, person.email, **{"x-forwarded-for": f"10.0.0.{number}"})
    assert TOO_MANY in words(try_in(client, person.email, PASSWORD, **{"x-forwarded-for": "10.0.0.99"}))


def test_person_cannot_be_locked_out_from_elsewhere(client, settings, person):
    settings.TRUSTED_PROXIES = 1
    for _ in range(6):
        try_in(client, person.email, **{"x-forwarded-for": "192.0.2.7"})
    assert TOO_MANY in words(try_in(client, person.email, PASSWORD, **{"x-forwarded-for": "192.0.2.7"}))
    assert try_in(client, person.email, PASSWORD, **{"x-forwarded-for": "198.51.100.1"}).status_code == 302


def test_counters_are_not_washed_out(client, person):
    for _ in range(5):
        try_in(client, person.email)
    for number in range(700):
        cache.set(f"another-{number}", 1, 600)
    assert TOO_MANY in words(try_in(client, person.email, PASSWORD))
