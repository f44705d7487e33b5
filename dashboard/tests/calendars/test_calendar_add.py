"""Connecting a calendar: what it would bring is shown first, and only what was shown is saved."""

import re

import pytest
from django.urls import reverse

from calendars.applying import feeds
from calendars.fetching.http import Answer, Fetched
from calendars.models import Feed
from calendars.reasons import Why, reason
from calendars.tests.samples import airbnb_link, calendar, event
from dashboard.tests.pages import words
from dashboard.views.calendars import feeds as views
from properties.models import Activity
from properties.tests.builders import make_property, make_unit

PAGE = reverse("calendar-add")
ADDRESS = "https://www.airbnb.com/calendar/ical/1.ics?t=secret-token"
BODY = calendar(
    event("a", "20260610", "20260613", description=airbnb_link("HMEXAMPL01")),
    event("b", "20260613", "20260614", "Airbnb (Not available)"),
    producer="-//Airbnb Inc//Hosting Calendar 1.0//EN",
)


@pytest.fixture
def unit(organization, now):
    return make_unit(make_property(organization))


@pytest.fixture
def channel(monkeypatch):
    """What the channel answers; each request is kept."""

    class Channel:
        fetched = Fetched(Answer.BODY, BODY)
        asked: list[str] = []

    def fetch(feed, address, etag, last_modified, now):
        Channel.asked.append(address.whole)
        return Channel.fetched

    Channel.asked = []
    monkeypatch.setattr(feeds.try_feed, "__defaults__", (fetch,))
    monkeypatch.setattr(views, "enqueue", lambda task, pk: Channel.asked.append(f"task {pk}"))
    return Channel


def typed(unit, **fields):
    values = {"unit": unit.pk, "channel": "airbnb", "address": ADDRESS, "mirrors_others": "on"}
    return values | fields


def seal_in(answer):
    found = re.search(r'name="checked"\s+value="(\w+)"', answer.content.decode())
    return found and found[1]


def test_result_is_shown_before_saving(owner_client, unit, channel):
    shown = owner_client.post(PAGE, typed(unit))
    page = words(shown)
    assert "This calendar would bring: kept 1, ignored 1 block" in page
    assert "Reservation HMEXAMPL01: its link is in the calendar." in page
    assert "no-store" in shown["Cache-Control"]
    assert not Feed.objects.exists()
    saved = owner_client.post(PAGE, typed(unit, checked=seal_in(shown)), follow=True)
    assert "Calendar connected." in words(saved)
    feed = Feed.objects.get()
    assert (feed.unit, feed.channel, feed.host, feed.address().whole) == (unit, "airbnb", "www.airbnb.com", ADDRESS)
    assert channel.asked == [ADDRESS, f"task {feed.pk}"]
    assert "secret-token" not in str(list(Activity.objects.values())) + words(saved)


def test_other_address_than_shown_is_shown_first(owner_client, unit, channel):
    seal = seal_in(owner_client.post(PAGE, typed(unit)))
    owner_client.post(PAGE, typed(unit, checked=seal, address=ADDRESS + "x"))
    assert not Feed.objects.exists()


@pytest.mark.parametrize(
    ("fetched", "sentence"),
    [
        (Fetched(Answer.FAILED, problem=reason(Why.CANNOT_REACH)), "The calendar's host cannot be reached."),
        (Fetched(Answer.BODY, b"<html>"), "The answer is a web page, not a calendar."),
    ],
)
def test_bad_answer_is_not_saved(owner_client, unit, channel, fetched, sentence):
    channel.fetched = fetched
    answer = owner_client.post(PAGE, typed(unit))
    assert sentence in words(answer)
    assert seal_in(answer) is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"channel": "vrbo"}, "This looks like a calendar of Airbnb, not of Vrbo."),
        ({"channel": "custom", "words": "Reserved, Airbnb"}, "Some bookings share nights"),
    ],
)
def test_warnings_come_before_saving(owner_client, unit, channel, fields, sentence):
    channel.fetched = Fetched(Answer.BODY, BODY.replace(b"20260613\r\nDTEND", b"20260612\r\nDTEND"))
    assert sentence in words(owner_client.post(PAGE, typed(unit, **fields)))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"address": "http://example.org/a.ics"}, "The address must begin with https://."),
        ({"address": "https://127.0.0.1/a.ics"}, "The address names a computer by its number."),
        ({"address": "https://calendar.google.com/calendar/u/0?cid=x"}, "copy the “secret address in iCal format”"),
        ({"address": "https://app.guestyforhosts.com/a.ics"}, "Guesty For Hosts was shut down on 31 May 2026."),
        ({"address": ""}, "This field is required."),
        ({"channel": "nonsense"}, "Select a valid choice."),
        ({"closures_up_to": "400"}, "From 1 to 90 nights, or empty."),
        ({"words": "x" * 61}, "At most 20 short words."),
    ],
)
def test_bad_input_says_why(owner_client, unit, channel, fields, sentence):
    answer = owner_client.post(PAGE, typed(unit, **fields))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert channel.asked == []


def test_same_calendar_is_connected_once(owner_client, unit, channel):
    seal = seal_in(owner_client.post(PAGE, typed(unit)))
    for _ in range(2):
        answer = owner_client.post(PAGE, typed(unit, checked=seal))
    assert answer.status_code == 422
    assert f"This calendar is connected to {unit} already." in words(answer)
    assert Feed.objects.count() == 1


def test_unit_of_another_organization_is_no_choice(stranger_client, unit, channel):
    answer = stranger_client.post(PAGE, typed(unit))
    assert answer.status_code == 422
    assert channel.asked == []


def test_colleague_who_may_only_look_is_refused(colleague_client, unit, channel):
    assert colleague_client.post(PAGE, typed(unit)).status_code == 403
