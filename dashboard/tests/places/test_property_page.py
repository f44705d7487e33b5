"""One property: its units, its doors with their locks, what is missing."""

from dashboard.tests.pages import words
from properties.tests.builders import make_door, make_lock, make_property, make_unit


def url(place) -> str:
    return f"/properties/{place.pk}/"


def test_units_and_doors_are_shown_with_what_guests_get(owner_client, organization, now):
    place = make_property(organization, minutes_before=15)
    unit = make_unit(place)
    make_door(unit, make_lock(organization))
    make_door(unit, make_lock(organization, "Bolt", can_program_codes=None), "Side door")
    make_door(unit, name="Shed", is_required=False)
    page = words(owner_client.get(url(place)))
    assert "check-in 16:00, check-out 11:00 · codes open 15 min earlier, close 0 min later" in page
    assert "Front door required Front Door Possible Whole home" in page
    assert "Side door required Bolt Not possible This lock takes no codes over the air." in page
    assert "Shed optional: guests get no code none No lock Whole home" in page
    assert "Side door is required but takes no guest codes" in page


def test_empty_property_says_what_to_add(owner_client, organization, now):
    page = words(owner_client.get(url(make_property(organization))))
    assert "A unit is what a guest books: the whole home, an apartment, a room." in page
    assert "A door has a lock and leads to one unit or several." in page


def test_who_may_only_look_gets_no_buttons(colleague_client, organization, now):
    place = make_property(organization)
    make_door(make_unit(place), make_lock(organization))
    page = words(colleague_client.get(url(place)))
    assert "Whole home" in page
    assert "Edit" not in page
    assert "Add a" not in page


def test_stranger_gets_404(stranger_client, organization, now):
    assert stranger_client.get(url(make_property(organization))).status_code == 404


def test_nothing_is_written_here(owner_client, organization, now):
    assert owner_client.post(url(make_property(organization))).status_code == 405


def test_more_doors_cost_no_more_queries(owner_client, organization, now, django_assert_max_num_queries):
    place = make_property(organization)
    unit = make_unit(place)
    make_door(unit, make_lock(organization))
    owner_client.get(url(place))
    with django_assert_max_num_queries(30) as few:
        owner_client.get(url(place))
    for number in range(10):
        make_door(make_unit(place, f"Unit {number}"), make_lock(organization, f"Lock {number}"), f"Door {number}")
    with django_assert_max_num_queries(len(few)):
        owner_client.get(url(place))
