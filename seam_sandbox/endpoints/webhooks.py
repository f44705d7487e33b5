"""/webhooks/*: the addresses to which events are posted."""

import base64
import secrets

from seam_sandbox.incoming.registry import ACTION, DELETE, READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params, filled, many, text, url
from seam_sandbox.world import shapes
from seam_sandbox.world.records import Webhook
from seam_sandbox.world.world import World

# Any well-formed type is accepted: there are more than a hundred, and Seam adds new ones.
EVENT_TYPE = text(1, 100, r"\*|[a-z_]+(\.[a-z_]+)*(\.\*)?", "Invalid event type")


@endpoint("/webhooks/create", ACTION, url=url.required, event_types=many(EVENT_TYPE))
def create(world: World, params: Params) -> Answer:
    """Create a webhook with a secret of 24 bytes, as Svix does; Seam does not document its form."""
    webhook = Webhook(
        id=world.new_id(Webhook),
        created_at=world.now,
        url=params["url"],
        event_types=params.get("event_types") or ["*"],
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
    )
    return {"webhook": shapes.render_webhook(world.add(webhook))}


@endpoint("/webhooks/get", READ, webhook_id=filled.required)
def get(world: World, params: Params) -> Answer:
    return {"webhook": shapes.render_webhook(world.find(Webhook, params["webhook_id"]))}


@endpoint("/webhooks/list", READ)
def list_(world: World, params: Params) -> Answer:
    return {"webhooks": [shapes.render_webhook(webhook) for webhook in world.webhooks.values()]}


@endpoint(
    "/webhooks/update",
    ("POST", "PUT"),
    webhook_id=filled.required,
    event_types=many(EVENT_TYPE).required,
)
def update(world: World, params: Params) -> Answer:
    webhook = world.find(Webhook, params["webhook_id"])
    webhook.event_types = params["event_types"]
    world.touch(webhook)
    return {}


@endpoint("/webhooks/delete", DELETE, webhook_id=filled.required)
def delete(world: World, params: Params) -> Answer:
    world.drop(world.find(Webhook, params["webhook_id"]))
    return {}
