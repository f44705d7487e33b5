"""The list of codes: what it shows, finds and leaves out."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit

CODES = reverse("access-codes")


def names(page) -> list[str]:
    return [code.holder_name for code in page.context["page"]]


@pytest.fixture
def lock(organization, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    return lock


def test_row_tells_who_where_when_and_how_it_stands(owner_client, lock):
    make_code(lock)
    page = words(owner_client.get(CODES))
    assert "Front Door Lake House · Front door Anna Schmidt Other" in page
    assert "Thu 11 Jun 2026, 05:00 PDT Thu 18 Jun 2026, 05:00 PDT Planned None yet" in page


def test_ongoing_code_has_no_end(owner_client, lock):
    make_code(lock, window=None)
    assert "At once No end" in words(owner_client.get(CODES))


def test_code_of_stay_names_its_unit(owner_client, lock):
    stay = make_stay(lock.door.units.get())
    make_code(lock, stay=stay)
    assert "Lake House · Front door Anna Schmidt Whole home Guest" in words(owner_client.get(CODES))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Refused", "Coming"]),
        ({"show": "attention"}, ["Refused"]),
        ({"show": "ended"}, ["Ended"]),
        ({"show": "all"}, ["Ended", "Refused", "Coming"]),
        ({"show": "nonsense"}, ["Refused", "Coming"]),
        ({"q": " com "}, ["Coming"]),
        ({"q": "FRONT"}, ["Refused", "Coming"]),
        ({"q": "ended"}, []),
        ({"q": "ended", "show": "all"}, ["Ended"]),
        ({"q": "a\0b"}, []),
    ],
)
def test_search_and_filter(owner_client, lock, now, query, found):
    make_code(lock, "Coming", pin="482917")
    make_code(lock, "Refused", pin="739184", rejected_at=now, rejection="No.")
    make_code(lock, "Ended", pin="561728", removed_at=now, revoked_at=now)
    page = owner_client.get(CODES, query)
    assert names(page) == found
    assert ("No code matches" in words(page)) is (not found)


def test_many_codes_come_in_pages(owner_client, lock):
    for n in range(51):
        make_code(lock, f"Person {n}", pin=f"{7301 + n * 13}")
    page = owner_client.get(CODES, {"page": "2", "q": "person"})
    assert names(page) == ["Person 0"]
    assert "51–51 of 51 codes" in words(page)


def test_no_pin_is_in_list(owner_client, lock):
    make_code(lock)
    assert "482917" not in owner_client.get(CODES).content.decode()


def test_empty_list_says_what_to_do_next(owner_client, colleague_client):
    page = owner_client.get(CODES)
    assert "No codes yet" in words(page)
    assert reverse("access-code-issue") in page.content.decode()
    assert reverse("access-code-issue") not in colleague_client.get(CODES).content.decode()


def test_stranger_sees_none_of_it(stranger_client, lock):
    make_code(lock)
    assert "Anna Schmidt" not in words(stranger_client.get(CODES, {"show": "all"}))


def test_it_is_page_to_be_read(owner_client):
    assert owner_client.post(CODES).status_code == 405
