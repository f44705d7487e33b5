"""Connected accounts: filtered, updated, disconnected, reconnected, deleted."""

from seam_sandbox.tests.caller import Caller, error_codes


def account_of(seam: Caller) -> dict:
    return dict(seam("/connected_accounts/list")["connected_accounts"][0])


def test_account_takes_metadata_and_customer_from_webview(seam: Caller) -> None:
    seam.link("jane@example.com", customer_key="org-1", custom_metadata={"n": "1"})
    account = account_of(seam)
    assert account["customer_key"] == "org-1"
    assert account["custom_metadata"] == {"n": "1"}
    assert account["account_type"] == "wyze"
    assert account["errors"] == []


def test_accounts_are_filtered(seam: Caller) -> None:
    jane_id = seam.link("jane@example.com", customer_key="org-1", custom_metadata={"n": "1"})["connected_account_id"]
    other_id = seam.link("other@example.com", customer_key="org-2")["connected_account_id"]

    def found(**params: object) -> list[str]:
        accounts = seam("/connected_accounts/list", **params)["connected_accounts"]
        return [account["connected_account_id"] for account in accounts]

    assert found() == [jane_id, other_id]
    assert found(customer_key="org-2") == [other_id]
    assert found(custom_metadata_has={"n": "1"}) == [jane_id]
    assert found(search="other@") == [other_id]
    by_mail = seam("/connected_accounts/get", email="other@example.com")["connected_account"]
    assert by_mail["connected_account_id"] == other_id
    assert seam.refused("/connected_accounts/get", email="nobody@example.com")[0] == 404
    assert seam.refused("/connected_accounts/get")[0] == 400


def test_update_replaces_metadata(jane: Caller) -> None:
    account_id = account_of(jane)["connected_account_id"]
    jane("/connected_accounts/update", connected_account_id=account_id, custom_metadata={"a": "1", "b": "2"})
    changed = jane(
        "/connected_accounts/update", connected_account_id=account_id, custom_metadata={"b": "3", "c": None}
    )["connected_account"]
    assert changed["custom_metadata"] == {"b": "3"}


def test_customer_key_is_set_once(jane: Caller) -> None:
    account_id = account_of(jane)["connected_account_id"]
    jane("/connected_accounts/update", connected_account_id=account_id, customer_key="org-1")
    jane("/connected_accounts/update", connected_account_id=account_id, customer_key="org-1")
    again = jane.refused("/connected_accounts/update", connected_account_id=account_id, customer_key="org-2")
    assert again == (400, "customer_key_already_set")


def test_disconnection_shows_on_locks_and_codes(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    account_id = account_of(jane)["connected_account_id"]
    since = jane.advance("PT1S")

    jane("/connected_accounts/simulate/disconnect", connected_account_id=account_id)

    assert error_codes(account_of(jane)) == ["account_disconnected"]
    device = jane.device()
    assert error_codes(device) == ["account_disconnected"]
    assert device["errors"][0]["is_connected_account_error"] is True
    assert device["errors"][0]["is_device_error"] is False
    assert device["properties"]["online"] is False
    assert jane.code(code)["status"] == "unknown"
    assert error_codes(jane.code(code)) == ["account_disconnected"]
    told = jane.event_types(since=since)
    assert told[0] == "connected_account.disconnected"
    assert told.count("device.disconnected") == 7
    gone = jane.events("device.disconnected", since=since)[0]
    assert gone["error_code"] == "account_disconnected"
    assert gone["connected_account_errors"][0]["error_code"] == "account_disconnected"


def test_second_login_reconnects_same_account(jane: Caller) -> None:
    code = jane.create_code(name="Anna")
    jane.advance("PT1M")
    before = account_of(jane)
    device_ids = [device["device_id"] for device in jane("/devices/list")["devices"]]
    jane("/connected_accounts/simulate/disconnect", connected_account_id=before["connected_account_id"])
    since = jane.advance("PT1S")

    webview = jane.link("jane@example.com", custom_metadata={"n": "2"})

    assert webview["connected_account_id"] == before["connected_account_id"]
    assert account_of(jane)["errors"] == []
    assert account_of(jane)["custom_metadata"] == {"n": "2"}
    assert [device["device_id"] for device in jane("/devices/list")["devices"]] == device_ids
    assert jane.code(code)["status"] == "set"
    assert jane.code(code)["errors"] == []
    told = jane.event_types(since=since)
    assert told[0] == "connected_account.connected"
    assert told.count("device.connected") == 6
    assert "connected_account.completed_first_sync_after_reconnection" in told
    assert "connected_account.created" not in told


def test_overdue_transitions_run_when_account_reconnects(jane: Caller) -> None:
    window = {"starts_at": "2030-01-02T12:00:00Z", "ends_at": "2030-01-05T12:00:00Z"}
    over = jane.create_code(name="Over", starts_at="2030-01-01T13:00:00Z", ends_at="2030-01-02T12:00:00Z")
    begun = jane.create_code(name="Begun", **window)
    jane.advance("PT1M")
    new = jane.create_code(name="New")
    account_id = account_of(jane)["connected_account_id"]
    jane("/connected_accounts/simulate/disconnect", connected_account_id=account_id)
    since = jane.advance("P2D")
    assert {jane.code(code)["status"] for code in (over, begun, new)} == {"unknown"}

    jane.link("jane@example.com")
    jane.advance("PT1M")

    assert jane.is_gone(over)
    assert [jane.code(code)["status"] for code in (begun, new)] == ["set", "set"]
    told = jane.event_types(since=since)
    assert told.count("access_code.set_on_device") == 2
    assert told.count("access_code.removed_from_device") == 1


def test_second_disconnection_changes_nothing(jane: Caller) -> None:
    account_id = account_of(jane)["connected_account_id"]
    for _ in range(2):
        jane("/connected_accounts/simulate/disconnect", connected_account_id=account_id)
    assert jane.event_types().count("connected_account.disconnected") == 1


def test_deleted_account_leaves_its_codes_on_locks(jane: Caller) -> None:
    code = jane.create_code(name="Anna", code="482917")
    jane.advance("PT1M")
    device_id = jane.device_id()
    account_id = account_of(jane)["connected_account_id"]

    jane("/connected_accounts/delete", connected_account_id=account_id)

    assert jane("/devices/list")["devices"] == []
    assert jane.is_gone(code)
    told = jane.event_types()
    assert told[-1] == "connected_account.deleted"
    assert told.count("device.deleted") == 7
    assert "access_code.deleted" in told
    assert "access_code.removed_from_device" not in told

    jane.link("jane@example.com")
    found = jane("/access_codes/unmanaged/list", device_id=device_id)["access_codes"]
    assert {code["name"] for code in found} == {"Anna", "Cleaner"}
    assert {code["code"] for code in found} == {None}
    assert jane("/_sandbox/keypad", device_id=device_id, code="482917")["opened"] is True
