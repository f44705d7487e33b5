"""A sync writes what changed, looks at nothing else, and marks what is gone: only after a complete listing."""

import json
import uuid
from datetime import timedelta

import pytest

from properties.models import BatteryReading, Lock
from properties.tests.builders import make_account, make_lock
from seam_integration.accounts import sync
from seam_integration.accounts.absence import ASKED_AGAIN
from seam_integration.api.client import SeamError
from seam_integration.models import LockWork
from seam_integration.tests.answers import Answers

MANAGED, UNMANAGED = "/devices/list", "/devices/unmanaged/list"


def device(name: str = "Front", maker_id: str = "", **fields: object) -> dict[str, object]:
    properties = {"locked": True, "online": True} | ({"wyze_metadata": {"device_id": maker_id}} if maker_id else {})
    return {
        "device_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
        "device_type": "wyze_lock",
        "display_name": name,
        "can_remotely_lock": True,
        "properties": properties,
    } | fields


def page(*devices: object, then: str | None = None) -> str:
    return json.dumps({"devices": devices, "pagination": {"has_next_page": bool(then), "next_page_cursor": then}})


class Fleet(Answers):
    """An account at Seam, and our reading of it."""

    def __init__(self, account) -> None:
        super().__init__()
        self.account = account
        self.pages["/connected_accounts/get"] = ['{"connected_account": {"connected_account_id": "account1"}}']
        self.has()

    def has(self, *devices: object, unmanaged: tuple[object, ...] = ()) -> None:
        self.pages |= {MANAGED: [page(*devices)], UNMANAGED: [page(*unmanaged)]}

    def sync(self, now) -> None:
        sync.sync_account(self.account, now, self.client())

    def names(self) -> set[str]:
        return set(self.account.locks.filter(vanished_at=None).values_list("name", flat=True))


@pytest.fixture
def fleet(organization) -> Fleet:
    return Fleet(make_account(organization))


def test_sync_keeps_locks_of_both_listings(fleet, now):
    thermostat = {"device_id": "t", "device_type": "ecobee_thermostat", "properties": {"online": True}}
    fleet.has(device("Front"), thermostat, unmanaged=(device("Back", is_managed=False),))
    fleet.sync(now)
    assert set(Lock.objects.values_list("name", "is_managed")) == {("Front", True), ("Back", False)}


def test_nothing_is_written_or_looked_at_while_nothing_changes(fleet, now, monkeypatch, django_assert_max_num_queries):
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    monkeypatch.setattr(sync, "read_device", None)
    # The fingerprints, what could not be read before, and the account's own row.
    with django_assert_max_num_queries(3):
        fleet.sync(now)


def test_only_lock_that_changed_is_read_anew(fleet, now, monkeypatch):
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    Lock.objects.update(name="Untouched")
    fleet.has(device("Front"), device("Back", can_remotely_lock=False))
    fleet.sync(now)
    assert set(Lock.objects.values_list("name", "can_lock")) == {("Untouched", True), ("Back", False)}


OFFLINE = {"locked": True, "online": False, "supported_code_lengths": [4, 5]}
NEWS = {
    "it may take codes": ({"can_program_online_access_codes": True}, True),
    "it has an error": ({"errors": [{"error_code": "hub_disconnected", "message": "…"}]}, True),
    "it is online": ({"properties": OFFLINE | {"online": True}}, True),
    "codes have other lengths": ({"properties": OFFLINE | {"supported_code_lengths": [4]}}, True),
    "it is managed elsewhere": ({"is_managed": False}, True),
    "it has another name": ({"display_name": "Garage"}, False),
    "it is open": ({"properties": OFFLINE | {"locked": False}}, False),
}


@pytest.mark.parametrize(("news", "wakes"), NEWS.values(), ids=NEWS)
def test_lock_is_woken_only_by_what_codes_wait_for(fleet, now, news, wakes):
    before = {"properties": OFFLINE}
    fleet.has(device("Front", **before))
    fleet.sync(now)
    LockWork.objects.update(reconcile_at=None)
    fleet.has(device("Front", **(before | news)))
    fleet.sync(now)
    assert (LockWork.objects.get().reconcile_at is not None) == wakes


def test_battery_level_is_kept_when_it_is_new(fleet, now):
    for minute, level in enumerate([0.9, 0.9, 0.8]):
        properties = {"locked": bool(minute % 2), "online": True, "battery": {"level": level}}
        fleet.has(device("Front", properties=properties))
        fleet.sync(now + timedelta(minutes=minute))
    assert list(BatteryReading.objects.order_by("at").values_list("level", flat=True)) == [0.9, 0.8]


def test_lock_that_was_read_alone_is_compared_again(fleet, now):
    fleet.has(device("Front"))
    fleet.sync(now)
    lock = Lock.objects.get()
    fleet.pages["/devices/get"] = [json.dumps({"device": device("Front", display_name="Passing name")})]
    sync.refresh_lock(lock, now, fleet.client())
    assert Lock.objects.get().name == "Passing name"
    fleet.sync(now)
    assert Lock.objects.get().name == "Front"


def test_what_no_page_held_has_vanished_and_comes_back_unchanged(fleet, now):
    fleet.has(device("Front"), device("Back"), device("Side"))
    fleet.sync(now)
    fleet.has(device("Front"), device("Side", display_name="Garage"))
    fleet.sync(now)
    fleet.sync(now + ASKED_AGAIN)
    assert fleet.names() == {"Front", "Garage"}
    assert Lock.objects.get(name="Back").is_online is None
    # As an event may say meanwhile: it is the return that wakes the lock.
    Lock.objects.update(is_online=True)
    fleet.has(device("Front"), device("Side", display_name="Garage"), device("Back"))
    fleet.sync(now)
    assert fleet.names() == {"Front", "Back", "Garage"}
    back = Lock.objects.get(name="Back")
    assert back.is_online is True
    assert back.work.wakes == 1


def test_lock_that_list_lacks_is_asked_for_by_id(fleet, now):
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    fleet.has(device("Front"))
    fleet.pages["/devices/get"] = [json.dumps({"device": device("Back")})]
    fleet.sync(now)
    assert fleet.names() == {"Front", "Back"}


def test_row_that_cannot_be_read_costs_one_row(fleet, now):
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    nameless = {key: value for key, value in device("Side").items() if key != "device_id"}
    fleet.pages[MANAGED] = [json.dumps({"devices": [7, None, nameless, device("Front"), device("New")]})]
    fleet.sync(now)
    assert fleet.names() == {"Front", "Back", "New"}


@pytest.mark.parametrize(
    "odd",
    [
        {"location": "Berlin"},
        {"errors": ["x"]},
        {"errors": {"error_code": "x"}},
        {"warnings": "none"},
        {"properties": []},
        {"properties": {"max_active_codes_supported": 99999999999, "supported_code_lengths": [4, "5", None]}},
        {"properties": {"battery": 7, "accessory_keypad": "yes", "model": None}},
        {"display_name": "Fro\0nt", "device_type": 7},
        {"capabilities_supported": "lock", "can_remotely_unlock": None},
    ],
    ids=str,
)
def test_odd_fields_are_unknown(fleet, now, odd):
    fleet.has(device("Front") | odd, device("Back"))
    fleet.sync(now)
    assert Lock.objects.filter(name="Back").exists()
    assert Lock.objects.filter(vanished_at=None).count() == 2
    assert all(isinstance(error, dict) for lock in Lock.objects.all() for error in [*lock.errors, *lock.warnings])


def test_locks_without_fingerprint_vanish_like_others(fleet, organization, now):
    for name in ("One", "Two"):
        make_lock(organization, name, account=fleet.account)
    fleet.has(device("Front"))
    fleet.sync(now)
    fleet.sync(now + ASKED_AGAIN)
    assert fleet.names() == {"Front"}


def test_lock_on_two_pages_is_one(fleet, now):
    fleet.pages[MANAGED] = [page(device("Front"), device("Back"), then="1"), page(device("Back"), device("Side"))]
    for _ in range(2):
        fleet.sync(now)
        assert fleet.names() == {"Front", "Back", "Side"}
    assert Lock.objects.count() == 3


@pytest.mark.parametrize("broken", ["<html>", '{"ok": true}', '{"devices": [], "pagination": {"has_next_page": true}}'])
def test_broken_listing_keeps_what_was_read(fleet, now, broken):
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    fleet.pages[MANAGED] = [page(device("Side"), then="1"), broken]
    with pytest.raises(SeamError):
        fleet.sync(now)
    assert fleet.names() == {"Front", "Back", "Side"}
