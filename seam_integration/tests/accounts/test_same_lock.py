"""One lock has one row, whichever account is read first, and keeps it when its Seam id changes."""

import json

import pytest
from django.db import IntegrityError

from properties.models import AccessCode, ConnectedAccount, Lock
from properties.tests.builders import (
    make_account,
    make_code,
    make_door,
    make_lock,
    make_organization,
    make_property,
    make_unit,
)
from seam_integration.accounts.same_lock import maker_id
from seam_integration.locks.turn import reconcile
from seam_integration.models import LockWork
from seam_integration.tests.accounts.test_sync import Fleet, device

DROPPED = [{"error_code": "account_disconnected"}]


class TwoAccounts:
    """Accounts A and B of one organization, each with its own Seam id for the same lock."""

    def __init__(self, organization) -> None:
        self.fleets = {name: Fleet(make_account(organization, display_name=name)) for name in "AB"}
        for name, fleet in self.fleets.items():
            fleet.has(device("Front", maker_id="YD.1", device_id=f"device-{name}"))

    def sync(self, names: str, now) -> Lock:
        for name in names:
            self.fleets[name].account.refresh_from_db()
            self.fleets[name].sync(now)
        return Lock.objects.select_related("account").get()

    def drop(self, name: str, *errors: object) -> None:
        account = {"connected_account_id": name, "errors": errors}
        self.fleets[name].pages["/connected_accounts/get"] = [json.dumps({"connected_account": account})]


@pytest.fixture
def two(organization):
    return TwoAccounts(organization)


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_lock_of_two_accounts_is_one_row(two, now, order):
    lock = two.sync(order * 2, now)
    assert (lock.account.display_name, lock.seam_id) == (order[0], f"device-{order[0]}")


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_lock_goes_on_through_other_account(two, organization, now, order):
    first, other = order
    lock = two.sync(order, now)
    door = make_door(make_unit(make_property(organization)), lock)
    code = make_code(lock, seam_id="code-1")
    two.drop(first, *DROPPED)
    moved = two.sync(order, now)
    assert (moved.pk, moved.account.display_name, moved.seam_id) == (lock.pk, other, f"device-{other}")
    door.refresh_from_db()
    code.refresh_from_db()
    assert (door.lock_id, code.lock_id, code.seam_id) == (lock.pk, lock.pk, "code-1")
    assert LockWork.objects.get(pk=lock.pk).codes_read_at is None
    two.drop(first)
    assert two.sync(order, now).account.display_name == other


def test_lock_stays_put_when_both_accounts_are_dropped(two, now):
    lock = two.sync("AB", now)
    for name in "AB":
        two.drop(name, *DROPPED)
    assert two.sync("ABAB", now).account_id == lock.account_id


def test_lock_of_unlinked_account_goes_on(two, now):
    two.sync("AB", now)
    ConnectedAccount.objects.filter(display_name="A").update(unlinked_at=now)
    assert two.sync("B", now).account.display_name == "B"


def test_one_id_in_two_accounts_is_one_row(two, now):
    for fleet in two.fleets.values():
        fleet.has(device("Front"))
    assert two.sync("ABAB", now).account.display_name == "A"
    two.drop("A", *DROPPED)
    assert two.sync("AB", now).account.display_name == "B"


def test_other_organization_has_row_of_its_own(two, now):
    two.sync("A", now)
    foreign = Fleet(make_account(make_organization("Other")))
    foreign.has(device("Front", maker_id="YD.1", device_id="device-C"))
    foreign.sync(now)
    assert Lock.objects.filter(maker_id="wyze_metadata:YD.1").count() == 2


def test_lock_under_new_id_keeps_row_when_old_id_is_unknown(two, now):
    lock = two.sync("A", now)
    fleet = two.fleets["A"]
    fleet.has(device("Front", maker_id="YD.1", device_id="new"))
    assert two.sync("A", now).seam_id == "new"
    assert Lock.objects.get().pk == lock.pk


def test_lock_keeps_its_id_while_seam_knows_it(two, now):
    two.sync("A", now)
    fleet = two.fleets["A"]
    fleet.has(device("Front", maker_id="YD.1", device_id="new"))
    fleet.pages["/devices/get"] = [json.dumps({"device": device("Front", device_id="device-A")})]
    assert two.sync("AA", now).seam_id == "device-A"


def test_two_ids_listed_side_by_side_do_not_alternate(two, now):
    two.sync("A", now)
    one, other = (device("Front", maker_id="YD.1", device_id=each) for each in ("device-A", "second"))
    two.fleets["A"].has(one, other)
    # The first is unchanged, so a sync does not even read it.
    two.fleets["A"].pages["/devices/get"] = [json.dumps({"device": one})]
    assert two.sync("AAA", now).seam_id == "device-A"


def test_two_names_are_two_locks_though_maker_says_one(two, now):
    fleet = two.fleets["A"]
    fleet.has(device("Front", maker_id="YD.1", device_id="one"))
    two.sync("A", now)
    fleet.pages["/devices/get"] = [json.dumps({"device": device("Front", device_id="one")})]
    fleet.has(*(device(name, maker_id="YD.1", device_id=name) for name in ("Back", "Side")))
    fleet.sync(now)
    fleet.sync(now)
    assert set(Lock.objects.values_list("name", flat=True)) == {"Front", "Back", "Side"}


def test_database_takes_no_second_row(organization):
    make_lock(organization, maker_id="wyze_metadata:YD.1")
    with pytest.raises(IntegrityError):
        make_lock(organization, maker_id="wyze_metadata:YD.1")


def test_answer_without_maker_id_does_not_erase_it(two, now):
    two.sync("A", now)
    two.fleets["A"].has(device("Front", device_id="device-A", display_name="Renamed"))
    assert two.sync("A", now).maker_id == "wyze_metadata:YD.1"


def test_row_does_not_take_maker_id_of_another(two, organization, now):
    two.sync("A", now)
    fleet = two.fleets["A"]
    other = make_lock(organization, "Other", account=fleet.account, seam_id="other")
    fleet.has(
        device("Front", maker_id="YD.1", device_id="device-A"), device("Other", maker_id="YD.1", device_id="other")
    )
    fleet.sync(now)
    assert Lock.objects.get(pk=other.pk).maker_id == ""


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"wyze_metadata": {"device_id": "YD.1"}, "serial_number": "S1"}, "wyze_metadata:YD.1"),
        ({"august_metadata": {"lock_id": "L"}}, "august_metadata:L"),
        ({"serial_number": "S1"}, "serial_number:S1"),
        ({"serial_number": 42}, "serial_number:42"),
        ({"wyze_metadata": {"device_id": {}}, "serial_number": True}, ""),
        ({"name": "Front"}, ""),
    ],
)
def test_lock_is_known_by_what_its_maker_gives(properties, found):
    assert maker_id({"properties": properties}) == found


def code_at(device_id: str, **fields: object) -> str:
    row = {"access_code_id": "code-1", "device_id": device_id, "status": "unset"}
    return json.dumps({"access_code": row | fields})


def take_turn(two, now, answer: str) -> tuple[AccessCode, list[str]]:
    """A turn on the lock after it moved from A to B; its code, and what was asked to be deleted."""
    lock = two.sync("AB", now)
    code = make_code(lock, seam_id="code-1", accepted_at=now, create_sent_at=now)
    two.drop("A", *DROPPED)
    two.sync("AB", now)
    client = two.fleets["B"]
    client.pages |= {"/access_codes/list": ['{"access_codes": []}'], "/access_codes/delete": ['{"ok": true}']}
    client.pages |= {"/access_codes/unmanaged/list": ['{"access_codes": []}'], "/access_codes/get": [answer]}
    client.pages["/access_codes/update"] = ['{"ok": true}']
    reconcile(lock.pk, now, client.client())
    code.refresh_from_db()
    return code, [asked["access_code_id"] for path, asked in client.asked if path == "/access_codes/delete"]


def test_code_left_under_old_id_is_made_anew(two, now):
    code, deleted = take_turn(two, now, code_at("device-A", name="x"))
    assert deleted == ["code-1"]
    assert code.missing_at == now


def test_code_on_lock_under_old_id_stays(two, now):
    code, deleted = take_turn(two, now, code_at("device-A", status="set"))
    assert deleted == []
    assert (code.seam_id, code.missing_at, code.seam_status) == ("code-1", None, "set")
