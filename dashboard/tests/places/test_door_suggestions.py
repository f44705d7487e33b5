"""Locks without a door: where their names put them, one click, or all at once."""

import pytest

from dashboard.tests.pages import words
from properties.changes import suggestions
from properties.models import AccessCode, Door, Property
from properties.tests.builders import make_account, make_door, make_lock, make_property, make_stay, make_unit

URL = "/doors/suggestions/"
ALL = "/doors/suggestions/accept/"


@pytest.fixture
def lock(organization, now):
    return make_lock(organization, "Lake House Front Door", time_zone="America/Los_Angeles")


def url(lock) -> str:
    return f"/locks/{lock.pk}/accept-suggestion/"


def best_for(lock) -> dict[str, str]:
    return {"suggestion": suggestions.suggest(lock.name, suggestions.places_of(lock.organization))[0].key}


def test_each_lock_without_door_has_its_suggestion(owner_client, lock, organization):
    page = words(owner_client.get(URL))
    assert (
        "Lake House Front Door jane@example.com Make a new property “Lake House” with the door “Front Door” Sure"
        in page
    )
    make_unit(make_property(organization))
    assert "Make a new door “Front Door” at Lake House Sure" in words(owner_client.get(URL))


def test_lock_that_takes_no_codes_says_why(owner_client, organization, now):
    make_lock(organization, "Lake House Shed (Bolt)", can_program_codes=None)
    page = words(owner_client.get(URL))
    assert "optional: guests get no code for it" in page
    assert "No guest codes. This lock takes no codes over the air." in page


def test_one_click_accepts_and_plans_codes(owner_client, lock, organization):
    unit = make_unit(make_property(organization))
    make_stay(unit)
    page = owner_client.post(url(lock), best_for(lock), follow=True)
    assert (
        "Lake House Front Door is on Front Door at Lake House now. 1 code is being put on Lake House Front Door."
        in words(page)
    )
    assert Door.objects.get().lock == lock
    assert AccessCode.objects.get().lock == lock


def test_button_on_page_sends_what_is_accepted(owner_client, lock, organization):
    make_unit(make_property(organization))
    assert f'name="suggestion" value="{best_for(lock)["suggestion"]}"' in owner_client.get(URL).content.decode()


def test_outdated_suggestion_changes_nothing(owner_client, lock, organization):
    stale = best_for(lock)
    make_unit(make_property(organization))
    page = owner_client.post(url(lock), stale, follow=True)
    assert "The places changed in the meantime." in words(page)
    assert not Door.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"suggestion": ""}, {"suggestion": "door-999"}, {"suggestion": "1|1|Cellar"}])
def test_what_was_never_suggested_cannot_be_accepted(owner_client, lock, sent):
    owner_client.post(url(lock), sent)
    assert not Door.objects.exists()
    assert not Property.objects.exists()


def test_pressing_twice_makes_one_door(owner_client, lock, organization):
    make_unit(make_property(organization))
    sent = best_for(lock)
    owner_client.post(url(lock), sent)
    page = owner_client.post(url(lock), sent, follow=True)
    assert "is on a door already" in words(page)
    assert Door.objects.count() == 1


def test_new_property_needs_zone(owner_client, organization, now):
    lock = make_lock(organization, "Dune House Gate")
    page = owner_client.post(url(lock), best_for(lock), follow=True)
    assert "The time zone of Dune House Gate is not known. Add its property first." in words(page)
    assert not Property.objects.exists()


def test_all_sure_ones_are_accepted_at_once_and_others_wait(owner_client, organization, now):
    zone = {"time_zone": "America/Los_Angeles"}
    for name in ("Lake House Front Door", "Lake House Back Door", "Harbor Loft 2A", "Harbor Loft Entrance"):
        make_lock(organization, name, **zone)
    make_lock(organization, "Wyze Lock", **zone)
    assert "Accept all 4 sure ones" in words(owner_client.get(URL))
    page = words(owner_client.post(ALL, follow=True))
    assert "4 locks are on doors now." in page
    assert "1–1 of 1 locks" in page
    doors = Door.objects.select_related("property").order_by("property__name", "name")
    assert [f"{door.property}: {door}" for door in doors] == [
        "Harbor Loft: 2A",
        "Harbor Loft: Entrance",
        "Lake House: Back Door",
        "Lake House: Front Door",
    ]
    assert all(door.units.count() == 1 for door in doors)


def test_without_sure_one_accepting_all_changes_nothing(owner_client, organization, now):
    make_lock(organization, "Wyze Lock")
    assert "No suggestion is sure enough." in words(owner_client.post(ALL, follow=True))
    assert not Door.objects.exists()


def test_other_places_are_one_click_away(owner_client, lock, organization):
    place = make_property(organization, "Harbor Loft")
    assert f'href="/properties/{place.pk}/doors/add/?lock={lock.pk}"' in owner_client.get(URL).content.decode()


def test_only_locks_that_are_there_and_free_are_listed(owner_client, organization, now):
    make_door(make_unit(make_property(organization)), make_lock(organization, "On a door"))
    make_lock(organization, "Vanished", vanished_at=now)
    make_lock(organization, "Unlinked", account=make_account(organization, unlinked_at=now))
    page = words(owner_client.get(URL))
    assert "Every lock is on a door" in page
    assert "See the properties" in page
    for name in ("On a door", "Vanished", "Unlinked"):
        assert name not in page.replace("Every lock is on a door", "")


def test_without_locks_way_leads_to_linking(owner_client, now):
    assert "No lock linked" in words(owner_client.get(URL))


def test_stranger_gets_404_and_sees_nothing(stranger_client, lock):
    assert stranger_client.post(url(lock), best_for(lock)).status_code == 404
    assert "Lake House" not in words(stranger_client.get(URL))
    stranger_client.post(ALL)
    assert not Door.objects.exists()


def test_read_only_colleague_is_refused(colleague_client, lock):
    assert "Accept" not in words(colleague_client.get(URL))
    assert colleague_client.post(url(lock), best_for(lock)).status_code == 403
    assert colleague_client.post(ALL).status_code == 403


def test_reading_is_refused_where_only_click_may_act(owner_client, lock):
    assert owner_client.get(url(lock), best_for(lock)).status_code == 405
    assert owner_client.get(ALL).status_code == 405
    assert owner_client.post(URL).status_code == 405


def test_more_locks_cost_no_more_queries(owner_client, lock, organization, django_assert_max_num_queries):
    owner_client.get(URL)
    with django_assert_max_num_queries(30) as few:
        owner_client.get(URL)
    for number in range(30):
        make_lock(organization, f"Cabin {number}")
    with django_assert_max_num_queries(len(few)):
        owner_client.get(URL)
