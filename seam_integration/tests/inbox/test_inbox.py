"""What becomes of events in the inbox: each is handled once, in any case, and none stands in the way of another."""

import json
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from properties.codes import lock_test, planning
from properties.models import Activity
from properties.tests.builders import NOW, make_lock
from seam_integration import tasks
from seam_integration.accounts import connect_webviews
from seam_integration.inbox import events, webhooks
from seam_integration.models import SeamEvent
from seam_integration.seam import seam_client


def arrive(lock=None, event_type: str = "lock.unlocked", seconds: int = 0, **about: str) -> SeamEvent:
    """An event in the inbox of which the worker got no message."""
    at = NOW + timedelta(seconds=seconds)
    told = {"event_id": str(uuid.uuid4()), "event_type": event_type, "occurred_at": at.isoformat()} | about
    told |= {"device_id": str(lock.seam_id), "method": "manual"} if lock else {}
    assert webhooks.keep(told, json.dumps(told), at)
    return SeamEvent.objects.get(event_id=told["event_id"])


class Desk:
    """The kinds of the events that were handled, in order, and the kinds that are to fail."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.trouble: dict[str, Exception] = {}


@pytest.fixture
def desk(monkeypatch) -> Desk:
    desk, take_in = Desk(), events.take_in

    def watched(event, now):
        desk.kinds.append(event["event_type"])
        if event["event_type"] in desk.trouble:
            raise desk.trouble[event["event_type"]]
        return take_in(event, now)

    monkeypatch.setattr(events, "take_in", watched)
    return desk


def unhandled() -> list[str]:
    return list(SeamEvent.objects.filter(handled_at=None).order_by("pk").values_list("event_type", flat=True))


def test_one_message_handles_all_oldest_first(seam, owner, organization, desk):
    lock = make_lock(organization)
    for seconds in (3, 1, 2):
        arrive(lock, f"lock.{'un' * (seconds % 2)}locked", seconds)
    arrive(event_type="brand_new.event", seconds=0)
    tasks.take_in_events()
    assert desk.kinds == ["brand_new.event", "lock.unlocked", "lock.locked", "lock.unlocked"]
    assert unhandled() == []
    assert Activity.objects.filter(lock=lock, kind__startswith="lock.").count() == 3


@pytest.mark.parametrize(
    ("event_type", "read_by"),
    [
        ("device.connected", "/devices/get"),
        ("access_code.removed_from_device", "/access_codes/list"),
        ("connected_account.connected", "/devices/list"),
        ("connect_webview.login_succeeded", "/connect_webviews/get"),
    ],
)
def test_what_event_makes_worth_look_is_looked_at(seam, owner, event_type, read_by):
    seam.link_for(owner)
    lock = seam.lock()
    code = planning.issue(lock, "Anna Schmidt", None, "48291736", seam.now_at, None)
    seam.work()
    code.refresh_from_db()
    connect_webviews.launch(owner, "http://testserver/connections/return/", seam.now_at, seam_client())
    seam.forget_calls()
    about = {"access_code_id": str(code.seam_id), "connected_account_id": str(lock.account.seam_id)}
    arrive(lock, event_type, **about)
    tasks.take_in_events()
    assert unhandled() == []
    assert seam.calls().get(read_by) == 1


def test_sqlite_rests_between_events(seam, monkeypatch):
    rests: list[float] = []
    monkeypatch.setattr(tasks, "time", SimpleNamespace(sleep=rests.append))
    for seconds in range(3):
        arrive(seconds=seconds)
    tasks.take_in_events()
    assert rests == ([tasks.REST_BETWEEN_EVENTS] * 3 if connection.vendor == "sqlite" else [])


def test_taken_in_twice_nothing_happens_twice(seam, organization, desk):
    arrive(make_lock(organization))
    for _ in range(3):
        tasks.take_in_events()
    assert len(desk.kinds) == 1


def test_event_without_message_is_found_by_sweep(seam, organization):
    """A web process was killed before its message, or the broker was away."""
    arrive(make_lock(organization))
    tasks.sweep()
    assert unhandled() == []


def test_missed_deliveries_are_taken_in_by_catch_up(seam, owner):
    seam.link_for(owner)
    lock = seam.lock()
    seam("/locks/unlock_door", device_id=str(lock.seam_id))
    seam.advance("PT1M")
    tasks.catch_up_events()
    assert SeamEvent.objects.exists()
    assert unhandled() == []


def test_more_than_one_go_are_all_taken_in(seam, organization, monkeypatch):
    monkeypatch.setattr(tasks, "EVENTS_AT_ONCE", 2)
    for seconds in range(5):
        arrive(make_lock(organization, seam_id=str(uuid.uuid4())), seconds=seconds)
    tasks.take_in_events()
    assert unhandled() == []


def test_failed_event_keeps_error_and_stops_no_other(seam, desk):
    desk.trouble["broken.event"] = ValueError("its own words may hold anything")
    arrive(event_type="broken.event")
    arrive(event_type="good.event", seconds=1)
    tasks.take_in_events()
    row = SeamEvent.objects.get(event_type="broken.event")
    assert (row.handled_at, row.attempts, row.error) == (None, 1, "ValueError")
    assert unhandled() == ["broken.event"]


def test_body_that_cannot_be_read_does_not_stop_others(seam):
    row = arrive(event_type="unreadable.event")
    SeamEvent.objects.filter(pk=row.pk).update(body_encrypted="of another key")
    arrive(event_type="good.event", seconds=1)
    tasks.take_in_events()
    row.refresh_from_db()
    assert (row.attempts, row.error) == (1, "InvalidToken")
    assert unhandled() == ["unreadable.event"]


def test_what_event_changed_before_it_failed_is_taken_back(seam, organization, monkeypatch):
    row = arrive(make_lock(organization))
    take_in = events.take_in

    def fail_late(event, now):
        take_in(event, now)
        raise ValueError

    monkeypatch.setattr(events, "take_in", fail_late)
    tasks.take_in_events()
    assert not Activity.objects.filter(seam_event_id=row.event_id).exists()


def test_trouble_after_event_stops_no_other(seam, monkeypatch):
    def fail(now, lock_ids=None):
        raise ValueError

    monkeypatch.setattr(lock_test, "carry_on", fail)
    arrive(event_type="access_code.changed")
    arrive(event_type="good.event", seconds=1)
    tasks.take_in_events()
    assert unhandled() == []
    assert SeamEvent.objects.get(event_type="access_code.changed").error == "ValueError"


def test_sweep_retries_failed_event_five_times(seam, desk):
    """Messages come ten times a second: they would use up its attempts before a short trouble is over."""
    desk.trouble["broken.event"] = ValueError()
    row = arrive(event_type="broken.event")
    for _ in range(10):
        tasks.take_in_events()
    assert len(desk.kinds) == 1
    for _ in range(10):
        tasks.sweep()
    assert len(desk.kinds) == 5
    row.refresh_from_db()
    assert (row.handled_at, row.attempts) == (None, 5)


def test_one_that_failed_is_taken_in_when_trouble_is_over(seam, desk):
    desk.trouble["broken.event"] = ValueError()
    row = arrive(event_type="broken.event")
    tasks.take_in_events()
    desk.trouble.clear()
    tasks.sweep()
    row.refresh_from_db()
    assert row.handled_at is not None
    assert row.error == ""


def test_rest_waits_for_sweep_when_time_is_up(seam, desk):
    desk.trouble["endless.event"] = SoftTimeLimitExceeded()
    arrive(event_type="endless.event")
    arrive(event_type="good.event", seconds=1)
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.take_in_events()
    assert unhandled() == ["endless.event", "good.event"]
    tasks.take_in_events()
    assert unhandled() == ["endless.event"]


def test_event_that_comes_second_time_is_known_by_its_id(db):
    first = {"event_id": str(uuid.uuid4()), "event_type": "lock.locked", "occurred_at": NOW.isoformat()}
    again = first | {"event_type": "lock.unlocked"}
    assert webhooks.keep(first, json.dumps(first), NOW)
    assert not webhooks.keep(again, json.dumps(again), NOW)
    assert SeamEvent.objects.get().event_type == "lock.locked"
