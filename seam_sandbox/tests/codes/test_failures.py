"""Failures between Seam and the lock show on the code, and clear when the cause ends."""

import pytest

from seam_sandbox.tests.caller import Caller, error_codes, warning_codes

FRONT = "Lake House Front Door"


def own_errors(code: dict) -> list[str]:
    return [error["error_code"] for error in code["errors"] if error.get("is_access_code_error")]


def offline(seam: Caller) -> None:
    seam("/devices/simulate/disconnect", device_id=seam.device_id())


def online(seam: Caller) -> None:
    seam("/devices/simulate/connect", device_id=seam.device_id())


def test_offline_lock_delays_code_then_fails_it(jane: Caller) -> None:
    offline(jane)
    code = jane.create_code(name="Anna")
    jane.advance("PT20S")
    assert warning_codes(jane.code(code)) == ["delay_in_setting_on_device"]
    assert own_errors(jane.code(code)) == []
    delayed = jane.events("access_code.delay_in_setting_on_device")[-1]
    assert delayed["device_errors"][0]["error_code"] == "device_disconnected"
    assert delayed["access_code_warnings"][0]["warning_code"] == "delay_in_setting_on_device"
    jane.advance("PT10M")
    assert own_errors(jane.code(code)) == ["failed_to_set_on_device"]
    assert jane.event_types()[-1] == "access_code.failed_to_set_on_device"
    assert jane.code(code)["status"] == "setting"


def test_code_is_set_without_errors_when_lock_returns(jane: Caller) -> None:
    offline(jane)
    code = jane.create_code(name="Anna")
    jane.advance("PT1H")
    online(jane)
    jane.advance("PT20S")
    now = jane.code(code)
    assert (now["status"], now["errors"], now["warnings"]) == ("set", [], [])
    assert jane.event_types().count("access_code.failed_to_set_on_device") == 1


def test_update_waits_for_offline_lock(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    offline(jane)
    jane("/access_codes/update", access_code_id=code["access_code_id"], name="Bert")
    jane.advance("PT1H")
    assert jane.code(code)["name"] == "Anna"
    assert own_errors(jane.code(code)) == ["failed_to_set_on_device"]
    online(jane)
    jane.advance("PT20S")
    assert (jane.code(code)["name"], jane.code(code)["errors"]) == ("Bert", [])


def test_removal_failure_is_reported_when_lock_is_offline(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    offline(jane)
    jane("/access_codes/delete", access_code_id=code["access_code_id"])
    jane.advance("PT11M")
    assert jane.code(code)["status"] == "removing"
    assert own_errors(jane.code(code)) == ["failed_to_remove_from_device"]
    assert jane.event_types()[-1] == "access_code.failed_to_remove_from_device"
    online(jane)
    jane.advance("PT20S")
    assert jane.is_gone(code)


def test_expired_code_stays_until_lock_returns(jane: Caller) -> None:
    code = jane.create_code(starts_at="2030-01-01T13:00:00Z", ends_at="2030-01-02T11:00:00Z")
    jane.advance("PT1M")
    offline(jane)
    jane.advance("P3D")
    assert jane.code(code)["status"] == "removing"
    assert own_errors(jane.code(code)) == ["failed_to_remove_from_device"]
    online(jane)
    jane.advance("PT20S")
    assert jane.is_gone(code)


def test_unsent_change_does_not_hide_removal_failure(jane: Caller) -> None:
    code = jane.create_code(starts_at="2030-01-01T13:00:00Z", ends_at="2030-01-02T11:00:00Z")
    jane.advance("PT1M")
    offline(jane)
    jane("/access_codes/update", access_code_id=code["access_code_id"], name="Bert")
    jane.advance("P3D")
    assert own_errors(jane.code(code)) == ["failed_to_remove_from_device"]
    assert jane.event_types().count("access_code.failed_to_remove_from_device") == 1
    online(jane)
    jane.advance("PT20S")
    assert jane.is_gone(code)


def test_removal_is_retried_when_lock_refuses_it(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    jane.set_device(jane.device_id(), removal_fails=True)
    jane("/access_codes/delete", access_code_id=code["access_code_id"])
    jane.advance("PT1H")
    assert own_errors(jane.code(code)) == ["failed_to_remove_from_device"]
    jane.set_device(jane.device_id(), removal_fails=False)
    jane.advance("PT6M")
    assert jane.is_gone(code)
    assert jane.event_types().count("access_code.failed_to_remove_from_device") == 1


@pytest.mark.parametrize("error", ["failed_to_set_on_device", "provider_issue", "access_code_inactive"])
def test_programming_fails_with_given_error(jane: Caller, error: str) -> None:
    jane.set_device(jane.device_id(), programming_error=error)
    code = jane.create_code(name="Anna")
    jane.advance("PT20S")
    assert own_errors(jane.code(code)) == [error]
    assert jane.event_types()[-1] == "access_code.failed_to_set_on_device"


def test_retried_error_clears_by_itself(jane: Caller) -> None:
    jane.set_device(jane.device_id(), programming_error="failed_to_set_on_device")
    code = jane.create_code(name="Anna")
    jane.advance("PT20S")
    jane.set_device(jane.device_id(), programming_error=None)
    jane.advance("PT6M")
    assert (jane.code(code)["status"], jane.code(code)["errors"]) == ("set", [])


@pytest.mark.parametrize("pin", ["123456789", "123456789012"])
def test_refused_pin_waits_for_new_pin(jane: Caller, pin: str) -> None:
    code = jane.create_code(code=pin)
    jane.advance("PT1H")
    assert own_errors(jane.code(code)) == ["code_constraints_violated"]
    jane("/access_codes/update", access_code_id=code["access_code_id"], code="482917")
    jane.advance("PT20S")
    assert (jane.code(code)["status"], jane.code(code)["errors"]) == ("set", [])


def test_full_lock_takes_next_code_when_one_leaves(jane: Caller) -> None:
    jane.set_device(jane.device_id(), capacity=3)
    fitting = [jane.create_code(name=f"Guest {number}") for number in range(2)]
    jane.advance("PT1M")
    surplus = jane.create_code(name="One too many")
    jane.advance("PT1M")
    assert {jane.code(code)["status"] for code in fitting} == {"set"}
    assert own_errors(jane.code(surplus)) == ["no_space_for_access_code_on_device"]
    (full,) = [each for each in jane.device()["warnings"] if each["warning_code"] == "max_access_codes_reached"]
    assert (full["active_access_code_count"], full["max_active_access_code_count"]) == (3, 3)
    jane("/access_codes/delete", access_code_id=fitting[0]["access_code_id"])
    jane.advance("PT1M")
    assert (jane.code(surplus)["status"], jane.code(surplus)["errors"]) == ("set", [])


@pytest.mark.parametrize(("change", "event"), [("modified", "modified"), ("removed", "deleted")])
def test_external_change_is_restored(jane: Caller, change: str, event: str) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    jane("/_sandbox/access_codes", access_code_id=code["access_code_id"], change=change)
    assert own_errors(jane.code(code)) == ["conflicting_external_modification"]
    assert f"access_code.{event}_external_to_seam" in jane.event_types()
    jane.advance("PT20S")
    assert (jane.code(code)["status"], jane.code(code)["errors"]) == ("set", [])


def test_external_change_stays_when_allowed(jane: Caller) -> None:
    code = jane.create_code(name="Anna", allow_external_modification=True)
    assert code["is_external_modification_allowed"] is True
    jane.advance("PT1M")
    jane("/_sandbox/access_codes", access_code_id=code["access_code_id"], change="modified")
    assert warning_codes(jane.code(code)) == ["external_modification_in_effect"]
    assert error_codes(jane.code(code)) == []
