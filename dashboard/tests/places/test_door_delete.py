"""Deleting a door: its codes are counted first, then taken back."""

from datetime import timedelta

import pytest

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode, Door
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def door(organization, now):
    unit = make_unit(make_property(organization))
    door = make_door(unit, make_lock(organization))
    planning.apply_stay_plan(make_stay(unit), now - timedelta(days=1), None)
    return door


def url(door) -> str:
    return f"/doors/{door.pk}/delete/"


def test_confirmation_counts_effects_and_deletes_nothing(owner_client, door):
    page = words(owner_client.get(url(door)))
    assert "Front Door can then be put on another door." in page
    assert "1 guest code is removed from it." in page
    assert Door.objects.exists()


def test_door_goes_and_its_codes_are_taken_back(owner_client, door):
    page = owner_client.post(url(door), follow=True)
    assert "Front door deleted. 1 code is being removed from Front Door." in words(page)
    assert not Door.objects.exists()
    assert not AccessCode.objects.standing().exists()


def test_stranger_gets_404(stranger_client, door):
    assert stranger_client.get(url(door)).status_code == 404
    assert stranger_client.post(url(door)).status_code == 404
    assert Door.objects.exists()


def test_colleague_who_may_only_look_is_refused(colleague_client, door):
    assert colleague_client.post(url(door)).status_code == 403
    assert Door.objects.exists()
