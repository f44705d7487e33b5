"""Seeing a person's PIN: a right, for thirty seconds, written down."""

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from properties.codes import staff_codes
from properties.models import AccessCode, Activity, StaffMember
from properties.tests.builders import make_door, make_lock, make_property, make_unit


@pytest.fixture
def maria(organization, owner, now) -> StaffMember:
    door = make_door(make_unit(make_property(organization)), make_lock(organization))
    member = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(member, [door], now, owner)
    return member


def url(member) -> str:
    return reverse("staff-reveal", args=[member.pk])


def shown(member) -> str:
    return " ".join(member.pin)


def test_it_is_shown_and_written_down(owner_client, owner, maria, now):
    answer = owner_client.post(url(maria))
    assert shown(maria) in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Activity.objects.get(kind="staff.revealed")
    assert (entry.actor, maria.pin in entry.text) == (owner, False)
    assert AccessCode.objects.get().pin_shown_at == now


def test_part_hides_itself_again(owner_client, maria):
    part = owner_client.post(url(maria), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="load delay:30s"' in part
    masked = owner_client.get(reverse("staff-pin", args=[maria.pk])).content.decode()
    assert shown(maria) not in masked
    assert "PIN hidden" in masked


def test_somebody_removed_has_none_to_show(owner_client, owner, maria, now):
    staff_codes.remove(maria, now, owner)
    assert shown(maria) not in owner_client.post(url(maria), follow=True).content.decode()


def test_get_is_refused(owner_client, maria):
    assert owner_client.get(url(maria)).status_code == 405


def test_stranger_finds_nobody(stranger_client, maria):
    assert stranger_client.post(url(maria)).status_code == 404


def test_only_with_right(organization, maria):
    refused = client_as(organization, Role.FRONT_DESK, withheld=["see_pin"]).post(url(maria))
    assert refused.status_code == 403
    assert shown(maria) not in refused.content.decode()
    assert client_as(organization, Role.READ_ONLY, granted=["see_pin"]).post(url(maria)).status_code == 200
