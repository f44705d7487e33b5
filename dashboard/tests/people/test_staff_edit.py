"""Changing a person's doors and hours: codes follow, the PIN stays."""

from datetime import time

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import AccessCode, StaffMember
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_unit


@pytest.fixture
def doors(organization):
    unit = make_unit(make_property(organization))
    return [make_door(unit, make_lock(organization, f"{name} lock"), name) for name in ("Front", "Back")]


@pytest.fixture
def maria(organization, owner, doors, now) -> StaffMember:
    member = StaffMember(organization=organization, name="Maria", hours_from=time(9), hours_to=time(17))
    staff_codes.save_member(member, doors[:1], now, owner)
    return member


def url(member) -> str:
    return reverse("staff-edit", args=[member.pk])


def typed(*doors, **fields):
    hours = {"when": "hours", "hours_from": "09:00", "hours_to": "17:00", "days": list(range(7))}
    return {"name": "Maria", "doors": [door.pk for door in doors]} | hours | fields


def test_form_shows_what_is_there(owner_client, maria, doors):
    form = owner_client.get(url(maria)).context["form"]
    assert form["when"].value() == "hours"
    assert form["doors"].value() == [doors[0].pk]
    assert maria.pin not in owner_client.get(url(maria)).content.decode()


def test_another_door_gets_same_pin(owner_client, maria, doors):
    page = words(owner_client.post(url(maria), typed(*doors), follow=True))
    assert "Maria saved. 1 code is being put on Back lock." in page
    assert {code.pin for code in AccessCode.objects.all()} == {maria.pin}


def test_another_name_is_on_every_code(owner_client, maria, doors):
    owner_client.post(url(maria), typed(doors[0], name="Maria Lopez"))
    assert AccessCode.objects.get().holder_name == "Maria Lopez"


def test_door_that_has_pin_already_is_refused_in_words(owner_client, maria, doors):
    make_code(doors[1].lock, pin=maria.pin)
    answer = owner_client.post(url(maria), typed(*doors))
    assert answer.status_code == 422
    assert "Nothing was saved. The PIN of Maria cannot be used on Back lock." in words(answer)
    assert maria.doors.count() == 1


def test_somebody_removed_is_not_changed(owner_client, owner, maria, doors, now):
    staff_codes.remove(maria, now, owner)
    assert "was removed" in words(owner_client.post(url(maria), typed(*doors), follow=True))
    assert not AccessCode.objects.standing().exists()


def test_bad_input_says_why(owner_client, maria):
    answer = owner_client.post(url(maria), typed())
    assert answer.status_code == 422
    assert "Choose at least one door." in words(answer)


def test_stranger_finds_nobody(stranger_client, maria, doors):
    assert stranger_client.post(url(maria), typed(*doors)).status_code == 404


def test_without_right_it_is_refused(colleague_client, maria, doors):
    assert colleague_client.post(url(maria), typed(*doors)).status_code == 403
    assert maria.doors.count() == 1


@pytest.mark.parametrize(
    ("action", "leads_to"),
    [
        ("access-code-change", "staff-edit"),
        ("access-code-revoke", "staff-edit"),
        ("access-code-reissue", "staff-new-pin"),
    ],
)
def test_actions_on_one_of_their_codes_lead_to_person(owner_client, maria, action, leads_to):
    code = AccessCode.objects.get()
    answer = owner_client.post(reverse(action, args=[code.pk]), {"reason": "Lost"})
    assert answer.headers["Location"] == reverse(leads_to, args=[maria.pk])
    code.refresh_from_db()
    assert code.revoked_at is None
