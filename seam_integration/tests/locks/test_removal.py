"""A code is removed when that is proved, by whatever way it ends; and what is there is not called removed."""

from datetime import timedelta

import pytest

from properties.changes.stays_and_places import cancel_stay, save_door
from properties.codes import planning
from properties.models import AccessCode, ActivityKind, CodeState, Lock
from properties.models.stays import Window
from properties.tests.builders import make_door, make_property, make_stay, make_unit
from seam_integration import notify, tasks
from seam_integration.accounts import unlinking
from seam_integration.inbox import events
from seam_sandbox.world.records import AccessCode as Record

CREATE, DELETE, LIST, GET = (f"/access_codes/{name}" for name in ("create", "delete", "list", "get"))
LONG = timedelta(hours=50)


@pytest.fixture
def lock(seam, owner) -> Lock:
    seam.link_for(owner)
    return seam.lock()


@pytest.fixture(autouse=True)
def _turns_by_hand(monkeypatch) -> None:
    """Woken locks wait for the sweep."""
    monkeypatch.setattr(notify, "send", lambda *message: None)


@pytest.fixture
def code(seam, lock) -> AccessCode:
    """A code that is on the lock, and opens it."""
    window = Window(seam.now_at, seam.now_at + LONG)
    made = planning.issue(lock, "Anna Schmidt", window, "482917", seam.now_at, None)
    seam.pass_time("PT1M", times=3)
    assert seam.pins_on(lock) == {"482917": "set"}
    return fresh(made)


def fresh(code: AccessCode) -> AccessCode:
    return AccessCode.objects.select_related("lock", "stay").get(pk=code.pk)


def unknown(path: str, times: int | None = None) -> dict[str, object]:
    """Seam says that it does not know what is asked for."""
    rule: dict[str, object] = {"path": path, "what": "status", "status": 404, "type": "access_code_not_found"}
    return rule | {"times": times} if times else rule


# --- It takes two words -----------------------------------------------------------------------------------------------


def test_one_404_for_wanted_code_changes_nothing(seam, lock, code):
    seam.break_down({"path": LIST, "what": "omit", "times": 1}, unknown(GET, 1))
    Lock.objects.filter(pk=lock.pk).wake(seam.now_at)
    seam.pass_time("PT1M")
    assert fresh(code).missing_at is not None
    seam.pass_time("PT1M", times=2)
    after = fresh(code)
    assert (after.seam_id, after.live_at, after.missing_at) == (code.seam_id, code.live_at, None)
    assert seam.calls()[CREATE] == 1


def test_one_404_for_revoked_code_is_no_removal(seam, lock, code):
    planning.revoke(code, seam.now_at, None)
    seam.break_down({"path": LIST, "what": "omit", "times": 1}, unknown(DELETE, 1), unknown(GET, 1))
    seam.work()
    assert fresh(code).removed_at is None
    assert seam.pins_on(lock) == {code.pin: "set"}
    seam.mend()
    seam.pass_time("PT1M", times=4)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert seam.pins_on(lock) == {}


def test_event_alone_is_no_removal(seam, lock, code):
    planning.revoke(code, seam.now_at, None)
    event = {"event_type": "access_code.removed_from_device", "access_code_id": str(code.seam_id)}
    events.take_in(event | {"event_id": "1", "occurred_at": seam.now_at.isoformat()}, seam.now_at)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVING
    seam.pass_time("PT1M", times=4)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert seam.pins_on(lock) == {}


def test_event_with_one_404_is_removal(seam, lock, code):
    seam.register_webhook()
    planning.revoke(code, seam.now_at, None)
    seam.pass_time("PT1M", times=2)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert fresh(code).removed_source.startswith("event ")


# --- A removed code that is there -------------------------------------------------------------------------------------


def test_removed_code_that_turns_up_is_withdrawn(seam, lock, code):
    planning.revoke(code, seam.now_at, None)
    AccessCode.objects.filter(pk=code.pk).update(removed_at=seam.now_at, removed_source="read back")
    seam.work()
    after = fresh(code)
    assert (after.removed_at, after.removed_source) == (None, "")
    assert after.state(seam.now_at) is CodeState.REMOVING
    assert after.ladder(seam.now_at)[-1].at is None
    assert after.activities.filter(kind=ActivityKind.CODE_RETURNED).count() == 1
    assert seam.pins_on(lock) == {code.pin: "removing"}
    seam.pass_time("PT1M", times=3)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert seam.pins_on(lock) == {}


def test_old_list_does_not_withdraw_removal(seam, lock, code):
    planning.revoke(code, seam.now_at, None)
    AccessCode.objects.filter(pk=code.pk).update(removed_at=seam.now_at, removed_source="read back")
    seam.break_down(unknown(GET))
    seam.work()
    assert fresh(code).removed_at is not None
    assert not fresh(code).activities.filter(kind=ActivityKind.CODE_RETURNED).exists()


def test_removed_code_gives_way_to_one_in_its_place(seam, lock, code):
    planning.revoke(code, seam.now_at, None)
    AccessCode.objects.filter(pk=code.pk).update(removed_at=seam.now_at, removed_source="read back")
    window = Window(seam.now_at, seam.now_at + LONG)
    again = planning.issue(lock, "Anna Schmidt", window, code.pin, seam.now_at, None)
    seam.pass_time("PT1M", times=6)
    assert fresh(code).removed_at is not None
    assert fresh(again).state(seam.now_at) is CodeState.LIVE
    assert seam.pins_on(lock) == {code.pin: "set"}


# --- What was sent stays known ----------------------------------------------------------------------------------------


def test_refused_code_that_is_there_is_not_called_never_sent(seam, lock):
    start = seam.now_at + timedelta(minutes=30)
    code = planning.issue(lock, "Anna Schmidt", Window(start, start + LONG), "482917", seam.now_at, None)
    AccessCode.objects.filter(pk=code.pk).update(created_at=seam.now_at - timedelta(hours=1))
    seam.break_down({"path": CREATE, "what": "misreport", "status": 404, "type": "device_not_found"})
    seam.work()
    seam.mend()
    assert fresh(code).state(seam.now_at) is CodeState.REJECTED
    planning.revoke(fresh(code), seam.now_at, None)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVING
    seam.pass_time("PT1M", times=4)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert fresh(code).removed_source.startswith("read back")
    assert seam.pins_on(lock) == {}


def test_code_without_answer_is_not_gone_after_one_list(seam, lock):
    start = seam.now_at + timedelta(hours=3)
    code = planning.issue(lock, "Anna Schmidt", Window(start, start + LONG), "482917", seam.now_at, None)
    seam.break_down({"path": CREATE, "what": "answer_lost", "times": 1}, {"path": LIST, "what": "omit"})
    seam.work()
    planning.revoke(fresh(code), seam.now_at, None)
    seam.pass_time("PT6M")
    assert fresh(code).removed_at is None
    seam.mend()
    seam.pass_time("PT1M", times=5)
    assert fresh(code).state(seam.now_at) is CodeState.REMOVED
    assert seam.pins_on(lock) == {}


# --- Every way to end -------------------------------------------------------------------------------------------------


@pytest.fixture
def door(organization, lock):
    return make_door(make_unit(make_property(organization)), lock)


@pytest.mark.parametrize("way", ["revoke", "cancel", "over", "door", "reissue", "dropped", "unlink"])
def test_no_way_to_end_calls_code_removed_that_opens(seam, lock, door, owner, way):
    stay = make_stay(door.units.get(), days_ahead=0, nights=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    seam.pass_time("PT12H")
    seam.pass_time("PT1M", times=3)
    code = stay.access_codes.get()
    assert code.state(seam.now_at) is CodeState.LIVE
    # Lists hold nothing, and a delete is not carried out, whatever is answered.
    seam.break_down({"path": LIST, "what": "omit"}, unknown(DELETE))
    match way:
        case "revoke":
            planning.withhold(code, seam.now_at, owner, "")
        case "cancel":
            cancel_stay(stay, seam.now_at, owner)
        case "over":
            seam.set_device(str(lock.seam_id), removal_fails=True)
            seam.pass_time("PT24H")
        case "door":
            door.lock = None
            save_door(door, door.units.all(), seam.now_at, owner)
        case "reissue":
            planning.reissue(code, seam.now_at, owner, "Lost")
        case "dropped":
            planning.withhold(code, seam.now_at, owner, "")
            seam("/connected_accounts/simulate/disconnect", connected_account_id=str(lock.account.seam_id))
            tasks.sync_all()
        case "unlink":
            unlinking.request(lock.account, owner, seam.now_at)
    seam.pass_time("PT1M", times=8)
    assert fresh(code).removed_at is None
    assert code.seam_id is not None
    assert seam.app.world.find(Record, str(code.seam_id)).pin == code.pin
    assert unlinking.codes_left(lock.account) >= 1
