"""Withdrawing an invitation: its link stops working at once."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Role
from dashboard.tests.pages import words
from outbox.models import Message, MessageState
from properties.changes import people
from properties.tests.builders import make_proved


def url(invitation) -> str:
    return reverse("invitation-withdraw", args=[invitation.pk])


@pytest.fixture
def token(owner, now) -> str:
    return people.invite(Invitation(email="new@example.org", role=Role.MANAGER), [], now, owner)


@pytest.fixture
def invitation(token) -> Invitation:
    return Invitation.objects.get()


def test_link_stops_working(owner_client, invitation, token):
    assert "Its link works no more." in words(owner_client.post(url(invitation), follow=True))
    answer = Client().get(reverse("invitation-open", args=[token]), follow=True)
    assert answer.status_code == 410
    assert "This invitation was withdrawn." in words(answer)


def test_mail_that_has_not_left_stays_here(owner_client, mailoutbox):
    owner_client.post(reverse("invite"), {"email": "new@example.org", "role": "front_desk", "where": "all"})
    owner_client.post(url(Invitation.objects.get()))
    assert not mailoutbox
    assert Message.objects.get().state == MessageState.WITHDRAWN


def test_one_that_was_accepted_stays_accepted(owner_client, invitation, now):
    people.accept(invitation, make_proved("new@example.org"), now)
    assert "accepted" in words(owner_client.post(url(invitation), follow=True))
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None


def test_get_is_refused(owner_client, invitation):
    assert owner_client.get(url(invitation)).status_code == 405


def test_stranger_finds_nothing(stranger_client, invitation):
    assert stranger_client.post(url(invitation)).status_code == 404
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None


def test_without_right_it_is_refused(colleague_client, invitation):
    assert colleague_client.post(url(invitation)).status_code == 403
