"""Renders each record as Seam's API shows it, with the errors it inherits."""

import json
from typing import Any

from seam_sandbox.world.hardware import MODELS, battery_status
from seam_sandbox.world.records import AccessCode, Account, ActionAttempt, Device, Event, Issue, Webhook, Webview
from seam_sandbox.world.world import WORKSPACE_ID, World

Shape = dict[str, Any]

WYZE_IMAGE = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E"
ACCOUNT_LOST = "The account is disconnected. Reconnect it through a new Connect Webview."
HUB_LOST = "The gateway of this lock is offline. Check its power and its internet connection."
DEVICE_LOST = "The lock is offline. Check its batteries and its distance to the gateway."
DEVICE_GONE = "The lock was removed from the account at the provider."


def dump_json(shape: object) -> bytes:
    return json.dumps(shape, separators=(",", ":"), ensure_ascii=False).encode()


# Accounts


def render_connect_webview(webview: Webview) -> Shape:
    shape = {
        "connect_webview_id": webview.id,
        "workspace_id": WORKSPACE_ID,
        "created_at": webview.created_at,
        "url": webview.url,
        "status": webview.status,
        "login_successful": webview.status == "authorized",
        "connected_account_id": webview.connected_account_id,
        "authorized_at": webview.authorized_at,
        "selected_provider": webview.selected_provider,
        "accepted_providers": webview.accepted_providers,
        "accepted_capabilities": webview.accepted_capabilities,
        "accepted_devices": [],
        "any_provider_allowed": not webview.accepted_providers,
        "any_device_allowed": not webview.accepted_providers,
        "device_selection_mode": webview.device_selection_mode,
        "custom_metadata": webview.custom_metadata,
        "custom_redirect_url": webview.custom_redirect_url,
        "custom_redirect_failure_url": webview.custom_redirect_failure_url,
        "automatically_manage_new_devices": webview.automatically_manage_new_devices,
        "wait_for_device_creation": webview.wait_for_device_creation,
    }
    return shape | ({"customer_key": webview.customer_key} if webview.customer_key else {})


def render_connected_account(account: Account) -> Shape:
    shape = {
        "connected_account_id": account.id,
        "account_type": "wyze",
        "account_type_display_name": "Wyze",
        "display_name": account.display_name,
        "user_identifier": {"email": account.email},
        "accepted_capabilities": account.accepted_capabilities,
        "automatically_manage_new_devices": account.automatically_manage_new_devices,
        "created_at": account.created_at,
        "custom_metadata": account.custom_metadata,
        "errors": list_account_errors(account),
        "warnings": [],
    }
    return shape | ({"customer_key": account.customer_key} if account.customer_key else {})


def list_account_errors(account: Account) -> list[Issue]:
    if not account.disconnected_at:
        return []
    return [
        {
            "created_at": account.disconnected_at,
            "error_code": "account_disconnected",
            "message": ACCOUNT_LOST,
            "is_connected_account_error": True,
            "is_bridge_error": False,
        }
    ]


# Devices


def render_device_json(world: World, device: Device) -> bytes:
    """Render the device as JSON and cache it until it changes, because large lists are mostly this."""
    body = world.device_bodies.get(device.id)
    if body is None:
        body = world.device_bodies[device.id] = dump_json(render_device(world, device))
    return body


def render_device(world: World, device: Device) -> Shape:
    shape = {
        "device_id": device.id,
        "device_type": "wyze_lock",
        "display_name": choose_display_name(device),
        "workspace_id": WORKSPACE_ID,
        "connected_account_id": device.account_id,
        "created_at": device.created_at,
        "is_managed": device.is_managed,
        "custom_metadata": device.custom_metadata,
        "capabilities_supported": ["access_code", "lock", "battery"]
        if MODELS[device.model].has_gateway
        else ["lock", "battery"],
        **read_capability_flags(device),
        "location": {
            "location_name": device.home,
            "time_zone": device.time_zone,
            "timezone": device.time_zone,
        },
        "properties": _properties(world, device),
        "errors": list_device_errors(world, device),
        "warnings": list_device_warnings(world, device),
    }
    if device.is_managed:
        shape |= {
            "nickname": choose_display_name(device),
            "space_ids": [],
            "device_provider": {
                "device_provider_name": "wyze",
                "display_name": "Wyze",
                "provider_category": "stable",
            },
            "device_manufacturer": {"manufacturer": "wyze", "display_name": "Wyze"},
        }
    return shape


def choose_display_name(device: Device) -> str:
    return device.nickname or device.provider_name


def read_capability_flags(device: Device) -> dict[str, bool]:
    """Return flags: true works now, false lacks a gateway or keypad for now, absent never works."""
    model = MODELS[device.model]
    if not model.has_gateway:
        return {}
    return {
        "can_remotely_lock": device.hub_online,
        "can_remotely_unlock": device.hub_online,
        "can_program_online_access_codes": model.has_keypad,
        "can_unlock_with_code": model.has_keypad,
        "can_configure_auto_lock": True,
        "can_simulate_connection": True,
        "can_simulate_disconnection": True,
        "can_simulate_removal": True,
        "can_simulate_hub_connection": True,
        "can_simulate_hub_disconnection": True,
    }


def is_reachable(world: World, device: Device) -> bool:
    return is_online(device) and not world.account_of(device).disconnected_at


def is_online(device: Device) -> bool:
    return device.online and device.hub_online and not device.removed_at


def _properties(world: World, device: Device) -> Shape:
    model, name = MODELS[device.model], choose_display_name(device)
    online = is_reachable(world, device)
    properties: Shape = {
        "online": online,
        "name": name,
        "appearance": {"name": device.provider_name},
        "manufacturer": "wyze",
        "model": {
            "display_name": model.display_name,
            "manufacturer_display_name": "Wyze",
            "has_built_in_keypad": False,
            "can_connect_accessory_keypad": model.has_gateway,
        },
        "has_direct_power": False,
        "serial_number": f"SANDBOX{device.id[:8].upper()}",
        "wyze_metadata": _wyze_metadata(device),
    }
    if online:
        level = device.battery_percent / 100
        properties |= {
            "locked": device.locked,
            "battery_level": level,
            "battery": {"level": level, "status": battery_status(device.battery_percent)},
        }
    if device.is_managed and model.has_gateway:
        properties |= {
            "auto_lock_enabled": device.auto_lock_enabled,
            "auto_lock_delay_seconds": device.auto_lock_delay_seconds,
            "has_native_entry_events": False,
        }
    if model.has_keypad and device.keypad_percent is not None:
        level = device.keypad_percent / 100
        properties |= {
            "accessory_keypad": {"is_connected": True, "battery": {"level": level}},
            "keypad_battery": {"level": level},
        }
    elif model.has_gateway:
        properties["accessory_keypad"] = {"is_connected": False}
    if model.has_keypad and device.is_managed:
        properties |= {
            "supported_code_lengths": list(model.code_lengths),
            "max_active_codes_supported": read_capacity(device),
            "code_constraints": [],
            "supports_backup_access_code_pool": True,
            "backup_access_code_pool_enabled": device.backup_pool_enabled,
        }
    return properties


def read_capacity(device: Device) -> int:
    return int(device.quirks.get("capacity", MODELS[device.model].capacity))


def _wyze_metadata(device: Device) -> Shape:
    model = MODELS[device.model]
    return {
        "device_id": f"{model.product_model}.{device.id[-12:]}",
        "device_name": device.provider_name,
        "product_name": model.display_name,
        "product_type": "Lock",
        "product_model": model.product_model,
        "device_info_model": model.product_model,
    }


def list_device_errors(world: World, device: Device) -> list[Issue]:
    inherited = [
        {"is_device_error": False, **{k: v for k, v in error.items() if k != "is_bridge_error"}}
        for error in list_account_errors(world.account_of(device))
    ]
    return inherited + list_own_device_errors(device)


def list_own_device_errors(device: Device) -> list[Issue]:
    conditions = (
        (device.removed_at, "device_removed", DEVICE_GONE),
        (None if device.hub_online else device.offline_since, "hub_disconnected", HUB_LOST),
        (None if device.online else device.offline_since, "device_disconnected", DEVICE_LOST),
    )
    own = [
        {"created_at": since, "error_code": code, "message": message, "is_device_error": True}
        for since, code, message in conditions
        if since
    ]
    return own + device.extra_errors


def list_device_warnings(world: World, device: Device) -> list[Issue]:
    model = MODELS[device.model]
    warnings: list[Issue] = []

    def warn(code: str, message: str, **extra: int) -> None:
        warnings.append({"created_at": device.created_at, "warning_code": code, "message": message, **extra})

    if model.has_gateway and not model.has_keypad:
        warn("accessory_keypad_setup_required", "Connect a Wyze keypad to this lock to use access codes.")
    if device.keypad_percent is not None and device.keypad_percent < 20:
        warn("accessory_keypad_low_battery", "The batteries of the keypad are low.")
    active = count_active_codes(world, device)
    if model.has_keypad and active >= read_capacity(device):
        warn(
            "max_access_codes_reached",
            "No more access codes fit on this lock.",
            active_access_code_count=active,
            max_active_access_code_count=read_capacity(device),
        )
    if device.backup_pool_enabled and len(list_backup_pool(world, device)) < BACKUP_POOL_SIZE:
        warn("partial_backup_access_code_pool", "The pool of backup codes is not full.")
    return warnings + device.extra_warnings


# Assumed: Seam does not document how many backup codes it keeps on a lock.
BACKUP_POOL_SIZE = 3


def list_backup_pool(world: World, device: Device) -> list[AccessCode]:
    """List the backup codes that are on the lock and unused."""
    return [code for code in world.codes_of(device) if is_in_pool(code) and code.is_on_device]


def is_in_pool(code: AccessCode) -> bool:
    return code.is_backup and code.type == "ongoing"


def count_active_codes(world: World, device: Device) -> int:
    return sum(code.is_on_device for code in world.codes_of(device))


# Access codes


def render_access_code(world: World, code: AccessCode) -> Shape:
    device = world.device_of(code)
    account = world.account_of(device)
    shape: Shape = {
        "access_code_id": code.id,
        "workspace_id": WORKSPACE_ID,
        "device_id": code.device_id,
        "name": code.name,
        "code": None if code.is_pin_hidden else code.pin,
        "type": code.type,
        "status": "unknown" if account.disconnected_at and code.is_managed else code.status,
        "created_at": code.created_at,
        "starts_at": code.starts_at,
        "ends_at": code.ends_at,
        "errors": code.errors + list_device_errors(world, device),
        "warnings": list_access_code_warnings(code),
        "is_managed": code.is_managed,
    }
    if not code.is_managed:
        return shape
    return shape | {
        "common_code_key": code.common_code_key,
        "pending_mutations": list_pending_mutations(code),
        "is_backup": code.is_backup,
        "is_backup_access_code_available": code.uses_backup_pool and bool(list_backup_pool(world, device)),
        "pulled_backup_access_code_id": code.pulled_backup_id,
        "is_external_modification_allowed": code.is_external_modification_allowed,
        "is_offline_access_code": False,
        "is_one_time_use": False,
        "is_scheduled_on_device": code.is_on_device and code.type == "time_bound" and code.is_native,
        "is_waiting_for_code_assignment": code.pin is None,
    }


def list_access_code_warnings(code: AccessCode) -> list[Issue]:
    warnings = list(code.warnings)
    since = code.mutated_at or code.created_at
    if code.is_deleting:
        warnings.append({"created_at": since, "warning_code": "being_deleted", "message": "The code is being deleted."})
    if code.pulled_backup_id:
        warnings.append(
            {
                "created_at": since,
                "warning_code": "using_backup_access_code",
                "message": "A backup code was pulled in place of this code.",
            }
        )
    return warnings


def list_pending_mutations(code: AccessCode) -> list[Shape]:
    since = code.mutated_at or code.created_at

    def build_mutation(kind: str, message: str, **extra: object) -> Shape:
        return {"mutation_code": kind, "message": message, "created_at": since, **extra}

    if code.is_deleting:
        return [build_mutation("deleting", "The code is being removed from the lock.")]
    if code.is_over:
        return []
    if not code.is_on_device:
        if scheduled_at := code.timers.get("load"):
            return [build_mutation("deferring_creation", "The code will be loaded later.", scheduled_at=scheduled_at)]
        return [build_mutation("creating", "The code is being set on the lock.")]
    return [
        build_mutation(f"updating_{what}", f"The {what.replace('_', ' ')} is being changed.", **change)
        for what, change in describe_changes(code, code.wanted).items()
    ]


def describe_changes(code: AccessCode, wanted: dict[str, Any]) -> dict[str, dict[str, Shape]]:
    """Describe what an update changes: aspect → from, to."""
    found: dict[str, dict[str, Shape]] = {}
    if "name" in wanted:
        found["name"] = {"from": {"name": code.name}, "to": {"name": wanted["name"]}}
    if "pin" in wanted:
        found["code"] = {"from": {"code": code.pin}, "to": {"code": wanted["pin"]}}
    if {"starts_at", "ends_at"} & wanted.keys():
        frame = {"starts_at": code.starts_at, "ends_at": code.ends_at}
        found["time_frame"] = {"from": frame, "to": frame | {k: wanted[k] for k in frame if k in wanted}}
    return found


# Attempts, events, webhooks


def render_action_attempt(attempt: ActionAttempt) -> Shape:
    return {
        "action_attempt_id": attempt.id,
        "action_type": attempt.action_type,
        "status": attempt.status,
        "result": attempt.result,
        "error": attempt.error,
    }


def render_event(event: Event) -> Shape:
    """Render an event, the same for the API and for a webhook's body."""
    return {
        "event_id": event.id,
        "event_type": event.type,
        "workspace_id": WORKSPACE_ID,
        "created_at": event.created_at,
        "occurred_at": event.created_at,
        **event.payload,
    }


def render_webhook(webhook: Webhook) -> Shape:
    return {
        "webhook_id": webhook.id,
        "url": webhook.url,
        "event_types": webhook.event_types,
        "secret": webhook.secret,
    }
