"""History: who or what did what, how sure we are, newest first, by day, cut to what one asks for."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from dashboard.tests.whole.test_query_counts import questions
from properties.changes import stays_and_places
from properties.models import Activity
from properties.tests.builders import make_door, make_lock, make_organization, make_property, make_stay, make_unit

HISTORY = reverse("activity")


def shown(page) -> list[str]:
    return [entry.text for _, entries in page.context["days"] for entry in entries]


@pytest.fixture
def told(organization, owner, colleague, now):
    """An entry of each kind, by each sort of author, known in each way; newest first in this order."""
    place = make_property(organization)
    unit = make_unit(place)
    lock = make_lock(organization)
    make_door(unit, lock)
    stay = make_stay(unit)
    seam = {"source": "Seam", "lock": lock}
    entries = [
        ("lock.unlocked", "Front Door was unlocked", seam | {"certainty": "reported"}),
        ("code.on_lock", "Code for Anna is on the lock", seam | {"certainty": "read_back", "stay": stay}),
        ("lock.unlock_unconfirmed", "Unlock: not confirmed", seam | {"certainty": "inferred"}),
        ("code.planned", "Code for Anna planned", {"lock": lock, "stay": stay}),
        ("stay.changed", "Anna leaves later", {"actor": owner, "stay": stay}),
        ("people.changed", "Colleague may see PINs", {"actor": owner}),
        ("property.changed", "Property Lake House", {"actor": colleague, "property": place}),
        ("connected_account.disconnected", "jane@example.com: disconnected", {"source": "Seam"}),
    ]
    for hours, (kind, text, about) in enumerate(entries):
        Activity.record(organization.pk, now - timedelta(hours=hours), kind, text, **about)
    return [text for _, text, _ in entries]


def test_entry_tells_who_when_and_how_we_know(owner_client, owner, organization, now):
    lock = make_lock(organization)
    Activity.record(organization.pk, now - timedelta(hours=2), "lock.unlock_requested", "Unlock sent", actor=owner)
    seam = {"lock": lock, "source": "Seam", "certainty": "reported"}
    Activity.record(organization.pk, now - timedelta(minutes=3), "lock.unlocked", "Front Door was unlocked", **seam)
    page = words(owner_client.get(HISTORY))
    assert "Unlock sent 10:00 · 2 h ago owner@example.org · Done here" in page
    assert "Front Door was unlocked 11:57 · 3 min ago Seam · Reported by Seam" in page
    assert page.index("Front Door was unlocked") < page.index("Unlock sent")


def test_unknown_kind_is_shown_too(owner_client, organization, now):
    Activity.record(organization.pk, now, "device.from_the_future", "Front Door: from the future")
    Activity.record(organization.pk, now, "future", "From further away")
    page = words(owner_client.get(HISTORY))
    assert "Front Door: from the future" in page
    assert "From further away" in page


def test_days_and_times_are_those_of_property(owner_client, organization, now):
    """NOW is noon in UTC; eight hours before it, in Los Angeles it was the day before."""
    make_property(organization)
    Activity.record(organization.pk, now - timedelta(hours=8), "lock.locked", "Front Door was locked")
    page = words(owner_client.get(HISTORY))
    assert "Times in America/Los_Angeles." in page
    assert "Sun 31 May 2026 Front Door was locked 21:00" in page


def test_entry_leads_to_what_it_tells_of(owner_client, told):
    page = owner_client.get(HISTORY).content.decode()
    stay = Activity.objects.get(kind="stay.changed").stay
    assert re.search(rf'<a href="{reverse("stay", args=[stay.pk])}"><bdi>Anna leaves later', page)
    assert re.search(r'<a href="/locks/\d+/"><bdi>Front Door was unlocked', page)
    assert re.search(r'<a href="/properties/\d+/"><bdi>Property Lake House', page)


# --- Filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({}, range(8)),
        ({"how": "reported"}, [0]),
        ({"how": "read_back"}, [1]),
        ({"how": "inferred"}, [2]),
        ({"how": "done"}, [3, 4, 5, 6, 7]),
        ({"about": "locks"}, [0, 2]),
        ({"about": "codes"}, [1, 3]),
        ({"about": "stays"}, [4]),
        ({"about": "people"}, [5]),
        ({"about": "places"}, [6]),
        ({"about": "accounts"}, [7]),
        ({"who": "seam"}, [0, 1, 2, 7]),
        ({"who": "latchkey"}, [3]),
        ({"who": "people"}, [4, 5, 6]),
        ({"q": "anna LOCK"}, [1]),
        ({"q": " anna "}, [1, 3, 4]),
        ({"q": "%"}, []),
        ({"q": "a\0nna"}, [1, 3, 4]),
        ({"who": "seam", "how": "reported", "about": "locks", "q": "front"}, [0]),
        ({"about": "codes", "who": "people"}, []),
        ({"since": "2026-06-01", "until": "2026-06-01"}, [0, 1, 2, 3, 4, 5]),
        ({"until": "2026-05-31"}, [6, 7]),
        ({"since": "2026-06-02"}, []),
    ],
)
def test_each_filter_lets_through_what_it_says(owner_client, told, asked, fits, organization):
    Activity.objects.filter(text__in=told[6:]).update(at="2026-06-01T06:59:59Z")
    page = owner_client.get(HISTORY, asked)
    assert sorted(shown(page)) == sorted(told[n] for n in fits)


def test_one_person_is_chosen_by_name(owner_client, owner, colleague, told):
    page = owner_client.get(HISTORY)
    people = dict(page.context["people"])
    assert people[str(colleague.pk)] == "colleague@example.org"
    assert shown(owner_client.get(HISTORY, {"who": owner.pk})) == told[4:6]


def test_who_left_can_still_be_chosen(owner_client, colleague, told):
    colleague.membership.delete()
    page = owner_client.get(HISTORY, {"who": colleague.pk})
    assert shown(page) == [told[6]]
    assert "by colleague@example.org" in words(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"how": "by magic"},
        {"about": "weather"},
        {"who": "0x1"},
        {"who": "²"},
        {"who": "9" * 30},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"page": "-3"},
        {"page": "x"},
    ],
)
def test_what_is_no_choice_filters_nothing(owner_client, told, asked):
    assert len(shown(owner_client.get(HISTORY, asked))) == 8


def test_each_filter_is_shown_and_can_be_undone(owner_client, told):
    page = owner_client.get(HISTORY, {"about": "codes", "how": "read_back", "q": "anna"})
    out = ": leave this filter out"
    assert f"Only entries Codes {out} Read back from Seam {out} “anna” {out} Show all entries" in words(page)
    source = page.content.decode()
    assert 'href="?how=read_back&amp;q=anna"' in source
    assert 'href="?about=codes&amp;q=anna"' in source
    assert 'href="?about=codes&amp;how=read_back"' in source
    assert '<option value="codes" selected>' in source
    assert "Show all entries" not in words(owner_client.get(HISTORY))


def test_no_entry_that_fits_says_what_to_do(owner_client, told):
    page = words(owner_client.get(HISTORY, {"q": "zebra"}))
    assert "No entry matches Leave out one of the filters above" in page
    assert "Nothing has happened yet" not in page
    assert "Download" not in page


def test_pages_keep_filters(owner_client, organization, now):
    for n in range(101):
        Activity.record(organization.pk, now - timedelta(minutes=n), "lock.locked", f"Event {n}")
        Activity.record(organization.pk, now - timedelta(minutes=n), "code.planned", f"Code {n}")
    page = owner_client.get(HISTORY, {"about": "locks", "page": "2"})
    assert shown(page) == ["Event 100"]
    assert "101–101 of 101 entries" in words(page)
    assert 'href="?about=locks&amp;page=1"' in page.content.decode()


def test_chosen_property_cuts_it_and_page_says_so(owner_client, organization, told, now):
    elsewhere = make_property(organization, "Harbor Loft")
    Activity.record(organization.pk, now, "property.changed", "Property Harbor Loft", property=elsewhere)
    page = owner_client.get(HISTORY, {"property": elsewhere.pk})
    assert shown(page) == ["Property Harbor Loft"]
    assert "Only entries of Harbor Loft Show all properties" in words(page)
    lake = Activity.objects.get(text="Property Lake House").property_id
    assert shown(owner_client.get(HISTORY, {"property": lake})) == [*told[:5], told[6]]
    assert len(shown(owner_client.get(HISTORY, {"property": "all"}))) == 9


def test_what_is_done_to_place_is_told_of_it(organization, owner, now):
    place = make_property(organization)
    unit = make_unit(place)
    door = make_door(unit)
    stays_and_places.save_property(place, now, owner)
    stays_and_places.save_unit(unit, now, owner)
    stays_and_places.save_door(door, [unit], now, owner)
    stays_and_places.delete_door(door, now, owner)
    stays_and_places.delete_unit(unit, now, owner)
    assert Activity.objects.at_properties([place]).count() == 5
    stays_and_places.delete_property(place, now, owner)
    assert Activity.objects.count() == 6


# --- Who may see it --------------------------------------------------------------------------------------------


def test_somebody_limited_reads_of_their_properties_alone(organization, told, now):
    elsewhere = make_property(organization, "Harbor Loft")
    Activity.record(organization.pk, now, "property.changed", "Property Harbor Loft", property=elsewhere)
    client = client_as(organization, Role.FRONT_DESK, elsewhere)
    page = client.get(HISTORY)
    assert shown(page) == ["Property Harbor Loft"]
    # Nor do they learn who else works here.
    assert [key for key, _ in page.context["people"]] == ["people", "latchkey", "seam"]
    lake = Activity.objects.get(text="Property Lake House").property_id
    assert shown(client.get(HISTORY, {"property": lake})) == ["Property Harbor Loft"]


def test_who_may_not_look_around_reads_none_of_it(organization, told):
    assert client_as(organization, Role.CLEANER).get(HISTORY).status_code == 403


def test_stranger_sees_none_of_it(stranger_client, organization, now, owner):
    Activity.record(organization.pk, now, "lock.locked", "Front Door was locked", actor=owner)
    page = words(stranger_client.get(HISTORY, {"who": owner.pk}))
    assert "Front Door" not in page
    assert "owner@example.org" not in page


def test_it_is_page_to_be_read(owner_client):
    assert owner_client.post(HISTORY).status_code == 405


# --- Words and price --------------------------------------------------------------------------------------------


def test_what_people_type_cannot_bring_markup_in(owner_client, organization, now):
    Activity.record(organization.pk, now, "code.revoked", "Code revoked: <img src=x>")
    assert "<img" not in owner_client.get(HISTORY, {"q": "<img"}).content.decode()


def test_empty_history_says_what_to_do_next(owner_client):
    assert "Link an account or add a stay, and each step is written down here." in words(owner_client.get(HISTORY))


def test_it_asks_same_of_few_rows_and_many_under_any_filter(owner_client, owner, organization, now):
    def grow(first: int, last: int) -> None:
        for n in range(first, last):
            unit = make_unit(make_property(organization, f"House {n}"))
            lock = make_lock(organization, f"Lock {n}")
            make_door(unit, lock)
            about = {"actor": owner, "lock": lock, "stay": make_stay(unit)}
            Activity.record(organization.pk, now, "code.planned", f"Code {n}", **about)

    address = f"{HISTORY}?about=codes&how=done&who=people&q=code&since=2026-01-01"
    grow(0, 2)
    questions(owner_client, address)
    few = questions(owner_client, address)
    grow(2, 9)
    assert questions(owner_client, address).total() == few.total() < 20


def test_another_organizations_entries_are_no_ones_to_count(owner_client, told):
    other = make_organization("Elsewhere")
    Activity.record(other.pk, Activity.objects.first().at, "lock.locked", "Foreign Door was locked")
    assert "8 entries (CSV)" in words(owner_client.get(HISTORY))
