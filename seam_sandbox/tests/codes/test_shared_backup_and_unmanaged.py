"""Codes shared by several locks, backup codes and unmanaged codes."""

import pytest

from seam_sandbox.tests.caller import Caller, mutations, warning_codes

WINDOW = {"starts_at": "2030-01-02T15:00:00Z", "ends_at": "2030-01-04T11:00:00Z"}
SIMULATE = "/access_codes/simulate/create_unmanaged_access_code"


@pytest.fixture
def doors(jane: Caller) -> list[str]:
    return [jane.device_id(), jane.device_id("Lake House Back Door")]


def create_for(seam: Caller, doors: list[str], **params: object) -> list[dict]:
    return list(seam("/access_codes/create_multiple", device_ids=doors, **params)["access_codes"])


# Several locks


def test_locks_share_one_pin_and_key(jane: Caller, doors: list[str]) -> None:
    codes = create_for(jane, doors, name="Anna", **WINDOW)
    assert [code["device_id"] for code in codes] == doors
    assert len({code["code"] for code in codes}) == len({code["common_code_key"] for code in codes}) == 1
    assert codes[0]["common_code_key"].startswith("auto_set_by_create_multiple_")


def test_given_pin_has_no_key(jane: Caller, doors: list[str]) -> None:
    codes = create_for(jane, doors, code="482917")
    assert [(code["code"], code["common_code_key"]) for code in codes] == [("482917", None)] * 2


def test_no_code_is_created_when_pin_cannot_be_shared(jane: Caller, doors: list[str]) -> None:
    jane.create_code("Lake House Back Door", code="482917")
    refused = jane.refused("/access_codes/create_multiple", device_ids=doors, code="482917")
    assert refused == (409, "duplicate_access_code")
    assert jane("/access_codes/list", device_id=doors[0])["access_codes"] == []


def test_another_pin_is_used_when_caller_allows_it(jane: Caller, doors: list[str]) -> None:
    jane.create_code("Lake House Back Door", code="482917")
    params = {"code": "482917", "behavior_when_code_cannot_be_shared": "create_random_code"}
    front, back = create_for(jane, doors, **params)
    assert front["code"] == "482917"
    assert back["code"] != "482917"


def test_all_are_refused_when_one_lock_takes_no_codes(jane: Caller, doors: list[str]) -> None:
    ids = [*doors, jane.device_id("Lake House Garage")]
    refused = jane.refused("/access_codes/create_multiple", device_ids=ids)
    assert refused == (400, "device_type_not_supported")
    assert jane("/access_codes/list", device_id=doors[0])["access_codes"] == []


def test_group_is_updated_together(jane: Caller, doors: list[str]) -> None:
    codes = create_for(jane, doors, name="Anna", **WINDOW)
    key = codes[0]["common_code_key"]
    jane("/access_codes/update_multiple", common_code_key=key, name="Bert", ends_at="2030-01-05T11:00:00Z")
    jane.advance("PT1M")
    for code in codes:
        now = jane.code(code)
        assert (now["name"], now["ends_at"]) == ("Bert", "2030-01-05T11:00:00.000Z")
    unknown = jane.refused("/access_codes/update_multiple", common_code_key="none", name="Bert")
    assert unknown == (404, "access_code_not_found")


def test_codes_with_same_key_get_same_pin(jane: Caller) -> None:
    first = jane.create_code(common_code_key="booking-17")
    second = jane.create_code("Harbor Loft 2A", common_code_key="booking-17")
    assert first["code"] == second["code"]


# Backup codes


def test_backup_code_lasts_until_original_ends(jane: Caller) -> None:
    code = jane.create_code(name="Anna", use_backup_access_code_pool=True, **WINDOW)
    assert code["is_backup_access_code_available"] is False
    assert "partial_backup_access_code_pool" in warning_codes(jane.device())
    jane.advance("PT1M")
    assert jane.code(code)["is_backup_access_code_available"] is True
    assert warning_codes(jane.device()) == []
    assert len(jane("/access_codes/list", device_id=jane.device_id())["access_codes"]) == 1

    one = {"access_code_id": code["access_code_id"]}
    backup = jane("/access_codes/pull_backup_access_code", **one)["access_code"]

    assert backup["is_backup"] is True
    assert backup["ends_at"] == code["ends_at"]
    assert backup["status"] == "set"
    assert jane("/access_codes/pull_backup_access_code", **one)["access_code"]["code"] == backup["code"]
    assert jane.code(code)["pulled_backup_access_code_id"] == backup["access_code_id"]
    assert warning_codes(jane.code(code)) == ["using_backup_access_code"]
    (event,) = jane.events("access_code.backup_access_code_pulled")
    assert event["backup_access_code_id"] == backup["access_code_id"]
    assert jane("/_sandbox/keypad", device_id=jane.device_id(), code=backup["code"])["opened"] is True
    assert len(jane("/access_codes/list", device_id=jane.device_id())["access_codes"]) == 2
    jane.advance("P3DT1M")
    assert jane.is_gone(backup)


def test_pulling_is_refused_without_pool(jane: Caller) -> None:
    code = jane.create_code(name="Anna", **WINDOW)
    one = {"access_code_id": code["access_code_id"]}
    assert jane.refused("/access_codes/pull_backup_access_code", **one)[0] == 400


def test_backup_is_refused_for_ongoing_code(jane: Caller) -> None:
    params = {"device_id": jane.device_id(), "use_backup_access_code_pool": True}
    assert jane.refused("/access_codes/create", **params) == (400, "access_code_not_time_bound")


def test_pool_can_be_disabled(jane: Caller) -> None:
    device_id = jane.device_id()
    jane("/devices/update", device_id=device_id, backup_access_code_pool_enabled=True)
    jane.advance("PT1M")
    jane.set_device(device_id, capacity=4)
    assert "max_access_codes_reached" in warning_codes(jane.device())
    jane("/devices/update", device_id=device_id, backup_access_code_pool_enabled=False)
    jane.advance("PT1M")
    assert warning_codes(jane.device()) == []


# Unmanaged codes


def test_unmanaged_code_appears_and_is_deleted(jane: Caller) -> None:
    device_id = jane.device_id()
    code = jane(SIMULATE, device_id=device_id, name="Neighbour", code="482917")["access_code"]
    one = {"access_code_id": code["access_code_id"]}
    assert (code["is_managed"], code["status"], code["code"]) == (False, "set", "482917")
    assert jane.event_types()[-1] == "access_code.unmanaged.created"
    assert jane.is_gone(code)  # for the managed endpoints
    found = jane("/access_codes/unmanaged/list", device_id=device_id, search="neigh")["access_codes"]
    assert [each["name"] for each in found] == ["Neighbour"]
    assert jane("/access_codes/unmanaged/get", device_id=device_id, code="482917")
    jane("/access_codes/unmanaged/delete", **one)
    jane.advance("PT20S")
    assert jane.refused("/access_codes/unmanaged/get", **one) == (404, "access_code_not_found")
    assert jane.event_types()[-1] == "access_code.unmanaged.removed"


def test_code_with_known_pin_is_converted(jane: Caller) -> None:
    code = jane(SIMULATE, device_id=jane.device_id(), name="Neighbour", code="482917")["access_code"]
    jane("/access_codes/unmanaged/convert_to_managed", access_code_id=code["access_code_id"])
    jane.advance("PT20S")
    taken = jane.code(code)
    assert (taken["is_managed"], taken["status"], taken["code"]) == (True, "set", "482917")
    assert mutations(taken) == []
    assert jane.event_types()[-1] == "access_code.unmanaged.converted_to_managed"


def test_code_with_hidden_pin_is_not_converted(jane: Caller) -> None:
    (code,) = jane("/access_codes/unmanaged/list", device_id=jane.device_id())["access_codes"]
    one = {"access_code_id": code["access_code_id"]}
    jane("/access_codes/unmanaged/update", **one, is_managed=True, force=True)
    jane.advance("PT20S")
    assert jane("/access_codes/unmanaged/get", **one)["access_code"]["is_managed"] is False
    assert jane.event_types()[-1] == "access_code.unmanaged.failed_to_convert_to_managed"
