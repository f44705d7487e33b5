"""The life of an access code: planned, loaded, set, changed, removed, deleted.

It follows Seam's documentation of the life cycle of access codes. ``settle`` works out from the record what should be
happening to a code now and starts it; it may be called at any time. Work on the lock takes some seconds and ends in
``_finish_work``. Seam documents neither that duration nor when a delay becomes a failure.
"""

import secrets
from typing import Any

from seam_sandbox.lifecycles import events
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem
from seam_sandbox.world.hardware import MODELS
from seam_sandbox.world.records import AccessCode, Device, Issue
from seam_sandbox.world.simulated_clock import Instant, add_time
from seam_sandbox.world.world import World, transition

# Wyze schedules codes natively, so Seam loads them days ahead; otherwise shortly before the start.
NATIVE_LEAD_HOURS = 72
JUST_IN_TIME_LEAD_HOURS = 1
WORK_SECONDS = (5, 20)
DELAY_BECOMES_FAILURE_SECONDS = 600
RETRY_SECONDS = 300
# Refusals that Seam retries. The others wait until a client changes the code.
RETRIED = ("failed_to_set_on_device", "failed_to_remove_from_device", "no_space_for_access_code_on_device")

REFUSALS = {
    "failed_to_set_on_device": "The code could not be set on the lock.",
    "failed_to_remove_from_device": "The code could not be removed from the lock.",
    "no_space_for_access_code_on_device": "There is no space left for codes on the lock.",
    "code_constraints_violated": "The lock does not accept a PIN of this form.",
    "duplicate_code_on_device": "Another code on the lock has the same PIN.",
    "conflicting_external_modification": "The code was changed in the provider's app.",
    "provider_issue": "The provider refused the code.",
}


# Requests of clients


def create(world: World, device: Device, name: str | None, pin: str | None, **more: Any) -> AccessCode:
    """Add a new code; a time-bound one far in the future gets its PIN only when it is loaded."""
    code = AccessCode(
        id=world.new_id(AccessCode), created_at=world.now, device_id=device.id, name=name, pin=pin, **more
    )
    if pin is None and _compute_load_time(world, code) <= world.now:
        code.pin = choose_free_pin(world, device, code.preferred_length)
    world.add(code)
    events.emit_access_code(world, code, "created")
    settle(world, code)
    return code


def request_update(world: World, code: AccessCode, wanted: dict[str, Any]) -> None:
    """Change a code: at once if it is not on the lock, otherwise when the lock has taken the change."""
    current = {"name": code.name, "pin": code.pin, **_read_window(code)} | code.wanted
    wanted = {field: value for field, value in wanted.items() if current[field] != value}
    if not wanted:
        return
    mutations = [
        {"mutation_code": f"updating_{what}", **change}
        for what, change in shapes.describe_changes(code, wanted).items()
    ]
    if mutations:
        events.emit_access_code(world, code, "mutations_requested", requested_mutations=mutations)
    code.mutated_at, code.is_waiting = world.now, False
    if code.is_on_device:
        code.wanted |= wanted
        world.stop_timer(code, "work")
    else:
        _apply(world, code, wanted)
        _clear_issues(world, code)
    world.touch(code)
    settle(world, code)


def request_removal(world: World, code: AccessCode) -> None:
    if code.is_deleting:
        return
    code.is_deleting, code.mutated_at = True, world.now
    world.stop_timer(code, "work")
    world.touch(code)
    settle(world, code)


def resume(world: World, device: Device) -> None:
    """Continue with waiting codes: the lock can be reached again or has room again."""
    for code in world.codes_of(device):
        code.is_waiting = False
        world.touch(code)
        settle(world, code)


def check_pin_is_free(world: World, device: Device, pin: str, but: AccessCode | None = None) -> None:
    """Refuse a PIN that another code of the lock has at any time; a hidden PIN is found only by the lock."""
    if any(pin in _list_known_pins(code) for code in world.codes_of(device) if code is not but):
        raise Problem(409, "duplicate_access_code", "An access code with this PIN already exists on this device.")


def choose_free_pin(world: World, device: Device, length: int | None = None) -> str:
    """Choose an unused PIN of the given length, else of 6 digits, else of the shortest length allowed."""
    lengths = MODELS[device.model].code_lengths or (4,)
    digits = next((n for n in (length or 6,) if n in lengths), min(lengths))
    taken = {pin for code in world.codes_of(device) for pin in _list_known_pins(code)}
    while True:
        pin = str(secrets.randbelow(10**digits)).zfill(digits)
        if pin not in taken:
            return pin


def _list_known_pins(code: AccessCode) -> set[str]:
    if code.is_over or code.is_pin_hidden:
        return set()
    return {pin for pin in (code.pin, code.wanted.get("pin")) if pin}


# Next step


def settle(world: World, code: AccessCode) -> None:
    """Start whatever should be happening to this code now."""
    if code.is_over:
        return
    if _must_be_removed(world, code):
        _remove(world, code)
    elif not code.is_managed:
        pass  # Seam only observes unmanaged codes
    elif not world.account_of(world.device_of(code)).disconnected_at:
        if ends_at := _target_value(code, "ends_at"):
            world.set_timer(code, "end", ends_at)
        else:
            world.stop_timer(code, "end")
        if code.is_on_device:
            _update_on_lock(world, code)
        else:
            _load(world, code)


@transition("access_code", "load")
@transition("access_code", "start")
@transition("access_code", "end")
def _handle_timer(world: World, code: AccessCode) -> None:
    if "work" in code.timers and not code.is_on_device and not _must_be_removed(world, code):
        _set_status(world, code, "setting")  # it starts before the lock has it
    else:
        settle(world, code)


@transition("access_code", "retry")
def _retry(world: World, code: AccessCode) -> None:
    code.is_waiting = False
    settle(world, code)


def _load(world: World, code: AccessCode) -> None:
    """Put the code on the lock, now or when its time to load comes."""
    starts_at = code.starts_at or world.now
    load_at = _compute_load_time(world, code)
    if load_at > world.now:
        world.stop_timer(code, "work")
        world.set_timer(code, "load", load_at)
        return _set_status(world, code, "unset")
    world.stop_timer(code, "load")
    if code.pin is None:
        _apply(world, code, {"pin": choose_free_pin(world, world.device_of(code), code.preferred_length)})
    is_early = starts_at > world.now
    if is_early:
        world.set_timer(code, "start", starts_at)
    _set_status(world, code, "unset" if is_early and code.is_native else "setting")
    _start_work(world, code, not_before=world.now if code.is_native else starts_at)


def _update_on_lock(world: World, code: AccessCode) -> None:
    """Set a code that is on the lock as soon as it starts, and send any pending change."""
    if code.starts_at and code.starts_at > world.now:
        world.set_timer(code, "start", code.starts_at)
        _set_status(world, code, "unset")
    elif code.status != "set":
        _set_status(world, code, "set")
        events.emit_access_code(world, code, "set_on_device", code=code.pin)
    if code.wanted:
        _start_work(world, code)


def _remove(world: World, code: AccessCode) -> None:
    if not code.is_on_device:
        return _finish_removal(world, code)
    if code.is_managed and code.status != "removing":
        _set_status(world, code, "removing")
        _clear_issues(world, code)  # earlier issues no longer apply
    if not world.account_of(world.device_of(code)).disconnected_at:
        _start_work(world, code)


def _start_work(world: World, code: AccessCode, not_before: Instant = "") -> None:
    """Talk to the lock, unless work is under way already or has to wait."""
    if code.is_waiting or "work" in code.timers:
        return
    done_at = add_time(world.now, seconds=world.vary_duration(*WORK_SECONDS))
    world.set_timer(code, "work", max(done_at, not_before))


def _must_be_removed(world: World, code: AccessCode) -> bool:
    ends_at = _target_value(code, "ends_at")
    return code.is_deleting or (ends_at is not None and ends_at <= world.now)


def _target_value(code: AccessCode, field: str) -> Any:
    """Return a field as it will be once the pending update is applied."""
    return code.wanted[field] if field in code.wanted else getattr(code, field)


def _compute_load_time(world: World, code: AccessCode) -> Instant:
    if code.starts_at is None:
        return world.now
    lead = NATIVE_LEAD_HOURS if code.is_native else JUST_IN_TIME_LEAD_HOURS
    return add_time(code.starts_at, hours=-lead)


def _read_window(code: AccessCode) -> dict[str, Any]:
    return {"type": code.type, "starts_at": code.starts_at, "ends_at": code.ends_at}


def _set_status(world: World, code: AccessCode, status: str) -> None:
    if code.status != status:
        code.status = status
        world.touch(code)


# Answers of the lock


@transition("access_code", "work")
def _finish_work(world: World, code: AccessCode) -> None:
    device = world.device_of(code)
    if world.account_of(device).disconnected_at:
        pass  # reconnecting the account settles it again
    elif not shapes.is_reachable(world, device):
        _wait(world, code)
    elif refusal := _find_refusal(world, device, code):
        _refuse(world, code, **refusal)
    else:
        _complete_work(world, code)


def _complete_work(world: World, code: AccessCode) -> None:
    """Record that the lock has done what was asked."""
    _clear_issues(world, code)
    if _must_be_removed(world, code):
        return _finish_removal(world, code)
    wanted, code.wanted = code.wanted, {}
    if not code.is_on_device:
        code.is_on_device, code.wanted = True, wanted
        if code.starts_at and code.starts_at > world.now:
            events.emit_access_code(world, code, "scheduled_on_device", code=code.pin)
    elif wanted:
        _apply(world, code, wanted)
    world.touch(code)
    settle(world, code)


def _find_refusal(world: World, device: Device, code: AccessCode) -> dict[str, Any] | None:
    """Return the error with which the lock refuses the work, if it does."""
    if _must_be_removed(world, code):
        return {"error_code": "failed_to_remove_from_device"} if device.quirks.get("removal_fails") else None
    if quirk := device.quirks.get("programming_error"):
        return {"error_code": quirk}
    pin = _target_value(code, "pin")
    if len(pin) not in MODELS[device.model].code_lengths:
        return {"error_code": "code_constraints_violated"}
    others = [other for other in world.codes_of(device) if other is not code and other.is_on_device]
    if twin := next((other for other in others if other.pin == pin), None):
        managed = "managed" if twin.is_managed else "unmanaged"
        return {"error_code": "duplicate_code_on_device", f"{managed}_access_code_id": twin.id}
    if not code.is_on_device and len(others) >= shapes.read_capacity(device):
        return {"error_code": "no_space_for_access_code_on_device"}
    return None


def _refuse(world: World, code: AccessCode, error_code: str, **extra: str) -> None:
    code.is_waiting = True
    if error_code in RETRIED:
        world.start_timer(code, "retry", RETRY_SECONDS)
    _fail(world, code, error_code, **extra)


def _wait(world: World, code: AccessCode) -> None:
    """Warn that an unreachable lock delays the code, and plan to call it a failure later."""
    code.is_waiting = True
    world.start_timer(code, "give_up", DELAY_BECOMES_FAILURE_SECONDS)
    world.touch(code)
    if _must_be_removed(world, code) or _has_issue(code.warnings, "delay_in_setting_on_device"):
        return
    message = "The lock cannot be reached. Seam keeps trying to set the code."
    code.warnings.append({"created_at": world.now, "warning_code": "delay_in_setting_on_device", "message": message})
    events.emit_access_code_failure(world, code, "delay_in_setting_on_device")


@transition("access_code", "give_up")
def _give_up(world: World, code: AccessCode) -> None:
    what = "remove_from" if _must_be_removed(world, code) else "set_on"
    _fail(world, code, f"failed_to_{what}_device")


def _fail(world: World, code: AccessCode, error_code: str, **extra: str) -> None:
    world.touch(code)
    if _has_issue(code.errors, error_code):
        return
    code.errors.append(
        {
            "created_at": world.now,
            "error_code": error_code,
            "message": REFUSALS.get(error_code, "The lock refused the code."),
            "is_access_code_error": True,
            **extra,
        }
    )
    what = "remove_from" if _must_be_removed(world, code) else "set_on"
    events.emit_access_code_failure(world, code, f"failed_to_{what}_device")


def _has_issue(issues: list[Issue], code: str) -> bool:
    return any(code in (each.get("error_code"), each.get("warning_code")) for each in issues)


def _clear_issues(world: World, code: AccessCode) -> None:
    code.errors, code.warnings, code.is_waiting = [], [], False
    world.stop_timer(code, "give_up", "retry")


# Results


def _apply(world: World, code: AccessCode, wanted: dict[str, Any]) -> None:
    changes = shapes.describe_changes(code, wanted)
    changed = [
        {"property": field, "from": change["from"][field], "to": change["to"][field]}
        for change in changes.values()
        for field in change["from"]
        if change["from"][field] != change["to"][field]
    ]
    for field, value in wanted.items():
        setattr(code, field, value)
    world.touch(code)
    events.emit_access_code(world, code, "changed", changed_properties=changed)
    for what, change in changes.items():
        description = f"The {what.replace('_', ' ')} of the access code has changed."
        events.emit_access_code(world, code, f"{what}_changed", description=description, **change)


def _finish_removal(world: World, code: AccessCode) -> None:
    """Record that a code has left the lock: Seam deletes it, unless expired codes are kept.

    We assume that an expired code ends with both events; users of Seam report either one missing.
    """
    device, was_on_device = world.device_of(code), code.is_on_device
    if not code.is_managed:
        events.emit_access_code(world, code, "unmanaged.removed")
        world.drop(code)
    else:
        if was_on_device:
            events.emit_access_code(world, code, "removed_from_device")
        if world.settings["keep_expired_codes"] and not code.is_deleting:
            _keep_expired(world, code)
        else:
            events.emit_access_code(world, code, "deleted", code=code.pin)
            world.drop(code)
    if was_on_device:
        for other in world.codes_of(device):
            if _has_issue(other.errors, "no_space_for_access_code_on_device"):
                _retry(world, other)


def _keep_expired(world: World, code: AccessCode) -> None:
    code.is_over, code.is_on_device, code.status, code.wanted = True, False, "unset", {}
    world.stop_timer(code, *code.timers)
    world.touch(code)


# Backup codes


def enable_backup_pool(world: World, device: Device, enabled: bool) -> None:
    """Keep a few backup codes on the lock, or remove them."""
    device.backup_pool_enabled = enabled
    world.touch(device)
    spare = [code for code in world.codes_of(device) if shapes.is_in_pool(code)]
    if enabled:
        for _ in range(shapes.BACKUP_POOL_SIZE - len(spare)):
            number = secrets.token_hex(4)
            create(world, device, f"Backup {number} (Seam)", choose_free_pin(world, device), is_backup=True)
    else:
        for code in spare:
            request_removal(world, code)


def pull_backup(world: World, code: AccessCode) -> AccessCode:
    """Return the backup code for this code, always the same one; it ends when the original does."""
    if code.pulled_backup_id in world.codes:
        return world.codes[code.pulled_backup_id]
    device = world.device_of(code)
    pool = shapes.list_backup_pool(world, device)
    if not code.uses_backup_pool or not pool:
        # Seam does not document the answer when there is none to pull.
        raise Problem(400, "no_backup_access_code_available", "There is no backup code to pull.")
    backup = pool[0]
    backup.type, backup.starts_at, backup.ends_at = "time_bound", world.now, code.ends_at
    code.pulled_backup_id = backup.id
    world.touch(code)
    world.touch(backup)
    events.emit_access_code(world, code, "backup_access_code_pulled", backup_access_code_id=backup.id)
    settle(world, backup)
    enable_backup_pool(world, device, True)
    return backup


# Managed and unmanaged


def add_unmanaged(world: World, device: Device, name: str | None, pin: str, is_pin_hidden: bool) -> AccessCode:
    """Add a code that was put on the lock without Seam."""
    code = world.add(
        AccessCode(
            id=world.new_id(AccessCode),
            created_at=world.now,
            device_id=device.id,
            name=name,
            pin=pin,
            is_managed=False,
            is_pin_hidden=is_pin_hidden,
            status="set",
            is_on_device=True,
        )
    )
    events.emit_access_code(world, code, "unmanaged.created")
    return code


def stop_managing(world: World, code: AccessCode) -> None:
    """Stop managing a code: on the lock it stays as it is, otherwise it is removed."""
    if not code.is_managed:
        return
    if not code.is_on_device:
        code.is_deleting = True
        return _finish_removal(world, code)
    code.is_managed, code.status, code.wanted = False, "set", {}
    world.stop_timer(code, *code.timers)
    world.touch(code)
    settle(world, code)  # continues a pending removal


def request_conversion(world: World, code: AccessCode) -> None:
    """Start to manage an unmanaged code; it takes some seconds and ends in an event."""
    world.start_timer(code, "convert", world.vary_duration(*WORK_SECONDS))


@transition("access_code", "convert")
def _convert(world: World, code: AccessCode) -> None:
    """Finish a conversion; we assume that a code whose PIN Wyze hides cannot be converted."""
    if code.is_pin_hidden or not shapes.is_reachable(world, world.device_of(code)):
        return events.emit_access_code_failure(world, code, "unmanaged.failed_to_convert_to_managed")
    code.is_managed = True
    world.touch(code)
    events.emit_access_code(world, code, "unmanaged.converted_to_managed")
    settle(world, code)


def tamper(world: World, code: AccessCode, change: str) -> None:
    """Change or remove the code in the provider's app; Seam restores it unless that is allowed."""
    outcome = "modified" if change == "modified" else "deleted"
    message = "The code was changed in the provider's app."
    if code.is_external_modification_allowed:
        code.warnings.append(
            {
                "created_at": world.now,
                "warning_code": "external_modification_in_effect",
                "message": message,
                "change_type": change,
            }
        )
    else:
        code.errors.append(
            {
                "created_at": world.now,
                "error_code": "conflicting_external_modification",
                "message": message,
                "is_access_code_error": True,
                "change_type": change,
            }
        )
    world.touch(code)
    events.emit_access_code(world, code, f"{outcome}_external_to_seam")
    if not code.is_external_modification_allowed:
        code.is_on_device = code.is_on_device and change == "modified"
        settle(world, code)
        _start_work(world, code)
