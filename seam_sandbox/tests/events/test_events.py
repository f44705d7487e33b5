"""What has happened can be asked for: since when, about what, for whom."""

import uuid

import pytest

from seam_sandbox.tests.caller import Caller

ALWAYS = "2000-01-01"


def test_a_start_is_needed(jane: Caller) -> None:
    assert jane.refused("/events/list") == (400, "invalid_input")
    assert list(jane.complaints("/events/list", between=[ALWAYS])) == ["between"]


def test_since_takes_in_its_own_instant(jane: Caller) -> None:
    since = jane.advance("PT1S")
    jane.set_device(jane.device_id(), locked=False)
    jane.advance("PT1S")
    assert jane.told(since=since) == ["lock.unlocked"]
    assert jane.told(since=jane.now()) == []


def test_between_takes_in_both_ends(jane: Caller) -> None:
    instants = []
    for locked in (False, True, False):
        instants.append(jane.advance("PT1S"))
        jane.set_device(jane.device_id(), locked=locked)
    found = jane("/events/list", between=instants[:2])["events"]
    assert [event["event_type"] for event in found] == ["lock.unlocked", "lock.locked"]


def test_events_are_filtered_by_kind_and_thing(jane: Caller) -> None:
    jane.link("other@example.com", customer_key="org-2")
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    front = jane.device_id()
    one = code["access_code_id"]
    assert jane.told(access_code_id=one) == ["access_code.created", "access_code.set_on_device"]
    assert jane.told(access_code_ids=[one], event_type="access_code.created") == ["access_code.created"]
    assert jane.told(device_id=front, event_types=["device.added"]) == ["device.added"]
    assert jane.told(device_ids=[front], event_types=["device.added"]) == ["device.added"]
    assert set(jane.told(customer_key="org-2")) == {
        "connected_account.created",
        "connected_account.connected",
        "device.added",
        "device.connected",
        "connected_account.completed_first_sync",
        "connect_webview.login_succeeded",
    }
    accounts = jane("/connected_accounts/list", customer_key="org-2")["connected_accounts"]
    of_account = jane.told(connected_account_id=accounts[0]["connected_account_id"])
    assert of_account == jane.told(customer_key="org-2")
    assert jane.told(space_id=front) == []
    event = jane.events("access_code.created")[0]
    assert jane.told(event_ids=[event["event_id"], str(uuid.uuid4())]) == ["access_code.created"]


def test_a_list_has_an_end_and_can_be_walked(jane: Caller) -> None:
    everything = jane.told()
    assert jane.told(limit=3) == everything[:3]
    assert jane.told(limit=3, unstable_offset=3) == everything[3:6]


def test_only_so_many_events_are_kept(jane: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = jane.events()[-10:]
    monkeypatch.setattr("seam_sandbox.world.world.EVENTS_KEPT", 10)
    jane.advance("PT1S")
    assert jane.events() == newest


def test_one_event_by_id_or_the_newest_that_fits(jane: Caller) -> None:
    newest = jane.events()[-1]
    assert jane("/events/get", event_id=newest["event_id"])["event"] == newest
    front = jane.device_id()
    found = jane("/events/get", device_id=front, event_type="device.added")["event"]
    assert found == jane.events("device.added", device_id=front)[-1]
    assert jane.refused("/events/get", event_type="lock.locked") == (404, "event_not_found")
    assert jane.refused("/events/get")[0] == 400


def test_every_event_says_who_what_and_when(jane: Caller) -> None:
    for event in jane.events():
        assert uuid.UUID(event["event_id"]).version == 4
        assert event["occurred_at"] == event["created_at"] == jane.now()
        assert event["connected_account_id"]
