"""What a property still lacks, in sentences."""

import pytest

from properties.reading.place_checks import problems
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_unit


@pytest.fixture
def place(organization):
    return make_property(organization)


def test_property_without_units_says_what_to_add(place):
    assert problems(place, NOW) == ["No unit yet. Add what guests book, such as “Whole home”."]


def test_unit_without_door(place):
    make_unit(place)
    assert problems(place, NOW) == ["Whole home has no door. Add a door that leads to it."]


@pytest.mark.parametrize(
    ("lock", "door", "words"),
    [
        ({}, {}, []),
        ({"time_zone": "America/Los_Angeles"}, {}, []),
        ({"time_zone": "US/Pacific"}, {}, []),
        ({"time_zone": "America/Phoenix"}, {}, ["its lock says America/Phoenix"]),
        ({"time_zone": "America/New_York"}, {}, ["its lock says America/New_York, the property America/Los_Angeles"]),
        ({"can_program_codes": None}, {}, ["is required but takes no guest codes: This lock takes no codes"]),
        ({"can_program_codes": None}, {"is_required": False}, []),
        (None, {}, ["Front door has no lock"]),
        (None, {"is_required": False}, []),
    ],
)
def test_what_is_wrong_with_door(organization, place, lock, door, words):
    make_door(make_unit(place), make_lock(organization, **lock) if lock is not None else None, **door)
    found = problems(place, NOW)
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def test_door_that_leads_nowhere(organization, place):
    unit = make_unit(place)
    make_door(unit, make_lock(organization))
    make_door(unit, make_lock(organization, "Side"), "Side door").units.clear()
    assert problems(place, NOW) == ["Side door leads to no unit. Say which, or guests get no code for it."]
