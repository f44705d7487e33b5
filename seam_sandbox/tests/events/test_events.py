"""Listing events: by time, by type, by subject, by customer."""

import uuid

import pytest

from seam_sandbox.tests.caller import Caller

ALWAYS = "2000-01-01"


def test_list_requires_start(jane: Caller) -> None:
    assert jane.refused("/events/list") == (400, "invalid_input")
    assert list(jane.validation_errors("/events/list", between=[ALWAYS])) == ["between"]


def test_since_includes_its_instant(jane: Caller) -> None:
    since = jane.advance("PT1S")
    jane.set_device(jane.device_id(), locked=False)
    jane.advance("PT1S")
    assert jane.event_types(since=since) == ["lock.unlocked"]
    assert jane.event_types(since=jane.now()) == []


def test_between_includes_both_ends(jane: Caller) -> None:
    instants = []
    for locked in (False, True, False):
        instants.append(jane.advance("PT1S"))
        jane.set_device(jane.device_id(), locked=locked)
    found = jane("/events/list", between=instants[:2])["events"]
    assert [event["event_type"] for event in found] == ["lock.unlocked", "lock.locked"]


def test_events_are_filtered_by_type_and_subject(jane: Caller) -> None:
    jane.link("other@example.com", customer_key="org-2")
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    front = jane.device_id()
    one = code["access_code_id"]
    assert jane.event_types(access_code_id=one) == ["access_code.created", "access_code.set_on_device"]
    assert jane.event_types(access_code_ids=[one], event_type="access_code.created") == ["access_code.created"]
    assert jane.event_types(device_id=front, event_types=["device.added"]) == ["device.added"]
    assert jane.event_types(device_ids=[front], event_types=["device.added"]) == ["device.added"]
    assert set(jane.event_types(customer_key="org-2")) == {
        "connected_account.created",
        "connected_account.connected",
        "device.added",
        "device.connected",
        "connected_account.completed_first_sync",
        "connect_webview.login_succeeded",
    }
    accounts = jane("/connected_accounts/list", customer_key="org-2")["connected_accounts"]
    of_account = jane.event_types(connected_account_id=accounts[0]["connected_account_id"])
    assert of_account == jane.event_types(customer_key="org-2")
    assert jane.event_types(space_id=front) == []
    event = jane.events("access_code.created")[0]
    assert jane.event_types(event_ids=[event["event_id"], str(uuid.uuid4())]) == ["access_code.created"]


def test_list_is_limited_and_takes_offset(jane: Caller) -> None:
    everything = jane.event_types()
    assert jane.event_types(limit=3) == everything[:3]
    assert jane.event_types(limit=3, unstable_offset=3) == everything[3:6]


def test_old_events_are_dropped(jane: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = jane.events()[-10:]
    monkeypatch.setattr("seam_sandbox.world.world.EVENTS_KEPT", 10)
    jane.advance("PT1S")
    assert jane.events() == newest


def test_get_finds_event_by_id_or_newest_match(jane: Caller) -> None:
    newest = jane.events()[-1]
    assert jane("/events/get", event_id=newest["event_id"])["event"] == newest
    front = jane.device_id()
    found = jane("/events/get", device_id=front, event_type="device.added")["event"]
    assert found == jane.events("device.added", device_id=front)[-1]
    assert jane.refused("/events/get", event_type="lock.locked") == (404, "event_not_found")
    assert jane.refused("/events/get")[0] == 400


def test_every_event_has_id_type_and_time(jane: Caller) -> None:
    for event in jane.events():
        assert uuid.UUID(event["event_id"]).version == 4
        assert event["occurred_at"] == event["created_at"] == jane.now()
        assert event["connected_account_id"]
