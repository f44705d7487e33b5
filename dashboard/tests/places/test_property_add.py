"""Adding a property."""

from datetime import time

import pytest

from dashboard.tests.pages import words
from properties.models import Activity, Property
from properties.tests.builders import make_property

URL = "/properties/add/"


def typed(**fields) -> dict[str, str]:
    return {
        "name": "Lake House",
        "address": "14 Shore Road",
        "time_zone": "America/Los_Angeles",
        "check_in_time": "15:00",
        "check_out_time": "10:30",
        "minutes_before": "10",
        "minutes_after": "20",
    } | fields


def test_property_is_added_and_next_step_named(owner_client, organization, owner, now):
    page = owner_client.post(URL, typed(), follow=True)
    place = Property.objects.get()
    assert (place.organization, place.name, place.time_zone) == (organization, "Lake House", "America/Los_Angeles")
    assert (place.check_in_time, place.check_out_time) == (time(15), time(10, 30))
    assert (place.minutes_before, place.minutes_after) == (10, 20)
    assert "Lake House saved. Add what guests book next: the whole home, or each apartment." in words(page)
    assert Activity.objects.get(kind="property.added").actor == owner


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "  lake   "}, "You have a property named “lake” already. Choose another name."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"time_zone": "Mars/Olympus"}, "not one of the available choices"),
        ({"time_zone": ""}, "This field is required."),
        ({"check_in_time": "four"}, "Enter a valid time."),
        ({"minutes_before": "-1"}, "greater than or equal to 0"),
        ({"minutes_after": "9999"}, "At most 720 minutes (12 hours). For longer, change the usual times."),
    ],
)
def test_bad_input_says_why_and_keeps_what_was_typed(owner_client, organization, now, fields, sentence):
    make_property(organization, "lake")
    answer = owner_client.post(URL, typed(**fields))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="14 Shore Road"' in answer.content.decode()
    assert Property.objects.count() == 1


def test_two_organizations_may_use_same_name(owner_client, stranger, now):
    make_property(stranger.organization)
    assert owner_client.post(URL, typed()).status_code == 302


@pytest.mark.parametrize("name", ["🏖️", "بيت البحيرة", "x" * 200])
def test_odd_names_work(owner_client, now, name):
    assert owner_client.post(URL, typed(name=name), follow=True).status_code == 200
    assert Property.objects.get().name == name


def test_colleague_who_may_only_look_reads_why_not(colleague_client, now):
    answer = colleague_client.post(URL, typed())
    assert answer.status_code == 403
    assert "Your role does not allow you to change properties, units and doors." in words(answer)


def test_reading_adds_nothing(owner_client, now):
    assert owner_client.get(URL, typed()).status_code == 200
    assert owner_client.put(URL).status_code == 405
    assert not Property.objects.exists()


def test_name_in_address_fills_form(owner_client, now):
    assert 'value="Dune House"' in owner_client.get(URL, {"name": "Dune House"}).content.decode()
