"""How a Connect Webview went, for each combination in which Seam may say so."""

import json

import pytest

from seam_integration.accounts import connect_webviews
from seam_integration.models import ConnectWebview
from seam_integration.tests.answers import Answers

Status = ConnectWebview.Status
ACCOUNT = {"connected_account": {"connected_account_id": "account1", "display_name": "jane@example.com"}}
LINKED = {
    "both say so": {"login_successful": True, "status": "authorized"},
    "only the flag": {"login_successful": True, "status": "pending"},
    "the flag, and a status of another age": {"login_successful": True, "status": "completed"},
    "the flag against a failure": {"login_successful": True, "status": "failed"},
    "only the status": {"login_successful": False, "status": "authorized"},
    "the status without a flag": {"status": "authorized"},
    "the flag without a status": {"login_successful": True},
}
OPEN = {
    "pending": {"login_successful": False, "status": "pending"},
    "nothing": {},
    "a flag of another type": {"login_successful": "yes", "status": "pending"},
    "an unknown status": {"login_successful": False, "status": "brand_new"},
    "statuses of other types": {"login_successful": None, "status": 7},
}


@pytest.fixture
def webview(owner, organization, now):
    return ConnectWebview.objects.create(
        organization=organization, launched_by=owner, seam_id="connect_webview2", nonce_hash="x", launched_at=now
    )


def outcome(webview, now, **remote):
    answers = Answers()
    answers.pages["/connect_webviews/get"] = [json.dumps({"connect_webview": {"connect_webview_id": "w"} | remote})]
    answers.pages["/connected_accounts/get"] = [json.dumps(ACCOUNT)]
    connect_webviews.finish(webview, now, answers.client())
    return webview.status


@pytest.mark.parametrize("said", LINKED.values(), ids=LINKED)
def test_webview_is_done_when_either_says_so(webview, now, said):
    assert outcome(webview, now, connected_account_id="account1", **said) == Status.AUTHORIZED
    assert webview.account.seam_id == "account1"


@pytest.mark.parametrize("said", OPEN.values(), ids=OPEN)
def test_webview_is_open_while_neither_says_so(webview, now, said):
    assert outcome(webview, now, connected_account_id="account1", **said) == Status.PENDING


@pytest.mark.parametrize("account_id", [None, "", 7, "a" * 201])
@pytest.mark.parametrize("said", [LINKED["only the flag"], LINKED["only the status"]])
def test_webview_waits_for_account_id(webview, now, said, account_id):
    assert outcome(webview, now, connected_account_id=account_id, **said) == Status.PENDING


def test_failed_webview_says_so_in_words(webview, now):
    assert outcome(webview, now, login_successful=False, status="failed") == Status.FAILED
    assert webview.reason == "The log-in was cancelled or refused."


def test_failed_webview_with_account_of_before_fails(webview, now):
    said = {"login_successful": False, "status": "failed", "connected_account_id": "account1"}
    assert outcome(webview, now, **said) == Status.FAILED
