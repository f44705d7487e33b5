"""An account leaves Seam when its codes are gone; one that Seam refuses stops no other."""

import pytest

from properties.models import Activity, ConnectedAccount
from properties.tests.builders import NOW, make_account, make_code, make_lock
from seam_integration.accounts import unlinking
from seam_integration.api.client import SeamError
from seam_integration.tests.answers import Answers

DELETE = "/connected_accounts/delete"


@pytest.fixture
def answers() -> Answers:
    answers = Answers()
    answers.pages[DELETE] = ["{}"]
    return answers


@pytest.fixture
def account(organization) -> ConnectedAccount:
    return make_account(organization, unlink_requested_at=NOW)


def is_unlinked(account: ConnectedAccount) -> bool:
    return ConnectedAccount.objects.get(pk=account.pk).unlinked_at == NOW


def test_account_without_codes_leaves(account, organization, answers):
    make_account(organization)
    unlinking.finish_requested(NOW, answers.client())
    assert answers.asked == [(DELETE, {"connected_account_id": str(account.seam_id)})]
    assert is_unlinked(account)
    assert Activity.objects.get().kind == "account.unlinked"


def test_account_with_code_waits(account, organization, answers):
    make_code(make_lock(organization, account=account))
    unlinking.finish_requested(NOW, answers.client())
    assert answers.asked == []
    assert not is_unlinked(account)


def test_account_that_seam_does_not_know_is_unlinked(account):
    unlinking.finish_requested(NOW, Answers().client())
    assert is_unlinked(account)


def test_refused_unlinking_stops_no_other(account, organization, answers, monkeypatch, caplog):
    other = make_account(organization, unlink_requested_at=NOW)
    client = answers.client()
    refused = iter([SeamError("Busy", status=503), None])

    def delete_at_second_try(account_id: str) -> None:
        error = next(refused)
        if error:
            raise error

    monkeypatch.setattr(client, "delete_account", delete_at_second_try)
    unlinking.finish_requested(NOW, client)
    assert sorted([is_unlinked(account), is_unlinked(other)]) == [False, True]
    assert "not unlinked: 503" in caplog.text


def test_second_finish_records_nothing(account, answers):
    unlinking.finish(account, NOW, answers.client())
    unlinking.finish(account, NOW, answers.client())
    assert Activity.objects.filter(kind="account.unlinked").count() == 1


def test_withdrawn_request_keeps_account(account, owner):
    assert unlinking.keep_linked(account, owner, NOW)
    assert ConnectedAccount.objects.get(pk=account.pk).unlink_requested_at is None
    assert not unlinking.keep_linked(account, owner, NOW)
    assert list(Activity.objects.values_list("kind", flat=True)) == ["account.unlink_withdrawn"]
