"""Who logs in as a staff member reads the PIN: setting that needs the right to manage people, and renews it."""

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from properties.codes import staff_codes
from properties.models import Activity, StaffMember
from properties.tests.builders import make_door, make_lock, make_property, make_unit, make_user


@pytest.fixture
def maria(organization, owner, now) -> StaffMember:
    door = make_door(make_unit(make_property(organization)), make_lock(organization))
    member = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(member, [door], now, owner)
    return member


def set_login(client, member, user):
    form = {"name": "Maria", "user": user.pk if user else "", "when": "always"}
    doors = [door.pk for door in member.doors.all()]
    answer = client.post(reverse("staff-edit", args=[member.pk]), form | {"doors": doors})
    member.refresh_from_db()
    return answer


def test_owner_sets_it_and_pin_is_new(owner_client, organization, maria):
    before, user = maria.pin, make_user("maria@example.org", organization, Role.CLEANER)
    assert set_login(owner_client, maria, user).status_code == 302
    assert maria.user == user
    assert maria.pin != before
    told = Activity.objects.get(kind="staff.new_pin")
    assert "maria@example.org now" in told.text
    assert maria.pin not in told.text
    assert {code.pin for code in maria.access_codes.standing()} == {maria.pin}


def test_same_login_keeps_pin(owner_client, organization, maria):
    set_login(owner_client, maria, make_user("maria@example.org", organization, Role.CLEANER))
    before = maria.pin
    set_login(owner_client, maria, maria.user)
    assert maria.pin == before


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_who_does_not_manage_people_sets_none(organization, maria, role):
    before = maria.pin
    client = client_as(organization, role)
    me = organization.memberships.get(role=role).user
    assert set_login(client, maria, me).status_code == 302
    assert (maria.user, maria.pin) == (None, before)


def test_who_does_not_manage_people_adds_none(organization, maria):
    client = client_as(organization, Role.FRONT_DESK)
    me = organization.memberships.get(role=Role.FRONT_DESK).user
    form = {"name": "Me", "user": me.pk, "when": "always", "doors": [door.pk for door in maria.doors.all()]}
    assert client.post(reverse("staff-add"), form).status_code == 302
    assert StaffMember.objects.get(name="Me").user is None
