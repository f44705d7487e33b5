"""Where a lock hangs, from its name."""

import pytest

from properties.changes import suggestions
from properties.changes.suggestions import Named, Place, suggest
from properties.models import Door, Property, Unit
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit

EMPTY_LAKE = Place(1, "Lake House")
LAKE = Place(1, "Lake House", (Named(1, "Whole home"),), (Named(5, "Front door"), Named(6, "Back door")))
LAKE_WITH_SUITE = Place(1, "Lake House", (Named(1, "Whole house"), Named(2, "Guest Suite")))
HARBOR = Place(3, "Harbor Loft", (Named(20, "Loft 2A"),))
CITY = Place(2, "City Flats", (Named(10, "Apt 1"), Named(11, "Apt 2")), (Named(7, "Apt 1"), Named(8, "Entrance")))
LAKE_2 = Place(4, "Lake House 2", (Named(30, "Whole home"),))


@pytest.mark.parametrize(
    ("lock", "places", "words", "is_sure"),
    [
        # Doors that exist and are free.
        ("Lake House Front Door", [LAKE], "Front door at Lake House", True),
        ("Lake House Back Door Lock", [LAKE, CITY], "Back door at Lake House", True),
        ("LAKE HOUSE – FRONT", [LAKE, CITY], "Front door at Lake House", True),
        ("Front Door", [LAKE], "Front door at Lake House", True),
        ("City Flats Apt 1", [LAKE, CITY], "Apt 1 at City Flats", True),
        ("City Flats Main Entrance", [LAKE, CITY], "Entrance at City Flats", True),
        ("Front Door - Lake House", [LAKE], "Front door at Lake House", True),
        # The property's name begins the lock's: a new door there.
        ("Lake House Front Door", [EMPTY_LAKE], "Make a new door “Front Door” at Lake House", True),
        ("Lake House 2 Front Door", [LAKE, LAKE_2], "Make a new door “Front Door” at Lake House 2", True),
        ("Lake House", [EMPTY_LAKE], "Make a new door “Front door” at Lake House", True),
        ("City Flats Apt 2 Door", [LAKE, CITY], "Make a new door “Apt 2 Door” at City Flats", True),
        ("Harbor Loft 2A", [HARBOR], "Make a new door “2A” at Harbor Loft", True),
        ("City Flats Garage", [CITY], "Make a new door “Garage” at City Flats", False),
        # Nothing to go by.
        ("Garage", [LAKE, CITY], "Make a new door “Garage” at Lake House", False),
        ("Front Door", [LAKE, CITY], "Front door at Lake House", False),
        # New properties.
        ("Lake House Front Door", [], "Make a new property “Lake House” with the door “Front Door”", True),
        ("Beach Hut Back Door", [LAKE], "Make a new property “Beach Hut” with the door “Back Door”", True),
        ("Lake House: Gate", [], "Make a new property “Lake House” with the door “Gate”", True),
        ("Lake House / Apt 2 / Front", [], "Make a new property “Lake House” with the door “Apt 2 Front”", True),
        ("Cabin 3", [], "Make a new property “Cabin 3” with the door “Front door”", True),
        ("Front Door", [], "Make a new property “My home” with the door “Front Door”", False),
        ("Wyze Lock", [], "Make a new property “My home” with the door “Front door”", False),
        # Odd names.
        ("", [], "Make a new property “My home” with the door “Front door”", False),
        ("🏖️", [LAKE, CITY], "Make a new property “🏖️” with the door “Front door”", False),
        ("بيت البحيرة Front Door", [], "Make a new property “بيت البحيرة” with the door “Front Door”", True),
    ],
)
def test_best_suggestion_for_name(lock, places, words, is_sure):
    best = suggest(lock, places)[0]
    assert str(best) == words
    assert best.is_sure is is_sure


@pytest.mark.parametrize(
    ("lock", "places", "unit_ids", "new_unit"),
    [
        ("Lake House Front Door", [LAKE_WITH_SUITE], (1,), ""),
        ("Lake House Guest Suite", [LAKE_WITH_SUITE], (2,), ""),
        ("Harbor Loft Entrance", [HARBOR], (20,), ""),
        ("Harbor Loft 2B", [HARBOR], (), "2B"),
        ("City Flats Gate", [CITY], (10, 11), ""),
        ("City Flats Garage", [CITY], (), ""),
        ("Lake House Front Door", [EMPTY_LAKE], (), "Whole home"),
        ("Lake House / Apt 3 / Front", [EMPTY_LAKE], (), "Apt 3"),
        ("Lake House Front Door", [], (), "Whole home"),
    ],
)
def test_units_new_door_leads_to(lock, places, unit_ids, new_unit):
    best = suggest(lock, places)[0]
    assert (best.unit_ids, best.new_unit) == (unit_ids, new_unit)


def test_second_unit_of_whole_home_is_left_to_person():
    assert not suggest("Harbor Loft 2B", [HARBOR])[0].is_sure


def test_name_without_door_is_read_by_locks_beside_it():
    beside = ["Harbor Loft Entrance", "Lake House Front Door", "Harbor Loft 2A"]
    best = suggest("Harbor Loft 2A", [], beside)[0]
    assert (best.property_name, best.new_unit, best.door_name) == ("Harbor Loft", "2A", "2A")


def test_doors_of_another_number_are_not_meant():
    doors = Place(1, "City Flats", (Named(1, "Apt 1"),), (Named(1, "Apt 1"),))
    assert all(suggestion.door_id is None for suggestion in suggest("City Flats Apt 2", [doors]))


def test_two_homes_with_same_door_leave_choice():
    twin = Place(9, "Beach Hut", (Named(9, "Whole home"),), (Named(9, "Front door"),))
    found = suggest("Front Door", [LAKE, twin])
    assert [str(each) for each in found[:2]] == ["Front door at Lake House", "Front door at Beach Hut"]
    assert not any(each.is_sure for each in found)


@pytest.mark.parametrize("lock", ["Front Door", "Garage", "Lake House Front Door", "x" * 255, "–", "1"])
def test_one_to_three_different_suggestions(lock):
    for places in ([], [LAKE], [LAKE, CITY, HARBOR, LAKE_2]):
        found = suggest(lock, places)
        assert 1 <= len(found) <= 3
        assert len({each.key for each in found}) == len(found)
        assert sum(each.is_sure for each in found) <= 1


def test_sheds_need_no_guest_code():
    assert not suggest("Lake House Shed (Bolt)", [LAKE])[0].is_required
    assert suggest("Lake House Side Door", [LAKE])[0].is_required


# --- Accepting ----------------------------------------------------------------------------------------------


def best_for(lock):
    return suggest(lock.name, suggestions.places_of(lock.organization))[0]


def test_accepting_sets_lock_and_plans_codes(organization, owner):
    unit = make_unit(make_property(organization))
    door = make_door(unit, name="Front door")
    stay = make_stay(unit)
    lock = make_lock(organization, "Lake House Front Door")
    accepted, changed = suggestions.accept(lock, best_for(lock), NOW, owner)
    door.refresh_from_db()
    assert (accepted, door.lock) == (door, lock)
    assert [(code.stay, code.lock) for code in changed] == [(stay, lock)]


def test_accepting_makes_what_is_missing(organization, owner):
    lock = make_lock(organization, "Dune House Back Door", time_zone="America/Chicago")
    suggestions.accept(lock, best_for(lock), NOW, owner)
    assert Property.objects.get().time_zone == "America/Chicago"
    assert Unit.objects.get().name == "Whole home"
    door = Door.objects.get()
    assert (door.name, door.lock, list(door.units.all())) == ("Back Door", lock, [Unit.objects.get()])


def test_door_that_is_made_gets_name_of_its_own(organization, owner):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Old"), "Front Door")
    lock = make_lock(organization, "Lake House Front Door")
    door, _ = suggestions.accept(lock, best_for(lock), NOW, owner)
    assert door.name == "Front Door 2"


@pytest.mark.parametrize(
    ("fields", "is_required"),
    [
        ({}, True),
        ({"can_program_codes": None}, False),
        ({"has_keypad": False}, False),
        ({"can_program_codes": False}, True),
    ],
)
def test_lock_without_codes_makes_door_optional(organization, owner, fields, is_required):
    lock = make_lock(organization, "Lake House Side Door", time_zone="America/Denver", **fields)
    door, _ = suggestions.accept(lock, best_for(lock), NOW, owner)
    assert door.is_required is is_required


@pytest.mark.parametrize(
    ("zone", "others", "expected"),
    [
        ("America/Denver", ["Europe/Berlin"], "America/Denver"),
        ("", ["Europe/Berlin"], "Europe/Berlin"),
        ("Nowhere/Atlantis", ["Europe/Berlin"], "Europe/Berlin"),
        ("", [], ""),
    ],
)
def test_zone_of_new_property(organization, zone, others, expected):
    for other in others:
        make_property(organization, other, time_zone=other)
    assert suggestions.zone_for(make_lock(organization, time_zone=zone)) == expected
