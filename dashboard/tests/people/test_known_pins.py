"""PINs that a person knows who was removed, demoted or narrowed: named at once, and worthless by one click."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Right, Role
from dashboard.tests.cast import client_as, client_of
from dashboard.tests.pages import words
from properties.codes import known_pins, planning, staff_codes
from properties.models import AccessCode, KnownPin, Reach, StaffMember
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit, make_user

PAGE = reverse("known-pins")


@pytest.fixture
def door(organization, now):
    return make_door(make_unit(make_property(organization, "Hill")), make_lock(organization, "Hill lock"))


@pytest.fixture
def eve(organization):
    return make_user("eve@example.org", organization, Role.FRONT_DESK)


def see(eve, code) -> None:
    client_of(eve).post(reverse("access-code-reveal", args=[code.pk]))


def remove(owner_client, eve):
    return owner_client.post(reverse("person-remove", args=[eve.membership.pk]))


def of_guest(door, now, days_ahead: int) -> AccessCode:
    (code,) = planning.apply_stay_plan(make_stay(door.units.get(), days_ahead=days_ahead), now, None)
    return code


def known(organization, now) -> list[str]:
    return [str(row.access_code or row.staff) for row in known_pins.left_over(organization, now)]


def test_pin_seen_by_colleague_is_no_matter(owner_client, organization, eve, door, now):
    see(eve, of_guest(door, now, 5))
    assert KnownPin.objects.count() == 1
    assert known(organization, now) == []
    assert "There are none." in words(owner_client.get(PAGE))


def test_removed_person_leads_to_their_pins(owner_client, organization, eve, door, now):
    see(eve, of_guest(door, now, 5))
    assert remove(owner_client, eve)["Location"] == PAGE
    assert "eve@example.org" in words(owner_client.get(PAGE))
    assert "1 PIN that opens a door is known to a person" in words(owner_client.get("/"))


def test_today_looks_only_while_there_may_be_some(owner_client, organization, now):
    type(organization).objects.update(has_left_over_pins=True)
    owner_client.get("/")
    organization.refresh_from_db()
    assert not organization.has_left_over_pins


def test_ticked_pin_is_worthless(owner_client, eve, door, now):
    code = of_guest(door, now, 5)
    see(eve, code)
    remove(owner_client, eve)
    row = KnownPin.objects.get()
    owner_client.post(PAGE, {"shown": row.pk, "worthless": row.pk})
    code.refresh_from_db()
    assert code.revoked_at is not None
    assert code.replaced_by.pin != code.pin
    assert "There are none." in words(owner_client.get(PAGE))


def test_unticked_pin_stays_and_is_asked_about_no_more(owner_client, owner, eve, door, now):
    code = of_guest(door, now, 5)
    see(eve, code)
    remove(owner_client, eve)
    row = KnownPin.objects.get()
    owner_client.post(PAGE, {"shown": row.pk})
    code.refresh_from_db()
    row.refresh_from_db()
    assert (code.revoked_at, row.accepted_by, row.accepted_at) == (None, owner, now)
    assert "known to a person" not in words(owner_client.get("/"))


def test_row_that_was_not_shown_is_not_decided(owner_client, eve, door, now):
    see(eve, of_guest(door, now, 5))
    remove(owner_client, eve)
    owner_client.post(PAGE, {})
    assert KnownPin.objects.get().accepted_at is None


def test_guest_in_house_is_not_ticked(owner_client, eve, door, now):
    see(eve, of_guest(door, now, -1))
    remove(owner_client, eve)
    page = owner_client.get(PAGE).content.decode()
    assert "The guest is in house" in page
    assert "checked" not in page


def test_code_they_made_is_revoked(owner_client, organization, eve, door, now):
    code = planning.issue(door.lock, "Friend of Eve", None, "482917", now, eve)
    remove(owner_client, eve)
    row = KnownPin.objects.get()
    owner_client.post(PAGE, {"shown": row.pk, "worthless": row.pk})
    code.refresh_from_db()
    assert code.revoked_at is not None


def test_staff_pin_is_renewed(owner_client, owner, organization, eve, door, now):
    maria = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(maria, [door], now, owner)
    client_of(eve).post(reverse("staff-reveal", args=[maria.pk]))
    before = maria.pin
    remove(owner_client, eve)
    row = KnownPin.objects.get()
    owner_client.post(PAGE, {"shown": row.pk, "worthless": row.pk})
    maria.refresh_from_db()
    assert maria.pin != before
    assert known(organization, now) == []


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.CLEANER},
        {"role": Role.READ_ONLY},
        {"withheld": [Right.SEE_PIN.value]},
        {"is_limited": True},
    ],
)
def test_demoted_or_narrowed_person_counts(organization, eve, door, now, change):
    see(eve, of_guest(door, now, 5))
    Membership.objects.filter(user=eve).update(**change)
    assert known(organization, now) == ["Code for Anna Schmidt"]


def test_limited_person_may_know_pins_of_their_homes(organization, eve, door, now):
    see(eve, of_guest(door, now, 5))
    Membership.objects.filter(user=eve).update(is_limited=True)
    Reach.objects.create(membership=eve.membership, property=door.property)
    assert known(organization, now) == []


@pytest.mark.parametrize("end", [{"revoked_at"}, {"removed_at"}])
def test_pin_that_opens_nothing_is_no_matter(organization, eve, door, now, end):
    code = of_guest(door, now, 5)
    see(eve, code)
    Membership.objects.filter(user=eve).delete()
    AccessCode.objects.filter(pk=code.pk).update(**dict.fromkeys(end, now))
    assert known(organization, now) == []


def test_pin_on_another_door_of_the_stay_still_counts(owner_client, organization, eve, door, now):
    make_door(door.units.get(), make_lock(organization, "Hill gate"), "Gate")
    codes = planning.apply_stay_plan(make_stay(door.units.get(), days_ahead=5), now, None)
    see(eve, codes[0])
    AccessCode.objects.filter(pk=codes[0].pk).update(revoked_at=now, removed_at=now)
    remove(owner_client, eve)
    assert len(known(organization, now)) == 1
    row = KnownPin.objects.get()
    owner_client.post(PAGE, {"shown": row.pk, "worthless": row.pk})
    assert not AccessCode.objects.standing().filter(pin_hash=codes[0].pin_hash).exists()


def test_staff_pin_seen_by_its_code_is_that_of_all_days(owner_client, owner, organization, eve, door, now):
    maria = StaffMember(organization=organization, name="Maria")
    (code,) = staff_codes.save_member(maria, [door], now, owner)
    see(eve, code)
    AccessCode.objects.filter(pk=code.pk).update(removed_at=now)
    remove(owner_client, eve)
    assert known(organization, now) == ["Maria"]


def test_own_staff_pin_is_no_matter(organization, owner, eve, door, now):
    maria = StaffMember(organization=organization, name="Maria", user=eve)
    staff_codes.save_member(maria, [door], now, owner)
    client_of(eve).post(reverse("staff-reveal", args=[maria.pk]))
    Membership.objects.filter(user=eve).update(role=Role.CLEANER)
    assert known(organization, now) == []


def test_strangers_rows_are_neither_shown_nor_decided(stranger_client, organization, eve, door, now):
    see(eve, of_guest(door, now, 5))
    Membership.objects.filter(user=eve).delete()
    row = KnownPin.objects.get()
    assert "eve@example.org" not in words(stranger_client.get(PAGE))
    stranger_client.post(PAGE, {"shown": row.pk, "worthless": row.pk})
    row.refresh_from_db()
    assert row.accepted_at is None
    assert row.access_code.revoked_at is None


def test_it_needs_right_to_manage_people(organization, now):
    assert client_as(organization, Role.MANAGER).get(PAGE).status_code == 403


def test_other_codes_need_no_row(organization, owner, door, now):
    make_code(door.lock, stay=make_stay(door.units.get()))
    assert not KnownPin.objects.exists()
