"""Sending an invitation again: a new link for seven days, and the old one is dead."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Invitation, InvitationState, Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.changes import people


def url(invitation) -> str:
    return reverse("invitation-resend", args=[invitation.pk])


@pytest.fixture
def invitation(owner, now) -> Invitation:
    row = Invitation(email="new@example.org", role=Role.MANAGER)
    people.invite(row, [], now - timedelta(days=8), owner)
    return row


def test_it_is_mailed_again_and_lasts_anew(owner_client, invitation, mailoutbox, now):
    before = invitation.token_hash
    owner_client.post(url(invitation))
    invitation.refresh_from_db()
    assert len(mailoutbox) == 1
    assert invitation.token_hash != before
    assert invitation.state(now + timedelta(days=6)) is InvitationState.OPEN


def test_earlier_mail_does_not_follow_newer(owner_client, mailoutbox, now):
    owner_client.post(reverse("invite"), {"email": "new@example.org", "role": "front_desk", "where": "all"})
    owner_client.post(url(Invitation.objects.get()))
    assert len(mailoutbox) == 1


def test_one_that_was_withdrawn_meanwhile_is_not_sent(owner_client, owner, invitation, mailoutbox, now):
    people.withdraw(invitation, now, owner)
    assert "withdrawn meanwhile" in words(owner_client.post(url(invitation), follow=True))
    assert not mailoutbox


def test_nobody_sends_again_what_they_could_not_give(organization, invitation, mailoutbox):
    client = client_as(organization, Role.FRONT_DESK, granted=["manage_people"])
    assert "You cannot give a right" in words(client.post(url(invitation), follow=True))
    assert not mailoutbox


def test_get_is_refused(owner_client, invitation):
    assert owner_client.get(url(invitation)).status_code == 405


def test_stranger_finds_nothing(stranger_client, invitation, mailoutbox):
    assert stranger_client.post(url(invitation)).status_code == 404
    assert not mailoutbox


def test_without_right_it_is_refused(colleague_client, invitation, mailoutbox):
    assert colleague_client.post(url(invitation)).status_code == 403
    assert not mailoutbox
