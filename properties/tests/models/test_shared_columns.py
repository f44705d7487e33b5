"""The forms that rows are found and sorted by stay true however a row is written."""

import pytest

from properties.models import AccessCode, Guest, Lock, Property, Unit
from properties.models.shared_columns import has_words
from properties.tests.builders import make_code, make_lock, make_property, make_unit
from properties.values.names import sort_key


def test_new_row_has_its_forms(organization):
    place = make_property(organization, "Øst 2", address="Élan 7")
    assert (place.search_text, place.sort_key) == ("ost 2 elan 7", sort_key("Øst 2"))


def test_named_columns_bring_forms_along(organization):
    place = make_property(organization, "Øst 2")
    place.name = "Vest 10"
    place.save(update_fields=["name"])
    place.refresh_from_db()
    assert (place.search_text, place.sort_key) == ("vest 10", sort_key("Vest 10"))


def test_other_columns_leave_forms_alone(organization):
    place = make_property(organization, "Øst 2")
    Property.objects.update(search_text="left alone")
    place.save(update_fields=["minutes_before"])
    place.refresh_from_db()
    assert place.search_text == "left alone"


def test_rows_made_at_once_have_their_forms(organization):
    place = make_property(organization, "Home")
    Unit.objects.bulk_create(Unit(organization=organization, property=place, name=name) for name in ("Ä 10", "Ä 9"))
    assert [unit.name for unit in Unit.objects.all()] == ["Ä 9", "Ä 10"]


def test_places_sort_as_people_count(organization):
    for name in ("Room 10", "room 4", "Élan", "Room 2", "Elb", "Ela"):
        make_property(organization, name)
        make_lock(organization, name)
    in_order = ["Ela", "Élan", "Elb", "Room 2", "room 4", "Room 10"]
    assert [place.name for place in Property.objects.all()] == in_order
    assert [lock.name for lock in Lock.objects.all()] == in_order


def test_units_of_homes_with_one_sort_key_stay_together(organization):
    for name in ("Café", "Cafe"):
        place = make_property(organization, name)
        for unit in ("2", "1"):
            make_unit(place, unit)
    assert [str(unit) for unit in Unit.objects.with_places()] == ["Cafe · 1", "Cafe · 2", "Café · 1", "Café · 2"]


@pytest.mark.parametrize("query", ["arpad", "ÄRPÁD", "A\u0308rpa\u0301d", "0170 555", "+49170", "arpad 555"])
def test_guest_is_found(organization, query):
    Guest.objects.create(organization=organization, name="Ärpád", phone="+49 170 555-01")
    assert Guest.objects.filter(has_words(query, "")).count() == 1


@pytest.mark.parametrize("query", ["%", "_", "arpad 556", "\\"])
def test_guest_is_not_found_by_other_words(organization, query):
    Guest.objects.create(organization=organization, name="Ärpád", phone="+49 170 555-01")
    assert not Guest.objects.filter(has_words(query, "")).exists()


def test_code_is_found_by_its_holder(organization):
    make_code(make_lock(organization, "Wyze"), "Жанна")
    assert AccessCode.objects.filter(has_words("ЖАННА", "")).exists()
