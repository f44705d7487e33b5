"""/action_attempts/*: the outcome of an action."""

from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params, id_, many
from seam_sandbox.world import shapes
from seam_sandbox.world.records import ActionAttempt
from seam_sandbox.world.world import World


@endpoint("/action_attempts/get", READ, action_attempt_id=id_.required)
def get(world: World, params: Params) -> Answer:
    return {"action_attempt": shapes.render_action_attempt(world.find(ActionAttempt, params["action_attempt_id"]))}


@endpoint("/action_attempts/list", READ, **PAGE, action_attempt_ids=many(id_), device_id=id_)
def list_(world: World, params: Params) -> Answer:
    def fits(attempt: ActionAttempt) -> bool:
        ids = params.get("action_attempt_ids")
        return (ids is None or attempt.id in ids) and (params.get("device_id", attempt.device_id) == attempt.device_id)

    found, pagination = paginate(list(world.attempts.values()), params, 500, fits)
    return {
        "action_attempts": [shapes.render_action_attempt(attempt) for attempt in found],
        "pagination": pagination,
    }
