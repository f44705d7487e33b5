"""What becomes of a log-in at Seam: which row it ends in, and that one that fails stops no other."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from properties.models import ConnectedAccount
from properties.tests.builders import NOW, make_account
from seam_integration.accounts import connect_webviews
from seam_integration.api.client import SeamError
from seam_integration.models import ConnectWebview
from seam_integration.tests.answers import Answers

Status = ConnectWebview.Status
WEBVIEW, ACCOUNT = "/connect_webviews/get", "/connected_accounts/get"
CREATE = "/connect_webviews/create"


@pytest.fixture
def answers() -> Answers:
    """Each log-in went well, and gave Jane's account an id of its own."""
    answers, account_id = Answers(), str(uuid4())
    webview = {"connect_webview_id": "w", "login_successful": True, "connected_account_id": account_id}
    account = {"connected_account_id": account_id, "display_name": "jane@example.com", "account_type": "wyze"}
    answers.pages[WEBVIEW] = [json.dumps({"connect_webview": webview})]
    answers.pages[ACCOUNT] = [json.dumps({"connected_account": account})]
    return answers


def launched(owner, **fields) -> ConnectWebview:
    values = {"launched_by": owner, "seam_id": str(uuid4()), "nonce_hash": uuid4().hex, "launched_at": NOW}
    return ConnectWebview.objects.create(organization=owner.organization, **(values | fields))


@pytest.mark.parametrize(("name", "is_same"), [("jane@example.com", True), ("", True), ("other@example.com", False)])
def test_same_login_keeps_its_row_when_id_changes(owner, organization, answers, name, is_same):
    old = make_account(organization, display_name=name, unlink_requested_at=NOW, unlinked_at=NOW)
    webview = launched(owner, reconnects=old)
    connect_webviews.finish(webview, NOW, answers.client())
    assert webview.status == Status.AUTHORIZED
    assert (webview.account == old) == is_same
    linked = ConnectedAccount.objects.get(pk=webview.account_id)
    given = json.loads(answers.pages[ACCOUNT][0])["connected_account"]["connected_account_id"]
    assert (linked.seam_id, linked.unlinked_at, linked.unlink_requested_at) == (given, None, None)
    assert ConnectedAccount.objects.count() == (1 if is_same else 2)


def test_known_account_keeps_its_row(owner, organization, answers):
    given = json.loads(answers.pages[ACCOUNT][0])["connected_account"]["connected_account_id"]
    known = make_account(organization, seam_id=given)
    connect_webviews.finish(launched(owner, reconnects=make_account(organization)), NOW, answers.client())
    assert ConnectWebview.objects.get().account == known


def test_settled_launch_is_not_asked_about(owner, answers):
    connect_webviews.finish(launched(owner, status=Status.FAILED), NOW, answers.client())
    assert answers.asked == []


def test_launch_that_cannot_be_read_stops_no_other(owner, answers, monkeypatch):
    for _ in range(2):
        launched(owner)
    client = answers.client()
    read, failures = client.get_connect_webview, iter([500, 200])

    def read_at_second_try(webview_id: str):
        answers.statuses[WEBVIEW] = next(failures)
        return read(webview_id)

    monkeypatch.setattr(client, "get_connect_webview", read_at_second_try)
    linked = connect_webviews.finish_pending(NOW, client)
    assert linked == [ConnectedAccount.objects.get().pk]
    assert set(ConnectWebview.objects.values_list("status", "asked_at")) == {
        (Status.PENDING, NOW),
        (Status.AUTHORIZED, NOW),
    }


def refuse(answers: Answers, status: int) -> None:
    answers.pages[CREATE], answers.statuses[CREATE] = ['{"error": {"message": "No."}}'], status


def test_refused_page_leaves_no_launch(owner, answers):
    refuse(answers, 400)
    with pytest.raises(SeamError):
        connect_webviews.launch(owner, "http://testserver/back/", NOW, answers.client())
    assert not ConnectWebview.objects.exists()


@pytest.mark.parametrize(
    ("status", "after", "reason"),
    [(400, Status.FAILED, "No."), (503, Status.PENDING, ""), (429, Status.PENDING, "")],
)
def test_awaited_page_that_is_refused_is_tried_again(owner, answers, status, after, reason):
    webview = connect_webviews.prepare(owner, "http://testserver/back/", NOW, None)
    refuse(answers, status)
    connect_webviews.open_awaited(webview.pk, NOW, answers.client())
    webview.refresh_from_db()
    assert (webview.status, webview.reason, len(answers.asked)) == (after, reason, 1)


def test_page_awaited_for_too_long_is_not_opened(owner, answers):
    webview = connect_webviews.prepare(owner, "http://testserver/back/", NOW, None)
    late = NOW + connect_webviews.OPENS_WITHIN + timedelta(seconds=1)
    connect_webviews.open_awaited(webview.pk, late, answers.client())
    webview.refresh_from_db()
    assert (webview.status, webview.reason) == (Status.FAILED, "Seam did not open its log-in page.")
    connect_webviews.open_awaited(webview.pk, NOW, answers.client())
    assert answers.asked == []
