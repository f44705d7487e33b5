"""The page of a Connect Webview: choose a provider, log in, return."""

import re

import pytest
import requests

from seam_sandbox.tests.caller import Caller, query_of

BACK = "https://latchkey.test/back?nonce=a%20b&empty="
FAILED = "https://latchkey.test/failed?n=2"


def status_of(seam: Caller, webview: dict) -> str:
    found = seam("/connect_webviews/get", connect_webview_id=webview["connect_webview_id"])
    return str(found["connect_webview"]["status"])


def labels(page: requests.Response) -> dict[str, str]:
    """The label of each input."""
    return {name: label for name, label in re.findall(r'<label for="(\w+)">([^<]+)</label>', page.text)}


def test_page_asks_for_provider_first(seam: Caller) -> None:
    page = seam.session.get(seam.webview(accepted_providers=["august", "wyze"])["url"])
    assert labels(page) == {}
    (link,) = re.findall(r'class="choice" href="([^"]+)"[^>]*>Wyze<', page.text)
    chosen = seam.send("GET", link.replace("&amp;", "&"))
    assert labels(chosen)


def test_page_shows_login_when_one_provider_is_accepted(seam: Caller) -> None:
    page = seam.session.get(seam.webview()["url"])
    assert labels(page) == {
        "email": "Email",
        "password": "Password",
        "api_key_id": "API Key ID",
        "api_key": "API Key",
    }
    assert ">Connect</button>" in page.text
    assert ">Cancel</button>" in page.text


def test_page_says_that_it_is_a_sandbox(seam: Caller) -> None:
    page = seam.session.get(seam.webview()["url"])
    assert "Sandbox: no real account is used." in page.text
    assert "<script" not in page.text


def test_page_forbids_caching_and_referrer(seam: Caller) -> None:
    page = seam.session.get(seam.webview()["url"])
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_success_redirects_with_webview_id(seam: Caller) -> None:
    webview = seam.webview(custom_redirect_url=BACK)
    response = seam.log_in(webview["url"])
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location == (
        f"https://latchkey.test/back?nonce=a+b&empty=&connect_webview_id={webview['connect_webview_id']}"
    )


def test_success_without_redirect_says_close_tab(seam: Caller) -> None:
    response = seam.log_in(seam.webview()["url"])
    assert response.status_code == 200
    assert "You can close this tab." in response.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "12345"},
        {"api_key_id": "ABC"},
        {"api_key": ""},
        {"email": "jane@gmail.com"},
        {"email": ""},
        {"email": "jane@example.com.evil.test"},
    ],
)
def test_wrong_details_can_be_corrected(seam: Caller, wrong: dict) -> None:
    webview = seam.webview()
    refused = seam.log_in(webview["url"], **({"email": "jane@example.com"} | wrong))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "did not accept" in refused.text
    assert status_of(seam, webview) == "pending"
    assert seam.event_types() == []
    assert seam.log_in(webview["url"]).status_code == 200
    assert status_of(seam, webview) == "authorized"


def test_refused_form_keeps_email_but_no_secret(seam: Caller) -> None:
    page = seam.log_in(seam.webview()["url"], '"><b>@example.com', password="my secret")
    assert "my secret" not in page.text
    assert "<b>@example.com" not in page.text
    assert 'value="&quot;&gt;&lt;b&gt;@example.com"' in page.text


def test_cancelling_redirects_to_failure_address(seam: Caller) -> None:
    webview = seam.webview(custom_redirect_url=BACK, custom_redirect_failure_url=FAILED)
    response = seam.log_in(webview["url"], action="cancel")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("https://latchkey.test/failed?")
    assert query_of(response.headers["Location"]) == {
        "n": "2",
        "connect_webview_id": webview["connect_webview_id"],
        "error_code": "user_cancelled",
        "error_message": "The login was cancelled.",
    }
    assert status_of(seam, webview) == "failed"
    assert seam.event_types() == ["connect_webview.login_failed"]


def test_cancelling_redirects_without_failure_address(seam: Caller) -> None:
    response = seam.log_in(seam.webview(custom_redirect_url=BACK)["url"], action="cancel")
    assert response.headers["Location"].startswith("https://latchkey.test/back?")
    assert query_of(response.headers["Location"])["error_code"] == "user_cancelled"


@pytest.mark.parametrize("ending", ["connect", "cancel"])
def test_webview_is_refused_after_one_login(seam: Caller, ending: str) -> None:
    webview = seam.webview()
    seam.log_in(webview["url"], action=ending)
    before = status_of(seam, webview)
    for again in (seam.session.get(webview["url"]), seam.log_in(webview["url"], "other@example.com")):
        assert again.status_code == 410
    assert status_of(seam, webview) == before


def test_page_requires_token(seam: Caller) -> None:
    url = seam.webview()["url"]
    for broken in (url[:-1], url.split("&auth_token")[0], url.split("?")[0]):
        assert seam.session.get(broken).status_code == 404
        assert seam.log_in(broken).status_code == 404


def test_page_has_no_other_providers(seam: Caller) -> None:
    webview = seam.webview(accepted_providers=["august"])
    page = seam.session.get(webview["url"])
    assert "no accounts of the providers" in page.text
    assert ">Cancel</button>" in page.text


def test_account_of_another_customer_is_refused(seam: Caller) -> None:
    seam.link("jane@example.com", customer_key="org-1")
    webview = seam.webview(customer_key="org-2")
    refused = seam.log_in(webview["url"])
    assert refused.status_code == 422
    assert "already linked by another customer" in refused.text
    assert status_of(seam, webview) == "pending"
