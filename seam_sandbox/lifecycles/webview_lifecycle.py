"""The end of a Connect Webview: an account with its locks, a refusal, a cancellation or an expiry."""

from seam_sandbox.lifecycles import device_lifecycle, events, seed
from seam_sandbox.world.records import Account, Webview
from seam_sandbox.world.world import World, transition

# Assumed: Seam does not document whether and when webviews expire.
EXPIRES_AFTER_HOURS = 24
# Assumed: how long Seam takes to list the locks when the webview does not wait for them.
FIRST_SYNC_SECONDS = (3, 8)


class Refused(Exception):
    """The login failed; the person at the keyboard reads the message and may try again."""


def log_in(world: World, webview: Webview, email: str) -> Account:
    """Link the account that the provider has accepted, or reconnect a known one.

    Seam's events imply that a known account keeps its id and its locks; the documentation does not say so.
    """
    known = next((each for each in world.accounts.values() if each.email == email), None)
    if known and known.customer_key and webview.customer_key not in (None, known.customer_key):
        raise Refused("This account is already linked by another customer.")
    webview.status, webview.authorized_at = "authorized", world.now
    webview.selected_provider = "wyze"
    world.stop_timer(webview, "expire")
    account = _reconnect(world, webview, known) if known else _link(world, webview, email)
    webview.connected_account_id = account.id
    world.touch(webview)
    events.emit_webview(world, webview, "login_succeeded")
    return account


def fail(world: World, webview: Webview) -> None:
    webview.status = "failed"
    world.stop_timer(webview, "expire")
    world.touch(webview)
    events.emit_webview(world, webview, "login_failed")


@transition("connect_webview", "expire")
def _expire(world: World, webview: Webview) -> None:
    fail(world, webview)


def _link(world: World, webview: Webview, email: str) -> Account:
    account = world.add(
        Account(
            id=world.new_id(Account),
            created_at=world.now,
            email=email,
            display_name=email,
            customer_key=webview.customer_key,
            custom_metadata=dict(webview.custom_metadata),
            automatically_manage_new_devices=webview.automatically_manage_new_devices,
            accepted_capabilities=webview.accepted_capabilities,
            webview_ids=[webview.id],
        )
    )
    events.emit_account(world, account, "created", connect_webview_id=webview.id)
    _emit_connected(world, account, webview)
    if webview.wait_for_device_creation:
        _first_sync(world, account)
    else:
        world.start_timer(account, "first_sync", world.vary_duration(*FIRST_SYNC_SECONDS))
    return account


@transition("connected_account", "first_sync")
def _first_sync(world: World, account: Account) -> None:
    for device in seed.make_devices(world, account):
        world.add(device)
        events.emit_device(world, device, "added")
        if device.online and device.hub_online:
            events.emit_connection(world, device)
        device_lifecycle.start_draining(world, device)
    seed.add_existing_codes(world, account)
    events.emit_account(world, account, "completed_first_sync")


def _reconnect(world: World, webview: Webview, account: Account) -> Account:
    account.webview_ids.append(webview.id)
    account.customer_key = account.customer_key or webview.customer_key
    account.custom_metadata = dict(webview.custom_metadata)  # replaced, not merge_metadata
    world.touch(account)
    _emit_connected(world, account, webview)
    if account.disconnected_at:
        device_lifecycle.reconnect_account(world, account)
    events.emit_account(world, account, "completed_first_sync_after_reconnection")
    return account


def _emit_connected(world: World, account: Account, webview: Webview) -> None:
    key = {"customer_key": account.customer_key} if account.customer_key else {}
    events.emit_account(world, account, "connected", connect_webview_id=webview.id, **key)
