"""A Connect Webview serves one login and reports how it ended."""

from seam_sandbox.lifecycles.webview_lifecycle import EXPIRES_AFTER_HOURS
from seam_sandbox.tests.caller import ENDPOINT, Caller, query_of


def test_new_webview_is_pending_with_secret_address(seam: Caller) -> None:
    webview = seam.webview(customer_key="org-1", custom_redirect_url="https://latchkey.test/back?n=1")
    assert webview["status"] == "pending"
    assert webview["login_successful"] is False
    assert webview["connected_account_id"] is None
    assert webview["url"].startswith(f"{ENDPOINT}/connect_webviews/view?")
    query = query_of(webview["url"])
    assert query["connect_webview_id"] == webview["connect_webview_id"]
    assert len(query["auth_token"]) >= 32


def test_defaults_match_seam(seam: Caller) -> None:
    webview = seam("/connect_webviews/create")["connect_webview"]
    assert webview["any_provider_allowed"] is True
    assert webview["automatically_manage_new_devices"] is True
    assert webview["wait_for_device_creation"] is False
    assert webview["custom_metadata"] == {}


def test_webviews_are_filtered(seam: Caller) -> None:
    one = seam.webview(customer_key="org-1", custom_metadata={"booking": "17"})["connect_webview_id"]
    two = seam.webview(customer_key="org-2")["connect_webview_id"]

    def found(**params: object) -> list[str]:
        return [each["connect_webview_id"] for each in seam("/connect_webviews/list", **params)["connect_webviews"]]

    assert found() == [one, two]
    assert found(customer_key="org-2") == [two]
    assert found(custom_metadata_has={"booking": "17"}) == [one]
    assert found(custom_metadata_has={"booking": None}) == [two]
    assert found(search="ORG-1") == [one]
    assert found(user_identifier_key="nobody") == []


def test_webview_shows_successful_login(seam: Caller) -> None:
    webview = seam.link("jane@example.com", customer_key="org-1")
    assert webview["status"] == "authorized"
    assert webview["login_successful"] is True
    assert webview["selected_provider"] == "wyze"
    assert webview["authorized_at"] == seam.now()
    accounts = seam("/connected_accounts/list")["connected_accounts"]
    assert [account["connected_account_id"] for account in accounts] == [webview["connected_account_id"]]


def test_login_events_come_in_order(seam: Caller) -> None:
    seam.link("jane@example.com", customer_key="org-1")
    told = seam.event_types()
    assert told[:2] == ["connected_account.created", "connected_account.connected"]
    assert told[-2:] == ["connected_account.completed_first_sync", "connect_webview.login_succeeded"]
    assert told.count("device.added") == 7
    assert told.count("device.connected") == 6  # one gateway is offline
    succeeded = seam.events("connect_webview.login_succeeded")[0]
    assert succeeded["customer_key"] == "org-1"


def test_devices_appear_later_when_webview_does_not_wait(seam: Caller) -> None:
    seam.link("jane@example.com", wait_for_device_creation=False)
    assert seam("/devices/list")["devices"] == []
    assert "connected_account.completed_first_sync" not in seam.event_types()
    seam.advance("PT10S")
    assert len(seam("/devices/list")["devices"]) == 7
    assert "connected_account.completed_first_sync" in seam.event_types()


def test_new_devices_are_unmanaged_when_asked(seam: Caller) -> None:
    seam.link("jane@example.com", automatically_manage_new_devices=False)
    assert seam("/devices/list")["devices"] == []
    assert len(seam("/devices/unmanaged/list")["devices"]) == 7


def test_unused_webview_expires(seam: Caller) -> None:
    webview = seam.webview()
    seam.advance(f"PT{EXPIRES_AFTER_HOURS}H")
    found = seam("/connect_webviews/get", connect_webview_id=webview["connect_webview_id"])["connect_webview"]
    assert found["status"] == "failed"
    assert seam.event_types() == ["connect_webview.login_failed"]


def test_deleted_webview_answers_404(seam: Caller) -> None:
    webview = seam.webview()
    seam("/connect_webviews/delete", connect_webview_id=webview["connect_webview_id"])
    assert seam.session.get(webview["url"]).status_code == 404
