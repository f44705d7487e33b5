"""Every page of allauth that can be reached renders, for a stranger and for a person who is logged in."""

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from accounts.models import User

# What an address needs besides its name: values that fit nothing.
PARTS = {"uidb36": "1", "key": "x-y", "pk": 1, "provider": "none", "process": "login"}


def account_urls() -> list[str]:
    root = get_resolver()
    branch = next(one for one in root.url_patterns if isinstance(one, URLResolver) and str(one.pattern) == "accounts/")
    return sorted(_addresses(branch, ()))


def _addresses(branch: URLResolver, above: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for one in branch.url_patterns:
        names = (*above, *one.pattern.regex.groupindex)
        if isinstance(one, URLResolver):
            found |= _addresses(one, names)
        else:
            found.add(reverse(one.name, kwargs={name: PARTS[name] for name in names}))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", account_urls())
def test_no_account_page_fails(client, owner_client, address, method):
    for visitor in (client, owner_client):
        assert getattr(visitor, method)(address, follow=True).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("address", account_urls())
def test_no_account_page_fails_for_person_with_app(client, owner, address):
    """A log-in by password: what is asked again before something delicate is reached."""
    assert _log_in(client, owner).status_code == 302
    assert client.get(address, follow=True).status_code < 500


def _log_in(client: Client, person: User):
    person.set_password("correct-horse-9")
    person.save(update_fields=["password"])
    return client.post(reverse("account_login"), {"login": person.email, "password": "correct-horse-9"})
