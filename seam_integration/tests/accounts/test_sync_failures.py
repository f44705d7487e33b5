"""Whatever goes wrong with one account is written on that account."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from properties.tests.builders import NOW, make_account
from seam_integration.accounts import sync
from seam_integration.accounts.absence import ASKED_AGAIN
from seam_integration.api.client import SeamError
from seam_integration.tests.answers import Answers


@pytest.fixture
def account(organization):
    return make_account(organization)


@pytest.mark.parametrize(
    ("error", "words"),
    [(SeamError("gone fishing"), "gone fishing"), (ValueError("secret"), "could not be read (ValueError)")],
)
def test_failure_is_kept_in_words(account, monkeypatch, error, words):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(sync, "sync_account", fail)
    sync.sync_all_accounts(NOW, Answers().client())
    account.refresh_from_db()
    assert words in account.sync_error
    assert "secret" not in account.sync_error


def test_time_limit_is_passed_on(account, monkeypatch):
    def fail(*arguments):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(sync, "sync_account", fail)
    with pytest.raises(SoftTimeLimitExceeded):
        sync.sync_or_note(account, NOW, Answers().client())


def test_account_that_seam_does_not_know_shows_as_dropped(account):
    for at in (NOW, NOW + ASKED_AGAIN):
        assert not sync.sync_or_note(account, at, Answers().client())
    account.refresh_from_db()
    assert account.is_dropped
