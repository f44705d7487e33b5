"""Every property with its units, doors and locks, and what is missing."""

import pytest

from dashboard.tests.pages import words
from properties.models import Property
from properties.tests.builders import make_account, make_door, make_lock, make_property, make_unit

URL = "/properties/"


def complete(organization, name="Lake House") -> Property:
    place = make_property(organization, name)
    make_door(make_unit(place), make_lock(organization, f"{name} lock"))
    return place


def test_complete_property_shows_its_parts(owner_client, organization, now):
    complete(organization)
    page = words(owner_client.get(URL))
    assert "Lake House Complete America/Los_Angeles" in page
    assert "Units Whole home Doors Front door (Lake House lock)" in page


def test_what_is_missing_is_said(owner_client, organization, now):
    make_unit(make_property(organization))
    page = words(owner_client.get(URL))
    assert "To put right" in page
    assert "Whole home has no door. Add a door that leads to it." in page


def test_locks_without_door_are_counted(owner_client, organization, now):
    complete(organization)
    make_lock(organization, "Somewhere")
    make_lock(organization, "Gone", vanished_at=now)
    make_lock(organization, "Unlinked", account=make_account(organization, unlinked_at=now))
    assert "1 lock is on no door yet." in words(owner_client.get(URL))


@pytest.mark.parametrize(("locks", "action"), [(0, "Add a property"), (1, "See the suggestions")])
def test_empty_page_says_what_to_do_next(owner_client, organization, now, locks, action):
    for _ in range(locks):
        make_lock(organization)
    page = words(owner_client.get(URL))
    assert "No property yet" in page
    assert action in page


def test_who_may_only_look_is_told_who_can(colleague_client, now):
    page = words(colleague_client.get(URL))
    assert "An owner or a manager can add one." in page
    assert "Add a property" not in page


def test_properties_are_found_by_name(owner_client, organization, now):
    complete(organization)
    complete(organization, "Harbor Loft")
    page = words(owner_client.get(URL, {"q": "harb"}))
    assert "Harbor Loft" in page
    assert "Lake House" not in page
    assert "No property matches" in words(owner_client.get(URL, {"q": "\0castle"}))


def test_another_organization_sees_nothing(stranger_client, organization, now):
    complete(organization)
    assert "Lake House" not in words(stranger_client.get(URL))


def test_more_properties_cost_no_more_queries(owner_client, organization, now, django_assert_max_num_queries):
    complete(organization)
    complete(organization, "Second")
    owner_client.get(URL)
    with django_assert_max_num_queries(30) as few:
        owner_client.get(URL)
    for number in range(20):
        complete(organization, f"House {number}")
    with django_assert_max_num_queries(len(few)):
        page = owner_client.get(URL)
    assert "1–20 of 22 properties" in words(page)


def test_thousand_doors_are_listed(owner_client, organization):
    for number in range(26):
        place = make_property(organization, f"Place {number:02d}")
        unit = make_unit(place)
        for door in range(40):
            make_door(unit, make_lock(organization, f"Lock {number}-{door}"), f"Door {door}")
    assert owner_client.get("/properties/").status_code == 200


def test_many_units_are_named_in_part(owner_client, organization):
    place = make_property(organization)
    for number in range(15):
        make_unit(place, f"Unit {number:02}")
    page = words(owner_client.get(URL))
    assert "Unit 11 and 3 more" in page
    assert "Unit 12" not in page.partition("Doors")[0]
