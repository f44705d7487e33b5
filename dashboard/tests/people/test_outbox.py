"""Messages: how far each came, without its text; another try for what was lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import body, words
from outbox.delivery import deliver
from outbox.models import Message, MessageState
from outbox.tests.drafts import posted
from properties.tests.builders import NOW

OUTBOX = reverse("outbox")


@pytest.fixture
def lost(organization, now) -> Message:
    message = posted(organization_id=organization.pk, channel="pigeon")
    deliver(message.pk, NOW)
    return Message.objects.get()


def retry_url(message) -> str:
    return reverse("message-try-again", args=[message.pk])


def test_page_tells_state_and_last_answer(owner_client, lost):
    page = owner_client.get(OUTBOX)
    assert "Invitation a…@example.org Refused This installation does not send by pigeon." in words(page)
    assert "ana@example.org" not in body(page)
    assert "secret-token" not in body(page)


def test_list_asks_again_only_while_something_waits(owner_client, organization, now, mailoutbox):
    posted(organization_id=organization.pk)
    assert "every 5s" in body(owner_client.get(reverse("outbox-list")))
    assert len(mailoutbox) == 1
    assert "every 5s" not in body(owner_client.get(reverse("outbox-list")))


def test_lost_message_is_tried_again(owner_client, lost):
    assert "It is tried again." in words(owner_client.post(retry_url(lost), follow=True))
    assert Message.objects.get().state == MessageState.WAITING


def test_sent_message_is_not_tried_again(owner_client, organization, now, mailoutbox):
    message = posted(organization_id=organization.pk)
    assert len(mailoutbox) == 1
    assert "Nothing to try again" in words(owner_client.post(retry_url(message), follow=True))
    assert len(mailoutbox) == 1


def test_message_given_up_says_so(owner_client, organization, now):
    message = posted(organization_id=organization.pk, lasts=timedelta(minutes=1))
    deliver(message.pk, NOW + timedelta(minutes=1))
    assert "Given up" in words(owner_client.get(OUTBOX))


def test_stranger_sees_and_changes_nothing(stranger_client, lost):
    assert "Invitation" not in words(stranger_client.get(OUTBOX)).partition("No message yet")[0]
    assert stranger_client.post(retry_url(lost)).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_DESK, Role.READ_ONLY, Role.CLEANER])
def test_without_right_it_is_refused(organization, role, lost):
    client = client_as(organization, role)
    assert client.get(OUTBOX).status_code == 403
    assert client.post(retry_url(lost)).status_code == 403


def test_get_tries_nothing_again(owner_client, lost):
    assert owner_client.get(retry_url(lost)).status_code == 405
