"""Changing a property: another zone or other buffers move the codes of stays to come."""

from datetime import timedelta

import pytest

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import Property
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def place(organization, now):
    return make_property(organization)


@pytest.fixture
def code(place, organization, now):
    unit = make_unit(place)
    make_door(unit, make_lock(organization))
    [code] = planning.apply_stay_plan(make_stay(unit), now - timedelta(days=1), None)
    return code


def url(place) -> str:
    return f"/properties/{place.pk}/edit/"


def typed(place, /, **fields) -> dict[str, str]:
    return {
        "name": place.name,
        "address": "",
        "time_zone": place.time_zone,
        "check_in_time": "16:00",
        "check_out_time": "11:00",
        "minutes_before": "0",
        "minutes_after": "0",
    } | fields


def test_another_zone_moves_stays_and_codes(owner_client, place, code):
    page = owner_client.post(url(place), typed(place, time_zone="America/New_York"), follow=True)
    assert "Lake House saved. 1 code is being changed to the new times on Front Door." in words(page)
    before = code.starts_at
    code.refresh_from_db()
    assert code.starts_at == before - timedelta(hours=3) == code.stay.starts_at


def test_buffers_widen_codes(owner_client, place, code):
    owner_client.post(url(place), typed(place, minutes_before="30", minutes_after="45"))
    starts_at, ends_at = code.window
    code.refresh_from_db()
    assert code.window == (starts_at - timedelta(minutes=30), ends_at + timedelta(minutes=45))


def test_other_usual_times_leave_stays_as_they_are(owner_client, place, code):
    owner_client.post(url(place), typed(place, check_in_time="14:00"))
    before = code.window
    code.refresh_from_db()
    assert code.window == before


def test_bad_input_says_why_and_changes_nothing(owner_client, place, organization):
    make_property(organization, "Harbor Loft")
    answer = owner_client.post(url(place), typed(place, name="Harbor Loft"))
    assert answer.status_code == 422
    assert "You have a property named “Harbor Loft” already." in words(answer)
    assert "Edit Lake House" in words(answer)
    assert Property.objects.filter(name="Lake House").exists()


def test_its_own_name_is_not_taken(owner_client, place):
    assert owner_client.post(url(place), typed(place)).status_code == 302


def test_stranger_gets_404(stranger_client, place):
    assert stranger_client.get(url(place)).status_code == 404
    assert stranger_client.post(url(place), typed(place, name="Mine")).status_code == 404
    place.refresh_from_db()
    assert place.name == "Lake House"


def test_colleague_who_may_only_look_is_refused(colleague_client, place):
    assert colleague_client.post(url(place), typed(place)).status_code == 403


def test_reading_changes_nothing(owner_client, place):
    assert owner_client.get(url(place), typed(place, name="New")).status_code == 200
    place.refresh_from_db()
    assert place.name == "Lake House"
