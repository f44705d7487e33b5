"""Adding a person to the staff: doors, hours, last day; the code follows by itself."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.models import AccessCode, StaffMember
from properties.tests.builders import make_door, make_lock, make_property, make_unit

URL = "/staff/add/"


@pytest.fixture
def door(organization, now):
    return make_door(make_unit(make_property(organization)), make_lock(organization))


def typed(*doors, **fields):
    hours = {"when": "hours", "hours_from": "09:00", "hours_to": "17:00", "days": [0, 1, 2, 3, 4]}
    return {"name": " Maria  Lopez ", "doors": [door.pk for door in doors]} | hours | fields


def test_without_doors_page_says_what_to_do_first(owner_client):
    assert "Add a property with its doors first." in words(owner_client.get(URL))


def test_hours_begin_as_gap_between_two_stays(owner_client, door):
    form = owner_client.get(URL).context["form"]
    assert (form["hours_from"].value(), form["hours_to"].value()) == (time(11), time(16))


def test_somebody_with_hours_gets_code_for_next_span(owner_client, owner, door):
    page = words(owner_client.post(URL, typed(door), follow=True))
    assert "Maria Lopez saved. 1 code is being put on Front Door." in page
    member = StaffMember.objects.get()
    assert (member.created_by, member.days) == (owner, [0, 1, 2, 3, 4])
    code = AccessCode.objects.get()
    assert (code.staff, code.holder_name, code.pin) == (member, "Maria Lopez", member.pin)


def test_round_clock_forgets_hours(owner_client, door):
    owner_client.post(URL, typed(door, when="always"))
    member = StaffMember.objects.get()
    assert (member.hours_from, member.days) == (None, [0, 1, 2, 3, 4, 5, 6])
    assert AccessCode.objects.get().is_ongoing


def test_colleague_who_logs_in_can_be_chosen_stranger_cannot(owner_client, door, colleague, stranger):
    answer = owner_client.post(URL, typed(door, user=stranger.pk))
    assert answer.status_code == 422
    owner_client.post(URL, typed(door, user=colleague.pk))
    assert StaffMember.objects.get().user == colleague


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, "This field is required."),
        ({"doors": []}, "Choose at least one door."),
        ({"hours_from": ""}, "Give a time, or choose “Round the clock”."),
        ({"hours_to": "09:10"}, "Give them at least half an hour."),
        ({"days": []}, "Choose at least one day."),
        ({"until_on": "2026-05-31"}, "This day is over."),
        ({"when": "sometimes"}, "Select a valid choice."),
    ],
)
def test_bad_input_says_why(owner_client, door, fields, reason):
    answer = owner_client.post(URL, typed(door, **fields))
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not StaffMember.objects.exists()
    assert not AccessCode.objects.exists()


def test_door_of_somebody_else_cannot_be_chosen(stranger_client, door):
    assert stranger_client.post(URL, typed(door)).status_code in (200, 422)
    assert not StaffMember.objects.exists()


def test_limited_person_chooses_own_doors(organization, door):
    other = make_door(make_unit(make_property(organization, "Other")), make_lock(organization, "Other lock"), "Side")
    client = client_as(organization, Role.FRONT_DESK, door.property)
    assert client.post(URL, typed(other)).status_code == 422
    assert client.post(URL, typed(door)).status_code == 302
    assert StaffMember.objects.get().doors.get() == door


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.CLEANER])
def test_without_right_it_is_refused(organization, door, role):
    client = client_as(organization, role)
    assert client.get(URL).status_code == 403
    assert client.post(URL, typed(door)).status_code == 403
    assert not StaffMember.objects.exists()


def test_whole_way_over_two_days(seam, owner, owner_client):
    """On the lock ahead of time, off after the hours, and the same PIN on again for the next day."""
    seam.link_for(owner)
    seam.register_webhook()
    lock = seam.lock()
    door = make_door(make_unit(make_property(owner.organization)), lock)
    owner_client.post(URL, typed(door, hours_from="06:00", hours_to="08:00", days=[0, 1, 2, 3, 4, 5, 6]))
    member = StaffMember.objects.get()
    seam.pass_time("PT2M", times=3)
    assert member.pin in seam.pins_on(lock)
    first = AccessCode.objects.get()
    assert first.on_lock_at is not None
    seam.pass_time("PT30M", times=8)
    first.refresh_from_db()
    assert first.removed_at is not None
    second = AccessCode.objects.exclude(pk=first.pk).get()
    assert second.starts_at - first.starts_at == timedelta(days=1)
    assert seam.pins_on(lock).keys() == {member.pin}
    opens = {"device_id": str(lock.seam_id), "code": member.pin}
    assert not seam("/_sandbox/keypad", **opens)["opened"]
    seam.pass_time("PT1H", times=21)
    assert seam("/_sandbox/keypad", **opens)["opened"]
    seam.pass_time("PT1M")
    member.refresh_from_db()
    assert member.last_used_at is not None
    owner_client.post(reverse("staff-remove", args=[member.pk]))
    seam.pass_time("PT2M", times=3)
    assert member.pin not in seam.pins_on(lock)
    page = words(owner_client.get(reverse("staff-member", args=[member.pk])))
    assert "Off every door" in page
