"""Leaving early: the stay ends at this minute, is kept among departures, and its codes are proved gone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import Activity, Stay, StayPhase
from properties.reading.day_stays import departures
from properties.reading.spans import Span
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    return unit


@pytest.fixture
def stay(unit, now):
    stay = make_stay(unit, days_ahead=-1)
    planning.apply_stay_plan(stay, now - timedelta(hours=1), None)
    stay.access_codes.update(create_sent_at=now - timedelta(hours=1))
    return stay


def url(stay) -> str:
    return reverse("stay-end", args=[stay.pk])


def test_question_says_what_follows_and_changes_nothing(owner_client, stay):
    page = words(owner_client.get(url(stay)))
    assert "Removes 1 code from 1 lock: Front Door." in page
    assert "kept among departures" in page
    stay.refresh_from_db()
    assert stay.ended_at is None


def test_ended_stay_is_past_not_cancelled(owner_client, stay, owner, now):
    page = words(owner_client.post(url(stay), follow=True))
    assert "The stay ended now. 1 code is being removed from Front Door." in page
    assert "Undo: the stay goes on" in page
    stay.refresh_from_db()
    assert (stay.phase(now), stay.cancelled_at) == (StayPhase.PAST, None)
    assert (stay.ended_at, stay.ended_by, stay.ends_at) == (now, owner, now)
    assert (str(stay.check_out.at), stay.planned_check_out_time) == ("05:00:00", stay.unit.property.check_out_time)
    assert Activity.objects.filter(kind="stay.ended", actor=owner, stay=stay).exists()
    zones = [stay.unit.property.time_zone]
    assert departures(Stay.objects.all(), Span.TODAY, zones, now, 5).pks == [stay.pk]


def test_its_code_is_over_at_this_minute(owner_client, stay, now):
    owner_client.post(url(stay))
    code = stay.access_codes.get()
    assert (code.ends_at, code.revoked_at, code.is_wanted(now)) == (now, None, False)


def test_code_comes_off_lock_with_proof(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    unit = make_unit(make_property(owner.organization))
    make_door(unit, lock)
    stay = make_stay(unit, check_in_on=(seam.now_at - timedelta(days=1)).date())
    planning.apply_stay_plan(stay, seam.now_at, None)
    seam.pass_time("PT2M", times=3)
    pin = stay.access_codes.get().pin
    assert seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=pin)["opened"]
    owner_client.post(url(stay))
    seam.pass_time("PT2M", times=4)
    assert stay.access_codes.get().removed_at is not None
    assert not seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=pin)["opened"]


@pytest.mark.parametrize("days_ahead", [3, -20])
def test_stay_that_is_not_in_residence_says_why(owner_client, unit, days_ahead):
    stay = make_stay(unit, days_ahead=days_ahead)
    assert "Only a stay in residence can end now." in words(owner_client.get(url(stay), follow=True))
    page = words(owner_client.post(url(stay), follow=True))
    assert ("has not begun" if days_ahead > 0 else "over already") in page
    stay.refresh_from_db()
    assert stay.ended_at is None


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.post(url(stay)).status_code == 404
    stay.refresh_from_db()
    assert stay.ended_at is None
