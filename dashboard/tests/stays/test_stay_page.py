"""One stay: its doors and codes, its times on the wall and as instants, its history."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode, Activity
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization, minutes_before=15))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    return unit


@pytest.fixture
def stay(unit, now):
    stay = make_stay(unit)
    planning.apply_stay_plan(stay, now, None)
    return stay


def url(stay) -> str:
    return reverse("stay", args=[stay.pk])


def fragment(stay) -> str:
    return reverse("stay-access-codes", args=[stay.pk])


def test_times_are_on_wall_and_as_instants(owner_client, stay):
    page = words(owner_client.get(url(stay)))
    assert "Thu 11 Jun 2026, 16:00 on the clock of Lake House, America/Los_Angeles" in page
    assert "Codes open Thu 11 Jun 2026, 15:45 PDT Thu 11 Jun 2026, 22:45 UTC" in page


def test_each_door_shows_how_far_its_code_is(owner_client, stay):
    page = words(owner_client.get(url(stay)))
    assert "Front door Planned" in page
    assert "Code and PIN" in page


def test_who_may_not_see_pins_is_promised_none(colleague_client, stay):
    page = words(colleague_client.get(url(stay)))
    assert "Code for Front door" in page
    assert "Code and PIN" not in page


def test_door_without_code_says_why(owner_client, stay, organization):
    make_door(stay.unit, make_lock(organization, "Bolt", can_program_codes=None), "Garage")
    make_door(stay.unit, name="Shed", is_required=False)
    page = words(owner_client.get(url(stay)))
    assert "Garage Bolt No code This lock takes no codes over the air." in page
    assert "Shed No code An optional door: guests get no code for it." in page


def test_code_that_is_still_on_former_lock_stays_in_sight(owner_client, stay, now):
    AccessCode.objects.update(create_sent_at=now, seam_id=str(uuid.uuid4()))
    door = stay.unit.doors.get()
    door.lock = None
    door.save()
    planning.apply_stay_plan(stay, now, None)
    page = words(owner_client.get(url(stay)))
    assert "Front Door Removing" in page
    assert "No longer a required door of the unit" in page


def test_pin_is_masked_and_can_be_revealed_by_who_may(owner_client, colleague_client, stay):
    pin = stay.access_codes.get().pin
    assert "Reveal" in words(owner_client.get(url(stay)))
    for client in (owner_client, colleague_client):
        assert pin not in client.get(url(stay)).content.decode()
    assert "Your role does not allow you to see PINs." in words(colleague_client.get(url(stay)))


def test_who_may_only_look_gets_no_buttons(colleague_client, stay):
    page = words(colleague_client.get(url(stay)))
    assert "Cancel the stay" not in page
    assert "New PIN" not in page


def test_refused_code_can_be_tried_again(owner_client, stay, now):
    AccessCode.objects.update(rejected_at=now, rejection="The lock is full.")
    page = words(owner_client.get(url(stay)))
    assert "Front door Refused" in page
    assert "The lock is full." in page
    assert "Try again" in page


def test_history_tells_what_was_done(owner_client, stay):
    assert "Code for Anna Schmidt planned on Front Door" in words(owner_client.get(url(stay)))


def test_cancelled_stay_offers_nothing_to_change(owner_client, unit, now):
    page = words(owner_client.get(url(make_stay(unit, cancelled_at=now))))
    assert "Cancelled" in page
    assert "Change" not in page


def test_unit_without_doors_says_what_to_do(owner_client, unit):
    stay = make_stay(make_unit(unit.property, "Guest suite"))
    assert "Add a door to Lake House, then the code follows by itself." in words(owner_client.get(url(stay)))


def test_story_can_be_cut_to_what_is_known_in_one_way(owner_client, stay, now):
    about = {"stay": stay, "source": "Seam"}
    for how in ("reported", "read_back", "inferred"):
        Activity.record(stay.organization_id, now, "code.on_lock", f"It is {how}", certainty=how, **about)
    for how in ("reported", "read_back", "inferred"):
        page = owner_client.get(url(stay), {"how": how})
        assert [entry.text for entry in page.context["history"]] == [f"It is {how}"]
        assert f'href="?how={how}#history-heading" aria-current="page"' in " ".join(page.content.decode().split())
    assert len(owner_client.get(url(stay), {"how": "magic"}).context["history"]) > 3


def test_story_without_such_entries_leads_back_to_all_of_it(owner_client, stay):
    page = owner_client.get(url(stay), {"how": "inferred"})
    assert "Nothing about this stay is known in that way. Show everything" in words(page)


def test_story_names_who_set_times_even_when_cut(owner_client, unit, owner, now):
    stay = make_stay(unit)
    Activity.record(stay.organization_id, now, "stay.created", "Anna", actor=owner, stay=stay)
    for n in range(70):
        Activity.record(stay.organization_id, now + timedelta(minutes=n), "code.moved", f"Moved {n}", stay=stay)
    for how in ("", "inferred"):
        assert "Date set by owner@example.org; the usual time of Lake House." in words(
            owner_client.get(url(stay), {"how": how})
        )


@pytest.mark.parametrize(
    ("fields", "trigger"),
    [
        ({}, "every 3s, refresh"),
        (
            {"seam_id": str(uuid.uuid4()), "on_lock_at": "now", "seam_starts_at": "start", "seam_ends_at": "end"},
            "every 30s, refresh",
        ),
    ],
)
def test_codes_part_polls_while_one_is_under_way(owner_client, stay, now, fields, trigger):
    words_for = {"now": now, "start": stay.starts_at, "end": stay.ends_at}
    AccessCode.objects.update(**{key: words_for.get(value, value) for key, value in fields.items()})
    for address in (url(stay), fragment(stay)):
        source = " ".join(owner_client.get(address).content.decode().split())
        assert 'id="access-codes"' in source
        assert f'hx-get="{fragment(stay)}" hx-trigger="{trigger}"' in source


def test_fragment_is_no_whole_page(owner_client, stay):
    source = owner_client.get(fragment(stay)).content.decode()
    assert "<html" not in source
    assert "Front door" in source


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.get(url(stay)).status_code == 404
    assert stranger_client.get(fragment(stay)).status_code == 404


def test_nothing_is_written_here(owner_client, stay):
    assert owner_client.post(url(stay)).status_code == 405
    assert owner_client.post(fragment(stay)).status_code == 405


def test_more_doors_cost_no_more_queries(owner_client, stay, organization, now, django_assert_max_num_queries):
    owner_client.get(url(stay))
    with django_assert_max_num_queries(40) as few:
        owner_client.get(url(stay))
    for number in range(5):
        make_door(stay.unit, make_lock(organization, f"Lock {number}"), f"Door {number}")
    planning.apply_stay_plan(stay, now, None)
    for number in range(5):
        make_code(make_lock(organization, f"Other {number}"), pin=f"73051{number}")
    with django_assert_max_num_queries(len(few)):
        owner_client.get(url(stay))
