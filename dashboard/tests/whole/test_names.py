"""Names as people write them: found on each page without accents, refused when one sees nothing."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Property, StaffMember, Stay
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit

INVISIBLE = "\u200b\u202e\u3164"


@pytest.fixture
def places(organization, now):
    """A home, a lock, a guest and a code with accents in their names, and a home without."""
    make_property(organization, "Lake House")
    unit = make_unit(make_property(organization, "Øst Villa"), "Ågård")
    make_door(unit, make_lock(organization, "Årstad Lock"))
    stay = make_stay(unit, "Ärpád Жанна")
    make_code(make_lock(organization, "Other"), "Ärpád Жанна")
    return stay


@pytest.mark.parametrize("query", ["arpad", "ÄRPÁD", "a\u0308rpa\u0301d", "жанна", "zhanna ARPAD"])
@pytest.mark.parametrize("address", [reverse("stays"), reverse("access-codes"), reverse("activity"), reverse("search")])
def test_person_is_found_on_each_page(owner_client, places, address, query):
    assert "Ärpád Жанна" in words(owner_client.get(address, {"q": query, "show": "all"}))


@pytest.mark.parametrize("query", ["ost", "ØST"])
def test_home_is_found(owner_client, places, query):
    page = owner_client.get(reverse("properties"), {"q": query}).context["page"]
    assert [place.name for place in page] == ["Øst Villa"]


@pytest.mark.parametrize("query", ["arstad", "ost lock"])
def test_lock_is_found_by_its_name_and_place(owner_client, places, query):
    assert "Årstad Lock" in words(owner_client.get(reverse("locks"), {"q": query}))


def test_name_that_shows_nothing_is_refused(owner_client, places):
    answer = owner_client.post(reverse("property-add"), {"name": INVISIBLE, "time_zone": "Europe/Oslo"})
    assert answer.status_code == 422
    assert "This field is required" in words(answer)
    assert Property.objects.count() == 2


def test_guest_name_is_kept_as_one_sees_it(owner_client, places):
    form = {
        "unit": places.unit.pk,
        "guest_name": f"  Anna{INVISIBLE} \u202eSchmidt ",
        "check_in_on": "2026-07-01",
        "check_out_on": "2026-07-04",
    }
    assert owner_client.post(reverse("stay-add"), form).status_code == 302
    assert Stay.objects.latest("pk").guest.name == "Anna Schmidt"


def test_staff_name_that_shows_nothing_is_refused(owner_client, places):
    answer = owner_client.post(reverse("staff-add"), {"name": INVISIBLE, "when": "always"})
    assert answer.status_code == 422
    assert not StaffMember.objects.exists()
