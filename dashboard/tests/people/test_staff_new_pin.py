"""A new PIN for a person on all of their doors; a right of its own."""

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import AccessCode, Activity, StaffMember
from properties.tests.builders import make_door, make_lock, make_property, make_unit

WHY = {"reason": "Lost her phone"}


@pytest.fixture
def maria(organization, owner, now) -> StaffMember:
    door = make_door(make_unit(make_property(organization)), make_lock(organization))
    member = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(member, [door], now, owner)
    return member


def url(member) -> str:
    return reverse("staff-new-pin", args=[member.pk])


def test_old_one_goes_and_new_one_comes(owner_client, maria):
    before = maria.pin
    page = words(owner_client.post(url(maria), WHY, follow=True))
    assert "A new PIN for Maria. Tell them: the old one stops working." in page
    maria.refresh_from_db()
    assert maria.pin != before
    assert AccessCode.objects.standing().get().pin == maria.pin
    assert "Lost her phone" in Activity.objects.get(kind="staff.new_pin").text


def test_without_reason_nothing_changes(owner_client, maria):
    answer = owner_client.post(url(maria), {})
    assert answer.status_code == 422
    assert "This field is required." in words(answer)
    assert StaffMember.objects.get().pin == maria.pin


def test_somebody_removed_gets_none(owner_client, owner, maria, now):
    staff_codes.remove(maria, now, owner)
    assert "no PIN to change" in words(owner_client.post(url(maria), WHY, follow=True))
    assert not AccessCode.objects.standing().exists()


def test_stranger_finds_nobody(stranger_client, maria):
    assert stranger_client.post(url(maria), WHY).status_code == 404


def test_reissuing_is_right_apart_from_issuing(organization, maria):
    without = client_as(organization, Role.FRONT_DESK, withheld=["reissue_codes"])
    assert without.post(url(maria), WHY).status_code == 403
    assert without.get(reverse("staff-edit", args=[maria.pk])).status_code == 200
    only = client_as(organization, Role.READ_ONLY, granted=["reissue_codes"])
    assert only.post(url(maria), WHY).status_code == 302
    assert only.get(reverse("staff-edit", args=[maria.pk])).status_code == 403


def test_it_holds_for_guest_codes_too(organization, maria):
    code = AccessCode.objects.get()
    AccessCode.objects.update(staff=None, kind="other")
    address = reverse("access-code-reissue", args=[code.pk])
    page = reverse("access-code", args=[code.pk])
    without = client_as(organization, Role.FRONT_DESK, withheld=["reissue_codes"])
    assert without.get(address).status_code == 403
    assert "Reissue" not in words(without.get(page))
    only = client_as(organization, Role.READ_ONLY, granted=["reissue_codes"])
    assert only.get(address).status_code == 200
    assert "Reissue" in words(only.get(page))
    assert "Revoke" not in words(only.get(page))


def test_form_sent_twice_gives_one_new_pin(owner_client, maria):
    typed = WHY | {"form_key": owner_client.get(url(maria)).context["form"]["form_key"].value()}
    owner_client.post(url(maria), typed)
    first = StaffMember.objects.get().pin
    owner_client.post(url(maria), typed)
    assert StaffMember.objects.get().pin == first
