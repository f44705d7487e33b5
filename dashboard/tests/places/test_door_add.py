"""Adding a door: its lock, the units it leads to, and the codes that follow."""

import pytest

from dashboard.tests.pages import words
from properties.models import AccessCode, Door
from properties.tests.builders import make_account, make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    return make_unit(make_property(organization))


@pytest.fixture
def lock(organization):
    return make_lock(organization)


def url(unit) -> str:
    return f"/properties/{unit.property_id}/doors/add/"


def typed(unit, lock=None, /, **fields) -> dict:
    values = {"name": "Front door", "lock": lock.pk if lock else "", "units": [unit.pk], "is_required": "on"} | fields
    return {key: value for key, value in values.items() if value is not None}


def test_door_is_added_and_stays_get_their_codes(owner_client, unit, lock):
    stay = make_stay(unit)
    page = owner_client.post(url(unit), typed(unit, lock), follow=True)
    assert "Front door saved. 1 code is being put on Front Door." in words(page)
    door = Door.objects.get()
    assert (door.lock, list(door.units.all()), door.is_required) == (lock, [unit], True)
    assert AccessCode.objects.get().stay == stay


def test_optional_door_plans_no_code(owner_client, unit, lock):
    make_stay(unit)
    owner_client.post(url(unit), typed(unit, lock, is_required=None))
    assert Door.objects.get().is_required is False
    assert not AccessCode.objects.exists()


def test_door_may_wait_for_its_lock_and_its_units(owner_client, unit):
    page = owner_client.post(url(unit), typed(unit, units=[]), follow=True)
    assert "Front door has no lock. Put one on it." in words(page)
    assert "Front door leads to no unit." in words(page)


def test_only_unit_is_ticked_beforehand(owner_client, unit):
    assert owner_client.get(url(unit)).content.decode().count("checked") == 2


def test_lock_in_address_is_chosen_beforehand(owner_client, unit, lock):
    page = owner_client.get(url(unit), {"lock": lock.pk}).content.decode()
    assert f'<option value="{lock.pk}" selected>' in page


def test_lock_that_takes_no_codes_says_why_before_it_is_chosen(owner_client, unit, organization):
    make_lock(organization, "Bolt", can_program_codes=None)
    assert "Bolt – no guest codes: This lock takes no codes over the air." in words(owner_client.get(url(unit)))


def test_only_free_locks_of_ones_own_are_offered(owner_client, unit, organization, stranger, now):
    make_door(unit, make_lock(organization, "On another door"), "Side door")
    make_lock(organization, "Vanished", vanished_at=now)
    make_lock(organization, "Unlinked", account=make_account(organization, unlinked_at=now))
    foreign = make_lock(stranger.organization, "Foreign")
    page = words(owner_client.get(url(unit)))
    for name in ("On another door", "Vanished", "Unlinked", "Foreign"):
        assert name not in page
    assert owner_client.post(url(unit), typed(unit, foreign)).status_code == 422


def test_units_of_another_property_cannot_be_chosen(owner_client, unit, organization):
    other = make_unit(make_property(organization, "Harbor Loft"))
    answer = owner_client.post(url(unit), typed(unit, units=[other.pk]))
    assert answer.status_code == 422
    assert not Door.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Side door"}, "Lake House has a door named “Side door” already. Choose another name."),
        ({"lock": "999999"}, "not one of the available choices"),
    ],
)
def test_bad_input_says_why_and_saves_nothing(owner_client, unit, fields, sentence):
    make_door(unit, name="Side door")
    answer = owner_client.post(url(unit), typed(unit, **fields))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert Door.objects.count() == 1


def test_stay_for_which_no_pin_is_left_is_named(owner_client, unit, lock, organization):
    make_door(unit, make_lock(organization, "Back", code_lengths=[8]), "Back door")
    make_stay(unit)
    lock.code_lengths = [4]
    lock.save()
    page = words(owner_client.post(url(unit), typed(unit, lock), follow=True))
    assert "Front door saved." in page
    assert "No code could be planned for Anna Schmidt in Lake House · Whole home: Back and Front Door share no" in page


def test_stranger_gets_404(stranger_client, unit):
    assert stranger_client.get(url(unit)).status_code == 404
    assert stranger_client.post(url(unit), typed(unit)).status_code == 404
    assert not Door.objects.exists()


def test_colleague_who_may_only_look_is_refused(colleague_client, unit):
    assert colleague_client.post(url(unit), typed(unit)).status_code == 403


def test_reading_adds_nothing(owner_client, unit):
    assert owner_client.get(url(unit), {"name": "Gate"}).status_code == 200
    assert not Door.objects.exists()
