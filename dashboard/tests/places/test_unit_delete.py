"""Deleting a unit: one with stays is kept."""

import pytest

from dashboard.tests.pages import words
from properties.models import Unit
from properties.tests.builders import make_door, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    return make_unit(make_property(organization))


def url(unit) -> str:
    return f"/units/{unit.pk}/delete/"


def test_question_says_which_doors_lead_to_it(owner_client, unit):
    make_door(unit)
    assert "Front door will no longer lead to it." in words(owner_client.get(url(unit)))
    assert Unit.objects.exists()


def test_unit_without_stays_goes(owner_client, unit):
    page = owner_client.post(url(unit), follow=True)
    assert "Whole home deleted." in words(page)
    assert not Unit.objects.exists()


def test_unit_with_stays_is_kept_and_page_says_why(owner_client, unit):
    make_stay(unit, days_ahead=-30)
    make_stay(unit)
    answer = owner_client.post(url(unit))
    assert answer.status_code == 422
    assert "Whole home has 2 stays, past and cancelled ones included. They are its history" in words(answer)
    assert Unit.objects.exists()


def test_stranger_gets_404(stranger_client, unit):
    assert stranger_client.get(url(unit)).status_code == 404
    assert stranger_client.post(url(unit)).status_code == 404
    assert Unit.objects.exists()


def test_colleague_who_may_only_look_is_refused(colleague_client, unit):
    assert colleague_client.post(url(unit)).status_code == 403
    assert Unit.objects.exists()
