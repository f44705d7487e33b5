"""/workspaces/*: the only workspace."""

from seam_sandbox.incoming.registry import ACTION, READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params
from seam_sandbox.lifecycles import attempt_lifecycle
from seam_sandbox.world import shapes
from seam_sandbox.world.world import WORKSPACE_ID, World


@endpoint("/workspaces/get", READ)
def get(world: World, params: Params) -> Answer:
    return {
        "workspace": {
            "workspace_id": WORKSPACE_ID,
            "name": "Local sandbox",
            "company_name": "Local sandbox",
            "is_sandbox": True,
            "is_suspended": False,
            "connect_partner_name": None,
            "connect_webview_customization": {},
            "organization_id": None,
            "is_publishable_key_auth_enabled": False,
        }
    }


@endpoint("/workspaces/reset_sandbox", ACTION)
def reset_sandbox(world: World, params: Params) -> Answer:
    """Empty the workspace; we assume that webhooks stay registered."""
    world.remove_all()
    return {"action_attempt": shapes.render_action_attempt(attempt_lifecycle.start(world, "RESET_SANDBOX_WORKSPACE"))}
