"""Taking back an early end: check-out as planned, and the code with its PIN."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.changes import leaving
from properties.codes import planning
from properties.models import Activity, StayPhase
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def stay(organization, owner, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    stay = make_stay(unit, days_ahead=-1)
    planning.apply_stay_plan(stay, now - timedelta(hours=1), None)
    stay.access_codes.update(create_sent_at=now - timedelta(hours=1))
    leaving.end_now(stay, now, owner)
    return stay


def url(stay) -> str:
    return reverse("stay-go-on", args=[stay.pk])


def test_check_out_is_as_planned_again(owner_client, stay, owner, now):
    code = stay.access_codes.get()
    assert "The stay goes on as planned." in words(owner_client.post(url(stay), follow=True))
    stay.refresh_from_db()
    assert (stay.phase(now), stay.ended_at, stay.check_out.at) == (StayPhase.IN_HOUSE, None, stay.check_out_time)
    assert stay.ends_at == stay.window().ends_at > now
    code.refresh_from_db()
    assert code.window == (stay.starts_at, stay.ends_at)
    assert Activity.objects.filter(kind="stay.resumed", actor=owner).exists()


def test_code_that_is_gone_is_made_again_with_its_pin(owner_client, stay, now):
    old = stay.access_codes.get()
    stay.access_codes.update(removed_at=now)
    owner_client.post(url(stay))
    assert stay.access_codes.standing().get().pin == old.pin


def test_too_late_says_so(owner_client, stay, now):
    type(stay).objects.update(ended_at=now - timedelta(minutes=16))
    assert "It is too late to take this back." in words(owner_client.post(url(stay), follow=True))
    stay.refresh_from_db()
    assert stay.ended_at is not None


def test_unit_that_was_given_to_another_says_so(owner_client, stay):
    make_stay(stay.unit, "Kim", days_ahead=0)
    assert "Kim stays in" in words(owner_client.post(url(stay), follow=True))


def test_get_is_refused(owner_client, stay):
    assert owner_client.get(url(stay)).status_code == 405


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.post(url(stay)).status_code == 404
    stay.refresh_from_db()
    assert stay.ended_at is not None
