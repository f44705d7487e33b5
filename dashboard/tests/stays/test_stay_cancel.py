"""Cancelling a stay: the effect in counts first, then the codes go."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode, Activity
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    make_door(unit, make_lock(organization, "Entrance"), "Entrance")
    return unit


@pytest.fixture
def stay(unit, now):
    stay = make_stay(unit)
    planning.apply_stay_plan(stay, now, None)
    AccessCode.objects.update(create_sent_at=now)
    return stay


def url(stay) -> str:
    return reverse("stay-cancel", args=[stay.pk])


def test_question_counts_effect_and_changes_nothing(owner_client, stay):
    page = owner_client.get(url(stay))
    assert "Removes 2 codes from 2 locks: Front Door and Entrance." in words(page)
    stay.refresh_from_db()
    assert stay.cancelled_at is None


def test_stay_without_codes_says_so(owner_client, unit):
    assert "No code was made for it" in words(owner_client.get(url(make_stay(unit))))


def test_cancelling_takes_back_codes(owner_client, stay, owner, now):
    page = owner_client.post(url(stay), follow=True)
    assert "Stay cancelled. 2 codes are being removed from Entrance and Front Door." in words(page).replace(
        "Front Door and Entrance", "Entrance and Front Door"
    )
    stay.refresh_from_db()
    assert (stay.cancelled_at, stay.cancelled_by) == (now, owner)
    assert not stay.access_codes.standing().exists()
    assert Activity.objects.filter(kind="stay.cancelled", actor=owner, stay=stay).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_stay_in_residence_ends_instead(owner_client, unit, method):
    stay = make_stay(unit, days_ahead=-1)
    page = words(getattr(owner_client, method)(url(stay), follow=True))
    assert "End this stay now?" in page
    assert "The guest may be inside" in page
    stay.refresh_from_db()
    assert stay.cancelled_at is None


@pytest.mark.parametrize("fields", [{"days_ahead": -20}, {"cancelled_at": "now"}])
def test_stay_that_is_over_is_not_cancelled_again(owner_client, unit, now, fields):
    stay = make_stay(unit, **{key: now if value == "now" else value for key, value in fields.items()})
    before = stay.cancelled_at
    for send in (owner_client.get, owner_client.post):
        assert "This stay is over already. Nothing was changed." in words(send(url(stay), follow=True))
    stay.refresh_from_db()
    assert stay.cancelled_at == before


def test_pressing_twice_cancels_once(owner_client, stay):
    owner_client.post(url(stay))
    owner_client.post(url(stay))
    assert Activity.objects.filter(kind="stay.cancelled").count() == 1


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.get(url(stay)).status_code == 404
    assert stranger_client.post(url(stay)).status_code == 404
    stay.refresh_from_db()
    assert stay.cancelled_at is None


def test_colleague_who_may_only_look_is_refused(colleague_client, stay):
    assert colleague_client.post(url(stay)).status_code == 403
    stay.refresh_from_db()
    assert stay.cancelled_at is None
