"""Passkeys: pages carry what their script needs as data, none of it a script; answers that are none let no one in."""

import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from dashboard.tests.pages import body, words

LIST, ADD, LOG_IN = reverse("mfa_list_webauthn"), reverse("mfa_add_webauthn"), reverse("account_login")
PASSWORD = "correct-horse-9"

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(owner, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    owner.set_password(PASSWORD)
    owner.save(update_fields=["password"])
    return owner


@pytest.fixture
def key(person) -> Authenticator:
    return Authenticator.objects.create(user=person, type="webauthn", data={"name": "My phone", "credential": {}})


def log_in(client, person):
    return client.post(LOG_IN, {"login": person.email, "password": PASSWORD})


def attribute(page, name: str):
    return json.loads(html.unescape(re.search(rf"{name}='(.*?)'", body(page))[1]))


def test_adding_one_asks_for_password_first(client, person):
    log_in(client, person)
    assert client.get(ADD)["Location"].startswith(reverse("account_reauthenticate"))


def test_page_to_add_one_carries_its_options(client, person):
    log_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(ADD)
    options = attribute(page, "data-options")["creation_options"]["publicKey"]
    assert options["rp"]["id"] == "testserver"
    assert set(attribute(page, "data-ids").values()) == {"passkey_add", "id_passwordless", "id_credential"}
    for ident in attribute(page, "data-ids").values():
        assert f'id="{ident}"' in body(page)


def test_log_in_page_offers_passkey(client):
    page = client.get(LOG_IN)
    assert "Log in with a passkey" in words(page)
    asked = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert "challenge" in asked.json()["request_options"]["publicKey"]


@pytest.mark.parametrize("answer", ["", "nonsense", "{}", '{"id": "x", "type": "public-key"}'])
def test_made_up_answer_lets_none_in(client, person, answer):
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    page = client.post(reverse("mfa_login_webauthn"), {"credential": answer})
    assert page["Location"] == LOG_IN
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("answer", ["nonsense", "{}", "[]", '{"id": "x", "rawId": 1, "response": [], "type": 7}'])
def test_made_up_key_is_not_added(client, person, answer):
    log_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(ADD)
    assert client.post(ADD, {"name": "x", "credential": answer}).status_code == 200
    assert not Authenticator.objects.exists()


def test_made_up_answer_is_no_second_step(client, person, key, monkeypatch):
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.begin_authentication", lambda user: {})
    step = log_in(client, person)["Location"]
    assert step == reverse("mfa_authenticate")
    assert "Use a passkey" in words(client.get(step))
    assert client.post(step, {"credential": '{"id": "x", "type": "public-key"}'}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_key_is_listed_and_removed(client, person, key, mailoutbox):
    client.force_login(person)
    assert "My phone" in words(client.get(LIST))
    remove = reverse("mfa_remove_webauthn", args=[key.pk])
    asked = client.post(remove)
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(pk=key.pk).exists()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(remove)
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert len(mailoutbox) == 1


def test_key_of_another_person_is_not_there(stranger_client, key):
    assert "My phone" not in words(stranger_client.get(LIST))


def test_scripts_are_files(client):
    found = re.findall(r'<script src="(\S+?)"', body(client.get(LOG_IN)))
    assert [path.rpartition("/")[2] for path in found][-3:] == ["webauthn-json.js", "webauthn.js", "passkeys.js"]
