"""Adding a unit to a property."""

import pytest

from dashboard.tests.pages import words
from properties.models import Unit
from properties.tests.builders import make_property, make_unit


@pytest.fixture
def place(organization, now):
    return make_property(organization)


def url(place) -> str:
    return f"/properties/{place.pk}/units/add/"


def test_unit_is_added(owner_client, place):
    page = owner_client.post(url(place), {"name": " Garden  room "}, follow=True)
    assert "Garden room saved." in words(page)
    unit = Unit.objects.get()
    assert (unit.property, unit.name, unit.organization) == (place, "Garden room", place.organization)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "This field is required."),
        ("Whole home", "Lake House has a unit named “Whole home” already. Choose another name."),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_bad_input_says_why(owner_client, place, name, sentence):
    make_unit(place)
    answer = owner_client.post(url(place), {"name": name})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert Unit.objects.count() == 1


def test_stranger_gets_404(stranger_client, place):
    assert stranger_client.get(url(place)).status_code == 404
    assert stranger_client.post(url(place), {"name": "Mine"}).status_code == 404
    assert not Unit.objects.exists()


def test_colleague_who_may_only_look_is_refused(colleague_client, place):
    assert colleague_client.post(url(place), {"name": "Attic"}).status_code == 403


def test_reading_adds_nothing(owner_client, place):
    assert owner_client.get(url(place), {"name": "Attic"}).status_code == 200
    assert not Unit.objects.exists()
