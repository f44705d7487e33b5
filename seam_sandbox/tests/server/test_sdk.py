"""Seam's Python client follows the whole guide "Get started with Wyze Locks"."""

from collections.abc import Iterator

import pytest
import requests
from seam import Seam, SeamHttpApiError, SeamHttpInvalidInputError, SeamHttpUnauthorizedError

from seam_sandbox import Clock, Server, create_app
from seam_sandbox.tests.caller import API_KEY, CREDENTIALS
from seam_sandbox.tests.conftest import START
from seam_sandbox.tests.contract import Recorder


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A server whose clock runs sixty times as fast as real time."""
    app = create_app(api_key=API_KEY, clock=Clock(at=START, speed=60))
    app.wsgi_app = recorder = Recorder(app)
    with Server(app) as server:
        yield server.url
    assert recorder.problems == []


@pytest.fixture
def sdk(endpoint: str) -> Seam:
    return Seam(api_key=API_KEY, endpoint=endpoint)


def advance(endpoint: str, step: str) -> None:
    key = {"Authorization": f"Bearer {API_KEY}"}
    requests.post(f"{endpoint}/_sandbox/clock", json={"advance": step}, headers=key, timeout=9).raise_for_status()


def test_sdk_follows_guide_from_linking_to_codes(sdk: Seam, endpoint: str) -> None:
    # 2 - Link your Wyze account
    webview = sdk.connect_webviews.create(accepted_providers=["wyze"], wait_for_device_creation=True)
    assert webview.login_successful is False
    form = {"email": "jane@example.com", **CREDENTIALS}
    requests.post(webview.url, data=form, timeout=9).raise_for_status()
    updated = sdk.connect_webviews.get(connect_webview_id=webview.connect_webview_id)
    assert updated.login_successful
    assert updated.status == "authorized"

    # 3 - Retrieve devices
    locks = sdk.locks.list()
    lock = locks[0]
    assert len(locks) == len(sdk.devices.list()) == 7
    assert lock.properties["battery_level"] == 0.85

    # 4 - Lock and unlock
    sdk.locks.unlock_door(device_id=lock.device_id)
    assert sdk.locks.get(device_id=lock.device_id).properties["locked"] is False
    attempt = sdk.locks.lock_door(device_id=lock.device_id)
    assert attempt.status == "success"
    assert sdk.devices.get(device_id=lock.device_id).properties["locked"] is True

    # 5 - Program access codes
    ongoing = sdk.access_codes.create(device_id=lock.device_id, name="Personal Access Code")
    time_bound = sdk.access_codes.create(
        device_id=lock.device_id,
        name="My Temp Access Code",
        starts_at="2030-08-12T19:23:42+0000",
        ends_at="2030-08-13T19:23:42+0000",
    )
    assert (time_bound.code, time_bound.is_waiting_for_code_assignment) == (None, True)
    assert time_bound.starts_at == "2030-08-12T19:24:00.000Z"
    advance(endpoint, "PT1M")
    statuses = {code.name: code.status for code in sdk.access_codes.list(device_id=lock.device_id)}
    assert statuses == {"Personal Access Code": "set", "My Temp Access Code": "unset"}

    # and what comes after: the stay itself
    sdk.access_codes.update(access_code_id=time_bound.access_code_id, ends_at="2030-08-14T10:00:00Z")
    advance(endpoint, "P223DT8H")
    assert sdk.access_codes.get(access_code_id=time_bound.access_code_id).status == "set"
    sdk.access_codes.delete(access_code_id=ongoing.access_code_id)
    advance(endpoint, "P2D")
    assert sdk.access_codes.list(device_id=lock.device_id) == []


def test_sdk_reads_pages_and_events_and_updates(sdk: Seam, endpoint: str) -> None:
    webview = sdk.connect_webviews.create(customer_key="org-1", wait_for_device_creation=True)
    requests.post(webview.url, data={"email": "jane@example.com", **CREDENTIALS}, timeout=9)
    pages = sdk.create_paginator(sdk.devices.list, {"customer_key": "org-1", "limit": 3})
    devices = pages.flatten_to_list()
    assert len(devices) == 7
    sdk.devices.update(device_id=devices[0].device_id, name="Front", custom_metadata={"unit": "1"})
    found = sdk.devices.list(custom_metadata_has={"unit": "1"})
    assert [device.display_name for device in found] == ["Front"]
    group = sdk.access_codes.create_multiple(device_ids=[each.device_id for each in devices[:2]], name="Cleaner")
    assert len(group) == 2
    suggestion = sdk.access_codes.generate_code(device_id=devices[0].device_id)
    assert suggestion.code.isdigit()
    types = {event.event_type for event in sdk.events.list(since="2030-01-01", limit=1000)}
    assert {"device.added", "access_code.created", "device.name_changed"} <= types
    hook = sdk.webhooks.create(url="http://127.0.0.1:9/hook", event_types=["lock.locked"])
    assert [each.webhook_id for each in sdk.webhooks.list()] == [hook.webhook_id]
    sdk.webhooks.delete(webhook_id=hook.webhook_id)
    assert sdk.workspaces.get().is_sandbox is True


def test_sdk_parses_errors(sdk: Seam, endpoint: str) -> None:
    with pytest.raises(SeamHttpInvalidInputError) as invalid:
        sdk.devices.get(device_id="nonsense")
    assert invalid.value.get_validation_error_messages("device_id") == ["Invalid uuid"]
    with pytest.raises(SeamHttpApiError) as missing:
        sdk.devices.get(device_id="5a4dc0de-0000-4000-8000-00000000dead")
    assert (missing.value.status_code, missing.value.code) == (404, "device_not_found")
    assert missing.value.request_id
    with pytest.raises(SeamHttpUnauthorizedError):
        Seam(api_key="seam_wrong_key", endpoint=endpoint).devices.list()
