"""Mail about accounts goes through the outbox: no mail server costs a page anything."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from accounts.models import User
from dashboard.entrance import account_adapter
from outbox.models import Message, MessageState

RESET = reverse("account_reset_password")
LINK = re.compile(r"http://testserver(/\S+)")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_mail_server(settings):
    """Nothing listens there: who talks to it inside a page fails the page."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.fixture
def person(owner) -> User:
    User.objects.filter(pk=owner.pk).update(password=make_password("correct-horse-9"))
    return owner


def test_password_reset_waits_in_outbox(client, person):
    assert client.post(RESET, {"email": person.email}).status_code == 302
    message = Message.objects.get()
    assert (message.state, message.title) == (MessageState.WAITING, "Password reset")
    assert (message.address, message.organization) == (person.email, person.organization)
    assert message.deadline - message.created_at == account_adapter.LASTS


def test_link_of_reset_mail_works(client, person):
    client.post(RESET, {"email": person.email})
    path = LINK.search(Message.objects.get().content.text)[1]
    assert client.get(path, follow=True).status_code == 200


def test_two_resets_are_two_messages(client, person):
    for _ in range(2):
        client.post(RESET, {"email": person.email})
    assert Message.objects.count() == 2


def test_sign_up_needs_no_mail_server(client):
    typed = {"email": "new@example.com", "password1": "correct-horse-9", "organization": "Dune Homes"}
    assert client.post(reverse("account_signup"), typed).status_code == 302
    assert Message.objects.get().title == "Confirmation of an email address"


def test_mail_to_unknown_address_belongs_to_no_organization(client, person):
    client.post(RESET, {"email": "stranger@example.net"})
    assert Message.objects.get().organization is None
