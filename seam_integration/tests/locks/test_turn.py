"""How a turn on a lock ends: when it is taken at all, what a failure leaves behind, and when the lock comes again."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from properties.models import Lock
from properties.tests.builders import NOW, make_lock
from seam_integration.api.client import SeamError
from seam_integration.locks.turn import OUTAGE_PAUSE, backoff, reconcile
from seam_integration.models import LockWork

SECOND = timedelta(seconds=1)


class Client:
    """In place of Seam: the list of codes is empty, or fails."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error, self.calls = error, 0

    def list_codes(self, device_id: str) -> list[dict]:
        self.calls += 1
        if self.error:
            raise self.error
        return []

    def take_unread(self) -> list[object]:
        return []

    def list_unmanaged_codes(self, device_id: str) -> list[dict]:
        return []


@pytest.fixture
def lock(organization) -> Lock:
    lock = make_lock(organization)
    LockWork.objects.update_or_create(lock=lock, defaults={"reconcile_at": NOW, "codes_read_at": None})
    return lock


def work_of(lock: Lock) -> LockWork:
    return LockWork.objects.get(pk=lock.pk)


def hour_after(lock: Lock, error: SeamError | Exception, **before: object) -> datetime | None:
    LockWork.objects.filter(pk=lock.pk).update(**before)
    assert not reconcile(lock.pk, NOW, Client(error))
    return work_of(lock).reconcile_at


@pytest.mark.parametrize(("at", "calls"), [(None, 0), (NOW + SECOND, 0), (NOW, 1), (NOW - SECOND, 1)])
def test_turn_is_taken_when_lock_is_due(lock, at, calls):
    LockWork.objects.filter(pk=lock.pk).update(reconcile_at=at)
    client = Client()
    assert not reconcile(lock.pk, NOW, client)
    assert client.calls == calls
    assert work_of(lock).lease_until is None


def test_vanished_lock_has_no_more_turns(lock):
    Lock.objects.filter(pk=lock.pk).update(vanished_at=NOW)
    client = Client()
    assert not reconcile(lock.pk, NOW, client)
    assert (client.calls, work_of(lock).reconcile_at, work_of(lock).lease_until) == (0, None, None)


def test_time_limit_ends_turn_and_frees_lock(lock):
    with pytest.raises(SoftTimeLimitExceeded):
        reconcile(lock.pk, NOW, Client(SoftTimeLimitExceeded()))
    assert (work_of(lock).lease_until, work_of(lock).failures, work_of(lock).reconcile_at) == (None, 0, NOW)


def test_unexpected_error_keeps_its_kind_alone(lock):
    assert hour_after(lock, ValueError("secret")) > NOW
    lock.refresh_from_db()
    assert "An unexpected error (ValueError); it is tried again" in lock.last_failure
    assert "secret" not in lock.last_failure
    assert work_of(lock).failures == 1


@pytest.mark.parametrize(("told", "seconds"), [(None, 20), (5, 20), (45, 45)])
def test_too_fast_is_no_failure(lock, told, seconds):
    at = hour_after(lock, SeamError("Slow down", status=429, retry_after=told))
    assert at == NOW + timedelta(seconds=seconds)
    lock.refresh_from_db()
    assert (work_of(lock).failures, lock.last_failure) == (0, "")


@pytest.mark.parametrize(("status", "pause"), [(0, OUTAGE_PAUSE), (503, OUTAGE_PAUSE), (400, timedelta(hours=1))])
def test_fifth_failure_within_hour_pauses(lock, status, pause):
    at = hour_after(lock, SeamError("No.", status=status), failures=4, failed_since=NOW - timedelta(hours=1))
    lock.refresh_from_db()
    assert (at, lock.breaker_until) == (NOW + pause, NOW + pause)


@pytest.mark.parametrize(("failures", "hours"), [(3, 1), (9, 1.01)])
def test_fewer_or_older_failures_do_not_pause(lock, failures, hours):
    since = NOW - timedelta(hours=hours)
    at = hour_after(lock, SeamError("No.", status=400), failures=failures, failed_since=since)
    lock.refresh_from_db()
    assert at < NOW + timedelta(minutes=5)
    assert lock.breaker_until is None
    assert work_of(lock).failures == (4 if hours == 1 else 1)


def test_success_forgets_failures(lock):
    Lock.objects.filter(pk=lock.pk).update(last_failure="No.", breaker_until=NOW)
    LockWork.objects.filter(pk=lock.pk).update(failures=4, failed_since=NOW)
    assert not reconcile(lock.pk, NOW, Client())
    lock.refresh_from_db()
    assert (lock.last_failure, lock.breaker_until) == ("", None)
    assert (work_of(lock).failures, work_of(lock).failed_since, work_of(lock).codes_read_at) == (0, None, NOW)


def test_lock_woken_during_failure_has_another_turn(lock):
    client = Client(SeamError("No.", status=400))
    list_codes = client.list_codes

    def wake_and_fail(device_id: str) -> list[dict]:
        Lock.objects.filter(pk=lock.pk).wake(NOW)
        return list_codes(device_id)

    woken = SimpleNamespace(list_codes=wake_and_fail)
    assert reconcile(lock.pk, NOW, woken)
    assert work_of(lock).reconcile_at == NOW


@pytest.mark.parametrize(("failures", "seconds"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 600), (40, 600)])
def test_pause_doubles_up_to_ten_minutes(failures, seconds):
    pauses = [backoff(failures, None).total_seconds() / seconds for _ in range(200)]
    assert min(pauses) >= 0.75
    assert max(pauses) <= 1.25
    assert max(pauses) - min(pauses) > 0.2
    assert backoff(failures, 5000) == timedelta(seconds=5000)
