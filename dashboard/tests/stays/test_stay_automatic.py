"""A stay from a calendar: where it was booked, what people set of it, and back to automatic with one click."""

from datetime import timedelta

import pytest
from django.urls import reverse

from calendars.deciding.channels import Channel
from calendars.tests.applying.scene import Scene, make_feed
from calendars.tests.samples import airbnb_link, event
from dashboard.tests.pages import words
from dashboard.views import stays as views
from properties.changes.stays_and_places import save_stay

BOOKED = event("a", "20260610", "20260613", description=airbnb_link("HMEXAMPL01"))


@pytest.fixture
def scene(organization, now):
    scene = Scene(make_feed(organization, Channel.AIRBNB))
    scene.says(BOOKED)
    return scene


@pytest.fixture
def stay(scene, owner):
    stay = scene.stay
    stay.check_out_on += timedelta(days=1)
    save_stay(stay, scene.now, owner)
    return stay


@pytest.fixture
def handed_over(monkeypatch):
    found = []
    monkeypatch.setattr(views, "enqueue", lambda task, pk: found.append(pk))
    return found


def url(stay):
    return reverse("stay-automatic", args=[stay.pk])


def test_page_says_where_it_was_booked_and_who_set_what(owner_client, stay):
    page = words(owner_client.get(reverse("stay", args=[stay.pk])))
    assert "Booked on Airbnb HMEXAMPL01" in page
    assert "Check-out day set" in page
    assert "by owner@example.org Back to automatic" in page


def test_field_is_automatic_again(owner_client, scene, stay, handed_over):
    answer = owner_client.post(url(stay), {"field": "check_out_on"}, follow=True)
    assert "Automatic again" in words(answer)
    assert handed_over == [scene.feed.pk]
    scene.says(BOOKED)
    assert str(scene.stay.check_out_on) == "2026-06-13"


@pytest.mark.parametrize("field", ["guest", "nonsense", ""])
def test_field_that_is_automatic_stays_so(owner_client, stay, handed_over, field):
    owner_client.post(url(stay), {"field": field})
    assert stay.set_fields.count() == 1
    assert handed_over == []


def test_only_own_people_may(owner_client, stranger_client, colleague_client, stay):
    assert owner_client.get(url(stay)).status_code == 405
    assert stranger_client.post(url(stay), {"field": "check_out_on"}).status_code == 404
    assert colleague_client.post(url(stay), {"field": "check_out_on"}).status_code == 403
    assert stay.set_fields.exists()


@pytest.mark.parametrize(("query", "found"), [("hmexampl01", 1), (" HMEXAMPL01 ", 1), ("HMEXAMPL0", 0), ("HMEXA", 0)])
def test_search_finds_reservation_number(owner_client, stay, query, found):
    page = words(owner_client.get(reverse("search"), {"q": query}))
    assert ("Airbnb guest" in page) == bool(found)
