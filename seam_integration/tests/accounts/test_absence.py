"""One 404 is not gone: accounts and locks are asked for again, minutes later, and both times are kept."""

import json
from datetime import timedelta

import pytest

from properties.models import Activity, ConnectedAccount, Lock
from properties.tests.builders import make_account
from seam_integration.accounts import sync
from seam_integration.accounts.absence import ASKED_AGAIN
from seam_integration.api.client import SeamError
from seam_integration.tests.accounts.test_sync import Fleet, device

MINUTE = timedelta(minutes=1)


@pytest.fixture
def fleet(organization, now):
    fleet = Fleet(make_account(organization))
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now)
    return fleet


def forget_account(fleet, at):
    kept = fleet.pages.pop("/connected_accounts/get")
    with pytest.raises(SeamError):
        fleet.sync(at)
    fleet.pages["/connected_accounts/get"] = kept
    fleet.account.refresh_from_db()


def times_of(row):
    return row.missing_at, getattr(row, "vanished_at", None) or getattr(row, "forgotten_at", None)


def test_lock_is_gone_when_twice_not_known(fleet, now):
    fleet.has(device("Front"))
    for at, gone_at in ((now, None), (now + MINUTE, None), (now + ASKED_AGAIN, now + ASKED_AGAIN)):
        fleet.sync(at)
        assert times_of(Lock.objects.get(name="Back")) == (now, gone_at)
    assert Activity.objects.get(kind="lock.vanished").at == now + ASKED_AGAIN


def test_lock_that_is_listed_again_is_not_missing(fleet, now):
    fleet.has(device("Front"))
    fleet.sync(now)
    fleet.has(device("Front"), device("Back"))
    fleet.sync(now + MINUTE)
    fleet.has(device("Front"))
    fleet.sync(now + ASKED_AGAIN)
    assert times_of(Lock.objects.get(name="Back")) == (now + ASKED_AGAIN, None)


def test_lock_that_is_found_by_id_is_not_missing(fleet, now):
    fleet.has(device("Front"))
    fleet.sync(now)
    fleet.pages["/devices/get"] = [json.dumps({"device": device("Back")})]
    fleet.sync(now + ASKED_AGAIN)
    assert times_of(Lock.objects.get(name="Back")) == (None, None)


def test_lock_read_alone_is_gone_when_twice_not_known(fleet, now):
    lock = Lock.objects.select_related("account").get(name="Back")
    for at, gone_at in ((now, None), (now + ASKED_AGAIN, now + ASKED_AGAIN)):
        sync.refresh_lock(lock, at, fleet.client())
        assert times_of(Lock.objects.get(name="Back")) == (now, gone_at)


def test_account_is_dropped_when_twice_not_known(fleet, now):
    forget_account(fleet, now)
    assert times_of(fleet.account) == (now, None)
    assert not fleet.account.is_dropped
    forget_account(fleet, now + MINUTE)
    assert not fleet.account.is_dropped
    forget_account(fleet, now + ASKED_AGAIN)
    assert times_of(fleet.account) == (now, now + ASKED_AGAIN)
    assert fleet.account.is_dropped


def test_account_that_comes_back_is_known(fleet, now):
    forget_account(fleet, now)
    fleet.sync(now + MINUTE)
    fleet.account.refresh_from_db()
    assert times_of(fleet.account) == (None, None)
    forget_account(fleet, now + ASKED_AGAIN)
    assert not fleet.account.is_dropped


def test_first_word_after_clock_went_back_counts_anew(fleet, now):
    ConnectedAccount.objects.update(missing_at=now + timedelta(days=3))
    forget_account(fleet, now)
    assert times_of(fleet.account) == (now, None)
