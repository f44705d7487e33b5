"""The first page, beyond the day it shows: the worker's pulse, the number in the title, and whose it is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.tests.pages import title, words
from properties.tests.builders import make_account, make_code, make_door, make_lock, make_property, make_stay, make_unit
from seam_integration.models import Heartbeat

TODAY = reverse("overview")


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


@pytest.fixture
def pulse(db, now):
    """The worker is alive."""
    return Heartbeat.objects.create(name="worker", beat_at=timezone.now())


def test_who_arrives_is_on_it(owner_client, unit, pulse):
    make_stay(unit, check_in_on=timezone.now().date())
    assert "Anna Schmidt Lake House · Whole home" in words(owner_client.get(TODAY))


def test_without_anything_to_do_title_is_calm(owner_client, unit, pulse):
    assert title(owner_client.get(TODAY)) == "Today · Latchkey"


def test_what_needs_somebody_counts_in_title(owner_client, organization, unit, pulse, now):
    make_code(unit.doors.get().lock, rejected_at=now, rejection="Seam refused.")
    page = owner_client.get(TODAY)
    assert title(page) == "(1) Today · Latchkey"
    assert "1 needs attention" in words(page)
    make_account(organization, errors=[{"error_code": "account_disconnected"}])
    assert title(owner_client.get(TODAY)) == "(2) Today · Latchkey"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "Worker silent last seen never"),
        (10, "Worker alive last seen 10 s ago"),
        (300, "Worker silent last seen 5 min ago"),
    ],
)
def test_pulse_of_worker_is_on_page(owner_client, now, seconds, shown):
    if seconds is not None:
        Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=seconds))
    page = owner_client.get(TODAY)
    assert shown in words(page)
    is_silent = "Worker silent" in shown
    assert ("The worker is silent: nothing is sent to locks." in words(page)) is is_silent
    assert ("attention tone-bad" in page.content.decode()) is is_silent


def test_on_simulated_clock_pulse_keeps_its_age(seam, owner_client):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=10))
    assert "Worker alive last seen 1" in words(owner_client.get(TODAY))


def test_who_may_only_look_is_offered_nothing_to_do(colleague_client, unit):
    page = colleague_client.get(TODAY).content.decode()
    for name in ("stay-add", "access-code-issue", "connection-link"):
        assert f'"{reverse(name)}"' not in page


def test_stranger_sees_none_of_it(stranger_client, unit, pulse, now):
    make_stay(unit, check_in_on=now.date())
    make_code(unit.doors.get().lock, "Ben Ito", rejected_at=now)
    page = stranger_client.get(TODAY)
    assert title(page) == "Today · Latchkey"
    for name in ("Anna Schmidt", "Ben Ito", "Front Door"):
        assert name not in words(page)
