"""The first page: who arrives and can they get in, who is in house, what needs somebody, is the worker alive."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.tests.pages import title, words
from properties import planning
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit
from seam_integration.models import Heartbeat

TODAY = reverse("overview")


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


def test_an_arrival_is_listed_with_its_times_and_doors(owner_client, owner, unit, now):
    planning.apply_stay_plan(make_stay(unit, days_ahead=2), now, owner)
    page = words(owner_client.get(TODAY))
    assert "Anna Schmidt Lake House · Whole home Wed 3 Jun 2026, 16:00 PDT Sat 6 Jun 2026, 11:00 PDT" in page
    assert "Front Door: Planned" in page


def test_a_guest_without_a_code_is_said(owner_client, unit):
    make_stay(unit, days_ahead=2)
    assert "No code" in words(owner_client.get(TODAY))


def test_guests_are_sorted_into_arrivals_and_in_house(owner_client, unit):
    make_stay(unit, "Later", days_ahead=6)
    make_stay(unit, "Sooner", days_ahead=1)
    make_stay(unit, "Inside", days_ahead=-2, nights=3)
    make_stay(unit, "Gone", days_ahead=-9)
    make_stay(unit, "Cancelled", days_ahead=3, cancelled_at="2026-05-01T00:00Z")
    page = owner_client.get(TODAY)
    assert [stay.guest.name for stay in page.context["arrivals"]] == ["Sooner", "Later"]
    assert [stay.guest.name for stay in page.context["in_house"]] == ["Inside"]
    assert "Gone" not in words(page)
    assert "Cancelled" not in words(page)


def test_when_nobody_arrives_soon_the_next_one_is_named(owner_client, unit):
    make_stay(unit, days_ahead=20)
    page = words(owner_client.get(TODAY))
    assert "Nobody arrives in the next 7 days. Next: Anna Schmidt, Lake House · Whole home, Sun 21 Jun 2026" in page


def test_when_all_stays_are_over_it_says_so(owner_client, unit):
    make_stay(unit, days_ahead=-9)
    assert "Nobody arrives in the next 7 days, and no later stay is planned." in words(owner_client.get(TODAY))


def test_what_needs_somebody_comes_first_and_counts_in_the_title(owner_client, organization, now):
    lock = make_lock(organization, battery_level=0.1)
    make_code(lock, rejected_at=now, rejection="Seam refused.")
    page = owner_client.get(TODAY)
    assert title(page) == "(1) Today · Latchkey"
    shown = words(page)
    assert shown.index("Needs somebody") < shown.index("Arrivals in the next 7 days")
    assert "Code for Anna Schmidt Front Door Refused Look at it" in shown
    assert "Lock battery is low" in shown
    assert "1 needs attention" in shown


def test_without_anything_to_do_the_title_is_calm(owner_client, unit):
    page = owner_client.get(TODAY)
    assert title(page) == "Today · Latchkey"
    assert "Needs somebody" not in words(page)


def test_an_empty_page_says_what_to_do_next(owner_client):
    page = words(owner_client.get(TODAY))
    assert "No stays yet" in page
    assert "Link a Wyze account" in page


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "Worker silent last seen never"),
        (10, "Worker alive last seen 10 s ago"),
        (300, "Worker silent last seen 5"),
    ],
)
def test_the_worker_s_pulse_is_on_the_page(owner_client, now, seconds, shown):
    if seconds is not None:
        Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=seconds))
    page = owner_client.get(TODAY)
    assert shown in words(page)
    is_silent = "Worker silent" in shown
    assert ("The worker is silent: nothing is sent to locks." in words(page)) is is_silent
    assert ("attention tone-bad" in page.content.decode()) is is_silent


def test_on_a_simulated_clock_the_pulse_keeps_its_age(seam, owner_client):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=10))
    assert "Worker alive last seen 1" in words(owner_client.get(TODAY))


def test_who_may_only_look_is_offered_nothing_to_do(colleague_client):
    page = colleague_client.get(TODAY).content.decode()
    for name in ("stay-add", "access-code-issue", "connection-link"):
        assert f'"{reverse(name)}"' not in page


def test_a_stranger_sees_none_of_it(stranger_client, organization, unit, now):
    make_stay(unit, days_ahead=1)
    make_code(unit.doors.get().lock, "Ben Ito", rejected_at=now)
    page = stranger_client.get(TODAY)
    assert title(page) == "Today · Latchkey"
    for name in ("Anna Schmidt", "Ben Ito", "Front Door"):
        assert name not in words(page)


def test_somebody_of_no_organization_sees_an_empty_page(client, django_user_model):
    client.force_login(
        django_user_model.objects.create_user("nobody@example.org"), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(TODAY).status_code == 200
