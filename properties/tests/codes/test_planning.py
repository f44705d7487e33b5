"""From a stay to the codes it asks for."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from properties.codes import pins, planning
from properties.models import AccessCode, Activity, ConnectedAccount, Door, Lock, Stay
from properties.models.stays import Window
from properties.tests.builders import (
    NOW,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
)

WINDOW = Window(NOW + timedelta(days=1), NOW + timedelta(days=3))
LATER = Window(NOW + timedelta(days=1), NOW + timedelta(days=5))


# --- The decision, without a database -----------------------------------------------------------------------


def a_lock(number: int, **fields) -> Lock:
    account = ConnectedAccount(display_name="jane@example.com")
    return Lock(pk=number, name=f"Lock {number}", account=account, **({"can_program_codes": True} | fields))


def a_code(lock: Lock, window: Window = WINDOW) -> AccessCode:
    return AccessCode(pk=lock.pk, lock=lock, starts_at=window.starts_at, ends_at=window.ends_at)


FRONT, BACK, BOLT = a_lock(1), a_lock(2), a_lock(3, can_program_codes=None)
UNPLUGGED = a_lock(1, can_program_codes=False)


@pytest.mark.parametrize(
    ("doors", "codes", "stay", "create", "move", "revoke"),
    [
        pytest.param([FRONT, BACK], [], {}, [1, 2], [], [], id="a new stay"),
        pytest.param([FRONT, BACK], [FRONT], {}, [2], [], [], id="a second door"),
        pytest.param([FRONT], [FRONT], {}, [], [], [], id="nothing new"),
        pytest.param([FRONT], [FRONT], {"window": LATER}, [], [1], [], id="other times"),
        pytest.param([BACK], [FRONT], {}, [2], [], [1], id="another lock on the door"),
        pytest.param([], [FRONT], {}, [], [], [1], id="the door is gone"),
        pytest.param([None], [], {}, [], [], [], id="a door without a lock"),
        pytest.param([BOLT], [], {}, [], [], [], id="a lock without codes"),
        pytest.param([FRONT, BACK], [FRONT, BACK], {"cancelled_at": NOW}, [], [], [1, 2], id="cancelled"),
        pytest.param([FRONT], [], {"cancelled_at": NOW}, [], [], [], id="cancelled before any code"),
        pytest.param([UNPLUGGED], [FRONT], {}, [], [], [], id="a lock that is off for the moment keeps its code"),
        pytest.param([UNPLUGGED], [FRONT], {"window": LATER}, [], [1], [], id="and it moves with the stay"),
        pytest.param([UNPLUGGED], [FRONT], {"cancelled_at": NOW}, [], [], [1], id="and goes with the stay"),
    ],
)
def test_what_must_change_for_stay(doors, codes, stay, create, move, revoke):
    window = stay.pop("window", WINDOW)
    row = Stay(starts_at=window.starts_at, ends_at=window.ends_at, **stay)
    plan = planning.plan_stay(row, [Door(lock=lock, is_required=True) for lock in doors], map(a_code, codes), NOW)
    assert [lock.pk for lock in plan.create_on] == create
    assert [code.pk for code in plan.move] == move
    assert [code.pk for code in plan.revoke] == revoke


def test_optional_door_gets_no_code_and_loses_one_it_has():
    stay = Stay(starts_at=WINDOW.starts_at, ends_at=WINDOW.ends_at)
    plan = planning.plan_stay(stay, [Door(lock=FRONT, is_required=False)], [a_code(FRONT)], NOW)
    assert (plan.create_on, [code.pk for code in plan.revoke]) == ([], [1])


def test_stay_that_is_over_asks_for_nothing():
    stay = Stay(starts_at=WINDOW.starts_at, ends_at=WINDOW.ends_at)
    plan = planning.plan_stay(stay, [Door(lock=FRONT)], [], WINDOW.ends_at)
    assert plan == planning.StayPlan()


@pytest.mark.parametrize(
    ("lock", "is_required", "stay", "words"),
    [
        (FRONT, True, {}, ""),
        (None, True, {}, "No lock is on this door yet"),
        (BOLT, True, {}, "Bluetooth only"),
        (a_lock(1, can_program_codes=False, has_keypad=False), True, {}, "Pair a Wyze keypad"),
        (FRONT, False, {}, "optional"),
        (FRONT, True, {"cancelled_at": NOW}, "cancelled"),
        (FRONT, True, {"ends_at": NOW}, "over"),
    ],
)
def test_reason_is_given_exactly_when_no_code_is_planned(lock, is_required, stay, words):
    row = Stay(**({"starts_at": WINDOW.starts_at, "ends_at": WINDOW.ends_at} | stay))
    door = Door(lock=lock, is_required=is_required)
    reason = planning.why_no_code(row, door, NOW)
    assert words in reason
    assert bool(reason) is not bool(planning.plan_stay(row, [door], [], NOW).create_on)


# --- The rows -----------------------------------------------------------------------------------------------


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization))


@pytest.fixture
def two_doors(unit):
    locks = [make_lock(unit.organization, name) for name in ("Front", "Back")]
    for lock in locks:
        make_door(unit, lock, lock.name)
    return locks


def test_one_pin_opens_all_doors_of_stay(unit, two_doors, owner):
    codes = planning.apply_stay_plan(make_stay(unit), NOW, owner)
    assert {code.lock for code in codes} == set(two_doors)
    assert len({code.pin for code in codes}) == 1
    assert all(code.created_by == owner for code in codes)


def test_later_door_gets_pin_guest_has(unit, two_doors):
    stay = make_stay(unit)
    first = planning.apply_stay_plan(stay, NOW, None)[0]
    make_door(unit, make_lock(unit.organization, "Side"), "Side")
    [new] = planning.apply_stay_plan(stay, NOW, None)
    assert (new.lock.name, new.pin) == ("Side", first.pin)


def test_pin_that_is_taken_on_later_door_is_not_used_again(unit, two_doors):
    stay = make_stay(unit)
    first = planning.apply_stay_plan(stay, NOW, None)[0]
    side = make_lock(unit.organization, "Side")
    make_code(side, "Cleaner", pin=first.pin)
    make_door(unit, side, "Side")
    [new] = planning.apply_stay_plan(stay, NOW, None)
    assert new.pin != first.pin


def test_planning_twice_changes_nothing_more(unit, two_doors):
    stay = make_stay(unit)
    assert len(planning.apply_stay_plan(stay, NOW, None)) == 2
    assert planning.apply_stay_plan(stay, NOW, None) == []


def test_lock_with_work_is_due_now(unit, two_doors):
    planning.apply_stay_plan(make_stay(unit), NOW, None)
    assert set(Lock.objects.filter(work__reconcile_at=NOW)) == set(two_doors)


def test_without_pin_nothing_changes(unit, two_doors, monkeypatch):
    Lock.objects.filter(pk=two_doors[0].pk).update(code_lengths=[4])
    Lock.objects.filter(pk=two_doors[1].pk).update(code_lengths=[8])
    with pytest.raises(pins.NoPinLeft):
        planning.apply_stay_plan(make_stay(unit), NOW, None)
    assert not AccessCode.objects.exists()


def test_stay_cancelled_by_somebody_else_gets_no_code(unit, two_doors):
    stale = make_stay(unit)
    Stay.objects.filter(pk=stale.pk).update(cancelled_at=NOW)
    assert planning.apply_stay_plan(stale, NOW, None) == []


def test_another_zone_moves_stays_to_come_and_their_codes(unit, two_doors):
    stay, past = make_stay(unit), make_stay(unit, days_ahead=-20)
    planning.apply_stay_plan(stay, NOW, None)
    before = stay.starts_at
    unit.property.time_zone = "America/New_York"
    unit.property.save()
    changed = planning.replan_unit_stays([unit.pk], NOW, None)
    stay.refresh_from_db()
    assert stay.starts_at == before - timedelta(hours=3)
    assert {code.starts_at for code in changed} == {stay.starts_at}
    past_start = past.starts_at
    past.refresh_from_db()
    assert past.starts_at == past_start


def test_moving_keeps_pin_and_forgets_refusal(unit, two_doors):
    code = make_code(two_doors[0], rejected_at=NOW, rejection="Full")
    pin = code.pin
    planning.move(code, LATER, NOW, None)
    code.refresh_from_db()
    assert (code.window, code.pin, code.rejected_at, code.rejection) == (LATER, pin, None, "")


def test_code_that_never_left_us_is_removed_on_spot(two_doors):
    code = make_code(two_doors[0])
    assert planning.revoke(code, NOW, None, "Changed my mind")
    assert (code.removed_at, code.revoke_reason) == (NOW, "Changed my mind")
    assert not planning.revoke(code, NOW, None)


def test_code_stays_until_proved_gone(two_doors):
    code = make_code(two_doors[0], create_sent_at=NOW)
    planning.revoke(code, NOW, None)
    assert (code.revoked_at, code.removed_at) == (NOW, None)


def test_reissue_gives_new_pin_for_same_window(unit, two_doors, owner):
    old = planning.apply_stay_plan(make_stay(unit), NOW, owner)[0]
    new = planning.reissue(old, NOW, owner, "guest told a friend")
    old.refresh_from_db()
    assert new.pin != old.pin
    assert (new.window, new.stay, new.replaces) == (old.window, old.stay, old)
    assert (old.revoked_at, old.revoke_reason) == (NOW, "Reissued: guest told a friend")


def test_database_keeps_pin_once_per_lock(two_doors):
    front, back = two_doors
    make_code(front, pin="482917")
    make_code(back, pin="482917")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_code(front, "Somebody else", pin="482917")


@pytest.mark.parametrize("holder", ["Anna", "🏖️", "سارة الأحمد", "A" * 200, "  Bo   Bergman ", "\u202eevil"])
def test_name_at_seam_is_short_plain_and_unique(holder):
    names = {planning.seam_name(holder) for _ in range(20)}
    assert len(names) == 20
    assert all(name.isascii() and name.isprintable() and len(name) <= 27 for name in names)


def test_history_tells_of_each_verb_and_never_of_pin(two_doors, owner):
    code = make_code(two_doors[0], pin="482917")
    planning.move(code, LATER, NOW, owner)
    planning.reveal(code, NOW, owner)
    planning.retry(code, NOW, owner)
    planning.reissue(code, NOW, owner, "lost", pin="730514")
    told = list(Activity.objects.filter(access_code=code).values_list("kind", flat=True).order_by("pk"))
    assert told == ["code.planned", "code.moved", "code.revealed", "code.retried", "code.revoked"]
    words = " ".join(Activity.objects.values_list("text", flat=True))
    assert "482917" not in words
    assert "730514" not in words


def test_seeing_pin_is_remembered_once(two_doors, owner):
    code = make_code(two_doors[0], pin="482917")
    assert planning.reveal(code, NOW, owner) == "482917"
    planning.reveal(code, NOW + timedelta(hours=1), owner)
    code.refresh_from_db()
    assert code.pin_shown_at == NOW


def test_end_of_guests_phone_is_kept_out_of_pin(unit, two_doors, monkeypatch):
    asked = []

    def choose(locks, now, avoid) -> str:
        asked.append(avoid)
        return "482917"

    monkeypatch.setattr(pins, "choose_pin", choose)
    planning.apply_stay_plan(make_stay(unit, phone="+49 170 123-4567"), NOW, None)
    assert asked == [["4567"]]
