"""Creating codes: what is accepted, what is refused, what the answer says."""

import pytest

from seam_sandbox.tests.caller import Caller, error_codes, mutations

WINDOW = {"starts_at": "2030-01-10T15:00:00Z", "ends_at": "2030-01-12T11:00:00Z"}


def test_new_ongoing_code_is_setting(jane: Caller) -> None:
    code = jane.create_code(name="Anna S 10432", code="482917")
    assert (code["type"], code["status"], code["code"]) == ("ongoing", "setting", "482917")
    assert (code["starts_at"], code["ends_at"]) == (None, None)
    assert mutations(code) == ["creating"]
    assert jane.event_types()[-1] == "access_code.created"


def test_chosen_pin_fits_lock(jane: Caller) -> None:
    assert len(jane.create_code()["code"]) == 6
    assert len(jane.create_code(preferred_code_length=8)["code"]) == 8
    assert len(jane.create_code(preferred_code_length=12)["code"]) == 4  # the shortest it can be
    suggestion = jane("/access_codes/generate_code", device_id=jane.device_id())["generated_code"]
    assert suggestion["device_id"] == jane.device_id()
    assert suggestion["code"].isdigit()
    assert jane.post("/access_codes/get", access_code_id=suggestion["access_code_id"]).status_code == 404


def test_code_has_no_pin_when_start_is_far_off(jane: Caller) -> None:
    code = jane.create_code(name="Anna", **WINDOW)
    assert (code["type"], code["status"], code["code"]) == ("time_bound", "unset", None)
    assert code["is_waiting_for_code_assignment"] is True
    (mutation,) = code["pending_mutations"]
    assert mutation["mutation_code"] == "deferring_creation"
    assert mutation["scheduled_at"] == "2030-01-07T15:00:00.000Z"
    jane.advance("P7D")
    assert jane.code(code)["code"].isdigit()
    assert jane.code(code)["is_waiting_for_code_assignment"] is False
    (event,) = jane.events("access_code.code_changed")
    assert (event["from"], event["to"]) == ({"code": None}, {"code": jane.code(code)["code"]})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2030-01-10T15:00:00Z", "2030-01-10T15:00:00.000Z"),
        ("2030-01-10T15:00:00.001Z", "2030-01-10T15:01:00.000Z"),
        ("2030-01-10T15:23:42+0000", "2030-01-10T15:24:00.000Z"),
        ("2030-01-10T15:00:00+02:00", "2030-01-10T13:00:00.000Z"),
        ("2030-01-10", "2030-01-10T00:00:00.000Z"),
        ("2030-01-10T15:00", "2030-01-10T15:00:00.000Z"),
    ],
)
def test_times_are_parsed_leniently_and_rounded_up(jane: Caller, given: str, kept: str) -> None:
    assert jane.create_code(**(WINDOW | {"starts_at": given}))["starts_at"] == kept


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"starts_at": "2030-01-10T15:00:00Z"}, "ends_at"),
        ({"ends_at": "2030-01-10T15:00:00Z"}, "starts_at"),
        ({"starts_at": "2029-01-01", "ends_at": "2030-01-01T12:00:00Z"}, "ends_at"),
        ({"starts_at": "2030-01-10", "ends_at": "2030-01-10"}, "ends_at"),
        ({"starts_at": "2030-01-10", "ends_at": "2030-01-09"}, "ends_at"),
        ({"starts_at": "2030-13-10", "ends_at": "2030-02-09"}, "starts_at"),
    ],
)
def test_creation_refuses_impossible_times(jane: Caller, times: dict, field: str) -> None:
    assert list(jane.validation_errors("/access_codes/create", device_id=jane.device_id(), **times)) == [field]
    assert jane("/access_codes/list", device_id=jane.device_id())["access_codes"] == []


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "123*12346", "١٢٣٤", ""])
def test_pin_requires_4_to_12_digits(jane: Caller, pin: str) -> None:
    assert list(jane.validation_errors("/access_codes/create", device_id=jane.device_id(), code=pin)) == ["code"]


def test_pin_is_refused_when_used_at_any_time(jane: Caller) -> None:
    first = jane.create_code(code="482917", **WINDOW)
    later = {"starts_at": "2030-02-10T15:00:00Z", "ends_at": "2030-02-12T11:00:00Z"}
    again = {"device_id": jane.device_id(), "code": "482917", **later}
    assert jane.refused("/access_codes/create", **again) == (409, "duplicate_access_code")
    jane("/access_codes/delete", access_code_id=first["access_code_id"])
    jane("/access_codes/create", **again)


def test_pin_is_taken_until_code_has_left_lock(jane: Caller) -> None:
    first = jane.create_code(code="482917")
    jane.advance("PT1M")
    jane("/access_codes/delete", access_code_id=first["access_code_id"])
    again = {"device_id": jane.device_id(), "code": "482917"}
    assert jane.refused("/access_codes/create", **again) == (409, "duplicate_access_code")
    jane.advance("PT1M")
    jane("/access_codes/create", **again)


def test_same_pin_is_accepted_on_another_lock(jane: Caller) -> None:
    jane.create_code(code="482917")
    assert jane.create_code("Harbor Loft 2A", code="482917")["code"] == "482917"


def test_known_unmanaged_pin_is_refused(jane: Caller) -> None:
    simulate = "/access_codes/simulate/create_unmanaged_access_code"
    jane(simulate, device_id=jane.device_id(), name="Neighbour", code="482917")
    params = {"device_id": jane.device_id(), "code": "482917"}
    assert jane.refused("/access_codes/create", **params) == (409, "duplicate_access_code")
    assert jane.refused(simulate, name="Twin", **params) == (409, "duplicate_access_code")


def test_hidden_pin_is_found_only_by_lock(jane: Caller) -> None:
    code = jane.create_code(code="9035")
    jane.advance("PT1M")
    (error,) = jane.code(code)["errors"]
    (hidden,) = jane("/access_codes/unmanaged/list", device_id=jane.device_id())["access_codes"]
    assert error["error_code"] == "duplicate_code_on_device"
    assert error["unmanaged_access_code_id"] == hidden["access_code_id"]
    assert jane.event_types()[-1] == "access_code.failed_to_set_on_device"


@pytest.mark.parametrize("name", ["Lake House Garage", "Lake House Shed (Bolt)"])
def test_creation_is_refused_when_lock_takes_no_codes(jane: Caller, name: str) -> None:
    device_id = jane.device_id(name)
    for path in ("/access_codes/create", "/access_codes/generate_code"):
        assert jane.refused(path, device_id=device_id) == (400, "device_type_not_supported")


def test_offline_codes_are_refused(jane: Caller) -> None:
    params = {"device_id": jane.device_id(), "is_offline_access_code": True}
    assert jane.refused("/access_codes/create", **params) == (400, "device_type_not_supported")


def test_creation_is_refused_when_offline_lock_is_excluded(jane: Caller) -> None:
    params = {"device_id": jane.device_id("Lake House Guest Suite"), "attempt_for_offline_device": False}
    assert jane.refused("/access_codes/create", **params) == (400, "device_offline")


def test_codes_are_filtered(jane: Caller) -> None:
    anna = jane.create_code(name="Anna", code="482917")["access_code_id"]
    bert = jane.create_code("Harbor Loft 2A", name="Bert", code="553201")["access_code_id"]
    front, loft = jane.device_id(), jane.device_id("Harbor Loft 2A")

    def found(**params: object) -> list[str]:
        codes = jane("/access_codes/list", **params)["access_codes"]
        return [code["access_code_id"] for code in codes]

    assert found(device_id=front) == [anna]
    assert found(access_code_ids=[bert, anna]) == [anna, bert]
    assert found(access_code_ids=[anna, bert], search="bert") == [bert]
    assert found(device_id=loft, search="5532") == [bert]
    assert found(device_id=loft, customer_key="org-9") == []
    assert found(access_grant_key="none") == []
    by_pin = jane("/access_codes/get", device_id=front, code="482917")["access_code"]
    assert by_pin["access_code_id"] == anna
    assert jane.refused("/access_codes/get", device_id=front, code="9035") == (404, "access_code_not_found")
    assert jane.refused("/access_codes/get", device_id=front)[0] == 400
    assert jane.refused("/access_codes/list")[0] == 400
    assert jane.refused("/access_codes/list", search="anna")[0] == 400


def test_codes_are_paginated(jane: Caller) -> None:
    device_id = jane.device_id()
    for number in range(5):
        jane.create_code(name=f"Guest {number}")
    first = jane("/access_codes/list", device_id=device_id, limit=3)
    cursor = first["pagination"]["next_page_cursor"]
    rest = jane("/access_codes/list", device_id=device_id, limit=3, page_cursor=cursor)
    names = [code["name"] for code in first["access_codes"] + rest["access_codes"]]
    assert names == [f"Guest {number}" for number in range(5)]
    assert rest["pagination"]["has_next_page"] is False


def test_code_inherits_errors_of_lock(jane: Caller) -> None:
    code = jane.create_code("Lake House Guest Suite", name="Anna")
    assert error_codes(code) == ["hub_disconnected"]
    assert code["errors"][0]["is_device_error"] is True
