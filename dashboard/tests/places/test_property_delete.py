"""Deleting a property: the effect first; one with stays is kept."""

import pytest

from dashboard.tests.pages import words
from properties.models import Door, Lock, Property, Unit
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def place(organization, now):
    place = make_property(organization)
    make_door(make_unit(place), make_lock(organization))
    return place


def url(place) -> str:
    return f"/properties/{place.pk}/delete/"


def test_question_says_what_goes_with_it_and_deletes_nothing(owner_client, place):
    page = words(owner_client.get(url(place)))
    assert "Deletes its units (1) and doors (1) with it." in page
    assert "Front Door can then be put on other doors." in page
    assert Property.objects.exists()


def test_it_goes_with_its_units_and_doors_and_lock_stays(owner_client, place):
    page = owner_client.post(url(place), follow=True)
    assert "Lake House deleted." in words(page)
    assert [model.objects.count() for model in (Property, Unit, Door)] == [0, 0, 0]
    assert Lock.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"days_ahead": -30}, {"cancelled_at": "now"}])
def test_property_with_stays_is_kept_and_page_says_why(owner_client, place, now, fields):
    make_stay(place.units.get(), **{key: now if value == "now" else value for key, value in fields.items()})
    for send, status in ((owner_client.get, 200), (owner_client.post, 422)):
        answer = send(url(place))
        assert answer.status_code == status
        assert "Lake House has 1 stay, past and cancelled ones included." in words(answer)
    assert Property.objects.exists()


def test_stranger_gets_404(stranger_client, place):
    assert stranger_client.get(url(place)).status_code == 404
    assert stranger_client.post(url(place)).status_code == 404
    assert Property.objects.exists()


def test_colleague_who_may_only_look_is_refused(colleague_client, place):
    assert colleague_client.post(url(place)).status_code == 403
    assert Property.objects.exists()
