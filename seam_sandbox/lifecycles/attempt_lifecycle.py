"""The life of an action attempt: pending for some seconds, then a success or an error.

Seam does not document how an attempt on an unreachable lock ends; here it ends in an error.
"""

from typing import Any

from seam_sandbox.lifecycles import device_lifecycle, events
from seam_sandbox.world import shapes
from seam_sandbox.world.records import ActionAttempt, Device
from seam_sandbox.world.world import World, transition

PENDING_SECONDS = (1, 4)

BOLT_ACTIONS = {"LOCK_DOOR": True, "UNLOCK_DOOR": False}
ACTIONS_WITH_EVENTS = (*BOLT_ACTIONS, "SIMULATE_KEYPAD_CODE_ENTRY", "SIMULATE_MANUAL_LOCK_VIA_KEYPAD")


def start(world: World, action_type: str, device: Device | None = None, **arguments: Any) -> ActionAttempt:
    attempt = world.add(
        ActionAttempt(
            id=world.new_id(ActionAttempt),
            created_at=world.now,
            action_type=action_type,
            device_id=device.id if device else None,
            arguments=arguments,
        )
    )
    if not (device and device.quirks.get("never_resolves")):
        world.start_timer(attempt, "resolve", world.vary_duration(*PENDING_SECONDS))
    return attempt


def add_finished(world: World, action_type: str, result: dict[str, Any]) -> ActionAttempt:
    """Add the finished attempt that code endpoints return: it says only that Seam accepted the request."""
    return world.add(
        ActionAttempt(
            id=world.new_id(ActionAttempt),
            created_at=world.now,
            action_type=action_type,
            status="success",
            result=result,
        )
    )


@transition("action_attempt", "resolve")
def _resolve(world: World, attempt: ActionAttempt) -> None:
    device = world.devices.get(attempt.device_id or "")
    if device and (failure := _find_failure(world, device, attempt)):
        attempt.status = "error"
        attempt.error = {"type": "uncategorized_error", "message": failure}
    else:
        attempt.status, attempt.result = "success", {}
        if device:
            _carry_out(world, device, attempt)
    if device and attempt.action_type in ACTIONS_WITH_EVENTS:
        events.emit_attempt(world, attempt, device)


def _find_failure(world: World, device: Device, attempt: ActionAttempt) -> str | None:
    if not shapes.is_reachable(world, device):
        return "The device is offline."
    if device.quirks.get("jams") and attempt.action_type in BOLT_ACTIONS:
        return "The bolt is jammed."
    return None


def _carry_out(world: World, device: Device, attempt: ActionAttempt) -> None:
    if attempt.action_type in BOLT_ACTIONS:
        confirmed = not device.quirks.get("unconfirmed")
        attempt.result = {"was_confirmed_by_device": confirmed}
        if confirmed:
            lag = device.quirks.get("lag_seconds", 0)
            world.start_timer(attempt, "turn", lag) if lag else _turn_bolt(world, attempt)
    elif attempt.action_type == "CONFIGURE_AUTO_LOCK":
        device.auto_lock_enabled = attempt.arguments["enabled"]
        device.auto_lock_delay_seconds = attempt.arguments["delay"] or device.auto_lock_delay_seconds
        world.touch(device)
    elif attempt.action_type == "SIMULATE_KEYPAD_CODE_ENTRY":
        device_lifecycle.turn_bolt(world, device, False, "keycode")
    elif attempt.action_type == "SIMULATE_MANUAL_LOCK_VIA_KEYPAD":
        device_lifecycle.turn_bolt(world, device, True, "manual")


@transition("action_attempt", "turn")
def _turn_bolt(world: World, attempt: ActionAttempt) -> None:
    if device := world.devices.get(attempt.device_id or ""):
        locked = BOLT_ACTIONS[attempt.action_type]
        device_lifecycle.turn_bolt(world, device, locked, "remote", action_attempt_id=attempt.id)
