"""Woken locks reach the worker by themselves: each once, on commit; the sweep finds what no message told."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from outbox import handing_over
from properties.changes import stays_and_places
from properties.codes import lock_test, planning, staff_codes
from properties.models import AccessCode, Lock, StaffMember
from properties.models.locks import Wake, wake_locks
from properties.models.stays import Window
from properties.tests.builders import (
    NOW,
    make_account,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
)
from seam_integration import notify, tasks
from seam_integration.accounts import sync, unlinking
from seam_integration.models import LockWork

FRONT, SIDE = "Front", "Side"
WINDOW = Window(NOW + timedelta(days=20), NOW + timedelta(days=21))


class Home:
    """A unit with two doors, a stay with a code on each, and a member of staff with the side door."""

    def __init__(self, organization, owner) -> None:
        self.owner, self.account = owner, make_account(organization)
        self.front = make_lock(organization, FRONT, account=self.account)
        self.side = make_lock(organization, SIDE, account=self.account)
        self.unit = make_unit(make_property(organization))
        self.doors = [make_door(self.unit, lock, lock.name) for lock in (self.front, self.side)]
        self.stay = make_stay(self.unit)
        planning.apply_stay_plan(self.stay, NOW, owner)
        self.code = AccessCode.objects.get(lock=self.front)
        # As if Seam held it: it cannot go without the engine.
        AccessCode.objects.filter(pk=self.code.pk).update(create_sent_at=NOW)
        self.code.refresh_from_db()
        self.member = StaffMember(organization=organization, name="Rosa")
        staff_codes.save_member(self.member, [self.doors[1]], NOW, owner)


@pytest.fixture
def sent(transactional_db, monkeypatch) -> list[int]:
    """The locks handed to the worker, message by message."""
    found: list[int] = []
    monkeypatch.setattr(notify, "send", lambda task, lock_id: found.append(lock_id))
    return found


@pytest.fixture
def home(sent, organization, owner, now) -> Home:
    made = Home(organization, owner)
    LockWork.objects.update(reconcile_at=None)
    sent.clear()
    return made


CHANGES = {
    "issue": (lambda home: planning.issue(home.front, "Ben", WINDOW, "731946", NOW, None), {FRONT}),
    "move": (lambda home: planning.move(home.code, WINDOW, NOW, None), {FRONT}),
    "revoke": (lambda home: planning.revoke(home.code, NOW, None), {FRONT}),
    "withhold": (lambda home: planning.withhold(home.code, NOW, home.owner, ""), {FRONT}),
    "reissue": (lambda home: planning.reissue(home.code, NOW, None, "Lost"), {FRONT, SIDE}),
    "retry": (lambda home: planning.retry(home.code, NOW, None), {FRONT}),
    "test": (lambda home: lock_test.start_lock_test(home.front, NOW, home.owner), {FRONT}),
    "cancel": (lambda home: stays_and_places.cancel_stay(home.stay, NOW, home.owner), {FRONT, SIDE}),
    "staff PIN": (lambda home: staff_codes.renew_pin(home.member, NOW, home.owner, "Lost"), {SIDE}),
    "staff gone": (lambda home: staff_codes.remove(home.member, NOW, home.owner), {SIDE}),
    "unlink": (lambda home: unlinking.request(home.account, home.owner, NOW), {FRONT, SIDE}),
    "read anew": (lambda home: Lock.objects.filter(pk=home.side.pk).wake(NOW), {SIDE}),
    "resume": (lambda home: Lock.objects.filter(pk=home.side.pk).resume(NOW), {SIDE}),
}


@pytest.mark.parametrize(("change", "names"), CHANGES.values(), ids=CHANGES)
def test_change_hands_over_its_locks_on_commit(home, sent, change, names):
    with transaction.atomic():
        change(home)
        assert sent == []
    assert sorted(sent) == sorted(Lock.objects.filter(name__in=names).values_list("pk", flat=True))
    assert set(LockWork.objects.due(NOW).values_list("lock__name", flat=True)) == names


@pytest.mark.parametrize(("change", "names"), CHANGES.values(), ids=CHANGES)
def test_rolled_back_change_hands_over_nothing(home, sent, change, names):
    with transaction.atomic():
        change(home)
        transaction.set_rollback(True)
    assert sent == []
    assert not LockWork.objects.due(NOW).exists()


def test_savepoint_takes_only_its_own_locks_back(home, sent):
    with transaction.atomic():
        wake_locks([home.front.pk], NOW, Wake.READ_ANEW)
        with transaction.atomic():
            wake_locks([home.front.pk, home.side.pk], NOW, Wake.READ_ANEW)
            transaction.set_rollback(True)
        wake_locks([home.front.pk], NOW, Wake.READ_ANEW)
    assert sent == [home.front.pk]


def test_each_transaction_hands_over_its_own(home, sent):
    for _ in range(2):
        with transaction.atomic():
            wake_locks([home.front.pk], NOW, Wake.READ_ANEW)
    assert sent == [home.front.pk] * 2


def test_fleet_is_left_to_sweep(home, sent, monkeypatch):
    monkeypatch.setattr(notify, "SWEEP_BATCH", 1)
    with transaction.atomic():
        home.account.locks.all().wake(NOW)
    assert len(sent) == 1
    assert LockWork.objects.due(NOW).count() == 2


def test_account_that_returns_hands_over_its_locks(home, sent):
    home.account.errors = [{"error_code": "account_disconnected"}]
    sync.refresh_account(home.account, {"errors": []}, NOW)
    assert sorted(sent) == sorted([home.front.pk, home.side.pk])


def test_page_answers_and_sweep_finds_it_when_broker_is_away(transactional_db, organization, owner, monkeypatch, now):
    def refuse(arguments: tuple[int, ...], **options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.reconcile_lock, "apply_async", refuse)
    code = make_code(make_lock(organization))
    planning.revoke(code, NOW, owner)
    sent: list[int] = []
    handing_over.forget_hanging()
    monkeypatch.setattr(tasks.reconcile_lock, "apply_async", lambda arguments, **options: sent.append(*arguments))
    tasks.sweep()
    assert sent == [code.lock_id]


def test_woken_lock_gets_its_row_of_work(db, organization):
    locks = [make_lock(organization, str(number)) for number in range(3)]
    LockWork.objects.create(lock=locks[0])
    LockWork.objects.wake([lock.pk for lock in locks], NOW, Wake.NEW_CODE)
    assert LockWork.objects.due(NOW).count() == 3


def test_sweep_asks_index_for_due_locks(db, organization):
    with CaptureQueriesContext(connection) as asked:
        list(LockWork.objects.due(NOW).order_by("reconcile_at").values_list("pk", flat=True)[:500])
    assert len(asked) == 1
    if connection.vendor == "sqlite":
        plan = LockWork.objects.due(NOW).order_by("reconcile_at").values_list("pk").explain()
        assert "work_due" in plan
