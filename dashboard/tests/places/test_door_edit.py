"""Changing a door: another lock or other units move the codes of stays to come."""

from datetime import timedelta

import pytest

from dashboard.tests.pages import words
from properties.codes import planning
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    return make_unit(make_property(organization))


@pytest.fixture
def door(unit, organization, now):
    door = make_door(unit, make_lock(organization))
    planning.apply_stay_plan(make_stay(unit), now - timedelta(days=1), None)
    return door


def url(door) -> str:
    return f"/doors/{door.pk}/edit/"


def typed(door, /, **fields) -> dict:
    values = {
        "name": door.name,
        "lock": door.lock_id or "",
        "units": [unit.pk for unit in door.units.all()],
        "is_required": "on",
    } | fields
    return {key: value for key, value in values.items() if value is not None}


def test_another_lock_takes_over_codes(owner_client, door, organization):
    new = make_lock(organization, "New lock")
    page = owner_client.post(url(door), typed(door, lock=new.pk), follow=True)
    assert "Front door saved. 1 code is being put on New lock. 1 code is being removed from Front Door." in words(page)


def test_unit_more_gives_its_stays_code(owner_client, door, unit):
    suite = make_unit(unit.property, "Guest suite")
    make_stay(suite, "Bo Bergman")
    page = owner_client.post(url(door), typed(door, units=[unit.pk, suite.pk]), follow=True)
    assert "1 code is being put on Front Door." in words(page)


def test_door_that_becomes_optional_takes_back_its_codes(owner_client, door):
    page = owner_client.post(url(door), typed(door, is_required=None), follow=True)
    assert "1 code is being removed from Front Door." in words(page)


def test_its_own_lock_is_among_choices(owner_client, door):
    page = owner_client.get(url(door)).content.decode()
    assert f'<option value="{door.lock_id}" selected>Front Door</option>' in page


def test_new_name_alone_changes_no_code(owner_client, door):
    page = owner_client.post(url(door), typed(door, name="Main door"), follow=True)
    assert "Main door saved." in words(page)
    assert "1 code" not in words(page)


def test_bad_input_says_why_and_changes_nothing(owner_client, door, unit):
    make_door(unit, name="Side door")
    answer = owner_client.post(url(door), typed(door, name="Side door", lock=""))
    assert answer.status_code == 422
    assert "Lake House has a door named “Side door” already." in words(answer)
    before = door.lock_id
    door.refresh_from_db()
    assert door.lock_id == before


def test_lock_on_another_door_cannot_be_taken(owner_client, door, unit, organization):
    other = make_door(unit, make_lock(organization, "Side"), "Side door")
    answer = owner_client.post(url(door), typed(door, lock=other.lock_id))
    assert answer.status_code == 422


def test_stranger_gets_404(stranger_client, door):
    assert stranger_client.get(url(door)).status_code == 404
    assert stranger_client.post(url(door), typed(door, name="Mine")).status_code == 404
    door.refresh_from_db()
    assert door.name == "Front door"


def test_colleague_who_may_only_look_is_refused(colleague_client, door):
    assert colleague_client.post(url(door), typed(door)).status_code == 403


def test_reading_changes_nothing(owner_client, door):
    assert owner_client.get(url(door), {"name": "New"}).status_code == 200
    door.refresh_from_db()
    assert door.name == "Front door"
