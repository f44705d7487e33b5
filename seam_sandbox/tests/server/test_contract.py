"""The sandbox offers what Seam publishes: paths, methods and shapes of answers."""

import pytest

from seam_sandbox import SeamSandbox
from seam_sandbox.incoming.registry import ENDPOINTS
from seam_sandbox.tests.caller import Caller
from seam_sandbox.tests.contract import Contract, Recorder

# Endpoints that always refuse a Wyze lock, so that there is no good answer to check.
NEVER_GOOD = {
    "/locks/simulate/keypad_code_entry",
    "/locks/simulate/manual_lock_via_keypad",
    "/devices/simulate/paid_subscription",
}


EXAMPLE = {
    "paths": {
        "/events/list": {
            "post": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/event"}}}}
                }
            }
        }
    },
    "components": {
        "schemas": {
            "event": {
                "discriminator": {"propertyName": "event_type"},
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["event_type", "device_id", "code"],
                        "properties": {
                            "event_type": {"type": "string", "enum": ["lock.locked"]},
                            "device_id": {"type": "string", "format": "uuid"},
                            "code": {"type": "string", "nullable": True},
                        },
                    }
                ],
            }
        }
    },
}


def test_sandbox_matches_published_contract(app: SeamSandbox, jane: Caller, contract: Contract) -> None:
    recorder = app.wsgi_app
    assert isinstance(recorder, Recorder)
    methods = {path: set(endpoint.methods) for path, endpoint in ENDPOINTS.items()}
    assert methods == {path: contract.methods(path) for path in ENDPOINTS}

    call_everything(jane)

    assert recorder.seen == ENDPOINTS.keys() - NEVER_GOOD
    assert recorder.problems == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"code": None}, None),
        ({"code": 1234}, "1234 is not valid under any of the given schemas"),
        ({"device_id": "no uuid"}, "'no uuid' is not a 'uuid'"),
        ({"event_type": "lock.sang"}, "none of the published variants"),
    ],
)
def test_contract_check_finds_wrong_answer(change: dict, problem: str | None) -> None:
    event = {"event_type": "lock.locked", "device_id": "5a4dc0de-0000-4000-8000-000000000001", "code": "1234"}
    found = Contract(EXAMPLE).problems("/events/list", event | change)
    assert len(found) == (problem is not None)
    assert (problem or "") in "".join(found)


@pytest.mark.parametrize("path", sorted(NEVER_GOOD))
def test_wyze_locks_refuse_simulations_of_other_brands(jane: Caller, path: str) -> None:
    params = {"device_id": jane.device_id(), "code": "1234", "is_expired": True}
    assert jane.refused(path, **params) == (400, "device_type_not_supported")


def call_everything(seam: Caller) -> None:
    """Call each endpoint once, successfully."""
    _accounts(seam)
    _locks(seam)
    _codes(seam)
    _unmanaged(seam)
    _webhooks(seam)
    seam("/workspaces/get")
    seam("/events/get", event_id=seam.events()[0]["event_id"])
    seam("/workspaces/reset_sandbox")


def _accounts(seam: Caller) -> None:
    account_id = seam("/connected_accounts/list")["connected_accounts"][0]["connected_account_id"]
    seam("/connected_accounts/get", connected_account_id=account_id)
    seam("/connected_accounts/update", connected_account_id=account_id, display_name="Jane")
    seam("/connected_accounts/sync", connected_account_id=account_id)
    webview = seam.webview(customer_key="org-1", custom_redirect_url="https://latchkey.test/back")
    seam("/connect_webviews/list")
    seam("/connect_webviews/delete", connect_webview_id=webview["connect_webview_id"])
    other = seam.link("other@example.com", customer_key="org-1")["connected_account_id"]
    seam("/connected_accounts/simulate/disconnect", connected_account_id=other)
    seam("/devices/list")
    seam("/connected_accounts/delete", connected_account_id=other)


def _locks(seam: Caller) -> None:
    device_id = seam.device_id()
    seam("/locks/get", device_id=device_id)
    seam("/locks/list")
    seam("/devices/list_device_providers")
    seam("/devices/update", device_id=device_id, name="Front", custom_metadata={"unit": "1"})
    seam("/devices/update", device_id=device_id, name=None)
    for path in ("lock_door", "unlock_door"):
        attempt = seam(f"/locks/{path}", device_id=device_id)["action_attempt"]
        seam.advance("PT10S")
        seam("/action_attempts/get", action_attempt_id=attempt["action_attempt_id"])
    seam("/locks/configure_auto_lock", device_id=device_id, auto_lock_enabled=True, auto_lock_delay_seconds=10)
    seam("/action_attempts/list")
    for happening in ("disconnect", "connect", "disconnect_from_hub", "connect_to_hub", "remove", "connect"):
        seam(f"/devices/simulate/{happening}", device_id=device_id)
        seam("/devices/get", device_id=device_id)


def _codes(seam: Caller) -> None:
    device_id = seam.device_id()
    seam("/access_codes/generate_code", device_id=device_id)
    window = {"starts_at": "2030-01-02T15:00:00Z", "ends_at": "2030-01-04T11:00:00Z"}
    code = seam.create_code(name="Anna", use_backup_access_code_pool=True, **window)
    one = {"access_code_id": code["access_code_id"]}
    seam.advance("PT1M")
    seam("/access_codes/pull_backup_access_code", **one)
    seam("/access_codes/update", **one, name="Anna S", code="482917", ends_at="2030-01-05T11:00:00Z")
    seam("/access_codes/get", **one)
    seam.advance("PT1M")
    doors = [device_id, seam.device_id("Lake House Back Door")]
    group = seam("/access_codes/create_multiple", device_ids=doors, name="Cleaner")["access_codes"]
    seam("/access_codes/update_multiple", common_code_key=group[0]["common_code_key"], name="Cleaners")
    seam("/access_codes/list", device_id=device_id)
    seam("/access_codes/delete", **one)
    seam("/access_codes/get", **one)
    seam.advance("P7D")


def _unmanaged(seam: Caller) -> None:
    door = seam.device_id("Lake House Back Door")
    for action, params in (("convert_to_managed", {}), ("delete", {}), ("update", {"is_managed": True})):
        pin = {"convert_to_managed": "1111", "delete": "2222", "update": "3333"}[action]
        simulate = "/access_codes/simulate/create_unmanaged_access_code"
        code = seam(simulate, device_id=door, name=action, code=pin)["access_code"]
        seam("/access_codes/unmanaged/get", access_code_id=code["access_code_id"])
        seam(f"/access_codes/unmanaged/{action}", access_code_id=code["access_code_id"], **params)
    seam("/access_codes/unmanaged/list", device_id=door)
    seam.advance("PT1M")
    seam("/devices/update", device_id=door, is_managed=False)
    seam("/devices/unmanaged/get", device_id=door)
    seam("/devices/unmanaged/list")
    seam("/devices/unmanaged/update", device_id=door, is_managed=True)


def _webhooks(seam: Caller) -> None:
    webhook = seam("/webhooks/create", url="https://latchkey.test/hook")["webhook"]
    seam("/webhooks/list")
    seam("/webhooks/get", webhook_id=webhook["webhook_id"])
    seam("/webhooks/update", webhook_id=webhook["webhook_id"], event_types=["lock.locked"])
    seam("/webhooks/delete", webhook_id=webhook["webhook_id"])
