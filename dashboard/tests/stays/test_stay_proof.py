"""The proof on a stay's page: the verdict with its checks, the door matrix, who set the times, the story."""

import uuid
from datetime import time, timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.changes import stays_and_places
from properties.codes import planning
from properties.models import AccessCode, Activity, Certainty, Lock, Stay
from properties.models.stays import Window
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from seam_integration.models import Heartbeat


@pytest.fixture
def unit(organization, now):
    Heartbeat.objects.create(name="worker", beat_at=now)
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    return unit


@pytest.fixture
def stay(unit, now):
    stay = make_stay(unit, days_ahead=1)
    planning.apply_stay_plan(stay, now - timedelta(hours=1), None)
    prove(stay)
    return stay


def prove(stay: Stay, **fields) -> None:
    values = {
        "seam_id": str(uuid.uuid4()),
        "accepted_at": NOW,
        "accepted_source": "Seam's answer",
        "on_lock_at": NOW,
        "on_lock_source": "event 11111111-1111-4111-8111-111111111111",
        "seam_starts_at": stay.starts_at,
        "seam_ends_at": stay.ends_at,
    }
    AccessCode.objects.filter(stay=stay).update(**(values | fields))


def page_of(client, stay: Stay) -> str:
    return words(client.get(reverse("stay", args=[stay.pk])))


def test_stay_in_good_order_says_ready_and_what_was_checked(owner_client, stay):
    page = page_of(owner_client, stay)
    assert "Can they get in? Ready" in page
    for said in ("8 checks passed", "The code for Front door is on the lock.", "Front Door is online."):
        assert said in page


def test_each_cell_has_its_time_and_how_it_is_known(owner_client, stay):
    page = page_of(owner_client, stay)
    assert "Door Planned Accepted On the lock Live Used Removed" in page
    assert (
        "Front door On the lock 1 Jun, 04:00 from the stay 1 Jun, 05:00 Seam's answer 1 Jun, 05:00 reported by an event"
        in page
    )
    source = owner_client.get(reverse("stay", args=[stay.pk])).content.decode()
    assert 'title="event 11111111-1111-4111-8111-111111111111"' in source


def test_what_is_wrong_comes_first_with_one_step(owner_client, stay):
    Lock.objects.update(is_online=False, battery_level=0.1)
    prove(stay, rejected_at=NOW, rejection="The lock is full.")
    page = page_of(owner_client, stay)
    assert "Can they get in? Not ready" in page
    assert page.index("The code for Front door was refused.") < page.index("Front Door is offline.")
    assert "The lock is full. Try again" in page
    assert "See the battery" in page


def test_code_that_somebody_took_away_can_be_given_back(owner_client, colleague_client, owner, stay, now):
    code = stay.access_codes.get()
    planning.withhold(code, now, owner, "The guest asked.")
    give_back = f'action="{reverse("access-code-give-back", args=[code.pk])}"'
    address = reverse("stay", args=[stay.pk])
    assert "The code was revoked: The guest asked." in page_of(owner_client, stay)
    assert give_back in owner_client.get(address).content.decode()
    assert give_back not in colleague_client.get(address).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"removed_at": NOW}, "Is the code gone? Yes"),
        ({}, "Is the code gone? Not proved"),
    ],
)
def test_past_stay_asks_whether_code_is_gone(owner_client, unit, fields, said):
    stay = make_stay(unit, days_ahead=-3, nights=2)
    planning.issue(unit.doors.get().lock, "Anna", Window(stay.starts_at, stay.ends_at), "482917", NOW, None, stay=stay)
    prove(stay, **fields)
    assert said in page_of(owner_client, stay)


def test_open_code_is_urgent_when_next_guest_is_near(owner_client, unit):
    stay = make_stay(unit, days_ahead=-3, nights=2)
    planning.issue(unit.doors.get().lock, "Anna", Window(stay.starts_at, stay.ends_at), "482917", NOW, None, stay=stay)
    prove(stay)
    assert "and the next one arrives within a day" not in page_of(owner_client, stay)
    make_stay(unit, "Next", days_ahead=0)
    assert "and the next one arrives within a day" in page_of(owner_client, stay)


def test_who_set_times_is_told(owner_client, owner, unit, now):
    stay = make_stay(unit, days_ahead=3, created_by=owner)
    stays_and_places.save_stay(stay, now, owner)
    assert "Date set by owner@example.org; the usual time of Lake House." in page_of(owner_client, stay)
    stay.check_out_time = time(13)
    stays_and_places.save_stay(stay, now + timedelta(minutes=1), owner)
    assert "Set by owner@example.org; the usual time of Lake House is 11:00." in page_of(owner_client, stay)


def test_story_tells_lock_events_during_stay_only(owner_client, organization, stay):
    lock = stay.access_codes.get().lock
    about = {"source": "Seam", "certainty": Certainty.REPORTED, "lock": lock}
    Activity.record(organization.pk, stay.starts_at - timedelta(hours=1), "lock.unlocked", "Before", **about)
    Activity.record(organization.pk, stay.starts_at + timedelta(hours=1), "lock.unlocked", "Opened with a PIN", **about)
    page = page_of(owner_client, stay)
    assert "Opened with a PIN" in page
    assert "Before" not in page


def test_stay_over_change_of_clocks_says_so(owner_client, unit, now):
    assert "They change during this stay" not in page_of(owner_client, make_stay(unit, days_ahead=1))
    over = make_stay(unit, check_in_on=NOW.date().replace(month=10, day=30))
    assert "They change during this stay" in page_of(owner_client, over)
