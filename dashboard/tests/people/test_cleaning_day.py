"""A cleaner's own page, and everything else that is closed to them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_of
from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import Activity, StaffMember
from properties.tests.builders import (
    NOW,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
    make_user,
)

URL = "/my-day/"


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization, address="14 Shore Road"), "Suite")


@pytest.fixture
def cleaner(organization):
    return make_user("cleaner@example.org", organization, Role.CLEANER)


@pytest.fixture
def maria(organization, owner, unit, cleaner, now) -> StaffMember:
    door = make_door(unit, make_lock(organization))
    member = StaffMember(organization=organization, name="Maria", user=cleaner)
    staff_codes.save_member(member, [door], now, owner)
    return member


@pytest.fixture
def client(cleaner):
    return client_of(cleaner)


def test_today_leads_to_it(client, maria):
    assert client.get("/").headers["Location"] == URL


def test_turnover_with_first_names_only(client, maria, unit):
    make_stay(unit, "Anna Schmidt", check_in_on=NOW.date() - timedelta(days=2), nights=2, phone="555 1234")
    make_stay(unit, "Robin O’Neill", check_in_on=NOW.date())
    page = words(client.get(URL))
    assert "Free from 11:00 when Anna leaves Until 16:00 when Robin arrives" in page
    assert "14 Shore Road" in page
    for private in ("Schmidt", "O’Neill", "555 1234"):
        assert private not in page


def test_units_whose_doors_are_not_theirs_are_not_there(client, maria, organization):
    other = make_unit(make_property(organization, "Other House"))
    make_door(other, make_lock(organization, "Other lock"), "Other door")
    make_stay(other, "Mina Park", check_in_on=NOW.date())
    page = words(client.get(URL))
    assert "Other" not in page
    assert "Mina" not in page


def test_quiet_day_names_next_one(client, maria, unit):
    make_stay(unit, "Anna Schmidt", check_in_on=NOW.date() + timedelta(days=2), nights=3)
    assert "Next: Lake House · Suite, free from Sat 6 Jun 2026, 11:00 PDT" in words(client.get(URL))


def test_who_has_no_code_yet_reads_whom_to_ask(client):
    assert "You have no code yet" in words(client.get(URL))


def test_their_own_pin_is_theirs_to_see_and_that_is_written_down(client, cleaner, maria):
    digits = " ".join(maria.pin)
    assert digits not in client.get(URL).content.decode()
    answer = client.post(reverse("cleaning-day-pin"))
    assert digits in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert Activity.objects.get(kind="staff.revealed").actor == cleaner
    assert client.get(reverse("cleaning-day-pin")).status_code == 405


def test_after_they_were_removed_there_is_nothing(client, owner, maria, now):
    staff_codes.remove(maria, now, owner)
    assert "You have no code yet" in words(client.get(URL))
    assert client.post(reverse("cleaning-day-pin")).status_code == 302


@pytest.mark.parametrize(
    "address",
    ["/stays/", "/locks/", "/access-codes/", "/properties/", "/connections/", "/activity/", "/staff/", "/people/"],
)
def test_every_other_page_is_closed_to_them(client, maria, unit, address):
    make_stay(unit, "Anna Schmidt")
    answer = client.get(address)
    assert answer.status_code == 403
    assert "your own day and your own code" in words(answer)
    assert "Schmidt" not in words(answer)


def test_no_row_opens_by_its_number_and_nothing_can_be_done(client, maria, unit):
    stay, lock = make_stay(unit), maria.doors.get().lock
    code = make_code(lock)
    for name, row in [("stay", stay), ("lock", lock), ("access-code", code), ("staff-member", maria)]:
        assert client.get(reverse(name, args=[row.pk])).status_code == 403
    for name, row in [("access-code-reveal", code), ("staff-reveal", maria), ("lock-unlock", lock)]:
        assert client.post(reverse(name, args=[row.pk])).status_code == 403


def test_their_navigation_has_their_day_and_their_account_alone(client, maria):
    page = client.get(URL).content.decode()
    assert 'href="/stays/"' not in page
    assert 'href="/staff/"' not in page
    assert 'role="search"' not in page
    assert client.get(reverse("account_change_password")).status_code in (200, 302)


def test_stranger_sees_nothing_of_it(stranger_client, maria):
    assert "Maria" not in words(stranger_client.get(URL))


def test_somebody_who_looks_around_and_has_code_has_day_too(owner_client, owner, maria):
    StaffMember.objects.update(user=owner)
    assert "Front door" in words(owner_client.get(URL))


def test_number_of_queries_does_not_depend_on_units(
    client, owner, organization, maria, now, django_assert_max_num_queries
):
    place = make_property(organization, "Big House")
    doors = []
    for n in range(8):
        unit = make_unit(place, f"Flat {n}")
        doors.append(make_door(unit, make_lock(organization, f"Lock {n}"), f"Door {n}"))
        make_stay(unit, f"Guest {n}", check_in_on=NOW.date())
    staff_codes.save_member(maria, doors, now, owner)
    # The first page of a session notes that it began.
    client.get(URL)
    with django_assert_max_num_queries(18):
        assert "Flat 7" in words(client.get(URL))
