"""What a person does on a calendar's page: each button works, refuses strangers and answers POST only."""

import pytest
from django.urls import reverse

from calendars.deciding.channels import Channel
from calendars.models import ChangeSet, Feed
from calendars.tests.applying.scene import Scene, code_of, make_feed
from calendars.tests.samples import event
from dashboard.tests.pages import words
from dashboard.views.calendars import feeds as views
from properties.tests.builders import make_stay

ROBIN = event("a", "20260610", "20260613", "Reserved - Robin")
CLOSED = event("c", "20260620", "20260622", "CLOSED - Not available")


@pytest.fixture
def scene(organization, now):
    return Scene(make_feed(organization))


@pytest.fixture
def handed_over(monkeypatch):
    found = []
    monkeypatch.setattr(views, "enqueue", lambda task, pk: found.append(pk))
    return found


def press(client, name, row, **typed):
    return client.post(reverse(name, args=[row.pk]), typed, follow=True)


def test_change_is_let_through(owner_client, scene):
    scene.says(ROBIN)
    scene.says()
    (item,) = scene.items("waiting")
    assert "Done." in words(press(owner_client, "calendar-change-accept", item))
    assert scene.stay.is_cancelled


def test_change_is_ignored(owner_client, scene):
    scene.says(ROBIN)
    scene.says()
    (item,) = scene.items("waiting")
    assert "Ignored, as long as the calendar says the same." in words(
        press(owner_client, "calendar-change-ignore", item)
    )
    assert code_of(scene.stay)


def test_change_set_is_undone(owner_client, scene):
    scene.says(ROBIN)
    assert "Undone: stays, codes and PINs are as before." in words(
        press(owner_client, "calendar-set-undo", ChangeSet.objects.get())
    )
    assert scene.stay.is_cancelled


@pytest.mark.parametrize(("decision", "stays"), [("stay", 1), ("ignore", 0), ("", 0)])
def test_unclear_event_is_decided(owner_client, organization, now, decision, stays):
    scene = Scene(make_feed(organization, Channel.BOOKING))
    scene.says(CLOSED)
    press(owner_client, "calendar-booking", scene.booking, decision=decision)
    assert len(scene.stays) == stays


def test_double_booking_says_why_not(owner_client, organization, now):
    scene = Scene(make_feed(organization, Channel.BOOKING))
    make_stay(scene.feed.unit, days_ahead=18)
    scene.says(CLOSED)
    page = words(press(owner_client, "calendar-booking", scene.booking, decision="stay"))
    assert "Anna Schmidt stays in Lake House" in page


def test_check_now_is_handed_over_once(owner_client, scene, handed_over):
    for _ in range(2):
        assert "The calendar is being checked." in words(press(owner_client, "calendar-check", scene.feed))
    assert handed_over == [scene.feed.pk]


def test_rules_are_changed_and_compared_at_once(owner_client, scene, handed_over):
    scene.says(ROBIN)
    typed = {"channel": "booking", "closures_up_to": "14", "words": "Guest , Gast"}
    assert "Rules saved." in words(press(owner_client, "calendar-edit", scene.feed, **typed))
    scene.feed.refresh_from_db()
    rules = scene.feed.rules
    assert (rules.channel, rules.closures_up_to, rules.stay_words) == (Channel.BOOKING, 14, ("Guest", "Gast"))
    assert (rules.mirrors_others, scene.feed.compared_at) == (False, None)
    assert handed_over == [scene.feed.pk]


def test_bad_rules_say_why(owner_client, scene, handed_over):
    answer = press(owner_client, "calendar-edit", scene.feed, channel="booking", closures_up_to="0")
    assert answer.status_code == 422
    assert "From 1 to 90 nights, or empty." in words(answer)


def test_calendar_is_stopped(owner_client, scene):
    scene.says(ROBIN)
    assert "Its stays and their codes remain" in words(
        owner_client.get(reverse("calendar-remove", args=[scene.feed.pk]))
    )
    assert "Its stays remain." in words(press(owner_client, "calendar-remove", scene.feed))
    assert Feed.objects.get().removed_at is not None
    assert code_of(scene.stay)
    assert owner_client.post(reverse("calendar-remove", args=[scene.feed.pk])).status_code == 404


@pytest.mark.parametrize("name", ["calendar-change-accept", "calendar-change-ignore", "calendar-set-undo"])
def test_button_answers_post_of_own_people_only(owner_client, stranger_client, colleague_client, scene, name):
    scene.says(ROBIN)
    scene.says()
    row = ChangeSet.objects.first() if name == "calendar-set-undo" else scene.items("waiting")[0]
    url = reverse(name, args=[row.pk])
    assert owner_client.get(url).status_code == 405
    assert stranger_client.post(url).status_code == 404
    assert colleague_client.post(url).status_code == 403
    assert code_of(scene.stay)
