"""An email address always has the same locks."""

import time
import uuid

import pytest

from seam_sandbox import SandboxAdapter, create_app
from seam_sandbox.tests.caller import API_KEY, ENDPOINT, Caller


def locks(seam: Caller) -> list[tuple[str, str]]:
    return [(each["device_id"], each["display_name"]) for each in seam("/devices/list")["devices"]]


@pytest.mark.parametrize("email", ["jane@example.com", "someone@example.com", "fleet-12@example.com"])
def test_address_has_same_locks_in_every_sandbox(email: str) -> None:
    found = []
    for _ in range(2):
        seam = Caller(create_app(api_key=API_KEY))
        seam.link(email)
        found.append(locks(seam))
    assert found[0] == found[1]
    assert len(found[0]) >= 3
    assert all(uuid.UUID(device_id).version == 4 for device_id, _ in found[0])


def test_address_ignores_case(seam: Caller) -> None:
    seam.link("Jane@Example.com")
    assert "Lake House Front Door" in dict(locks(seam)).values()
    assert seam("/connected_accounts/get", email="jane@example.com")


def test_different_addresses_have_different_locks(seam: Caller) -> None:
    for email in ("jane@example.com", "a@example.com", "b@example.com", "fleet-5@example.com"):
        seam.link(email)
    ids = [device_id for device_id, _ in locks(seam)]
    assert len(ids) == len(set(ids)) >= 18


def test_fleet_of_10000_locks_takes_little_cpu() -> None:
    """Limits of processor time: each takes about a tenth of that."""
    seam = Caller(create_app(api_key=API_KEY))
    started = time.process_time()
    seam.link("fleet-10000@example.com")
    assert time.process_time() - started < 5

    started, ids, cursor = time.process_time(), set(), None
    while True:
        answer = seam("/devices/list", page_cursor=cursor)
        ids |= {device["device_id"] for device in answer["devices"]}
        cursor = answer["pagination"]["next_page_cursor"]
        if cursor is None:
            break
    assert len(ids) == 10_000
    assert time.process_time() - started < 5

    started = time.process_time()
    seam.advance("P7D")
    assert time.process_time() - started < 5


def test_adapter_serves_any_address(seam: Caller) -> None:
    adapter = seam.session.get_adapter(ENDPOINT)
    assert isinstance(adapter, SandboxAdapter)
    seam.session.mount("https://connect.getseam.com", adapter)
    made = seam.session.post("https://connect.getseam.com/connect_webviews/create", json={})
    assert made.json()["connect_webview"]["url"].startswith("https://connect.getseam.com/connect_webviews/view?")
