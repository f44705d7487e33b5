"""/access_codes/unmanaged/*: the codes that were put on a lock without Seam."""

from seam_sandbox.endpoints.access_codes import find
from seam_sandbox.incoming.filters import contains_text, filters_by_unsupported
from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import DELETE, READ, UPDATE, Answer, endpoint
from seam_sandbox.incoming.validation import Params, boolean, filled, id_
from seam_sandbox.lifecycles import attempt_lifecycle, code_lifecycle
from seam_sandbox.world import shapes
from seam_sandbox.world.records import AccessCode, Device
from seam_sandbox.world.world import World


@endpoint("/access_codes/unmanaged/get", READ, access_code_id=id_, device_id=id_, code=filled)
def get(world: World, params: Params) -> Answer:
    return {"access_code": shapes.render_access_code(world, find(world, params, managed=False))}


@endpoint(
    "/access_codes/unmanaged/list",
    READ,
    **PAGE,
    device_id=id_.required,
    search=filled,
    user_identifier_key=filled,
)
def list_(world: World, params: Params) -> Answer:
    def fits(code: AccessCode) -> bool:
        shown = None if code.is_pin_hidden else code.pin
        found = contains_text(params.get("search", ""), (code.name, shown, code.id))
        return not code.is_managed and found and not filters_by_unsupported(params)

    codes = world.codes_of(world.find(Device, params["device_id"]))
    found, pagination = paginate(sorted(codes, key=lambda code: code.seq), params, 300_000, fits)
    return {"access_codes": [shapes.render_access_code(world, code) for code in found], "pagination": pagination}


@endpoint(
    "/access_codes/unmanaged/convert_to_managed",
    UPDATE,
    access_code_id=id_.required,
    allow_external_modification=boolean,
    is_external_modification_allowed=boolean,
    force=boolean,
    sync=boolean,
)
def convert_to_managed(world: World, params: Params) -> Answer:
    code_lifecycle.request_conversion(world, find(world, {"access_code_id": params["access_code_id"]}, managed=False))
    return {}


@endpoint(
    "/access_codes/unmanaged/update",
    UPDATE,
    access_code_id=id_.required,
    is_managed=boolean.required,
    allow_external_modification=boolean,
    is_external_modification_allowed=boolean,
    force=boolean,
)
def update(world: World, params: Params) -> Answer:
    return convert_to_managed(world, params) if params["is_managed"] else {}


@endpoint("/access_codes/unmanaged/delete", DELETE, access_code_id=id_.required, sync=boolean)
def delete(world: World, params: Params) -> Answer:
    code_lifecycle.request_removal(world, find(world, params, managed=False))
    attempt = attempt_lifecycle.add_finished(world, "DELETE_ACCESS_CODE", {})
    return {"action_attempt": shapes.render_action_attempt(attempt)}
