"""Reconciling one lock against the sandbox, with everything that goes wrong on the way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.codes import planning
from properties.models import AccessCode, CodeState, Lock
from properties.models.stays import Window
from properties.tests.builders import make_door, make_property, make_stay, make_unit
from seam_integration import notify, tasks
from seam_integration.locks.carry_out import BUDGET
from seam_integration.locks.observe import observe
from seam_integration.locks.turn import LEASE, backoff, reconcile
from seam_integration.models import LockWork
from seam_integration.seam import seam_client

CREATE, LIST = "/access_codes/create", "/access_codes/list"


@pytest.fixture
def lock(seam, owner) -> Lock:
    seam.link_for(owner)
    return seam.lock()


@pytest.fixture(autouse=True)
def _turns_by_hand(monkeypatch) -> None:
    """Woken locks wait for the sweep, as with a broker that is away: each test says when a turn is taken."""
    monkeypatch.setattr(notify, "send", lambda *message: None)


@pytest.fixture(params=["read lately", "never read"])
def any_lock(request, seam, lock) -> Lock:
    """New codes are sent to it without a poll first, or after one."""
    if request.param == "read lately":
        read(lock, seam)
    return lock


def read(lock: Lock, seam) -> None:
    """What happens to each lock that has nothing to do, now and then."""
    Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
    seam.work()
    seam.forget_calls()
    assert LockWork.objects.get(pk=lock.pk).codes_read_at == seam.now_at


def issue(lock: Lock, seam, pin: str = "482917", hours: tuple[int, int] = (1, 5)) -> AccessCode:
    start = seam.now_at + timedelta(hours=hours[0])
    window = Window(start, start + timedelta(hours=hours[1]))
    return planning.issue(lock, "Anna Schmidt", window, pin, seam.now_at, None)


def fresh(code: AccessCode) -> AccessCode:
    return AccessCode.objects.select_related("lock", "stay").get(pk=code.pk)


def test_new_codes_on_read_lock_cost_one_call_each(seam, lock):
    read(lock, seam)
    codes = [issue(lock, seam, pin, hours=(200, 5)) for pin in ("482917", "731946")]
    with CaptureQueriesContext(connection) as queries:
        tasks.reconcile_lock(lock.pk)
    assert seam.calls() == {CREATE: 2}
    assert all(fresh(code).seam_id is not None for code in codes)
    # Lease, lock, codes; for each code lease, claim, answer, history; the next hour.
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(statements) == 4 + 4 * len(codes), statements


def test_new_codes_are_polled_for_in_time_to_be_proved(seam, lock):
    read(lock, seam)
    code = issue(lock, seam)
    seam.work()
    assert LIST not in seam.calls()
    seam.pass_time("PT1M", times=2)
    assert fresh(code).is_proved_on_lock


def test_reason_to_look_is_not_forgotten_over_new_code(seam, lock):
    seam.register_webhook()
    old = issue(lock, seam, hours=(30, 5))
    seam.pass_time("PT2M", times=3)
    read(lock, seam)
    new = issue(lock, seam, "731946", hours=(200, 5))
    seam("/access_codes/delete", access_code_id=str(fresh(old).seam_id))
    seam.pass_time("PT1M", times=2)
    assert set(seam.pins_on(lock)) == {old.pin, new.pin}


def test_wake_during_create_is_not_forgotten(seam, lock, monkeypatch):
    read(lock, seam)
    issue(lock, seam)
    client = seam_client()
    create = client.create_code

    def create_and_meanwhile(*args):
        Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
        return create(*args)

    monkeypatch.setattr(client, "create_code", create_and_meanwhile)
    assert reconcile(lock.pk, seam.now_at, client), "another turn is wanted at once"
    after = LockWork.objects.get(pk=lock.pk)
    assert (after.codes_read_at, after.lease_until) == (None, None)
    tasks.reconcile_lock(lock.pk)
    assert seam.calls()[LIST] == 1


@pytest.mark.parametrize("has_company", [True, False])
def test_code_wanted_again_during_removal_is_remade(seam, lock, has_company):
    code = issue(lock, seam, hours=(0, 50))
    seam.pass_time("PT2M", times=2)
    planning.revoke(fresh(code), seam.now_at, None)
    seam.work()
    assert seam.pins_on(lock) == {code.pin: "removing"}
    planning.revive(fresh(code), code.window, seam.now_at, None)
    expected = {code.pin}
    if has_company:
        expected.add(issue(lock, seam, "731946", hours=(200, 5)).pin)
    seam.pass_time("PT1M", times=8)
    assert set(seam.pins_on(lock)) == expected
    assert fresh(code).is_proved_on_lock


def test_unsent_codes_keep_to_budget_of_minute(seam, lock):
    read(lock, seam)
    pins = [f"4829{number:02d}" for number in range(10, 20)]
    for pin in pins:
        issue(lock, seam, pin, hours=(200, 5))
    seam.work()
    assert seam.calls() == {CREATE: BUDGET["create"]}
    seam.pass_time("PT1M", times=2)
    assert set(seam.pins_on(lock)) == set(pins)


def test_create_with_lost_answer_is_adopted(seam, any_lock):
    lock = any_lock
    seam.break_down({"path": CREATE, "times": 1, "what": "answer_lost"})
    code = issue(lock, seam)
    seam.work()
    assert fresh(code).seam_id is None
    seam.pass_time("PT2M")
    assert fresh(code).state(seam.now_at) is not CodeState.PLANNED
    assert list(seam.pins_on(lock)) == ["482917"]
    assert seam.calls()[CREATE] == 1


@pytest.mark.parametrize("what", ["empty_503", "html", "cut_off", "hang", "reset", "answer_lost"])
@pytest.mark.parametrize("path", [CREATE, LIST, "*"])
def test_whatever_breaks_code_is_there_once_when_it_is_over(seam, any_lock, what, path):
    lock = any_lock
    seam.break_down({"path": path, "times": 3, "what": what, "seconds": 40})
    code = issue(lock, seam)
    seam.work()
    seam.mend()
    seam.pass_time("PT3M", times=6)
    assert list(seam.pins_on(lock)) == ["482917"]
    assert fresh(code).is_proved_on_lock


@pytest.mark.parametrize("route", ["/access_codes/simulate/create_unmanaged_access_code", CREATE])
def test_pin_lock_has_is_replaced_when_never_shown(seam, any_lock, route):
    lock = any_lock
    seam(route, device_id=str(lock.seam_id), name="Made elsewhere", code="482917")
    code = issue(lock, seam)
    seam.work()
    seam.pass_time("PT2M")
    old, new = fresh(code), AccessCode.objects.get(replaces=code)
    assert old.removed_at is not None
    assert new.pin != "482917"
    assert new.pin in seam.pins_on(lock)


def test_pin_that_was_shown_is_not_changed_but_said(seam, any_lock, owner):
    lock = any_lock
    seam("/access_codes/simulate/create_unmanaged_access_code", device_id=str(lock.seam_id), name="App", code="482917")
    code = issue(lock, seam)
    planning.reveal(code, seam.now_at, owner)
    seam.work()
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    assert "new PIN" in fresh(code).rejection
    assert not AccessCode.objects.filter(replaces=code).exists()


def test_all_doors_of_stay_get_new_pin_together(seam, lock, owner, organization):
    unit = make_unit(make_property(organization))
    back = seam.lock("Lake House Back Door")
    make_door(unit, lock)
    make_door(unit, back, "Back door")
    stay = make_stay(unit, days_ahead=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    pin = stay.access_codes.standing().first().pin
    seam("/access_codes/simulate/create_unmanaged_access_code", device_id=str(back.seam_id), name="App", code=pin)
    seam.work()
    seam.pass_time("PT3M", times=3)
    pins = {code.pin for code in stay.access_codes.standing()}
    assert len(pins) == 1
    assert pins != {pin}
    assert pins == set(seam.pins_on(back))
    assert list(seam.pins_on(lock)) == list(pins)


def test_moving_window_keeps_pin_and_id(seam, lock):
    code = issue(lock, seam)
    seam.work()
    seam.pass_time("PT2M")
    before = fresh(code)
    window = Window(before.starts_at, before.ends_at + timedelta(days=1))
    planning.move(before, window, seam.now_at, None)
    assert fresh(code).state(seam.now_at) is CodeState.CHANGING
    seam.work()
    seam.pass_time("PT2M", times=2)
    after = fresh(code)
    assert (after.seam_id, after.seam_ends_at) == (before.seam_id, window.ends_at)
    assert after.is_proved_on_lock


def test_revoked_code_leaves_lock_and_that_is_proved(seam, lock):
    code = issue(lock, seam, hours=(0, 5))
    seam.work()
    seam.pass_time("PT2M", times=2)
    assert fresh(code).state(seam.now_at) is CodeState.LIVE
    planning.revoke(fresh(code), seam.now_at, None, "Left early")
    seam.work()
    assert fresh(code).state(seam.now_at) is CodeState.REMOVING
    seam.pass_time("PT2M", times=2)
    assert fresh(code).removed_source.startswith("read back")
    assert seam.pins_on(lock) == {}


def test_removal_that_fails_is_red(seam, lock):
    code = issue(lock, seam, hours=(0, 5))
    seam.work()
    seam.pass_time("PT2M", times=2)
    seam.set_device(str(lock.seam_id), removal_fails=True)
    planning.revoke(fresh(code), seam.now_at, None)
    seam.pass_time("PT10M", times=6)
    assert fresh(code).state(seam.now_at) is CodeState.NOT_REMOVED
    assert AccessCode.objects.needs_attention(seam.now_at).filter(pk=code.pk).exists()


def test_code_deleted_elsewhere_is_put_back_with_its_pin(seam, lock):
    code = issue(lock, seam, hours=(30, 5))
    seam.work()
    seam.pass_time("PT3M", times=2)
    seam("/access_codes/delete", access_code_id=str(fresh(code).seam_id))
    seam.pass_time("PT1M")
    Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
    seam.pass_time("PT3M", times=3)
    assert list(seam.pins_on(lock)) == [code.pin]
    assert fresh(code).is_proved_on_lock


def test_nothing_is_asked_when_nothing_is_due(seam, lock):
    issue(lock, seam, hours=(200, 5))
    seam.work()
    seam.pass_time("PT1M", times=3)
    seam.forget_calls()
    seam.pass_time("PT1M", times=10)
    assert {path for path in seam.calls() if not path.startswith("/_sandbox")} == set()


def test_code_costs_at_most_three_calls_without_faults(seam, lock):
    seam.register_webhook()
    seam.work()
    seam.forget_calls()
    codes = [issue(lock, seam, pin, hours=(2, 5)) for pin in ("482917", "731946", "605839", "918274")]
    seam.work()
    seam.pass_time("PT1M", times=10)
    assert all(fresh(code).is_proved_on_lock for code in codes)
    calls = {path: n for path, n in seam.calls().items() if path.startswith("/access_codes")}
    assert sum(calls.values()) <= 3 * len(codes), calls


def test_lock_pauses_after_five_failures_in_hour(seam, lock):
    issue(lock, seam)
    seam.break_down({"path": LIST, "what": "status", "status": 500})
    seam.pass_time("PT5M", times=8)
    paused = Lock.objects.get(pk=lock.pk)
    assert paused.breaker_until is not None
    assert "Paused after repeated failures" in paused.attention(seam.now_at)
    seam.mend()
    Lock.objects.filter(pk=lock.pk).resume(seam.now_at)
    seam.pass_time("PT1M", times=3)
    assert list(seam.pins_on(lock)) == ["482917"]


def test_dropped_account_sends_all_after_return(seam, lock, owner):
    seam("/connected_accounts/simulate/disconnect", connected_account_id=str(lock.account.seam_id))
    tasks.sync_all()
    code = issue(lock, seam)
    seam.pass_time("PT5M", times=2)
    assert CREATE not in seam.calls()
    seam.link_for(owner)
    seam.pass_time("PT2M", times=3)
    assert list(seam.pins_on(lock)) == [code.pin]


def test_only_one_worker_has_lock_at_time(seam, lock):

    issue(lock, seam)
    assert LockWork.objects.lease(lock.pk, timezone.now(), LEASE)
    reconcile(lock.pk, seam.now_at, seam_client())
    assert seam.pins_on(lock) == {}
    LockWork.objects.filter(pk=lock.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    reconcile(lock.pk, seam.now_at, seam_client())
    assert list(seam.pins_on(lock)) == ["482917"]


def test_worker_without_lease_changes_nothing(seam, lock):
    assert LockWork.objects.lease(lock.pk, timezone.now() - LEASE, LEASE / 2)
    slow = LockWork.objects.get(pk=lock.pk)
    assert LockWork.objects.lease(lock.pk, timezone.now(), LEASE)
    quick = LockWork.objects.get(pk=lock.pk)
    assert not LockWork.objects.finish(slow, seam.now_at + LEASE, seam.now_at)
    LockWork.objects.release(slow)
    after = LockWork.objects.get(pk=lock.pk)
    assert (after.lease_until, after.reconcile_at) == (quick.lease_until, quick.reconcile_at)


def test_lock_woken_while_worker_is_busy_is_due_afterwards(seam, lock, monkeypatch):
    first = issue(lock, seam)
    client = seam_client()
    create = client.create_code

    def create_and_meanwhile(*args):
        second.append(issue(lock, seam, "731946"))
        monkeypatch.setattr(client, "create_code", create)
        return create(*args)

    second: list[AccessCode] = []
    monkeypatch.setattr(client, "create_code", create_and_meanwhile)
    assert reconcile(lock.pk, seam.now_at, client), "another turn is wanted at once"
    assert fresh(first).seam_id is not None
    assert LockWork.objects.due(seam.now_at).filter(pk=lock.pk).exists()


def test_full_lock_takes_soonest_codes_first(seam, lock):
    seam.set_device(str(lock.seam_id), capacity=3)
    tasks.sync_all()
    codes = [issue(lock, seam, f"48291{n}", hours=(10 - n, 2)) for n in range(5)]
    seam.pass_time("PT2M", times=4)
    at_seam = set(seam.pins_on(lock))
    # One place is taken by the code that was made in the app.
    assert at_seam == {codes[4].pin, codes[3].pin}


def test_next_code_is_created_once_one_before_is_off(seam, lock):
    seam.set_device(str(lock.seam_id), capacity=2)
    tasks.sync_all()
    first, far = issue(lock, seam, "482917", hours=(1, 5)), issue(lock, seam, "561728", hours=(100, 5))
    second = issue(lock, seam, "731946", hours=(8, 5))
    seam.pass_time("PT30M", times=4)
    # One place is taken by the code that was made in the app; Seam waits with the far one by itself.
    assert [fresh(code).seam_id is not None for code in (first, second, far)] == [True, False, True]
    seam.set_device(str(lock.seam_id), removal_fails=True)
    seam.pass_time("PT30M", times=10)
    assert fresh(first).removed_at is None
    assert fresh(second).create_sent_at is None, "what should be gone is still in its place"
    seam.set_device(str(lock.seam_id), removal_fails=False)
    planning.retry(fresh(first), seam.now_at, None)
    seam.pass_time("PT2M", times=5)
    assert fresh(first).removed_at is not None
    assert second.pin in seam.pins_on(lock)


def test_full_lock_is_not_asked_each_minute_for_place(seam, lock):
    seam.set_device(str(lock.seam_id), capacity=1)
    tasks.sync_all()
    issue(lock, seam, hours=(1, 200))
    seam.pass_time("PT2M", times=60)
    seam.forget_calls()
    seam.pass_time("PT1M", times=20)
    assert seam.calls().get(LIST, 0) <= 2


def test_code_made_elsewhere_is_listed_until_it_goes(seam, lock):
    made = seam("/access_codes/create", device_id=str(lock.seam_id), name="Made in the Console", code="731946")
    Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
    seam.pass_time("PT2M")
    assert "Made in the Console" in [row["name"] for row in seam.lock().other_codes]
    seam("/access_codes/delete", access_code_id=made["access_code"]["access_code_id"])
    seam.pass_time("PT2M")
    Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
    seam.pass_time("PT1M")
    assert "Made in the Console" not in [row["name"] for row in seam.lock().other_codes]


def test_backoff_doubles_and_heeds_retry_after():
    seconds = [backoff(n, None).total_seconds() for n in range(1, 12)]
    assert 11 <= seconds[0] <= 19
    assert seconds[-1] <= 1800 * 1.25
    assert backoff(1, 90).total_seconds() >= 90


# --- A list that is behind proves nothing -----------------------------------------------------------------------------


def behind(code: AccessCode, times: int | None = None) -> dict[str, object]:
    """Seam's list leaves this code out."""
    rule: dict[str, object] = {"path": LIST, "what": "omit", "only": code.seam_name}
    return rule | {"times": times} if times else rule


def test_code_revoked_while_list_is_behind_is_deleted(seam, any_lock):
    code = issue(any_lock, seam)
    seam.work()
    planning.revoke(fresh(code), seam.now_at, None)
    seam.break_down(behind(code))
    seam.pass_time("PT1M", times=4)
    assert code.pin not in seam.pins_on(any_lock) or seam.pins_on(any_lock)[code.pin] == "removing"
    seam.mend()
    seam.pass_time("PT1M", times=4)
    assert fresh(code).removed_at is not None
    assert code.pin not in seam.pins_on(any_lock)


@pytest.mark.parametrize("is_shown", [True, False])
def test_wanted_code_not_listed_keeps_pin_and_proof(seam, any_lock, owner, is_shown):
    code = issue(any_lock, seam, hours=(0, 50))
    seam.pass_time("PT2M", times=2)
    if is_shown:
        planning.reveal(code, seam.now_at, owner)
    before = fresh(code)
    seam.break_down(behind(code))
    Lock.objects.filter(pk=any_lock.pk).wake(seam.now_at)
    seam.pass_time("PT1M", times=3)
    after = fresh(code)
    assert (after.seam_id, after.on_lock_at, after.live_at) == (before.seam_id, before.on_lock_at, before.live_at)
    assert (after.rejected_at, after.revoked_at) == (None, None)
    assert seam.pins_on(any_lock) == {}
    seam.mend()
    assert seam.pins_on(any_lock) == {code.pin: "set"}
    assert not code.activities.filter(kind="code.lost").exists()


def test_lost_create_waits_while_list_is_behind(seam, any_lock):
    code = issue(any_lock, seam)
    seam.break_down({"path": CREATE, "times": 1, "what": "answer_lost"}, {"path": LIST, "what": "omit"})
    seam.pass_time("PT1M", times=5)
    assert fresh(code).rejected_at is None
    seam.mend()
    seam.pass_time("PT1M", times=3)
    assert seam.pins_on(any_lock)[code.pin] in ("set", "unset", "setting")
    assert AccessCode.objects.count() == 1


def test_empty_list_changes_nothing(seam, any_lock):
    codes = [issue(any_lock, seam, pin, hours=(0, 50)) for pin in ("482917", "731946")]
    seam.pass_time("PT2M", times=3)
    before = [fresh(code).on_lock_at for code in codes]
    seam.break_down({"path": LIST, "what": "omit"})
    Lock.objects.filter(pk=any_lock.pk).wake(seam.now_at)
    seam.pass_time("PT1M", times=2)
    assert [fresh(code).on_lock_at for code in codes] == before


def test_refusal_is_lifted_when_code_is_seen_on_lock(seam, any_lock):
    code = issue(any_lock, seam, hours=(0, 50))
    seam.pass_time("PT2M", times=2)
    AccessCode.objects.filter(pk=code.pk).update(rejected_at=seam.now_at, rejection="Refused")
    Lock.objects.filter(pk=any_lock.pk).wake(seam.now_at)
    seam.pass_time("PT1M")
    assert (fresh(code).rejected_at, fresh(code).rejection) == (None, "")


# --- Refusals are an open set -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        {"what": "misreport", "status": 404, "type": "access_code_not_found"},
        {"what": "status", "status": 400, "type": "device_temporarily_unavailable"},
        {"what": "status", "status": 418, "type": "never_heard_of"},
    ],
    ids=["done all the same", "unavailable", "unknown"],
)
def test_refusal_that_may_pass_is_tried_again(seam, any_lock, rule):
    code = issue(any_lock, seam, hours=(30, 5))
    seam.break_down({"path": CREATE, "times": 1, **rule})
    seam.pass_time("PT1M")
    assert (fresh(code).rejected_at, fresh(code).state(seam.now_at)) == (None, CodeState.PLANNED)
    seam.pass_time("PT1M", times=4)
    assert seam.pins_on(any_lock).keys() == {code.pin}
    assert fresh(code).seam_id is not None
    assert fresh(code).rejection == ""


def test_permanent_refusal_stops_at_once(seam, any_lock):
    code = issue(any_lock, seam, hours=(30, 5))
    seam.break_down({"path": CREATE, "what": "status", "status": 400, "type": "invalid_input"})
    seam.pass_time("PT1M", times=5)
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    assert seam.calls()[CREATE] == 1


def test_person_is_asked_when_door_has_to_open_soon(seam, any_lock):
    code = issue(any_lock, seam, hours=(2, 5))
    seam.break_down({"path": CREATE, "what": "status", "status": 400, "type": "never_heard_of"})
    seam.pass_time("PT10M", times=5)
    assert fresh(code).rejected_at is None
    assert "A fault on demand" in fresh(code).rejection
    seam.pass_time("PT10M", times=4)
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    assert code.activities.filter(kind="code.refused").count() == 1


def test_old_failure_beside_status_set_is_remark(seam, any_lock):
    code = issue(any_lock, seam, hours=(0, 50))
    seam.pass_time("PT2M", times=3)
    failure = {"error_code": "failed_to_set_on_device", "message": "No.", "is_access_code_error": True}
    listed = seam("/access_codes/get", access_code_id=str(fresh(code).seam_id))["access_code"]
    observe(fresh(code), listed | {"errors": [failure]}, seam.now_at, "read back")
    assert fresh(code).state(seam.now_at) is CodeState.LIVE
    assert fresh(code).warnings == [failure]


# --- A PIN that Seam calls a duplicate --------------------------------------------------------------------------------

DUPLICATE = {"path": CREATE, "what": "status", "status": 409, "type": "duplicate_access_code"}


def test_pin_of_another_code_is_replaced_when_it_was_not_shown(seam, any_lock):
    seam("/access_codes/create", device_id=str(any_lock.seam_id), name="Other", code="482917")
    code = issue(any_lock, seam)
    seam.pass_time("PT1M", times=3)
    assert fresh(code).revoked_at is not None
    assert AccessCode.objects.get(replaces=code).pin != "482917"


def test_duplicate_that_is_not_listed_is_tried_again(seam, any_lock):
    code = issue(any_lock, seam, hours=(30, 5))
    seam.break_down(DUPLICATE | {"times": 1})
    seam.pass_time("PT1M", times=4)
    assert (fresh(code).rejected_at, fresh(code).revoked_at) == (None, None)
    assert code.pin in seam.pins_on(any_lock)


def test_person_is_asked_about_duplicate_before_door_opens(seam, any_lock):
    code = issue(any_lock, seam)
    seam.break_down(DUPLICATE)
    seam.pass_time("PT10M", times=4)
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    assert "lists none" in fresh(code).rejection


@pytest.mark.parametrize(("status", "state"), [(400, CodeState.REJECTED), (404, CodeState.CHANGING)])
def test_update_that_seam_refuses(seam, any_lock, status, state):
    code = issue(any_lock, seam, hours=(30, 5))
    seam.pass_time("PT1M", times=2)
    seam.break_down({"path": "/access_codes/update", "what": "status", "status": status, "type": "invalid_input"})
    moved = fresh(code)
    assert moved.window is not None
    planning.move(moved, moved.window._replace(ends_at=moved.window.ends_at + timedelta(hours=3)), seam.now_at, None)
    seam.pass_time("PT1M")
    assert fresh(code).state(seam.now_at) is state


def test_refused_update_of_code_on_lock_is_not_sent_again(seam, any_lock):
    code = issue(any_lock, seam, hours=(0, 5))
    seam.pass_time("PT1M", times=3)
    update = "/access_codes/update"
    seam.break_down({"path": update, "what": "status", "status": 400, "type": "invalid_input"})
    moved = fresh(code)
    assert moved.window is not None
    planning.move(moved, moved.window._replace(ends_at=moved.window.ends_at + timedelta(hours=3)), seam.now_at, None)
    seam.forget_calls()
    for _ in range(4):
        Lock.objects.filter(pk=any_lock.pk).wake(seam.now_at)
        seam.pass_time("PT1M")
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    assert seam.calls()[update] == 1
