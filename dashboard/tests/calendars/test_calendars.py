"""The list of calendars and the page of one: how each fares, what waits, why each event is what it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from calendars.applying.feeds import remove_feed
from calendars.deciding.channels import Channel
from calendars.fetching.http import Answer, Fetched
from calendars.models import Feed
from calendars.reasons import Why
from calendars.tests.applying.scene import Scene, make_feed
from calendars.tests.samples import calendar, event
from dashboard.tests.pages import words
from properties.tests.builders import make_stay

PAGE = reverse("calendars")
ROBIN = event("a", "20260610", "20260613", "Reserved - Robin")


@pytest.fixture
def scene(organization, now):
    return Scene(make_feed(organization))


def page_of(client, feed):
    return words(client.get(reverse("calendar", args=[feed.pk])))


def test_empty_list_says_what_to_do(owner_client, colleague_client, now):
    assert "Paste the calendar address of a channel" in words(owner_client.get(PAGE))
    assert "An owner or a manager can connect one." in words(colleague_client.get(PAGE))


def test_list_says_how_each_fares(owner_client, scene):
    scene.says(ROBIN, event("b", "20260620", "20260622", "Blocked"), event("c", "20260701", "20260703", "Sam"))
    page = words(owner_client.get(PAGE))
    assert "Vrbo · www.vrbo.com kept 1, ignored 1 block, 1 unclear 1 to decide In order" in page


@pytest.mark.parametrize(("hours", "tone"), [(1, "warn"), (3, "bad")])
def test_no_news_says_why_and_since_when(owner_client, scene, hours, tone):
    scene.says(ROBIN)
    scene.now -= timedelta(hours=hours)
    Feed.objects.update(fetched_at=scene.now)
    scene.fails(Why.REFUSED, status=403)
    answer = owner_client.get(reverse("calendar", args=[scene.feed.pk]))
    assert f'chip tone-{tone}"' in answer.content.decode()
    page = words(answer)
    assert "The channel refuses this address (403). It may have made a new one: copy it again." in page
    assert "What was known before stays in force." in page


def test_first_check_is_under_way(owner_client, scene):
    assert "First check under way" in words(owner_client.get(PAGE))


def test_page_shows_each_event_with_its_reason(owner_client, scene):
    scene.says(ROBIN, event("b", "20260620", "20260622", "Blocked"), event("c", ""))
    page = page_of(owner_client, scene.feed)
    for sentence in (
        "Wed 10 Jun – Sat 13 Jun Stay The channel says reserved.",
        "Sat 20 Jun – Mon 22 Jun Block Blocked on the channel: not this unit's guest.",
        "Not readable Event 3 has no start date.",
        "Applied New stay: Robin, Wed 10 Jun – Sat 13 Jun",
    ):
        assert sentence in page


def test_page_shows_what_waits_and_what_is_missing(owner_client, scene):
    scene.says(ROBIN)
    scene.says()
    assert "Cancel: Robin, Wed 10 Jun – Sat 13 Jun The calendar is empty. Known bookings: 1." in page_of(
        owner_client, scene.feed
    )
    assert "1 change waits for your answer." in words(owner_client.get(PAGE))
    scene.says(event("z", "20260801", "20260805", "Reserved - Zoe"), event("c", "20260620", "20260621", "Sam"))
    page = page_of(owner_client, scene.feed)
    assert "Missing since" in page
    assert "Not recognized. Is it a stay?" in page


def test_page_shows_double_booking(owner_client, scene):
    make_stay(scene.feed.unit, check_in_on=scene.now.date() + timedelta(days=10), nights=3)
    scene.says(ROBIN)
    assert "No code until this is solved: Anna Schmidt has the unit." in page_of(owner_client, scene.feed)


def test_address_is_never_shown(owner_client, scene):
    scene.says(ROBIN)
    for url in (PAGE, reverse("calendar", args=[scene.feed.pk]), reverse("calendar-edit", args=[scene.feed.pk])):
        assert b"secret-token" not in owner_client.get(url).content


def test_stopped_calendar_leaves_list(owner_client, owner, scene):
    remove_feed(scene.feed, scene.now, owner)
    assert "No calendar yet" in words(owner_client.get(PAGE))
    assert "Stopped" in page_of(owner_client, scene.feed)


def test_strangers_calendar_is_not_found(stranger_client, scene):
    assert stranger_client.get(reverse("calendar", args=[scene.feed.pk])).status_code == 404


def test_zone_is_noted(owner_client, organization, now):
    scene = Scene(make_feed(organization, Channel.CUSTOM))
    timed = event("a", "DTSTART:20260610T150000", "DTEND:20260613T110000", "Sam")
    scene.answers(Fetched(Answer.BODY, calendar(timed, extra="X-WR-TIMEZONE:Europe/Brussels")))
    assert "The calendar says Europe/Brussels, the property is in America/Denver." in page_of(owner_client, scene.feed)
