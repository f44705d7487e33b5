"""/locks/*: lock, unlock, and the older names for reading devices."""

from seam_sandbox.endpoints.devices import find, render_page
from seam_sandbox.incoming import limits
from seam_sandbox.incoming.registry import ACTION, READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params, boolean, filled, id_, many, number, string
from seam_sandbox.lifecycles import attempt_lifecycle
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem
from seam_sandbox.world.records import Device
from seam_sandbox.world.world import World


@endpoint("/locks/get", READ, device_id=id_, name=filled)
def get(world: World, params: Params) -> Answer:
    body = shapes.render_device_json(world, find(world, params))
    return {"device": body, "lock": body}


@endpoint(
    "/locks/list",
    READ,
    connect_webview_id=id_,
    connected_account_id=id_,
    customer_key=filled,
    device_type=string,
    device_types=many(string),
    manufacturer=string,
)
def list_(world: World, params: Params) -> Answer:
    devices, _ = render_page(world, params, managed=True, limit=len(world.devices) or 1)
    return {"devices": devices, "locks": devices}


def _operate(world: World, params: Params, action_type: str, flag: str, operation: str) -> Answer:
    device = _find_capable_lock(world, params, flag)
    limits.count_or_refuse(world, operation, device.id)
    return {"action_attempt": shapes.render_action_attempt(attempt_lifecycle.start(world, action_type, device))}


def _find_capable_lock(world: World, params: Params, flag: str) -> Device:
    """Return a lock whose model supports this, or refuse; the refusal's wording is assumed."""
    device = find(world, params)
    if flag not in shapes.read_capability_flags(device):
        raise Problem(400, "device_type_not_supported", "This device cannot do that.")
    return device


@endpoint("/locks/lock_door", ACTION, device_id=id_.required, sync=boolean)
def lock_door(world: World, params: Params) -> Answer:
    return _operate(world, params, "LOCK_DOOR", "can_remotely_lock", "lock")


@endpoint("/locks/unlock_door", ACTION, device_id=id_.required, sync=boolean)
def unlock_door(world: World, params: Params) -> Answer:
    return _operate(world, params, "UNLOCK_DOOR", "can_remotely_unlock", "unlock")


@endpoint(
    "/locks/configure_auto_lock",
    ACTION,
    device_id=id_.required,
    auto_lock_enabled=boolean.required,
    auto_lock_delay_seconds=number(1, 60),
)
def configure_auto_lock(world: World, params: Params) -> Answer:
    device = _find_capable_lock(world, params, "can_configure_auto_lock")
    attempt = attempt_lifecycle.start(
        world,
        "CONFIGURE_AUTO_LOCK",
        device,
        enabled=params["auto_lock_enabled"],
        delay=params.get("auto_lock_delay_seconds"),
    )
    return {"action_attempt": shapes.render_action_attempt(attempt)}


@endpoint("/locks/simulate/keypad_code_entry", ACTION, device_id=id_.required, code=string.required)
def simulate_keypad_code_entry(world: World, params: Params) -> Answer:
    """Refuse: Seam documents this for August only. For a Wyze lock see ``POST /_sandbox/keypad``."""
    find(world, params)
    raise Problem(400, "device_type_not_supported", "Keypad entries can be simulated on August locks only.")


@endpoint("/locks/simulate/manual_lock_via_keypad", ACTION, device_id=id_.required)
def simulate_manual_lock(world: World, params: Params) -> Answer:
    find(world, params)
    raise Problem(400, "device_type_not_supported", "Keypad entries can be simulated on August locks only.")
