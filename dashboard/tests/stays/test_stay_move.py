"""Moving a guest to another unit: new doors first, the old ones until these are proved, one PIN."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode, Activity, Unit
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit
from properties.tests.verdict.scene import prove


@pytest.fixture
def place(organization, now):
    return make_property(organization)


@pytest.fixture
def home(place):
    """A front door of its own, and an entrance that all share."""
    home = make_unit(place, "Home")
    make_door(home, make_lock(place.organization, "Home lock"), "Home door")
    make_door(home, make_lock(place.organization, "Entrance lock"), "Entrance")
    return home


@pytest.fixture
def loft(place, home):
    loft = make_unit(place, "Loft")
    make_door(loft, make_lock(place.organization, "Loft lock"), "Loft door")
    home.doors.get(name="Entrance").units.add(loft)
    return loft


@pytest.fixture
def stay(home, now):
    stay = make_stay(home, days_ahead=-1)
    planning.apply_stay_plan(stay, now - timedelta(hours=1), None)
    prove(stay)
    return stay


def url(stay) -> str:
    return reverse("stay-move", args=[stay.pk])


def on(stay, lock: str) -> AccessCode:
    return stay.access_codes.standing().get(lock__name=lock)


def test_new_doors_get_same_pin_and_old_ones_stay(owner_client, stay, loft, owner, now):
    old = on(stay, "Home lock")
    assert "Move Anna Schmidt to another unit" in words(owner_client.get(url(stay)))
    page = words(owner_client.post(url(stay), {"unit": loft.pk}, follow=True))
    assert "The stay moved to Lake House · Loft. 1 code is being put on Loft lock." in page
    assert "Kept until the new doors are proved, at the latest Mon 1 Jun, 07:00." in page
    stay.refresh_from_db()
    assert stay.unit == loft
    assert on(stay, "Loft lock").pin == on(stay, "Entrance lock").pin == old.pin
    assert (on(stay, "Home lock").leaves_by, on(stay, "Entrance lock").leaves_by) == (now + timedelta(hours=2), None)
    assert Activity.objects.filter(kind="stay.changed", actor=owner, text__contains="Home → ").exists()
    planning.apply_stay_plan(stay, now, None)
    assert on(stay, "Home lock") == old


def test_old_doors_go_when_new_ones_are_proved(owner_client, stay, loft, now):
    owner_client.post(url(stay), {"unit": loft.pk})
    planning.let_go_of_old_doors(now)
    assert on(stay, "Home lock").leaves_by
    prove(stay)
    planning.let_go_of_old_doors(now)
    assert not stay.access_codes.standing().filter(lock__name="Home lock").exists()
    assert stay.access_codes.standing().count() == 2


def test_old_doors_go_at_their_limit(owner_client, stay, loft, home, now):
    make_stay(home, "Kim", check_in_on=now.date(), check_in_time=now.replace(hour=6, minute=30).time())
    owner_client.post(url(stay), {"unit": loft.pk})
    limit = on(stay, "Home lock").leaves_by
    assert limit == now + timedelta(minutes=90)
    planning.let_go_of_old_doors(limit - timedelta(seconds=1))
    assert on(stay, "Home lock")
    planning.let_go_of_old_doors(limit)
    assert not stay.access_codes.standing().filter(lock__name="Home lock").exists()


def test_taken_pin_is_said_before_and_all_doors_change(owner_client, stay, loft, now):
    old = on(stay, "Home lock")
    make_code(loft.doors.get(name="Loft door").lock, "Ben", pin=old.pin)
    page = owner_client.post(url(stay), {"unit": loft.pk})
    assert page.status_code == 422
    assert "The guest's PIN cannot be used on the doors there." in words(page)
    assert stay.access_codes.count() == 2
    owner_client.post(url(stay), {"unit": loft.pk, "new_pin": "on"})
    stay.refresh_from_db()
    assert on(stay, "Loft lock").pin == on(stay, "Entrance lock").pin != old.pin
    assert on(stay, "Home lock").pin == old.pin
    assert stay.old_pin_since == now


def test_taken_unit_says_who_has_it(owner_client, stay, loft):
    make_stay(loft, "Kim", days_ahead=1)
    page = owner_client.post(url(stay), {"unit": loft.pk})
    assert page.status_code == 422
    assert "Kim stays in Lake House · Loft" in words(page)
    stay.refresh_from_db()
    assert stay.unit != loft


def test_before_arrival_codes_move_at_once(owner_client, home, loft, now):
    stay = make_stay(home)
    planning.apply_stay_plan(stay, now, None)
    owner_client.post(url(stay), {"unit": loft.pk})
    assert {code.lock.name for code in stay.access_codes.standing()} == {"Loft lock", "Entrance lock"}


@pytest.mark.parametrize("unit", ["", "0", "own", "theirs"])
def test_unit_that_cannot_be_is_refused(owner_client, stay, stranger, unit):
    ids = {"own": stay.unit_id, "theirs": make_unit(make_property(stranger.organization)).pk}
    page = owner_client.post(url(stay), {"unit": ids.get(unit, unit)})
    assert page.status_code == 422
    assert "unit" in page.context["form"].errors


def test_stay_that_is_over_says_so(owner_client, home, loft):
    stay = make_stay(home, days_ahead=-20)
    page = words(owner_client.post(url(stay), {"unit": loft.pk}, follow=True))
    assert "This stay is over" in page
    stay.refresh_from_db()
    assert stay.unit == home


def test_stranger_gets_404(stranger_client, stay, loft):
    assert stranger_client.post(url(stay), {"unit": loft.pk}).status_code == 404
    assert not Unit.objects.filter(stays=stay, pk=loft.pk).exists()
