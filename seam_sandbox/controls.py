"""The sandbox's own routes under /_sandbox/: move time, cause faults, act as a person at the door.

Seam has no such routes. They answer at once and no fault rule applies to them. Reading the clock needs no API key,
everything else does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import isodate

from seam_sandbox.incoming.registry import Answer
from seam_sandbox.incoming.validation import (
    Field,
    Params,
    anything,
    boolean,
    check,
    choice,
    filled,
    id_,
    nested,
    number,
    string,
)
from seam_sandbox.lifecycles import code_lifecycle, device_lifecycle, events
from seam_sandbox.state import Sandbox
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem, invalid
from seam_sandbox.world.hardware import MODELS
from seam_sandbox.world.records import AccessCode, Device
from seam_sandbox.world.simulated_clock import format_instant, parse_instant

PREFIX = "/_sandbox/"
OPEN = ("/_sandbox/clock",)

Control = Callable[[Sandbox, Params], Answer]
CONTROLS: dict[str, dict[str, Control]] = {}


def control(method: str, name: str) -> Callable[[Control], Control]:
    def register(answer: Control) -> Control:
        CONTROLS.setdefault(PREFIX + name, {})[method] = answer
        return answer

    return register


# Time


@control("GET", "clock")
def show_clock(sandbox: Sandbox, given: Params) -> Answer:
    return {"now": format_instant(sandbox.clock.now()), "speed": sandbox.clock.speed}


@control("POST", "clock")
def set_clock(sandbox: Sandbox, given: Params) -> Answer:
    """Move or speed up time; everything due up to the new time has happened before this answers."""
    fields = {"advance": filled, "to": filled, "speed": number(0, 100_000)}
    params = check(fields, given, loose=False)
    now = sandbox.clock.now()
    if "advance" in params:
        sandbox.clock.advance(_require_forward(_parse_duration(params["advance"], now)))
    if "to" in params:
        sandbox.clock.advance(_require_forward(_parse_time(params["to"]) - now))
    if "speed" in params:
        sandbox.clock.set_speed(params["speed"])
    sandbox.tick()
    return show_clock(sandbox, {})


def _parse_duration(written: str, now: datetime) -> timedelta:
    try:
        until: datetime = now + isodate.parse_duration(written)
        return until - now  # months and years have no fixed length
    except (isodate.ISO8601Error, OverflowError):
        raise invalid("advance", "Expected an ISO 8601 duration such as PT3H") from None


def _parse_time(written: str) -> datetime:
    try:
        return parse_instant(written)
    except ValueError:
        raise invalid("to", "Invalid date") from None


def _require_forward(step: timedelta) -> timedelta:
    if step < timedelta(0):
        raise invalid("advance", "Time does not run backwards")
    return step


# Faults and recorded calls


@control("GET", "faults")
def show_faults(sandbox: Sandbox, given: Params) -> Answer:
    return {"rules": [rule.shape() for rule in sandbox.faults.rules]}


@control("POST", "faults")
def set_faults(sandbox: Sandbox, given: Params) -> Answer:
    rules = given.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise invalid("rules", "Expected a list of rules")
    sandbox.faults.set(rules)
    return show_faults(sandbox, {})


@control("DELETE", "faults")
def clear_faults(sandbox: Sandbox, given: Params) -> Answer:
    return set_faults(sandbox, {"rules": []})


@control("GET", "requests")
def show_requests(sandbox: Sandbox, given: Params) -> Answer:
    return {"requests": list(sandbox.requests), "counts": dict(sandbox.calls)}


@control("DELETE", "requests")
def clear_requests(sandbox: Sandbox, given: Params) -> Answer:
    sandbox.requests.clear()
    sandbox.calls.clear()
    return {}


@control("POST", "reset")
def reset(sandbox: Sandbox, given: Params) -> Answer:
    sandbox.reset()
    return show_clock(sandbox, {})


@control("GET", "settings")
def show_settings(sandbox: Sandbox, given: Params) -> Answer:
    return {"settings": sandbox.world.settings}


@control("POST", "settings")
def set_settings(sandbox: Sandbox, given: Params) -> Answer:
    """Set ``keep_expired_codes``: whether an expired code stays as ``unset`` or answers 404.

    ``id_shape``: whether what is made from now on gets a UUID or an id such as ``device7`` (``counted``).
    """
    fields = {"keep_expired_codes": boolean, "id_shape": choice("uuid", "counted")}
    sandbox.world.settings |= check(fields, given, loose=False)
    return show_settings(sandbox, {})


# Locks

# Properties that change at once or, with ``at_next_poll``, when Seam next polls the lock.
PROPERTIES: dict[str, Field] = {
    "online": boolean,
    "hub_online": boolean,
    "removed": boolean,
    "locked": boolean,
    "name": filled,
    "battery_level": number(0, 1),
    "keypad_battery_level": number(0, 1),
}
# Ways in which the lock misbehaves from now on; false or null ends them.
QUIRKS: dict[str, Field] = {
    "jams": boolean,  # lock and unlock end in an error
    "unconfirmed": boolean,  # lock and unlock succeed without confirmation by the bolt
    "never_resolves": boolean,  # lock and unlock stay pending
    "lag_seconds": number(),  # ``locked`` and its event come this long after the success
    "programming_error": filled.nullable,  # new codes fail with this error_code
    "removal_fails": boolean,  # codes cannot be erased
    "capacity": number(least=1, whole=True),  # how many codes fit
}
LISTS: dict[str, Field] = {"errors": anything, "warnings": anything}


@control("POST", "devices")
def set_device(sandbox: Sandbox, given: Params) -> Answer:
    fields = {
        "device_id": id_.required,
        "set": nested({**PROPERTIES, **QUIRKS, **LISTS}).required,
        "at_next_poll": boolean,
    }
    params = check(fields, given, loose=False)
    if unknown := given["set"].keys() - PROPERTIES.keys() - QUIRKS.keys() - LISTS.keys():
        raise invalid("set", f"Unknown: {', '.join(sorted(unknown))}")
    world = sandbox.world
    device = world.find(Device, params["device_id"])
    wanted = params["set"]
    properties = {name: value for name, value in wanted.items() if name in PROPERTIES}
    if params.get("at_next_poll"):
        device_lifecycle.change_at_provider(world, device, properties)
    else:
        device_lifecycle.change_device(world, device, properties)
    device.quirks |= {name: value for name, value in wanted.items() if name in QUIRKS}
    for name in LISTS.keys() & wanted.keys():
        setattr(device, f"extra_{name}", [_make_issue(sandbox, name, each) for each in wanted[name]])
    world.touch(device)
    return {"device": shapes.render_device_json(world, device)}


def _make_issue(sandbox: Sandbox, name: str, given: Any) -> dict[str, Any]:
    """Build an error or a warning with any code, whether Seam publishes that code or not."""
    code = "error_code" if name == "errors" else "warning_code"
    params = check({code: filled.required, "message": string}, given, loose=False)
    flag = {"is_device_error": True} if name == "errors" else {}
    return {"created_at": sandbox.world.now, "message": "Something is the matter.", **params, **flag}


@control("POST", "keypad")
def type_code(sandbox: Sandbox, given: Params) -> Answer:
    """Act as a person who types a PIN; Wyze does not report which code was used, so the event has none."""
    params = check({"device_id": id_.required, "code": string.required}, given, loose=False)
    world = sandbox.world
    device = world.find(Device, params["device_id"])
    if not MODELS[device.model].has_keypad:
        raise Problem(400, "device_type_not_supported", "This lock has no keypad.")
    matching = [code for code in world.codes_of(device) if code.is_on_device and code.pin == params["code"]]
    opens = any(_is_valid(code, world.now) for code in matching)
    if opens:
        device.locked = False
        world.touch(device)
    if not shapes.is_reachable(world, device):
        pass  # the keypad works without the gateway, but Seam receives no event
    elif opens:
        device_lifecycle.turn_bolt(world, device, False, "keycode")
    else:
        reason = "expired_code" if matching else "unknown_code"
        events.emit_lock(world, device, "access_denied", reason={"reason_code": reason, "message": "Access denied."})
    return {"opened": opens}


def _is_valid(code: AccessCode, now: str) -> bool:
    return (code.starts_at or "") <= now < (code.ends_at or "~")


@control("POST", "access_codes")
def tamper_with_code(sandbox: Sandbox, given: Params) -> Answer:
    """Act as a person who changes or removes one of Seam's codes in the provider's app."""
    fields = {"access_code_id": id_.required, "change": choice("modified", "removed").required}
    params = check(fields, given, loose=False)
    code = sandbox.world.find(AccessCode, params["access_code_id"])
    code_lifecycle.tamper(sandbox.world, code, params["change"])
    return {"access_code": shapes.render_access_code(sandbox.world, code)}
