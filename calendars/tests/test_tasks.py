"""The sweep hands out what is due, soonest first and not too many of one host."""

from datetime import timedelta

import pytest

from calendars import tasks
from calendars.models import Feed
from calendars.tests.applying.scene import make_feed
from properties.tests.builders import NOW


@pytest.fixture
def handed_out(monkeypatch):
    found = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, feed_id: found.append(feed_id))
    return found


def test_sweep_hands_out_due_feeds(organization, now, handed_out):
    late = make_feed(organization)
    later = make_feed(organization, unit=late.unit, removed_at=NOW)
    latest = make_feed(organization, unit=late.unit)
    waits = make_feed(organization, unit=late.unit)
    Feed.objects.filter(pk=latest.pk).update(next_at=NOW - timedelta(hours=1))
    Feed.objects.filter(pk=waits.pk).update(next_at=NOW + timedelta(seconds=1))
    tasks.sweep()
    assert handed_out == [latest.pk, late.pk]
    assert later.pk not in handed_out


def test_sweep_spares_host(organization, now, handed_out, monkeypatch):
    monkeypatch.setattr(tasks, "MOST_OF_HOST", 2)
    first = make_feed(organization)
    for _ in range(3):
        make_feed(organization, unit=first.unit)
    tasks.sweep()
    assert len(handed_out) == 2
    tasks.sweep()
    assert len(handed_out) == 4


def test_check_asks_clock_of_installation(organization, now, monkeypatch):
    feed, asked = make_feed(organization), []
    monkeypatch.setattr("calendars.applying.check.check_feed", lambda feed_id, at: asked.append((feed_id, at)))
    tasks.check_feed(feed.pk)
    assert asked == [(feed.pk, NOW)]
