"""The property filter: chosen once, kept in the session, applied by the lists, and never another organization's."""

import pytest

from dashboard.tests.pages import words
from properties.tests.builders import make_code, make_door, make_lock, make_organization, make_property, make_unit


@pytest.fixture
def homes(organization, now):
    """Two properties with a lock and a code each."""
    found = {}
    for name, pin in (("Lake House", "482917"), ("Harbor Loft", "739184")):
        place = make_property(organization, name)
        lock = make_lock(organization, f"{name} Front")
        make_door(make_unit(place), lock)
        make_code(lock, f"Guest of {name}", pin=pin)
        found[name] = place
    return found


def locks_of(page) -> list[str]:
    return [lock["name"] for lock in page.context["rows"]]


def test_choice_is_kept_from_page_to_page(owner_client, homes):
    owner_client.get("/locks/", {"property": homes["Lake House"].pk})
    assert locks_of(owner_client.get("/locks/")) == ["Lake House Front"]
    codes = owner_client.get("/access-codes/")
    assert [code.holder_name for code in codes.context["page"]] == ["Guest of Lake House"]
    assert "Only codes of Lake House" in words(codes)


@pytest.mark.parametrize("all_of_them", ["all", "", "0", "99999999999999999999", "x", "²"])
def test_all_properties_come_back(owner_client, homes, all_of_them):
    owner_client.get("/locks/", {"property": homes["Lake House"].pk})
    assert len(locks_of(owner_client.get("/locks/", {"property": all_of_them}))) == 2
    assert len(locks_of(owner_client.get("/locks/"))) == 2


def test_filter_counts_are_of_chosen_property(owner_client, homes):
    page = owner_client.get("/access-codes/", {"property": homes["Harbor Loft"].pk})
    assert ("current", "Current", 1) in page.context["filters"]


def test_anothers_property_is_no_choice(owner_client, homes):
    foreign = make_property(make_organization("Elsewhere"), "Foreign House")
    page = owner_client.get("/locks/", {"property": foreign.pk})
    assert len(locks_of(page)) == 2
    assert "Foreign House" not in words(page)


def test_property_that_is_deleted_meanwhile_is_forgotten(owner_client, homes):
    owner_client.get("/locks/", {"property": homes["Lake House"].pk})
    homes["Lake House"].delete()
    assert len(locks_of(owner_client.get("/locks/"))) == 2


def test_people_choose_for_themselves(owner_client, colleague_client, homes):
    owner_client.get("/locks/", {"property": homes["Lake House"].pk})
    assert len(locks_of(colleague_client.get("/locks/"))) == 2


def test_with_one_property_there_is_nothing_to_choose(owner_client, organization, now):
    make_lock(organization)
    make_property(organization)
    assert "Property shown" not in words(owner_client.get("/locks/"))


def test_link_keeps_other_filters(owner_client, homes):
    page = owner_client.get("/locks/", {"q": "front", "show": "attention", "page": "3"}).content.decode()
    assert f"?q=front&amp;show=attention&amp;property={homes['Lake House'].pk}" in page


def test_empty_list_leads_back_to_all_properties(owner_client, organization, homes):
    empty = make_property(organization, "Empty House")
    page = owner_client.get("/locks/", {"property": empty.pk})
    assert "No lock matches" in words(page)
    assert "property=all" in page.content.decode()
