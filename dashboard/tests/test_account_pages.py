"""Log-in, sign-up and a person's settings: our look, no inline script, and nothing asked of anonymous people's data."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

ENTRANCE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
SETTINGS = ["account_email", "account_change_password", "mfa_index", "account_logout"]

pytestmark = pytest.mark.django_db


def assert_is_ours(html: str) -> None:
    assert '<html lang="en">' in html
    assert "css/app" in html
    assert html.count("<h1") == 1
    assert "style=" not in html


@pytest.mark.parametrize("name", ENTRANCE)
def test_entrance_pages_are_open_and_ours(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_is_ours(response.content.decode())


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_pages_are_ours(client: Client, owner: User, name: str) -> None:
    owner.set_password("correct-horse-9")
    owner.save()
    client.force_login(owner)
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_is_ours(response.content.decode())


def test_wrong_password_says_so_and_keeps_address(client: Client, owner: User) -> None:
    response = client.post(reverse("account_login"), {"login": owner.email, "password": "wrong"})
    html = response.content.decode()
    assert 'role="alert"' in html
    assert 'value="owner@example.org"' in html
    assert "wrong" not in html


def test_sign_up_creates_organization(client: Client) -> None:
    client.post(
        reverse("account_signup"),
        {"email": "new@example.com", "password1": "correct-horse-9", "organization": "Dune Homes"},
    )
    assert User.objects.get(email="new@example.com").organization.name == "Dune Homes"


def test_reset_link_that_was_used_says_so(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "nonsense"]))
    assert "This link no longer works" in response.content.decode()


def test_unknown_address_is_our_404(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_form_without_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "a@example.com", "password": "x"})
    assert response.status_code == 403
    assert "too old to send" in response.content.decode()
