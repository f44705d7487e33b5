"""Renaming a unit."""

import pytest

from dashboard.tests.pages import words
from properties.models import Unit
from properties.tests.builders import make_property, make_unit


@pytest.fixture
def unit(organization, now):
    return make_unit(make_property(organization))


def url(unit) -> str:
    return f"/units/{unit.pk}/edit/"


def test_unit_is_renamed(owner_client, unit):
    page = owner_client.post(url(unit), {"name": "Apt 2"}, follow=True)
    assert "Apt 2 saved." in words(page)
    assert Unit.objects.get().name == "Apt 2"


def test_bad_input_says_why_under_old_heading(owner_client, unit):
    make_unit(unit.property, "Apt 2")
    answer = owner_client.post(url(unit), {"name": "Apt 2"})
    assert answer.status_code == 422
    assert "Lake House has a unit named “Apt 2” already." in words(answer)
    assert "Edit Whole home" in words(answer)


def test_stranger_gets_404(stranger_client, unit):
    assert stranger_client.get(url(unit)).status_code == 404
    assert stranger_client.post(url(unit), {"name": "Mine"}).status_code == 404
    assert Unit.objects.get().name == "Whole home"


def test_colleague_who_may_only_look_is_refused(colleague_client, unit):
    assert colleague_client.post(url(unit), {"name": "Mine"}).status_code == 403


def test_reading_changes_nothing(owner_client, unit):
    assert owner_client.get(url(unit), {"name": "New"}).status_code == 200
    assert Unit.objects.get().name == "Whole home"
