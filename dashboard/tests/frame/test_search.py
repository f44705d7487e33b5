"""Search: guests, units, locks and properties by words; never a PIN, never another organization's."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict import storing

SEARCH = reverse("search")


def found(page) -> dict[str, list[str]]:
    hits = page.context["found"]
    return {
        "stays": [stay.guest.name for stay in hits.stays],
        "units": [unit.name for unit, _, _ in hits.units],
        "locks": [lock.name for lock in hits.locks],
        "properties": [place.name for place in hits.properties],
    }


@pytest.fixture
def lake(organization, now):
    place = make_property(organization, "Lake House", address="14 Shore Road")
    unit = make_unit(place, "Guest Suite")
    make_door(unit, make_lock(organization, "Wyze 7"), "Side door")
    return unit


@pytest.mark.parametrize(
    ("query", "sort", "names"),
    [
        ("anna", "stays", ["Anna Schmidt"]),
        ("  SCHMIDT  anna ", "stays", ["Anna Schmidt"]),
        ("anna suite", "stays", ["Anna Schmidt"]),
        ("anna nowhere", "stays", []),
        ("suite", "stays", []),
        ("suite", "units", ["Guest Suite"]),
        ("lake suite", "units", ["Guest Suite"]),
        ("wyze", "locks", ["Wyze 7"]),
        ("side", "locks", ["Wyze 7"]),
        ("shore", "properties", ["Lake House"]),
        ("%", "properties", []),
        ("a\0nna", "stays", ["Anna Schmidt"]),
    ],
)
def test_every_word_has_to_be_in_names_that_row_goes_by(owner_client, lake, query, sort, names):
    make_stay(lake)
    assert found(owner_client.get(SEARCH, {"q": query}))[sort] == names


def test_guest_is_found_by_phone_and_e_mail(owner_client, lake):
    stay = make_stay(lake, phone="+1 555 0199")
    stay.guest.email = "anna@example.org"
    stay.guest.save()
    assert found(owner_client.get(SEARCH, {"q": "0199"}))["stays"] == ["Anna Schmidt"]
    assert found(owner_client.get(SEARCH, {"q": "anna@"}))["stays"] == ["Anna Schmidt"]


def test_in_house_comes_before_next_and_past(owner_client, lake, now):
    for guest, days in (("Old Kim", -30), ("Later Kim", 20), ("Recent Kim", -9), ("Soon Kim", 3), ("Here Kim", -1)):
        make_stay(lake, guest, days_ahead=days)
    names = found(owner_client.get(SEARCH, {"q": "kim"}))["stays"]
    assert names == ["Here Kim", "Soon Kim", "Later Kim", "Recent Kim", "Old Kim"]


@pytest.fixture
def loft(organization, now):
    unit = make_unit(make_property(organization, "Harbor Loft"), "Guest Suite")
    make_door(unit, make_lock(organization, "Wyze 1"))
    return unit


def test_chosen_property_comes_first_and_hides_nobody(owner_client, lake, loft):
    for guest, unit in (("Lake Kim", lake), ("Loft Kim", loft)):
        make_stay(unit, guest)
    page = owner_client.get(SEARCH, {"q": "kim", "property": loft.property_id})
    assert found(page)["stays"] == ["Loft Kim", "Lake Kim"]
    page = owner_client.get(SEARCH, {"q": "kim", "property": lake.property_id})
    assert found(page)["stays"] == ["Lake Kim", "Loft Kim"]
    assert "All properties are searched; Lake House comes first Treat all alike" in words(page)
    assert found(owner_client.get(SEARCH, {"q": "wyze"}))["locks"] == ["Wyze 7", "Wyze 1"]
    assert [unit for unit, _, _ in owner_client.get(SEARCH, {"q": "suite"}).context["found"].units] == [lake, loft]
    assert "comes first" not in words(owner_client.get(SEARCH, {"q": "kim", "property": "all"}))


def test_in_house_elsewhere_comes_before_past_here(owner_client, lake, loft, now):
    for n in range(9):
        make_stay(lake, f"Past Kim {n}", days_ahead=-10 - 4 * n)
    make_stay(lake, "Next Kim", days_ahead=5)
    make_stay(loft, "Here Kim", days_ahead=-1)
    names = found(owner_client.get(SEARCH, {"q": "kim", "property": lake.property_id}))["stays"]
    assert names[:3] == ["Here Kim", "Next Kim", "Past Kim 0"]


def test_unit_tells_who_is_in_house_and_who_is_next(owner_client, lake, now):
    make_stay(lake, "Here Kim", days_ahead=-1)
    make_stay(lake, "Next Kim", days_ahead=5)
    make_stay(lake, "Last Kim", days_ahead=15)
    page = words(owner_client.get(SEARCH, {"q": "suite"}))
    assert "Here Kim" in page
    assert "Next Kim" in page
    assert "Last Kim" not in page


@pytest.mark.parametrize("query", ["482917", "48 29 17", "482-917", "4829"])
def test_digits_alone_find_nobody_by_pin_and_page_says_why(owner_client, lake, query):
    stay = make_stay(lake)
    make_code(lake.doors.get().lock, pin="482917", stay=stay)
    page = owner_client.get(SEARCH, {"q": query})
    assert page.context["found"].count == 0
    assert "PINs are never searched." in words(page)


def test_unit_named_by_number_is_found_by_it(owner_client, lake):
    make_unit(lake.property, "Room 2104")
    page = owner_client.get(SEARCH, {"q": "2104"})
    assert found(page)["units"] == ["Room 2104"]
    assert "PINs are never searched." in words(page)


def test_more_than_fit_are_cut_and_page_says_so(owner_client, lake, now):
    for n in range(9):
        make_stay(lake, f"Kim {n}", days_ahead=10 + 4 * n)
    page = owner_client.get(SEARCH, {"q": "kim"})
    assert len(page.context["found"].stays) == 8
    assert "type more to narrow it down" in words(page)


def test_price_does_not_depend_on_what_is_found(owner_client, organization, now, django_assert_max_num_queries):
    for n in range(8):
        unit = make_unit(make_property(organization, f"Kim House {n}"), "Kim Suite")
        make_door(unit, make_lock(organization, f"Kim Lock {n}"))
        make_stay(unit, "Kim")
    storing.judge_marked(now, 100)
    with django_assert_max_num_queries(24):
        owner_client.get(SEARCH, {"q": "kim"})


@pytest.mark.parametrize("query", ["", "   "])
def test_empty_search_says_what_to_type(owner_client, lake, query):
    page = owner_client.get(SEARCH, {"q": query})
    assert page.context["found"].count == 0
    assert "What are you looking for?" in words(page)


def test_nothing_found_says_what_would_be(owner_client, lake):
    assert "Part of a name is enough" in words(owner_client.get(SEARCH, {"q": "zzz"}))


def test_what_was_typed_brings_no_markup_in(owner_client):
    assert "<script>alert" not in owner_client.get(SEARCH, {"q": "<script>alert(1)</script>"}).content.decode()


def test_every_page_has_search_box(owner_client):
    assert f'action="{SEARCH}"' in owner_client.get("/locks/").content.decode()


def test_stranger_finds_none_of_it(stranger_client, lake):
    make_stay(lake)
    for query in ("anna", "suite", "wyze", "lake"):
        assert stranger_client.get(SEARCH, {"q": query}).context["found"].count == 0


def test_cancelled_stay_is_found_and_called_so(owner_client, lake, now):
    make_stay(lake, cancelled_at=now - timedelta(hours=1))
    assert "Cancelled" in words(owner_client.get(SEARCH, {"q": "anna"}))
