"""/access_codes/*: the codes that Seam manages."""

from typing import Any

from seam_sandbox.endpoints.devices import find as find_device
from seam_sandbox.incoming import limits
from seam_sandbox.incoming.filters import contains_text, filters_by_unsupported
from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import ACTION, DELETE, READ, UPDATE, Answer, endpoint
from seam_sandbox.incoming.validation import (
    Params,
    boolean,
    choice,
    filled,
    id_,
    many,
    number,
    pin,
    string,
    text,
    time,
)
from seam_sandbox.lifecycles import attempt_lifecycle, code_lifecycle
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem, invalid, invalid_input, not_found
from seam_sandbox.world.records import AccessCode, Device
from seam_sandbox.world.simulated_clock import Instant, round_up_to_minute
from seam_sandbox.world.world import World

KIND = {
    "allow_external_modification": boolean,
    "is_external_modification_allowed": boolean,
    "attempt_for_offline_device": boolean,
    "code": pin,
    "ends_at": time,
    "name": string,
    "prefer_native_scheduling": boolean,
    "preferred_code_length": number(least=1),
    "starts_at": time,
    "use_backup_access_code_pool": boolean,
}


# Creating


@endpoint(
    "/access_codes/create",
    ACTION,
    **KIND,
    device_id=id_.required,
    common_code_key=filled,
    is_offline_access_code=boolean,
    is_one_time_use=boolean,
    max_time_rounding=choice("1hour", "1day", "1h", "1d"),
    sync=boolean,
    use_offline_access_code=boolean,
)
def create(world: World, params: Params) -> Answer:
    device = _find_programmable_lock(world, params)
    if params.get("is_offline_access_code") or params.get("use_offline_access_code"):
        raise Problem(400, "device_type_not_supported", "This device has no offline access codes.")
    key = params.get("common_code_key")
    wanted = params.get("code") or _find_shared_pin(world, key)
    _check_new(world, device, wanted, params)
    limits.count_or_refuse(world, "create_access_code", device.id)
    code = _create(world, device, wanted, params, key)
    shape = shapes.render_access_code(world, code)
    attempt = attempt_lifecycle.add_finished(world, "CREATE_ACCESS_CODE", {"access_code": shape})
    return {"access_code": shape, "action_attempt": shapes.render_action_attempt(attempt)}


@endpoint(
    "/access_codes/create_multiple",
    ("POST", "PUT"),
    **KIND,
    device_ids=many(id_).required,
    behavior_when_code_cannot_be_shared=choice("throw", "create_random_code"),
)
def create_multiple(world: World, params: Params) -> Answer:
    """Create one PIN for several locks, all or none, unless the caller allows different PINs."""
    devices = [_find_programmable_lock(world, {"device_id": device_id}) for device_id in params["device_ids"]]
    if not devices:
        raise invalid("device_ids", "Array must contain at least 1 element(s)")
    shared = params.get("code") or _choose_pin_for_all(world, devices, params.get("preferred_code_length"))
    key = None if params.get("code") else f"auto_set_by_create_multiple_{world.new_id(AccessCode)}"
    may_differ = params.get("behavior_when_code_cannot_be_shared") == "create_random_code"
    pins = [_choose_pin_for(world, device, shared, may_differ, params) for device in devices]
    for device in devices:
        limits.count_or_refuse(world, "create_access_code", device.id)
    codes = [_create(world, device, each, params, key) for device, each in zip(devices, pins, strict=True)]
    return {"access_codes": [shapes.render_access_code(world, code) for code in codes]}


def _find_programmable_lock(world: World, params: Params) -> Device:
    """Return a lock that takes codes, or refuse; the refusal's wording is assumed."""
    device = find_device(world, params)
    if not shapes.read_capability_flags(device).get("can_program_online_access_codes"):
        raise Problem(400, "device_type_not_supported", "This device does not support access codes.")
    return device


def _check_new(world: World, device: Device, wanted: str | None, params: Params) -> None:
    if wanted:
        code_lifecycle.check_pin_is_free(world, device, wanted)
    starts_at, ends_at = params.get("starts_at"), params.get("ends_at")
    if (starts_at is None) != (ends_at is None):
        missing = "starts_at" if starts_at is None else "ends_at"
        raise invalid(missing, "Required when the other end of the time frame is given")
    check_window(world, starts_at, ends_at)
    if params.get("use_backup_access_code_pool") and starts_at is None:
        raise Problem(400, "access_code_not_time_bound", "Only time-bound codes can have a backup code.")
    if not params.get("attempt_for_offline_device", True) and not shapes.is_reachable(world, device):
        raise Problem(400, "device_offline", "The device is offline.")


def check_window(world: World, starts_at: Instant | None, ends_at: Instant | None) -> None:
    """Refuse an end in the past or before the start; Seam does not document how it words that."""
    if ends_at is not None and ends_at <= world.now:
        raise invalid("ends_at", "Must be in the future")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise invalid("ends_at", "Must be after starts_at")


def _create(world: World, device: Device, wanted: str | None, params: Params, key: str | None) -> AccessCode:
    starts_at, ends_at = params.get("starts_at"), params.get("ends_at")
    length = params.get("preferred_code_length")
    uses_pool = params.get("use_backup_access_code_pool", False)
    code = code_lifecycle.create(
        world,
        device,
        params.get("name"),
        wanted,
        type="time_bound" if starts_at else "ongoing",
        starts_at=_round_up(starts_at),
        ends_at=_round_up(ends_at),
        common_code_key=key,
        is_native=params.get("prefer_native_scheduling", True),
        is_external_modification_allowed=_read_modification_flag(params) or False,
        uses_backup_pool=uses_pool,
        preferred_length=length,
    )
    if uses_pool:
        code_lifecycle.enable_backup_pool(world, device, True)
    return code


def _round_up(at: Instant | None) -> Instant | None:
    """Round up to the minute, as one published Wyze sample suggests."""
    return at and round_up_to_minute(at)


def _read_modification_flag(params: Params) -> bool | None:
    found: bool | None = params.get("is_external_modification_allowed", params.get("allow_external_modification"))
    return found


def _find_shared_pin(world: World, key: str | None) -> str | None:
    group = (code for code in world.codes.values() if key and code.common_code_key == key)
    return next((code.pin for code in group if code.pin), None)


def _choose_pin_for_all(world: World, devices: list[Device], length: int | None) -> str:
    while True:
        found = code_lifecycle.choose_free_pin(world, devices[0], length)
        if all(_is_free(world, device, found) for device in devices[1:]):
            return found


def _is_free(world: World, device: Device, wanted: str) -> bool:
    try:
        code_lifecycle.check_pin_is_free(world, device, wanted)
    except Problem:
        return False
    return True


def _choose_pin_for(world: World, device: Device, shared: str, may_differ: bool, params: Params) -> str:
    if may_differ and not _is_free(world, device, shared):
        shared = code_lifecycle.choose_free_pin(world, device, params.get("preferred_code_length"))
    _check_new(world, device, shared, params)
    return shared


# Reading


def find(world: World, params: Params, managed: bool = True) -> AccessCode:
    """Find a code by its id, or by its lock and PIN."""
    if "access_code_id" in params:
        code = world.find(AccessCode, params["access_code_id"])
        if code.is_managed == managed and params.get("device_id", code.device_id) == code.device_id:
            return code
    elif "device_id" in params and "code" in params:
        device = world.find(Device, params["device_id"])
        for code in world.codes_of(device):
            if code.pin == params["code"] and not code.is_pin_hidden and code.is_managed == managed:
                return code
    else:
        raise invalid_input({}, ["Either access_code_id, or device_id and code, is required"])
    raise not_found(AccessCode.kind)


@endpoint("/access_codes/get", READ, access_code_id=id_, device_id=id_, code=filled)
def get(world: World, params: Params) -> Answer:
    return {"access_code": shapes.render_access_code(world, find(world, params))}


SELECTORS = ("device_id", "access_code_ids", "access_method_id", "access_grant_id", "access_grant_key")


@endpoint(
    "/access_codes/list",
    READ,
    **PAGE,
    device_id=id_,
    access_code_ids=many(id_),
    access_grant_id=id_,
    access_grant_key=filled,
    access_method_id=id_,
    customer_key=filled,
    search=filled,
    user_identifier_key=filled,
)
def list_(world: World, params: Params) -> Answer:
    if not any(selector in params for selector in SELECTORS):
        raise invalid_input({}, [f"One of {', '.join(SELECTORS)} is required"])

    def fits(code: AccessCode) -> bool:
        return (
            code.is_managed
            and not shapes.is_in_pool(code)
            and _matches(world, code, params)
            and not filters_by_unsupported(params)
        )

    found, pagination = paginate(_list_candidates(world, params), params, 55_000, fits)
    return {"access_codes": [shapes.render_access_code(world, code) for code in found], "pagination": pagination}


def _list_candidates(world: World, params: Params) -> list[AccessCode]:
    if "device_id" in params:
        return sorted(world.codes_of(world.find(Device, params["device_id"])), key=lambda code: code.seq)
    wanted = [world.codes[each] for each in set(params.get("access_code_ids", ())) if each in world.codes]
    return sorted(wanted, key=lambda code: code.seq)


def _matches(world: World, code: AccessCode, params: Params) -> bool:
    ids = params.get("access_code_ids")
    key = world.account_of(world.device_of(code)).customer_key
    shown = None if code.is_pin_hidden else code.pin
    return (
        (ids is None or code.id in ids)
        and params.get("customer_key", key) == key
        and contains_text(params.get("search", ""), (code.name, shown, code.id))
    )


@endpoint("/access_codes/generate_code", READ, device_id=id_.required)
def generate_code(world: World, params: Params) -> Answer:
    """Suggest a code without keeping it.

    The schema shows a whole access code, the documentation only lock and PIN.
    """
    device = _find_programmable_lock(world, params)
    suggestion = AccessCode(
        id=world.new_id(AccessCode),
        created_at=world.now,
        device_id=device.id,
        name=None,
        pin=code_lifecycle.choose_free_pin(world, device),
    )
    return {"generated_code": shapes.render_access_code(world, suggestion) | {"pending_mutations": []}}


# Changing


@endpoint(
    "/access_codes/update",
    ("PATCH", "POST", "PUT"),
    access_code_id=id_.required,
    allow_external_modification=boolean,
    is_external_modification_allowed=boolean,
    attempt_for_offline_device=boolean,
    code=pin,
    device_id=id_,
    ends_at=time.nullable,
    is_managed=boolean,
    name=string.nullable,
    starts_at=time.nullable,
    sync=boolean,
    type=choice("ongoing", "time_bound"),
)
def update(world: World, params: Params) -> Answer:
    code = find(world, {k: params[k] for k in ("access_code_id", "device_id") if k in params})
    if code.is_deleting or code.is_over:
        raise not_found(AccessCode.kind)
    wanted = _read_changes(world, code, params)
    limits.count_or_refuse(world, "update_access_code", code.device_id)
    _apply_changes(world, code, wanted, params)
    attempt = attempt_lifecycle.add_finished(
        world, "UPDATE_ACCESS_CODE", {"access_code": shapes.render_access_code(world, code)}
    )
    return {"action_attempt": shapes.render_action_attempt(attempt)}


def _apply_changes(world: World, code: AccessCode, wanted: dict[str, Any], params: Params) -> None:
    if (allowed := _read_modification_flag(params)) is not None:
        code.is_external_modification_allowed = allowed
        world.touch(code)
    if params.get("is_managed") is False:
        code_lifecycle.stop_managing(world, code)
    else:
        code_lifecycle.request_update(world, code, wanted)


def _read_changes(world: World, code: AccessCode, params: Params) -> dict[str, Any]:
    """Translate an update into fields of the code."""
    wanted: dict[str, Any] = {}
    if "name" in params:
        wanted["name"] = params["name"]
    if "code" in params:
        code_lifecycle.check_pin_is_free(world, world.device_of(code), params["code"], but=code)
        wanted["pin"] = params["code"]
    return wanted | _read_window_changes(world, code, params)


def _read_window_changes(world: World, code: AccessCode, params: Params) -> dict[str, Any]:
    if params.get("type") == "ongoing":
        return {"type": "ongoing", "starts_at": None, "ends_at": None}
    given = {end: _round_up(params[end]) for end in ("starts_at", "ends_at") if params.get(end)}
    frame = {"starts_at": code.starts_at, "ends_at": code.ends_at} | code.wanted | given
    if not given and params.get("type") is None:
        return {}
    if frame["starts_at"] is None or frame["ends_at"] is None:
        raise Problem(400, "access_code_not_time_bound", "Both starts_at and ends_at are needed.")
    check_window(world, frame["starts_at"], frame["ends_at"])
    return {"type": "time_bound", "starts_at": frame["starts_at"], "ends_at": frame["ends_at"]}


@endpoint(
    "/access_codes/update_multiple",
    UPDATE,
    common_code_key=filled.required,
    starts_at=time,
    ends_at=time,
    name=string,
)
def update_multiple(world: World, params: Params) -> Answer:
    group = [code for code in world.codes.values() if code.common_code_key == params["common_code_key"]]
    if not group:
        raise not_found(AccessCode.kind)
    wanted = [_read_changes(world, code, params) for code in group]
    for code in group:
        limits.count_or_refuse(world, "update_access_code", code.device_id)
    for code, change in zip(group, wanted, strict=True):
        code_lifecycle.request_update(world, code, change)
    return {}


@endpoint("/access_codes/delete", DELETE, access_code_id=id_.required, device_id=id_, sync=boolean)
def delete(world: World, params: Params) -> Answer:
    code = find(world, params)
    limits.count_or_refuse(world, "delete_access_code", code.device_id)
    if code.is_over:
        world.drop(code)
    else:
        code_lifecycle.request_removal(world, code)
    attempt = attempt_lifecycle.add_finished(world, "DELETE_ACCESS_CODE", {})
    return {"action_attempt": shapes.render_action_attempt(attempt)}


@endpoint("/access_codes/pull_backup_access_code", ACTION, access_code_id=id_.required)
def pull_backup_access_code(world: World, params: Params) -> Answer:
    backup = shapes.render_access_code(world, code_lifecycle.pull_backup(world, find(world, params)))
    return {"access_code": backup, "backup_access_code": backup}


@endpoint(
    "/access_codes/simulate/create_unmanaged_access_code",
    ACTION,
    device_id=id_.required,
    name=string.required,
    code=text(4, 8, r"\d+", "Must contain only digits").required,
)
def simulate_unmanaged(world: World, params: Params) -> Answer:
    device = _find_programmable_lock(world, params)
    code_lifecycle.check_pin_is_free(world, device, params["code"])
    code = code_lifecycle.add_unmanaged(world, device, params["name"], params["code"], is_pin_hidden=False)
    return {"access_code": shapes.render_access_code(world, code)}
