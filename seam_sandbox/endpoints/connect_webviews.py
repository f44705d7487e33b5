"""/connect_webviews/*: create a login page for a person and read how it ended."""

import secrets
from urllib.parse import urlencode

from seam_sandbox.incoming.filters import contains_text, filters_by_unsupported, has_metadata, merge_metadata
from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import ACTION, DELETE, READ, Answer, endpoint
from seam_sandbox.incoming.validation import Params, boolean, choice, filled, id_, many, metadata, string, text, url
from seam_sandbox.lifecycles.webview_lifecycle import EXPIRES_AFTER_HOURS
from seam_sandbox.world import shapes
from seam_sandbox.world.records import Webview
from seam_sandbox.world.world import World

CAPABILITIES = choice("lock", "thermostat", "noise_sensor", "access_control", "camera")
CATEGORIES = choice(
    "stable",
    "consumer_smartlocks",
    "beta",
    "thermostats",
    "noise_sensors",
    "access_control_systems",
    "cameras",
    "connectors",
    "internal_beta",
)


@endpoint(
    "/connect_webviews/create",
    ACTION,
    accepted_providers=many(text(1, 60, r"[a-z0-9_]+")),
    excluded_providers=many(string),
    provider_category=CATEGORIES,
    accepted_capabilities=many(CAPABILITIES),
    automatically_manage_new_devices=boolean,
    wait_for_device_creation=boolean,
    device_selection_mode=choice("none", "single", "multiple"),
    custom_metadata=metadata,
    custom_redirect_url=url,
    custom_redirect_failure_url=url,
    customer_key=filled,
)
def create(world: World, params: Params) -> Answer:
    webview_id, token = world.new_id(Webview), secrets.token_urlsafe(24)
    query = urlencode({"connect_webview_id": webview_id, "auth_token": token})
    accepted = params.get("accepted_providers", [])
    excluded = params.get("excluded_providers", [])
    webview = Webview(
        id=webview_id,
        created_at=world.now,
        url=f"{world.base_url}/connect_webviews/view?{query}",
        auth_token=token,
        accepted_providers=[provider for provider in accepted if provider not in excluded],
        accepted_capabilities=params.get("accepted_capabilities", ["lock"]),
        device_selection_mode=params.get("device_selection_mode", "none"),
        custom_metadata=merge_metadata({}, params.get("custom_metadata", {})),
        custom_redirect_url=params.get("custom_redirect_url"),
        custom_redirect_failure_url=params.get("custom_redirect_failure_url"),
        customer_key=params.get("customer_key"),
        automatically_manage_new_devices=params.get("automatically_manage_new_devices", True),
        wait_for_device_creation=params.get("wait_for_device_creation", False),
    )
    world.add(webview)
    world.start_timer(webview, "expire", EXPIRES_AFTER_HOURS * 3600)
    return {"connect_webview": shapes.render_connect_webview(webview)}


@endpoint("/connect_webviews/get", READ, connect_webview_id=id_.required)
def get(world: World, params: Params) -> Answer:
    return {"connect_webview": shapes.render_connect_webview(world.find(Webview, params["connect_webview_id"]))}


@endpoint(
    "/connect_webviews/list",
    READ,
    **PAGE,
    custom_metadata_has=metadata,
    customer_key=filled,
    search=filled,
    user_identifier_key=filled,
)
def list_(world: World, params: Params) -> Answer:
    def fits(webview: Webview) -> bool:
        texts = (webview.id, webview.customer_key, *webview.accepted_providers, str(webview.custom_metadata))
        return (
            params.get("customer_key", webview.customer_key) == webview.customer_key
            and has_metadata(webview.custom_metadata, params.get("custom_metadata_has", {}))
            and contains_text(params.get("search", ""), texts)
            and not filters_by_unsupported(params)
        )

    found, pagination = paginate(list(world.webviews.values()), params, 500, fits)
    return {
        "connect_webviews": [shapes.render_connect_webview(webview) for webview in found],
        "pagination": pagination,
    }


@endpoint("/connect_webviews/delete", DELETE, connect_webview_id=id_.required)
def delete(world: World, params: Params) -> Answer:
    world.drop(world.find(Webview, params["connect_webview_id"]))
    return {}
