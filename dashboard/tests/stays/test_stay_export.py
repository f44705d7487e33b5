"""The story of a stay as a table: what happened to it and at its doors, how we know it, never a PIN."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.history.test_activity_export import lines
from dashboard.tests.pages import body
from properties.codes import planning
from properties.models import AccessCode, Activity
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def stay(organization, owner, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    stay = make_stay(unit, days_ahead=-1)
    planning.apply_stay_plan(stay, now, owner)
    return stay


def url(stay) -> str:
    return reverse("stay-export", args=[stay.pk])


def told(answer) -> list[str]:
    return [line["What happened"] for line in lines(answer)]


def test_export_holds_story_and_its_locks_events(owner_client, organization, stay, now):
    lock = stay.unit.doors.get().lock
    for n in range(70):
        Activity.record(organization.pk, now, "code.moved", f"Moved {n}", stay=stay, lock=lock)
    Activity.record(organization.pk, now, "lock.unlocked", "Opened with the PIN", lock=lock, certainty="reported")
    Activity.record(organization.pk, now - timedelta(days=30), "lock.unlocked", "Long before", lock=lock)
    answer = owner_client.get(url(stay))
    assert answer["Content-Disposition"] == f'attachment; filename="stay-{stay.pk}.csv"'
    found = told(answer)
    assert "Opened with the PIN" in found
    assert "Long before" not in found
    assert len([text for text in found if text.startswith("Moved")]) == 70


def test_it_is_cut_as_page_is(owner_client, organization, stay, now):
    Activity.record(organization.pk, now, "code.on_lock", "On the lock", stay=stay, certainty="read_back")
    assert told(owner_client.get(url(stay), {"how": "read_back"})) == ["On the lock"]
    page = owner_client.get(reverse("stay", args=[stay.pk]), {"how": "read_back"}).content.decode()
    assert f'href="{url(stay)}?how=read_back" download' in " ".join(page.split())


def test_no_pin_is_in_it(owner_client, owner, stay, now):
    code = AccessCode.objects.get()
    planning.reveal(code, now, owner)
    came = body(owner_client.get(url(stay)))
    assert "was shown" in came
    assert code.pin not in came


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.get(url(stay)).status_code == 404


def test_who_may_not_look_there_gets_none(organization, stay):
    elsewhere = make_property(organization, "Harbor Loft")
    assert client_as(organization, Role.CLEANER).get(url(stay)).status_code == 403
    assert client_as(organization, Role.MANAGER, elsewhere).get(url(stay)).status_code == 404
    assert client_as(organization, Role.READ_ONLY).get(url(stay)).status_code == 200


def test_it_is_there_to_be_read(owner_client, stay):
    assert owner_client.post(url(stay)).status_code == 405
