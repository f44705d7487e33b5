"""Devices: their properties, lists in pages, and updates."""

import pytest

from seam_sandbox.tests.caller import Caller, error_codes, warning_codes

CAPABILITIES = (
    "can_remotely_lock",
    "can_remotely_unlock",
    "can_program_online_access_codes",
    "can_unlock_with_code",
)


def found(seam: Caller, **params: object) -> list[str]:
    return [device["display_name"] for device in seam("/devices/list", **params)["devices"]]


def test_jane_has_one_lock_of_each_kind(jane: Caller) -> None:
    assert found(jane) == [
        "Lake House Front Door",
        "Lake House Back Door",
        "Lake House Garage",
        "Lake House Guest Suite",
        "Lake House Shed (Bolt)",
        "Harbor Loft Entrance",
        "Harbor Loft 2A",
    ]


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("Lake House Front Door", (True, True, True, True)),
        ("Lake House Garage", (True, True, False, False)),
        ("Lake House Guest Suite", (False, False, True, True)),
        ("Lake House Shed (Bolt)", (None, None, None, None)),
    ],
)
def test_capability_flags_have_three_values(jane: Caller, name: str, flags: tuple) -> None:
    device = jane.device(name)
    assert tuple(device.get(flag) for flag in CAPABILITIES) == flags


def test_online_lock_shows_state_and_batteries(jane: Caller) -> None:
    device = jane.device("Lake House Back Door")
    properties = device["properties"]
    assert properties["locked"] is True
    assert properties["battery"] == {"level": 0.12, "status": "low"}
    assert properties["battery_level"] == 0.12
    assert properties["accessory_keypad"] == {"is_connected": True, "battery": {"level": 0.64}}
    assert properties["supported_code_lengths"] == [4, 5, 6, 7, 8]
    assert properties["max_active_codes_supported"] == 50
    assert device["location"]["time_zone"] == "America/Los_Angeles"
    assert jane.device("Harbor Loft 2A")["location"]["time_zone"] == "America/New_York"
    assert device["errors"] == []


def test_lock_hides_state_when_gateway_is_offline(jane: Caller) -> None:
    device = jane.device("Lake House Guest Suite")
    assert device["properties"]["online"] is False
    assert not {"locked", "battery", "battery_level"} & device["properties"].keys()
    assert error_codes(device) == ["hub_disconnected"]


def test_lock_without_keypad_warns(jane: Caller) -> None:
    assert warning_codes(jane.device("Lake House Garage")) == ["accessory_keypad_setup_required"]


def test_existing_code_has_hidden_pin(jane: Caller) -> None:
    (code,) = jane("/access_codes/unmanaged/list", device_id=jane.device_id())["access_codes"]
    assert (code["name"], code["code"], code["status"], code["is_managed"]) == ("Cleaner", None, "set", False)


def test_devices_are_filtered(jane: Caller) -> None:
    webview = jane.link("other@example.com", customer_key="org-2")
    others = found(jane, customer_key="org-2")
    account_id = webview["connected_account_id"]
    front = jane.device_id()
    jane("/devices/update", device_id=front, custom_metadata={"unit": "1"})
    assert others
    assert all(not name.startswith(("Lake House", "Harbor Loft")) for name in others)
    assert found(jane, connected_account_id=account_id) == others
    assert found(jane, connected_account_ids=[account_id]) == others
    assert found(jane, connect_webview_id=webview["connect_webview_id"]) == others
    assert found(jane, device_ids=[front]) == ["Lake House Front Door"]
    assert found(jane, custom_metadata_has={"unit": "1"}) == ["Lake House Front Door"]
    assert len(found(jane, custom_metadata_has={"unit": None})) == 6 + len(others)
    assert found(jane, search="2a") == ["Harbor Loft 2A"]
    assert found(jane, device_type="august_lock") == []
    assert len(found(jane, device_types=["wyze_lock"])) == 7 + len(others)
    assert found(jane, manufacturer="yale") == []
    assert found(jane, created_before="2030-01-01T11:00:00Z") == []
    assert found(jane, space_id=front) == []
    assert found(jane, include_if=["can_remotely_unlock"], search="lake") == [
        "Lake House Front Door",
        "Lake House Back Door",
        "Lake House Garage",
    ]
    assert found(jane, exclude_if=["can_program_online_access_codes"], search="lake") == [
        "Lake House Garage",
        "Lake House Shed (Bolt)",
    ]


def test_pages_add_up_to_whole_list(jane: Caller) -> None:
    names, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        answer = jane("/devices/list", limit=3, page_cursor=cursor)
        names += [device["display_name"] for device in answer["devices"]]
        cursor, pages = answer["pagination"]["next_page_cursor"], pages + 1
        assert answer["pagination"]["has_next_page"] is (cursor is not None)
    assert pages == 3
    assert names == found(jane)


def test_last_page_can_be_full(jane: Caller) -> None:
    assert jane("/devices/list", limit=7)["pagination"]["has_next_page"] is False
    assert jane("/devices/list", limit=5, search="lake")["pagination"]["has_next_page"] is False


def test_cursor_is_refused_with_other_filters(jane: Caller) -> None:
    cursor = jane("/devices/list", limit=2, search="lake")["pagination"]["next_page_cursor"]
    assert len(found(jane, limit=4, search="lake", page_cursor=cursor)) == 3
    refused = jane.refused("/devices/list", limit=2, search="harbor", page_cursor=cursor)
    assert refused == (400, "mismatched_page_parameters")
    for nonsense in ("nonsense", "WzFd", "bnVsbA=="):
        assert jane.validation_errors("/devices/list", page_cursor=nonsense) == {"page_cursor": ["Invalid page cursor"]}


def test_cursor_works_when_devices_vanish(jane: Caller) -> None:
    account_id = jane.link("other@example.com")["connected_account_id"]
    before = found(jane)
    cursor = jane("/devices/list", limit=8)["pagination"]["next_page_cursor"]
    jane("/connected_accounts/delete", connected_account_id=account_id)
    assert len(before) > 8
    assert found(jane, limit=8, page_cursor=cursor) == []


def test_older_lock_endpoints_list_and_get(jane: Caller) -> None:
    answer = jane("/locks/list", manufacturer="wyze")
    assert answer["locks"] == answer["devices"] == jane("/devices/list")["devices"]
    one = jane("/locks/get", name="Harbor Loft 2A")
    assert one["lock"] == one["device"] == jane.device("Harbor Loft 2A")


def test_nickname_can_be_set_and_removed(jane: Caller) -> None:
    device_id = jane.device_id()
    jane("/devices/update", device_id=device_id, name="Front")
    device = jane("/devices/get", device_id=device_id)["device"]
    assert device["display_name"] == device["nickname"] == device["properties"]["name"] == "Front"
    assert device["properties"]["appearance"]["name"] == "Lake House Front Door"
    jane("/devices/update", device_id=device_id, properties={"name": None})
    assert jane.device()["device_id"] == device_id
    assert [event["device_name"] for event in jane.events("device.name_changed")] == [
        "Front",
        "Lake House Front Door",
    ]


def test_metadata_is_merged_and_shown_in_events(jane: Caller) -> None:
    device_id = jane.device_id()
    jane("/devices/update", device_id=device_id, custom_metadata={"unit": "1", "floor": "2"})
    jane("/devices/update", device_id=device_id, custom_metadata={"floor": None, "vip": True})
    assert jane.device()["custom_metadata"] == {"unit": "1", "vip": True}
    jane("/devices/simulate/disconnect", device_id=device_id)
    assert jane.events("device.disconnected")[-1]["device_custom_metadata"] == {"unit": "1", "vip": True}


def test_unmanaged_device_keeps_its_codes(jane: Caller) -> None:
    device_id = jane.device_id()
    code = jane.create_code(name="Anna", code="482917")
    jane.advance("PT1M")
    far = jane.create_code(name="Far", starts_at="2030-03-01T15:00:00Z", ends_at="2030-03-02T11:00:00Z")

    jane("/devices/update", device_id=device_id, is_managed=False)

    assert jane.refused("/devices/get", device_id=device_id) == (400, "device_unmanaged")
    assert jane.refused("/locks/unlock_door", device_id=device_id) == (400, "device_unmanaged")
    assert jane("/devices/unmanaged/get", device_id=device_id)["device"]["is_managed"] is False
    assert "Lake House Front Door" not in found(jane)
    assert jane.is_gone(far)
    unmanaged = jane("/access_codes/unmanaged/list", device_id=device_id)["access_codes"]
    assert {each["name"] for each in unmanaged} == {"Cleaner", "Anna"}
    assert jane("/access_codes/unmanaged/get", access_code_id=code["access_code_id"])

    jane("/devices/unmanaged/update", device_id=device_id, is_managed=True)
    assert jane.device()["is_managed"] is True
    assert jane.refused("/devices/unmanaged/get", device_id=device_id) == (400, "device_managed")
    told = jane.event_types()
    assert told.index("device.converted_to_unmanaged") < told.index("device.unmanaged.converted_to_managed")


def test_update_manages_device_by_default(jane: Caller) -> None:
    jane("/devices/update", device_id=jane.device_id(), custom_metadata={"unit": "1"})
    assert jane.device()["is_managed"] is True


@pytest.mark.parametrize(
    ("happening", "error", "undo"),
    [
        ("disconnect", "device_disconnected", "connect"),
        ("disconnect_from_hub", "hub_disconnected", "connect_to_hub"),
        ("remove", "device_removed", "connect"),
    ],
)
def test_lock_disconnects_and_reconnects(jane: Caller, happening: str, error: str, undo: str) -> None:
    device_id = jane.device_id()
    jane(f"/devices/simulate/{happening}", device_id=device_id)
    assert error_codes(jane.device()) == [error]
    assert jane.device()["properties"]["online"] is False
    jane(f"/devices/simulate/{undo}", device_id=device_id)
    assert jane.device()["errors"] == []
    assert jane.device()["properties"]["online"] is True
    lost = "device.removed" if happening == "remove" else "device.disconnected"
    assert jane.event_types(device_id=device_id)[-2:] == [lost, "device.connected"]


def test_simulation_is_refused_without_capability(jane: Caller) -> None:
    bolt = jane.device_id("Lake House Shed (Bolt)")
    assert jane.refused("/devices/simulate/disconnect", device_id=bolt) == (400, "device_type_not_supported")


def test_providers_are_listed_by_category(seam: Caller) -> None:
    (wyze,) = seam("/devices/list_device_providers")["device_providers"]
    assert wyze["device_provider_name"] == "wyze"
    assert seam("/devices/list_device_providers", provider_category="cameras")["device_providers"] == []
