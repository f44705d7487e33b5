"""The life of a lock: connection, bolt, auto-lock, batteries, and Seam's polling of the provider."""

from collections.abc import Callable
from typing import Any

from seam_sandbox.lifecycles import code_lifecycle, events
from seam_sandbox.world.hardware import battery_status
from seam_sandbox.world.records import Account, Device, Leftover
from seam_sandbox.world.simulated_clock import add_time, parse_instant
from seam_sandbox.world.world import World, transition

POLL_SECONDS = 600  # Seam polls providers about every ten minutes
# Assumed: a set of batteries lasts about five months, the keypad's twice as long. The last percent never drains,
# so that locks still answer after a jump of a year.
BATTERY_STEP_HOURS = 36


# Connection


def go_online(world: World, device: Device) -> None:
    if device.online and device.hub_online and not device.removed_at:
        return
    device.online = device.hub_online = True
    device.removed_at = device.offline_since = None
    world.touch(device)
    events.emit_connection(world, device)
    code_lifecycle.resume(world, device)


def go_offline(world: World, device: Device, error_code: str = "device_disconnected") -> None:
    """Disconnect the lock itself or its hub."""
    if not device.online or not device.hub_online:
        return
    device.online = error_code != "device_disconnected"
    device.hub_online = error_code != "hub_disconnected"
    device.offline_since = world.now
    world.touch(device)
    events.emit_connection(world, device, error_code)


def mark_removed(world: World, device: Device) -> None:
    """Record that the lock was removed in the provider's app; Seam keeps it, with an error."""
    if not device.removed_at:
        device.removed_at = world.now
        world.touch(device)
        events.emit_device(world, device, "removed")


def forget_account(world: World, account: Account) -> None:
    """Delete an account with its locks and codes from Seam.

    Codes stay on the locks. We assume that they return as unmanaged codes when the account is linked again.
    """
    for device in world.devices_of(account):
        for code in world.codes_of(device):
            if code.is_on_device and code.pin:
                world.add(
                    Leftover(
                        id=world.new_id(Leftover),
                        created_at=world.now,
                        device_id=device.id,
                        name=code.name,
                        pin=code.pin,
                    )
                )
            if code.is_managed:
                events.emit_access_code(world, code, "deleted", code=code.pin)
            world.drop(code)
        name = device.nickname or device.provider_name
        events.emit_device(world, device, "deleted", device_name=name)
        world.drop(device)
    key = {"customer_key": account.customer_key} if account.customer_key else {}
    events.emit_account(world, account, "deleted", connected_account_type="wyze", **key)
    world.drop(account)


def disconnect_account(world: World, account: Account) -> None:
    if account.disconnected_at:
        return
    account.disconnected_at = world.now
    world.touch(account)
    errors = [
        {
            "created_at": world.now,
            "error_code": "account_disconnected",
            "message": "The account is disconnected.",
        }
    ]
    events.emit_account(world, account, "disconnected", connected_account_errors=errors, connected_account_warnings=[])
    for device in world.devices_of(account):
        events.emit_connection(world, device, "account_disconnected")


def reconnect_account(world: World, account: Account) -> None:
    account.disconnected_at = None
    world.touch(account)
    for device in world.devices_of(account):
        if device.online and device.hub_online and not device.removed_at:
            events.emit_connection(world, device)
        code_lifecycle.resume(world, device)


# Bolt


def turn_bolt(world: World, device: Device, locked: bool, method: str, **extra: Any) -> None:
    """Record that the bolt has moved, and how."""
    device.locked = locked
    world.touch(device)
    events.emit_lock(world, device, "locked" if locked else "unlocked", method=method, **extra)
    if locked:
        world.stop_timer(device, "auto_lock")
    elif device.auto_lock_enabled:
        world.start_timer(device, "auto_lock", device.auto_lock_delay_seconds)


@transition("device", "auto_lock")
def _auto_lock(world: World, device: Device) -> None:
    if not device.locked:
        turn_bolt(world, device, True, "automatic")


# Batteries


def start_draining(world: World, device: Device) -> None:
    _keep_draining(world, device)
    warn_of_low_battery(world, device)


def _keep_draining(world: World, device: Device) -> None:
    if device.battery_percent > 1 and "battery" not in device.timers:
        world.set_timer(device, "battery", add_time(world.now, hours=BATTERY_STEP_HOURS))


@transition("device", "battery")
def _drain(world: World, device: Device) -> None:
    set_battery(world, device, device.battery_percent - 1)
    if device.keypad_percent and device.battery_percent % 2:
        set_keypad_battery(world, device, device.keypad_percent - 1)


def set_battery(world: World, device: Device, percent: int) -> None:
    before, after = battery_status(device.battery_percent), battery_status(percent)
    device.battery_percent = max(percent, 0)
    world.touch(device)
    _keep_draining(world, device)
    if before != after:
        events.emit_device(
            world,
            device,
            "battery_status_changed",
            battery_level=device.battery_percent / 100,
            battery_status=after,
        )
        if before in ("good", "full"):
            warn_of_low_battery(world, device)


def set_keypad_battery(world: World, device: Device, percent: int) -> None:
    was_fine = device.keypad_percent is None or battery_status(device.keypad_percent) in ("good", "full")
    device.keypad_percent = max(percent, 0)
    world.touch(device)
    if was_fine and battery_status(percent) in ("low", "critical"):
        level = device.keypad_percent / 100
        events.emit_device(world, device, "low_battery", battery_level=level, battery_source="accessory_keypad")


def warn_of_low_battery(world: World, device: Device) -> None:
    if battery_status(device.battery_percent) in ("low", "critical"):
        level = device.battery_percent / 100
        events.emit_device(world, device, "low_battery", battery_level=level, battery_source="lock")


# Seam's polling


def apply_unreported(world: World, device: Device) -> None:
    """Poll the provider and apply what has changed since the last poll."""
    seen, device.unreported = device.unreported, {}
    world.stop_timer(device, "poll")
    if seen:
        change_device(world, device, seen)


def change_at_provider(world: World, device: Device, properties: dict[str, Any]) -> None:
    """Change properties at the provider; Seam sees them when it next polls this lock."""
    device.unreported |= properties
    world.touch(device)
    if "poll" not in device.timers:
        wait = POLL_SECONDS - (parse_instant(world.now).timestamp() - device.seq) % POLL_SECONDS
        world.start_timer(device, "poll", wait)


@transition("device", "poll")
def _poll(world: World, device: Device) -> None:
    apply_unreported(world, device)


def change_device(world: World, device: Device, properties: dict[str, Any]) -> None:
    """Set properties, with the events that report them."""
    for name, value in properties.items():
        CHANGES[name](world, device, value)


def _set_online(world: World, device: Device, online: bool) -> None:
    go_online(world, device) if online else go_offline(world, device)


def _set_hub_online(world: World, device: Device, online: bool) -> None:
    go_online(world, device) if online else go_offline(world, device, "hub_disconnected")


def _set_removed(world: World, device: Device, removed: bool) -> None:
    mark_removed(world, device) if removed else go_online(world, device)


def _set_locked(world: World, device: Device, locked: bool) -> None:
    if device.locked != locked:
        turn_bolt(world, device, locked, "manual")


def _rename(world: World, device: Device, name: str) -> None:
    device.provider_name = name
    world.touch(device)
    events.emit_device(world, device, "name_changed", device_name=device.nickname or name)


CHANGES: dict[str, Callable[[World, Device, Any], None]] = {
    "online": _set_online,
    "hub_online": _set_hub_online,
    "removed": _set_removed,
    "locked": _set_locked,
    "name": _rename,
    "battery_level": lambda world, device, level: set_battery(world, device, round(level * 100)),
    "keypad_battery_level": lambda world, device, level: set_keypad_battery(world, device, round(level * 100)),
}
