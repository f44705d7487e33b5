"""/devices/*: managed and unmanaged locks."""

from collections.abc import Callable
from typing import Any

from seam_sandbox.endpoints.connect_webviews import CATEGORIES
from seam_sandbox.incoming.filters import contains_text, filters_by_unsupported, has_metadata, merge_metadata
from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import ACTION, READ, UPDATE, Answer, endpoint
from seam_sandbox.incoming.validation import Params, boolean, filled, id_, many, metadata, nested, string, time
from seam_sandbox.lifecycles import code_lifecycle, device_lifecycle, events
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem, not_found
from seam_sandbox.world.records import Account, Device
from seam_sandbox.world.world import World

CHOICES = {
    "connect_webview_id": id_,
    "connected_account_id": id_,
    "connected_account_ids": many(id_),
    "created_before": time,
    "customer_key": filled,
    "device_ids": many(id_),
    "device_type": string,
    "device_types": many(string),
    "exclude_if": many(string),
    "include_if": many(string),
    "manufacturer": string,
    "search": filled,
}


def find(world: World, params: Params, managed: bool = True) -> Device:
    """Find a device by id or by name among those that this family of endpoints shows."""
    if "device_id" in params:
        device = world.find(Device, params["device_id"])
    else:
        name = params.get("name")
        named = (each for each in world.devices.values() if shapes.choose_display_name(each) == name)
        device = next(named, None) or _missing()
    if device.is_managed != managed:
        what, family = ("unmanaged", "devices/unmanaged") if managed else ("managed", "devices")
        raise Problem(400, f"device_{what}", f"This device is {what}. Use the /{family} endpoints.")
    return device


def _missing() -> Device:
    raise not_found(Device.kind)


def render_page(world: World, params: Params, managed: bool, limit: int) -> tuple[list[bytes], dict[str, Any]]:
    """Render the devices of one page."""
    fits = build_filter(world, params, managed)
    found, pagination = paginate(_list_candidates(world, params), params, limit, fits)
    return [shapes.render_device_json(world, device) for device in found], pagination


def _list_candidates(world: World, params: Params) -> list[Device]:
    """List the devices of one account, if it is given, else all."""
    if "connected_account_id" in params:
        account = world.accounts.get(params["connected_account_id"])
        return world.devices_of(account) if account else []
    return list(world.devices.values())


def build_filter(world: World, params: Params, managed: bool) -> Callable[[Device], bool]:
    """Build a check of only the given filters, so that a plain list of thousands stays fast."""
    checks: list[Callable[[Device], bool]] = []

    def check(name: str, test: Callable[[Device, Any], bool]) -> None:
        if name in params:
            value = params[name]
            checks.append(lambda device: test(device, value))

    def account(device: Device) -> Account:
        return world.account_of(device)

    check("connected_account_ids", lambda device, ids: device.account_id in ids)
    check("connect_webview_id", lambda device, webview_id: webview_id in account(device).webview_ids)
    check("customer_key", lambda device, key: account(device).customer_key == key)
    check("created_before", lambda device, time: device.created_at < time)
    check("device_ids", lambda device, ids: device.id in ids)
    check("device_type", lambda device, wanted: wanted == "wyze_lock")
    check("device_types", lambda device, wanted: "wyze_lock" in wanted)
    check("manufacturer", lambda device, wanted: wanted == "wyze")
    check("search", lambda device, words: contains_text(words, (shapes.choose_display_name(device), device.id)))
    check("custom_metadata_has", lambda device, pairs: has_metadata(device.custom_metadata, pairs))
    check("include_if", lambda device, flags: all(_is_capable(device, flag) for flag in flags))
    check("exclude_if", lambda device, flags: not any(_is_capable(device, flag) for flag in flags))
    if filters_by_unsupported(params):
        return lambda device: False
    return lambda device: device.is_managed == managed and all(each(device) for each in checks)


def _is_capable(device: Device, flag: str) -> bool:
    return shapes.read_capability_flags(device).get(flag, False)


@endpoint("/devices/get", READ, device_id=id_, name=filled)
def get(world: World, params: Params) -> Answer:
    return {"device": shapes.render_device_json(world, find(world, params))}


@endpoint("/devices/unmanaged/get", READ, device_id=id_, name=filled)
def get_unmanaged(world: World, params: Params) -> Answer:
    return {"device": shapes.render_device_json(world, find(world, params, managed=False))}


@endpoint(
    "/devices/list",
    READ,
    **PAGE,
    **CHOICES,
    custom_metadata_has=metadata,
    space_id=id_,
    user_identifier_key=filled,
)
def list_(world: World, params: Params) -> Answer:
    devices, pagination = render_page(world, params, managed=True, limit=500)
    return {"devices": devices, "pagination": pagination}


@endpoint("/devices/unmanaged/list", READ, **PAGE, **CHOICES)
def list_unmanaged(world: World, params: Params) -> Answer:
    devices, pagination = render_page(world, params, managed=False, limit=22_900)
    return {"devices": devices, "pagination": pagination}


@endpoint(
    "/devices/update",
    UPDATE,
    device_id=id_.required,
    backup_access_code_pool_enabled=boolean,
    custom_metadata=metadata,
    is_managed=boolean,
    name=string.nullable,
    properties=nested({"name": string.nullable}),
)
def update(world: World, params: Params) -> Answer:
    device = find(world, params)
    if "custom_metadata" in params:
        device.custom_metadata = merge_metadata(device.custom_metadata, params["custom_metadata"])
    named = params if "name" in params else params.get("properties", {})
    if "name" in named and (named["name"] or None) != device.nickname:
        device.nickname = named["name"] or None
        events.emit_device(world, device, "name_changed", device_name=shapes.choose_display_name(device))
    if "backup_access_code_pool_enabled" in params:
        code_lifecycle.enable_backup_pool(world, device, params["backup_access_code_pool_enabled"])
    if not params.get("is_managed", True):  # Seam defaults to true
        _release(world, device)
    world.touch(device)
    return {}


def _release(world: World, device: Device) -> None:
    """Stop managing a device: its codes stay on it, unmanaged, and its backup codes are removed."""
    code_lifecycle.enable_backup_pool(world, device, False)
    for code in world.codes_of(device):
        code_lifecycle.stop_managing(world, code)
    device.is_managed = False
    events.emit_device(world, device, "converted_to_unmanaged")


@endpoint(
    "/devices/unmanaged/update",
    UPDATE,
    device_id=id_.required,
    is_managed=boolean,
    custom_metadata=metadata,
)
def update_unmanaged(world: World, params: Params) -> Answer:
    device = find(world, params, managed=False)
    if "custom_metadata" in params:
        device.custom_metadata = merge_metadata(device.custom_metadata, params["custom_metadata"])
    if params.get("is_managed"):
        device.is_managed = True
        events.emit_device(world, device, "unmanaged.converted_to_managed")
    world.touch(device)
    return {}


@endpoint("/devices/list_device_providers", READ, provider_category=CATEGORIES)
def list_device_providers(world: World, params: Params) -> Answer:
    categories = ["stable", "consumer_smartlocks"]
    wyze = {
        "device_provider_name": "wyze",
        "display_name": "Wyze",
        "image_url": shapes.WYZE_IMAGE,
        "provider_categories": categories,
        "can_remotely_lock": True,
        "can_remotely_unlock": True,
        "can_program_online_access_codes": True,
    }
    asked = params.get("provider_category", "stable")
    return {"device_providers": [wyze] if asked in categories else []}


def _register_simulation(what: str, flag: str, happen: Callable[[World, Device], None]) -> None:
    """Register one /devices/simulate/* endpoint; the flags say that Wyze supports them."""

    @endpoint(f"/devices/simulate/{what}", ACTION, device_id=id_.required)
    def simulate(world: World, params: Params) -> Answer:
        device = world.find(Device, params["device_id"])
        if not _is_capable(device, flag):
            raise Problem(400, "device_type_not_supported", "This cannot be simulated on this device.")
        happen(world, device)
        return {}


_register_simulation("connect", "can_simulate_connection", device_lifecycle.go_online)
_register_simulation("disconnect", "can_simulate_disconnection", device_lifecycle.go_offline)
_register_simulation("remove", "can_simulate_removal", device_lifecycle.mark_removed)
_register_simulation("connect_to_hub", "can_simulate_hub_connection", device_lifecycle.go_online)
_register_simulation(
    "disconnect_from_hub",
    "can_simulate_hub_disconnection",
    lambda world, device: device_lifecycle.go_offline(world, device, "hub_disconnected"),
)


@endpoint("/devices/simulate/paid_subscription", ACTION, device_id=id_.required, is_expired=boolean.required)
def simulate_paid_subscription(world: World, params: Params) -> Answer:
    world.find(Device, params["device_id"])
    raise Problem(400, "device_type_not_supported", "Wyze locks have no paid subscription.")
