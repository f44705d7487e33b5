"""Inviting a person: a mail with a link that is a secret, with role and properties; refused in words."""

import logging
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import Invitation, Organization, Role, User, hash_of_token
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from outbox.models import Message, MessageState
from properties.changes import people
from properties.models import Activity
from properties.tests.builders import make_property

LINK = re.compile(r"http://testserver/invitations/([^/\s]+)/")


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "http://testserver"


def typed(**fields):
    return {"email": "New@Example.org", "role": "front_desk", "where": "all"} | fields


def invite(client, **fields):
    return client.post(reverse("invite"), typed(**fields), follow=True)


def token_in(mail) -> str:
    return LINK.search(mail.body)[1]


def test_mail_with_link_goes_out(owner_client, organization, mailoutbox, now):
    page = words(invite(owner_client))
    assert "new@example.org is invited. The link works for seven days." in page
    (mail,) = mailoutbox
    assert mail.to == ["new@example.org"]
    assert mail.subject == "[Latchkey] An invitation for you"
    invitation = Invitation.objects.get()
    assert (invitation.organization, invitation.role) == (organization, Role.FRONT_DESK)
    assert hash_of_token(token_in(mail)) == invitation.token_hash


def test_link_is_written_nowhere_else(owner_client, mailoutbox, caplog):
    caplog.set_level(logging.DEBUG)
    answer = invite(owner_client)
    secret = token_in(mailoutbox[0]).split(":")[0]
    kept = str(list(Invitation.objects.values())) + "".join(Activity.objects.values_list("text", flat=True))
    assert secret not in kept + answer.content.decode() + caplog.text


def test_it_can_be_limited_to_properties(owner_client, organization, mailoutbox):
    place = make_property(organization)
    invite(owner_client, where="some", places=[place.pk], right_see_pin="no")
    invitation = Invitation.objects.get()
    assert [reach.property for reach in invitation.reaches.all()] == [place]
    assert invitation.withheld == ["see_pin"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": ""}, "This field is required."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"email": "owner@example.org"}, "is one of your people already"),
        ({"where": "some"}, "Choose at least one property."),
    ],
)
def test_bad_input_says_why_and_mails_nobody(owner_client, mailoutbox, fields, reason):
    answer = invite(owner_client, **fields)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not mailoutbox
    assert not Invitation.objects.exists()


def test_twice_is_refused(owner_client, mailoutbox):
    invite(owner_client)
    assert "Send that invitation again instead." in words(invite(owner_client))
    assert len(mailoutbox) == 1


def test_page_does_not_wait_for_silent_mail_server(owner_client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert "is invited" in words(invite(owner_client))
    assert Message.objects.get().state == MessageState.WAITING


def test_names_carry_no_link_and_no_line(owner_client, owner, organization, mailoutbox):
    Organization.objects.update(name="Win http://evil.example/\nClick <b>now</b>")
    User.objects.filter(pk=owner.pk).update(first_name="www.evil.example", last_name="x" * 150)
    invite(owner_client)
    (mail,) = mailoutbox
    assert "evil.example" not in mail.body
    assert "Win http evil example Click b now b in Latchkey" in mail.body
    assert "x" * 60 not in mail.body


def test_mail_is_posted_once_with_its_invitation(owner_client, organization, mailoutbox):
    invite(owner_client)
    message = Message.objects.get()
    assert (message.organization, message.title) == (organization, "Invitation")
    assert message.deadline == Invitation.objects.get().expires_at


def test_sender_without_proved_address_invites_none(owner_client, owner, mailoutbox):
    EmailAddress.objects.filter(user=owner).update(verified=False)
    assert "Confirm your own email address first" in words(invite(owner_client))
    assert not mailoutbox


def test_flood_of_invitations_is_stopped(owner_client, organization, mailoutbox, now):
    for number in range(people.EACH_PERSON):
        invite(owner_client, email=f"x{number}@example.org")
    assert "many invitations within an hour" in words(invite(owner_client, email="one-more@example.org"))
    assert len(mailoutbox) == people.EACH_PERSON
    invitation = Invitation.objects.first()
    again = owner_client.post(reverse("invitation-resend", args=[invitation.pk]), follow=True)
    assert "many invitations within an hour" in words(again)
    Activity.objects.update(at=now - timedelta(hours=2))
    assert "is invited" in words(invite(owner_client, email="one-more@example.org"))


def test_organization_as_whole_has_limit(organization, mailoutbox):
    for number in range(people.EACH_ORGANIZATION // people.EACH_PERSON):
        client = client_as(organization, Role.OWNER)
        for other in range(people.EACH_PERSON):
            invite(client, email=f"x{number}.{other}@example.org")
    assert "many invitations" in words(invite(client_as(organization, Role.OWNER), email="y@example.org"))


def test_form_names_no_property_of_others(owner_client, stranger):
    make_property(stranger.organization, "Elsewhere House")
    assert "Elsewhere House" not in words(owner_client.get(reverse("invite")))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_DESK, Role.READ_ONLY, Role.CLEANER])
def test_without_right_it_is_refused(organization, role, mailoutbox):
    assert invite(client_as(organization, role)).status_code == 403
    assert not mailoutbox


def test_who_has_right_gives_no_more_than_they_have(organization, mailoutbox):
    client = client_as(organization, Role.FRONT_DESK, granted=["manage_people"])
    assert "Only an owner can make another person an owner." in words(invite(client, role="owner"))
    assert "a right that you do not have yourself" in words(invite(client, role="manager"))
    assert invite(client, role="read_only").status_code == 200
    assert len(mailoutbox) == 1
