"""Taking a person off every door in one action, with the proof for each door."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import AccessCode, StaffMember
from properties.tests.builders import make_door, make_lock, make_property, make_unit


@pytest.fixture
def maria(organization, owner, now) -> StaffMember:
    unit = make_unit(make_property(organization))
    doors = [make_door(unit, make_lock(organization, f"{name} lock"), name) for name in ("Front", "Back")]
    member = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(member, doors, now, owner)
    AccessCode.objects.update(create_sent_at=now, accepted_at=now, on_lock_at=now)
    return member


def url(member) -> str:
    return reverse("staff-remove", args=[member.pk])


def page_of(client, member) -> str:
    return words(client.get(reverse("staff-member", args=[member.pk])))


def test_question_states_effect_in_counts(owner_client, maria):
    page = words(owner_client.get(url(maria)))
    assert (
        "Takes 2 codes off Front lock and Back lock." in page or "Takes 2 codes off Back lock and Front lock." in page
    )
    assert "Remove 2 codes" in page
    assert AccessCode.objects.standing().count() == 2


def test_every_door_shows_its_step_until_last_is_proved(owner_client, maria, now):
    assert "2 codes are being removed" in words(owner_client.post(url(maria), follow=True))
    assert "2 codes still to come off" in page_of(owner_client, maria)
    first = AccessCode.objects.first()
    AccessCode.objects.filter(pk=first.pk).update(removed_at=now)
    assert "1 code still to come off" in page_of(owner_client, maria)
    AccessCode.objects.update(removed_at=now)
    assert "Off every door" in page_of(owner_client, maria)
    assert "Removed" in words(owner_client.get("/staff/?show=removed"))


def test_refresh_updates_state_beside_name(owner_client, maria, now):
    owner_client.post(url(maria))
    AccessCode.objects.update(removed_at=now)
    part = owner_client.get(reverse("staff-doors", args=[maria.pk]), headers={"HX-Request": "true"}).content.decode()
    assert '<span id="staff-state" hx-swap-oob="true">' in part
    assert "hx-swap-oob" not in owner_client.get(reverse("staff-member", args=[maria.pk])).content.decode()


def test_door_that_does_not_confirm_is_said_so(owner_client, maria, now):
    owner_client.post(url(maria))
    AccessCode.objects.update(revoked_at=now - timedelta(minutes=20))
    assert page_of(owner_client, maria).count("Ended, removal not proved") == 2


def test_twice_is_once(owner_client, maria):
    owner_client.post(url(maria))
    assert "was removed before" in words(owner_client.post(url(maria), follow=True))


def test_stranger_finds_nobody(stranger_client, maria):
    assert stranger_client.post(url(maria)).status_code == 404
    assert AccessCode.objects.standing().count() == 2


def test_without_right_it_is_refused(colleague_client, maria):
    assert colleague_client.get(url(maria)).status_code == 403
    assert colleague_client.post(url(maria)).status_code == 403
    assert AccessCode.objects.standing().count() == 2
