"""/events/*: the history of events."""

from typing import Any

from seam_sandbox.incoming.registry import READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params, filled, id_, many, number, string, time
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import invalid, invalid_input, not_found
from seam_sandbox.world.records import Event
from seam_sandbox.world.world import World

# Filters by an id in the event, alone and in a list.
IDS = ("device_id", "access_code_id", "connected_account_id", "connect_webview_id")
OUTSIDE = (
    "access_grant_id",
    "access_method_id",
    "acs_access_group_id",
    "acs_credential_id",
    "acs_encoder_id",
    "acs_entrance_id",
    "acs_system_id",
    "acs_user_id",
    "space_id",
    "user_identity_id",
)


@endpoint("/events/get", READ, event_id=id_, event_type=filled, device_id=id_)
def get(world: World, params: Params) -> Answer:
    """Find an event by id, or the newest match; Seam does not document which of several it returns."""
    if not params:
        raise invalid_input({}, ["One of event_id, event_type, device_id is required"])
    if "event_id" in params:
        return {"event": shapes.render_event(world.find(Event, params["event_id"]))}
    for event in reversed(world.event_log):
        if _matches(event, params):
            return {"event": shapes.render_event(event)}
    raise not_found(Event.kind)


@endpoint(
    "/events/list",
    READ,
    **{name: id_ for name in (*IDS, *OUTSIDE)},
    **{f"{name}s": many(id_) for name in (*IDS, *OUTSIDE)},
    event_ids=many(id_),
    event_type=filled,
    event_types=many(string),
    customer_key=filled,
    since=time,
    between=many(time),
    limit=number(least=1),
    unstable_offset=number(),
)
def list_(world: World, params: Params) -> Answer:
    start, end = _read_span(params)
    skip, limit = int(params.get("unstable_offset", 0)), int(params.get("limit", 500))
    found: list[dict[str, Any]] = []
    for event in world.list_events_from(start):
        if end is not None and event.created_at > end:
            break
        if not _matches(event, params):
            continue
        if skip:
            skip -= 1
            continue
        found.append(shapes.render_event(event))
        if len(found) == limit:
            break
    return {"events": found}


def _read_span(params: Params) -> tuple[str, str | None]:
    if "since" in params:
        return params["since"], None
    if "between" not in params:
        raise invalid_input({}, ["Either since or between is required"])
    if len(params["between"]) != 2:
        raise invalid("between", "Array must contain exactly 2 element(s)")
    start, end = sorted(params["between"])
    return start, end


def _matches(event: Event, params: Params) -> bool:
    if any(name in params or f"{name}s" in params for name in OUTSIDE):
        return False
    return (
        params.get("event_type", event.type) == event.type
        and ("event_types" not in params or event.type in params["event_types"])
        and ("event_ids" not in params or event.id in params["event_ids"])
        and params.get("customer_key", event.customer_key) == event.customer_key
        and all(_has_id(event, params, name) for name in IDS)
    )


def _has_id(event: Event, params: Params, name: str) -> bool:
    found = event.payload.get(name)
    return (name not in params or params[name] == found) and (f"{name}s" not in params or found in params[f"{name}s"])
