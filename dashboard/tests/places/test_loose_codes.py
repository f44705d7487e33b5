"""Codes that follow no stay: a lock that leaves its door does not take them along unseen."""

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def door(organization, now):
    """A door whose lock has an ongoing code, one that is over, and one of a stay."""
    unit = make_unit(make_property(organization))
    door = make_door(unit, make_lock(organization, "Old lock"))
    make_code(door.lock, "Plumber", "482917", window=None)
    planning.apply_stay_plan(make_stay(unit), now, None)
    return door


def plumber() -> AccessCode:
    return AccessCode.objects.get(holder_name="Plumber")


def change(client, door, lock, **typed):
    form = {"name": door.name, "lock": lock.pk if lock else "", "units": [u.pk for u in door.units.all()]}
    return client.post(reverse("door-edit", args=[door.pk]), form | {"is_required": "on"} | typed)


def test_form_names_codes_that_would_stay(owner_client, door):
    page = words(owner_client.get(reverse("door-edit", args=[door.pk])))
    assert "They would stay on it: Plumber (Old lock)." in page


@pytest.mark.parametrize(("typed", "is_revoked"), [({"revoke_loose": "on"}, True), ({}, False)])
def test_other_lock_on_door(owner_client, organization, door, typed, is_revoked):
    assert change(owner_client, door, make_lock(organization, "New lock"), **typed).status_code == 302
    assert (plumber().revoked_at is not None) is is_revoked


def test_no_lock_on_door(owner_client, door):
    change(owner_client, door, None, revoke_loose="on")
    assert plumber().revoked_at is not None


def test_same_lock_keeps_its_codes(owner_client, door):
    change(owner_client, door, door.lock, name="Main door", revoke_loose="on")
    assert plumber().revoked_at is None


@pytest.mark.parametrize(("typed", "is_revoked"), [({}, True), ({"keep_loose": "yes"}, False)])
def test_deleted_door(owner_client, door, typed, is_revoked):
    address = reverse("door-delete", args=[door.pk])
    assert "Codes that follow no stay: Plumber (Old lock)" in words(owner_client.get(address))
    assert owner_client.post(address, typed).status_code == 302
    assert (plumber().revoked_at is not None) is is_revoked


def test_deleted_property(owner_client, organization, now):
    door = make_door(make_unit(make_property(organization, "Empty")), make_lock(organization, "Old lock"))
    make_code(door.lock, "Plumber", window=None)
    address = reverse("property-delete", args=[door.property_id])
    assert "Plumber (Old lock)" in words(owner_client.get(address))
    owner_client.post(address)
    assert plumber().revoked_at is not None


def test_limited_manager_takes_no_lock_from_elsewhere(organization, door):
    free = make_lock(organization, "Free lock")
    client = client_as(organization, Role.MANAGER, door.property)
    assert "Free lock" not in words(client.get(reverse("door-edit", args=[door.pk])))
    assert change(client, door, free).status_code == 422
    door.refresh_from_db()
    assert door.lock.name == "Old lock"
