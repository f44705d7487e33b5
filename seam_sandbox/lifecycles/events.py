"""Emits Seam's events: one function per kind of event, each with the fields that kind carries."""

from typing import Any

from seam_sandbox.world import shapes
from seam_sandbox.world.records import AccessCode, Account, ActionAttempt, Device, Issue, Webview
from seam_sandbox.world.world import World


def emit_access_code(world: World, code: AccessCode, what: str, /, **extra: Any) -> None:
    device = world.device_of(code)
    account = world.account_of(device)
    payload = {"access_code_id": code.id, **_describe_device(device, account), **extra}
    world.emit(f"access_code.{what}", payload, account.customer_key)


def emit_access_code_failure(world: World, code: AccessCode, what: str) -> None:
    device = world.device_of(code)
    emit_access_code(
        world,
        code,
        what,
        access_code_errors=_strip_issues(code.errors),
        access_code_warnings=_strip_issues(code.warnings),
        **_list_issues(world, device),
    )


def emit_device(world: World, device: Device, what: str, /, **extra: Any) -> None:
    account = world.account_of(device)
    payload = {**_describe_device(device, account), **_include_customer_key(account.customer_key), **extra}
    world.emit(f"device.{what}", payload, account.customer_key)


def emit_connection(world: World, device: Device, error_code: str | None = None) -> None:
    """Report that a device came online, or went offline for the given reason."""
    family = "" if device.is_managed else "unmanaged."
    if error_code is None:
        emit_device(world, device, f"{family}connected")
    else:
        emit_device(world, device, f"{family}disconnected", error_code=error_code, **_list_issues(world, device))


def emit_lock(world: World, device: Device, what: str, /, **extra: Any) -> None:
    account = world.account_of(device)
    payload = {**_describe_device(device, account), **_include_customer_key(account.customer_key), **extra}
    world.emit(f"lock.{what}", payload, account.customer_key)


def emit_account(world: World, account: Account, what: str, /, **extra: Any) -> None:
    payload = {
        "connected_account_id": account.id,
        "connected_account_custom_metadata": account.custom_metadata,
        **extra,
    }
    world.emit(f"connected_account.{what}", payload, account.customer_key)


def emit_webview(world: World, webview: Webview, what: str) -> None:
    payload: dict[str, Any] = {"connect_webview_id": webview.id}
    if webview.connected_account_id:
        payload |= {"connected_account_id": webview.connected_account_id, **_include_customer_key(webview.customer_key)}
    world.emit(f"connect_webview.{what}", payload, webview.customer_key)


def emit_attempt(world: World, attempt: ActionAttempt, device: Device) -> None:
    account = world.account_of(device)
    outcome = "succeeded" if attempt.status == "success" else "failed"
    payload = {
        "action_attempt_id": attempt.id,
        "action_type": attempt.action_type,
        "status": attempt.status,
        "device_id": device.id,
        "connected_account_id": account.id,
    }
    world.emit(f"action_attempt.{attempt.action_type.lower()}.{outcome}", payload, account.customer_key)


def _describe_device(device: Device, account: Account) -> dict[str, Any]:
    return {
        "device_id": device.id,
        "connected_account_id": account.id,
        "device_custom_metadata": device.custom_metadata,
        "connected_account_custom_metadata": account.custom_metadata,
    }


def _include_customer_key(customer_key: str | None) -> dict[str, str]:
    return {"customer_key": customer_key} if customer_key else {}


def _list_issues(world: World, device: Device) -> dict[str, list[Issue]]:
    return {
        "device_errors": _strip_issues(shapes.list_own_device_errors(device)),
        "device_warnings": _strip_issues(shapes.list_device_warnings(world, device)),
        "connected_account_errors": _strip_issues(shapes.list_account_errors(world.account_of(device))),
        "connected_account_warnings": [],
    }


def _strip_issues(issues: list[Issue]) -> list[Issue]:
    kept = ("created_at", "error_code", "warning_code", "message")
    return [{key: each[key] for key in kept if key in each} for each in issues]
