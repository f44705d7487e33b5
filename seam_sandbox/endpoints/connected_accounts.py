"""/connected_accounts/*: the provider accounts that people have linked."""

from typing import Any

from seam_sandbox.endpoints.connect_webviews import CAPABILITIES
from seam_sandbox.incoming.filters import contains_text, filters_by_unsupported, has_metadata, merge_metadata
from seam_sandbox.incoming.pages import PAGE, paginate
from seam_sandbox.incoming.registry import ACTION, DELETE, READ, UPDATE, Answer, endpoint
from seam_sandbox.incoming.validation import Params, boolean, filled, id_, many, metadata, text
from seam_sandbox.lifecycles import device_lifecycle
from seam_sandbox.world import shapes
from seam_sandbox.world.errors import Problem, invalid_input, not_found
from seam_sandbox.world.records import Account
from seam_sandbox.world.world import World


@endpoint("/connected_accounts/get", READ, connected_account_id=id_, email=filled)
def get(world: World, params: Params) -> Answer:
    return {"connected_account": shapes.render_connected_account(_find(world, params))}


def _find(world: World, params: Params) -> Account:
    if "connected_account_id" in params:
        return world.find(Account, params["connected_account_id"])
    if "email" not in params:
        raise invalid_input({}, ["Either connected_account_id or email is required"])
    for account in world.accounts.values():
        if account.email == params["email"]:
            return account
    raise not_found(Account.kind)


@endpoint(
    "/connected_accounts/list",
    READ,
    **PAGE,
    custom_metadata_has=metadata,
    customer_key=filled,
    search=filled,
    space_id=id_,
    user_identifier_key=filled,
)
def list_(world: World, params: Params) -> Answer:
    def fits(account: Account) -> bool:
        texts = (account.id, account.email, account.display_name, account.customer_key)
        return (
            params.get("customer_key", account.customer_key) == account.customer_key
            and has_metadata(account.custom_metadata, params.get("custom_metadata_has", {}))
            and contains_text(params.get("search", ""), texts)
            and not filters_by_unsupported(params)
        )

    found, pagination = paginate(list(world.accounts.values()), params, 11_000, fits)
    return {
        "connected_accounts": [shapes.render_connected_account(account) for account in found],
        "pagination": pagination,
    }


@endpoint(
    "/connected_accounts/update",
    UPDATE,
    connected_account_id=id_.required,
    accepted_capabilities=many(CAPABILITIES),
    automatically_manage_new_devices=boolean,
    custom_metadata=metadata,
    customer_key=filled,
    display_name=text(1, 255),
)
def update(world: World, params: Params) -> Answer:
    account = world.find(Account, params["connected_account_id"])
    if account.customer_key and params.get("customer_key", account.customer_key) != account.customer_key:
        # Seam documents that the key is set only once, but not the answer to a second attempt.
        raise Problem(400, "customer_key_already_set", "The account already has another customer key.")
    change: dict[str, Any] = {k: v for k, v in params.items() if k != "connected_account_id"}
    if "custom_metadata" in change:
        change["custom_metadata"] = merge_metadata({}, change["custom_metadata"])  # replaces the whole object
    for name, value in change.items():
        setattr(account, name, value)
    world.touch(account)
    return {"connected_account": shapes.render_connected_account(account)}


@endpoint("/connected_accounts/delete", DELETE, connected_account_id=id_.required, sync=boolean)
def delete(world: World, params: Params) -> Answer:
    device_lifecycle.forget_account(world, world.find(Account, params["connected_account_id"]))
    return {}


@endpoint("/connected_accounts/sync", ACTION, connected_account_id=id_.required)
def sync(world: World, params: Params) -> Answer:
    account = world.find(Account, params["connected_account_id"])
    for device in world.devices_of(account):
        device_lifecycle.apply_unreported(world, device)
    return {}


@endpoint("/connected_accounts/simulate/disconnect", ACTION, connected_account_id=id_.required)
def simulate_disconnect(world: World, params: Params) -> Answer:
    device_lifecycle.disconnect_account(world, world.find(Account, params["connected_account_id"]))
    return {}
