"""The verdict on an arrival: what each check says, that the worst one wins, and what time does to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.codes.capacity import CodeOnLock
from properties.models import AccessCode, ConnectedAccount, Door, Guest, Lock, Property, Stay, Unit
from properties.values.local_time import LocalTime
from properties.verdict.checks import (
    CHECKPOINTS,
    Check,
    DoorFacts,
    Fix,
    OtherStay,
    Severity,
    StayFacts,
    Subject,
    Verdict,
    checkpoints_passed,
    removal,
    verdict,
    worst,
)

STARTS = datetime(2026, 6, 11, 23, 0, tzinfo=UTC)
ENDS = datetime(2026, 6, 14, 18, 0, tzinfo=UTC)
# Two hours before check-in.
NOW = STARTS - timedelta(hours=2)
HOME = Property(pk=1, name="Lake House", time_zone="America/Los_Angeles")
UNIT = Unit(pk=2, property=HOME, name="Whole home")
OTHER = OtherStay(9, "Robin", LocalTime(date(2026, 6, 13), time(16)), LocalTime(date(2026, 6, 16), time(11)))
FIFTY = tuple(CodeOnLock(n, 5, None, "other", None, None, None, True) for n in range(100, 150))
ERROR = {"error_code": "failed_to_set_on_device", "message": "The lock did not take it."}


def a_stay(**fields: Any) -> Stay:
    values: dict[str, Any] = {
        "check_in_on": date(2026, 6, 11),
        "check_in_time": time(16),
        "check_out_on": date(2026, 6, 14),
        "check_out_time": time(11),
        "starts_at": STARTS,
        "ends_at": ENDS,
    }
    return Stay(pk=3, unit=UNIT, guest=Guest(name="Anna"), **(values | fields))


def an_account(**fields: Any) -> ConnectedAccount:
    return ConnectedAccount(pk=4, display_name="jane@example.com", **fields)


def a_lock(**fields: Any) -> Lock:
    values: dict[str, Any] = {
        "account": an_account(),
        "name": "Front",
        "can_program_codes": True,
        "code_capacity": 50,
        "is_online": True,
        "battery_level": 0.8,
        "battery_status": "good",
        "read_at": NOW,
        "heard_at": NOW,
    }
    return Lock(pk=5, **(values | fields))


def a_code(lock: Lock, **fields: Any) -> AccessCode:
    """On the lock, proved, for the window of the stay."""
    values: dict[str, Any] = {
        "starts_at": STARTS,
        "ends_at": ENDS,
        "created_at": STARTS - timedelta(days=20),
        "seam_id": "11111111-1111-4111-8111-111111111111",
        "accepted_at": STARTS - timedelta(days=20),
        "observed_at": NOW,
        "on_lock_at": STARTS - timedelta(hours=72),
        "seam_starts_at": STARTS,
        "seam_ends_at": ENDS,
    }
    return AccessCode(pk=6, lock=lock, holder_name="Anna", **(values | fields))


def facts(
    lock: dict[str, Any] | None = None, code: dict[str, Any] | None = None, door: dict[str, Any] | None = None
) -> StayFacts:
    """A stay in good order with one required door, but for what is told here."""
    one = a_lock(**(lock or {}))
    values: dict[str, Any] = {"lock": one, "code": a_code(one, **(code or {}))} | (door or {})
    return StayFacts(a_stay(), (DoorFacts(Door(pk=7, name="Front door"), **values),), (), NOW)


def at(lead: timedelta, known: StayFacts) -> tuple[StayFacts, datetime]:
    """The same facts seen at another time, with a lock and a worker that were heard of just then."""
    now = STARTS - lead
    for door in known.doors:
        if door.lock is not None and door.lock.read_at is not None:
            door.lock.read_at = door.lock.heard_at = now
    return replace(known, worker_seen_at=now), now


def check_of(known: StayFacts, subject: Subject, now: datetime = NOW) -> Check:
    return max((c for c in verdict(known, now).checks if c.subject is subject), key=lambda c: c.verdict.rank)


def test_good_arrival_is_ready_in_every_check():
    answer = verdict(facts(), NOW)
    assert answer.verdict is Verdict.READY
    assert {check.subject for check in answer.checks} == set(Subject) - {Subject.REMOVAL, Subject.GUEST_KNOWS}
    assert all(check.what for check in answer.checks)
    assert answer.first_to_mend is None


@pytest.mark.parametrize(
    ("known", "subject", "expected", "fix"),
    [
        (facts(code={"on_lock_at": None}), Subject.PROOF, Verdict.NOT_READY, Fix.RETRY),
        (facts(code={"rejected_at": NOW, "rejection": "No."}), Subject.PROOF, Verdict.NOT_READY, Fix.RETRY),
        (
            facts(code={"rejected_at": NOW, "errors": [{"error_code": "duplicate_code_on_device"}]}),
            Subject.PROOF,
            Verdict.NOT_READY,
            Fix.REISSUE,
        ),
        (facts(door={"code": None}), Subject.PROOF, Verdict.NOT_READY, Fix.MOVE_STAY),
        (facts({"can_program_codes": None}, door={"code": None}), Subject.PROOF, Verdict.NOT_READY, Fix.CHECK_LOCK),
        (facts(door={"lock": None, "code": None}), Subject.DOORS, Verdict.NOT_READY, Fix.PUT_LOCK_ON_DOOR),
        (facts({"is_online": False}), Subject.LOCK, Verdict.AT_RISK, Fix.CHECK_LOCK),
        (facts({"is_online": None}), Subject.LOCK, Verdict.UNKNOWN, Fix.CHECK_LOCK),
        (facts({"errors": [{"message": "Gateway gone."}]}), Subject.LOCK, Verdict.AT_RISK, Fix.CHECK_LOCK),
        (facts({"breaker_until": NOW}), Subject.LOCK, Verdict.AT_RISK, Fix.CHECK_LOCK),
        (facts({"vanished_at": NOW}), Subject.LOCK, Verdict.NOT_READY, Fix.PUT_LOCK_ON_DOOR),
        (
            facts({"read_at": NOW - timedelta(hours=25), "heard_at": None}),
            Subject.LOCK,
            Verdict.UNKNOWN,
            Fix.CHECK_LOCK,
        ),
        (facts({"battery_level": 0.29}), Subject.BATTERY, Verdict.AT_RISK, Fix.CHANGE_BATTERY),
        (facts({"battery_level": 0.0}), Subject.BATTERY, Verdict.NOT_READY, Fix.CHANGE_BATTERY),
        (facts({"battery_status": "critical"}), Subject.BATTERY, Verdict.AT_RISK, Fix.CHANGE_BATTERY),
        (facts({"keypad_battery_level": 0.1}), Subject.BATTERY, Verdict.AT_RISK, Fix.CHANGE_BATTERY),
        (facts({"battery_level": None, "battery_status": ""}), Subject.BATTERY, Verdict.UNKNOWN, Fix.CHECK_LOCK),
        (facts({"battery_good_until": ENDS - timedelta(days=1)}), Subject.BATTERY, Verdict.AT_RISK, Fix.CHANGE_BATTERY),
        (facts({"battery_good_until": ENDS + timedelta(days=1)}), Subject.BATTERY, Verdict.READY, Fix.NONE),
        (
            facts({"account": an_account(errors=[{"error_code": "account_disconnected"}])}),
            Subject.ACCOUNT,
            Verdict.AT_RISK,
            Fix.RECONNECT,
        ),
        (
            facts({"account": an_account(unlink_requested_at=NOW)}),
            Subject.ACCOUNT,
            Verdict.NOT_READY,
            Fix.PUT_LOCK_ON_DOOR,
        ),
        (
            facts(code={"seam_id": None}, door={"others_on_lock": FIFTY}),
            Subject.CAPACITY,
            Verdict.NOT_READY,
            Fix.FREE_PLACES,
        ),
        (facts(door={"others_on_lock": FIFTY}), Subject.CAPACITY, Verdict.READY, Fix.NONE),
        (replace(facts(), doors=()), Subject.DOORS, Verdict.NOT_READY, Fix.ADD_DOOR),
        (replace(facts(), others=(OTHER,)), Subject.CONFLICT, Verdict.NOT_READY, Fix.MOVE_STAY),
        (replace(facts(), worker_seen_at=None), Subject.WORKER, Verdict.UNKNOWN, Fix.NONE),
        (replace(facts(), worker_seen_at=NOW - timedelta(minutes=16)), Subject.WORKER, Verdict.UNKNOWN, Fix.NONE),
        (replace(facts(), worker_seen_at=NOW - timedelta(minutes=14)), Subject.WORKER, Verdict.READY, Fix.NONE),
        (
            replace(facts(code={"on_lock_at": None}), worker_seen_at=None),
            Subject.WORKER,
            Verdict.AT_RISK,
            Fix.NONE,
        ),
    ],
)
def test_each_trouble_has_its_verdict_its_words_and_one_way_out(known, subject, expected, fix):
    check = check_of(known, subject)
    assert (check.verdict, check.fix) == (expected, fix)
    assert check.what.endswith(".")
    assert verdict(known, NOW).verdict.rank >= expected.rank
    if check.verdict.needs_somebody:
        assert check.todo
        assert check.why or subject is Subject.PROOF


@pytest.mark.parametrize(
    ("hours_before", "severity", "expected"),
    [
        (73, Severity.NONE, Verdict.WORKING),
        (72, Severity.INFO, Verdict.WORKING),
        (25, Severity.INFO, Verdict.WORKING),
        (24, Severity.WARN, Verdict.AT_RISK),
        (7, Severity.WARN, Verdict.AT_RISK),
        (6, Severity.URGENT, Verdict.NOT_READY),
        (1, Severity.PAGE, Verdict.NOT_READY),
        (-1, Severity.PAGE, Verdict.NOT_READY),
    ],
)
def test_missing_proof_weighs_one_step_more_at_each_checkpoint(hours_before, severity, expected):
    known, now = at(timedelta(hours=hours_before), facts(code={"on_lock_at": None}))
    check = check_of(known, Subject.PROOF, now)
    assert (check.severity, check.verdict) == (severity, expected)


def test_code_that_will_not_make_it_says_what_to_do_next():
    said = {}
    for hours in (48, 20, 5, 0.5):
        known, now = at(timedelta(hours=hours), facts(code={"on_lock_at": None}))
        said[hours] = check_of(known, Subject.PROOF, now).todo
    assert said[48] == ""
    assert "Try again" in said[20]
    assert "gateway" in said[5]
    assert "another way in" in said[0.5]


def test_code_that_is_not_even_accepted_is_one_step_behind():
    known, now = at(timedelta(hours=48), facts(code={"on_lock_at": None, "seam_id": None}))
    assert check_of(known, Subject.PROOF, now).verdict is Verdict.AT_RISK


def test_new_code_is_under_way_with_guest_at_door():
    known = facts(code={"on_lock_at": None, "seam_id": None, "created_at": STARTS})
    assert check_of(known, Subject.PROOF, STARTS + timedelta(minutes=1)).verdict is Verdict.WORKING
    assert check_of(known, Subject.PROOF, STARTS + timedelta(minutes=16)).verdict is Verdict.NOT_READY


LONGER, SHORTER = ENDS + timedelta(days=2), ENDS - timedelta(hours=4)
ON_ITS_WAY = [
    (LONGER, {}, ENDS - timedelta(days=3, hours=2), Verdict.WORKING),
    (LONGER, {}, ENDS - timedelta(hours=20), Verdict.AT_RISK),
    (LONGER, {}, ENDS - timedelta(minutes=10), Verdict.AT_RISK),
    (LONGER, {}, ENDS + timedelta(minutes=1), Verdict.NOT_READY),
    (SHORTER, {}, SHORTER - timedelta(minutes=10), Verdict.AT_RISK),
    (LONGER, {"rejected_at": STARTS}, ENDS - timedelta(hours=2), Verdict.AT_RISK),
    (LONGER, {"rejected_at": STARTS}, STARTS - timedelta(days=9), Verdict.AT_RISK),
    (LONGER, {"rejected_at": STARTS}, ENDS + timedelta(minutes=1), Verdict.NOT_READY),
]


@pytest.mark.parametrize(("wanted", "more", "now", "expected"), ON_ITS_WAY)
def test_new_end_is_a_risk_while_old_one_opens(wanted, more, now, expected):
    known = facts(code={"live_at": STARTS, "ends_at": wanted, **more})
    stay = a_stay(ends_at=wanted)
    assert check_of(replace(known, stay=stay), Subject.PROOF, now).verdict is expected


def test_new_end_is_said_with_the_old_one():
    known = facts(code={"live_at": STARTS, "ends_at": LONGER})
    check = check_of(known, Subject.PROOF, ENDS - timedelta(hours=2))
    assert check.what == "Front door: live until Sun 14 Jun, 11:00; new end Tue 16 Jun, 11:00 is being set."
    assert check.why == "The guest gets in until then."
    known = facts(code={"live_at": STARTS, "ends_at": SHORTER})
    check = check_of(known, Subject.PROOF, SHORTER - timedelta(hours=2))
    assert "still opens until Sun 14 Jun, 11:00; new end Sun 14 Jun, 07:00 is being set." in check.what


def test_advice_names_no_time_that_has_passed():
    known = facts({"battery_level": 0.05, "battery_status": "critical"})
    assert "Change it before Thu 11 Jun, 16:00." in check_of(known, Subject.BATTERY, STARTS - timedelta(hours=1)).todo
    later = check_of(known, Subject.BATTERY, STARTS + timedelta(hours=7))
    assert later.todo == "Change it as soon as the guest allows."


def test_code_not_live_is_risk_once_guest_may_enter():
    known = facts()
    assert check_of(known, Subject.PROOF, STARTS + timedelta(minutes=10)).verdict is Verdict.READY
    assert check_of(known, Subject.PROOF, STARTS + timedelta(minutes=20)).verdict is Verdict.AT_RISK
    lived = facts(code={"live_at": STARTS})
    assert check_of(lived, Subject.PROOF, STARTS + timedelta(minutes=20)).verdict is Verdict.READY


def test_offline_lock_is_risk_when_code_must_reach_it():
    far, now = at(timedelta(days=9), facts({"is_online": False}))
    assert check_of(far, Subject.LOCK, now).verdict is Verdict.WORKING
    near, now = at(timedelta(hours=71), facts({"is_online": False}))
    assert check_of(near, Subject.LOCK, now).verdict is Verdict.AT_RISK


def test_optional_door_never_makes_arrival_worse():
    broken = DoorFacts(Door(pk=8, name="Shed", is_required=False), a_lock(is_online=False, battery_level=0.01))
    known = facts()
    assert verdict(replace(known, doors=(*known.doors, broken)), NOW).verdict is Verdict.READY


def test_overlap_by_buffers_is_risk_only():
    next_guest = OtherStay(9, "Robin", LocalTime(date(2026, 6, 14), time(11)), LocalTime(date(2026, 6, 16), time(11)))
    check = check_of(replace(facts(), others=(next_guest,)), Subject.CONFLICT)
    assert check.verdict is Verdict.AT_RISK
    assert "open at the same time" in check.what


def test_where_to_begin_is_cause_not_its_effect():
    dropped = an_account(errors=[{"error_code": "account_disconnected"}])
    known = facts({"account": dropped, "is_online": False}, {"on_lock_at": None})
    answer = verdict(known, NOW)
    assert answer.verdict is Verdict.NOT_READY
    assert answer.first_to_mend is not None
    assert answer.first_to_mend.fix is Fix.RECONNECT


def test_dropped_account_is_said_once_for_all_doors():
    dropped = an_account(errors=[{"error_code": "account_disconnected"}])
    known = facts({"account": dropped, "is_online": False})
    other = a_lock(account=dropped, name="Back", is_online=False, errors=[{"message": "Account gone."}])
    both = replace(known, doors=(*known.doors, DoorFacts(Door(pk=8, name="Back door"), other, a_code(other))))
    asking = [check for check in verdict(both, NOW).checks if check.verdict.needs_somebody]
    assert [check.subject for check in asking] == [Subject.ACCOUNT]


def test_waiting_code_names_local_day_of_loading():
    known, now = at(timedelta(days=9), facts(code={"on_lock_at": None}))
    assert check_of(known, Subject.PROOF, now).why == "Wyze loads it on Mon 8 Jun, 16:00."


def test_nothing_known_is_unknown_not_ready():
    assert worst([]) is Verdict.UNKNOWN


def test_checkpoints_count_up_as_arrival_comes_nearer():
    leads = [timedelta(hours=h) for h in (100, 72, 24, 6, 1, 0)]
    assert [checkpoints_passed(lead) for lead in leads] == [0, 1, 2, 3, 4, 5]
    assert sorted(CHECKPOINTS, reverse=True) == list(CHECKPOINTS)


@pytest.mark.parametrize(
    ("fields", "after", "next_in", "severity", "expected"),
    [
        ({"removed_at": ENDS}, 1, None, Severity.NONE, Verdict.READY),
        ({}, 0.1, None, Severity.NONE, Verdict.WORKING),
        ({}, 0.5, None, Severity.WARN, Verdict.AT_RISK),
        ({}, 1, None, Severity.URGENT, Verdict.NOT_READY),
        ({}, 0.5, 30, Severity.WARN, Verdict.AT_RISK),
        ({}, 0.5, 5, Severity.PAGE, Verdict.NOT_READY),
        ({"errors": [{"error_code": "failed_to_expire"}]}, 0.1, None, Severity.WARN, Verdict.AT_RISK),
    ],
)
def test_at_end_code_that_is_not_proved_gone_grows_louder(fields, after, next_in, severity, expected):
    now = ENDS + timedelta(hours=after)
    check = removal([a_code(a_lock(), **fields)], now, now + timedelta(hours=next_in) if next_in else None)
    assert (check.severity, check.verdict) == (severity, expected)


def test_stay_without_codes_has_none_to_remove():
    assert removal([], ENDS).verdict is Verdict.READY


# --- For any facts whatever ---------------------------------------------------------------------------------

hours = st.integers(min_value=-60, max_value=400).map(lambda h: timedelta(hours=h))
lock_fields = st.fixed_dictionaries(
    {
        "is_online": st.sampled_from([True, False, None]),
        "battery_level": st.sampled_from([None, 0.0, 0.1, 0.25, 0.8]),
        "keypad_battery_level": st.sampled_from([None, 0.1, 0.8]),
        "battery_status": st.sampled_from(["", "low", "critical", "good"]),
        "errors": st.sampled_from([[], [{"error_code": "device_offline", "message": "Away."}]]),
        "vanished_at": st.sampled_from([None, NOW]),
        "breaker_until": st.sampled_from([None, NOW]),
        "read_at": hours.map(lambda lead: STARTS - lead),
        "heard_at": st.none() | hours.map(lambda lead: STARTS - lead),
        "code_capacity": st.sampled_from([None, 10]),
        "account": st.sampled_from([an_account(), an_account(errors=[{"error_code": "account_disconnected"}])]),
    }
)
code_fields = st.fixed_dictionaries(
    {
        "created_at": hours.map(lambda lead: STARTS - timedelta(hours=1) - lead),
        "seam_id": st.sampled_from([None, "11111111-1111-4111-8111-111111111111"]),
        "on_lock_at": st.sampled_from([None, STARTS - timedelta(hours=70)]),
        "live_at": st.sampled_from([None, STARTS]),
        "errors": st.sampled_from([[], [ERROR]]),
        "rejected_at": st.sampled_from([None, NOW]),
        "seam_ends_at": st.sampled_from([ENDS, ENDS - timedelta(days=1)]),
    }
)


@st.composite
def any_facts(draw: st.DrawFn) -> StayFacts:
    doors = []
    for number in range(draw(st.integers(0, 3))):
        lock = draw(st.none() | lock_fields.map(lambda values: a_lock(**values)))
        code = a_code(lock, **draw(code_fields)) if lock and draw(st.booleans()) else None
        door = Door(pk=number, name=f"Door {number}", is_required=draw(st.booleans()))
        doors.append(DoorFacts(door, lock, code, draw(st.sampled_from([(), FIFTY]))))
    seen_at = draw(st.none() | hours.map(lambda lead: STARTS - lead))
    return StayFacts(a_stay(), tuple(doors), draw(st.sampled_from([(), (OTHER,)])), seen_at)


@given(any_facts(), hours)
def test_worst_check_wins(known, lead):
    answer = verdict(known, STARTS - lead)
    assert answer.verdict is max((check.verdict for check in answer.checks), key=lambda v: v.rank)
    assert (answer.verdict is Verdict.READY) == all(check.verdict is Verdict.READY for check in answer.checks)
    if answer.verdict.needs_somebody:
        assert answer.first_to_mend is not None
        assert answer.first_to_mend.verdict.needs_somebody


@given(any_facts(), hours, st.integers(0, 200))
def test_waiting_alone_never_makes_it_better(known, lead, later):
    first = verdict(known, STARTS - lead).verdict
    assert verdict(known, STARTS - lead + timedelta(hours=later)).verdict.rank >= first.rank


@given(any_facts(), hours, st.sampled_from(["on_lock_at", "seam_id", "errors", "code", "live_at"]))
def test_proof_that_goes_missing_never_makes_it_better(known, lead, lost):
    now = STARTS - lead
    before = verdict(known, now).verdict
    doors = []
    for door in known.doors:
        if door.code is not None and lost == "code":
            door = replace(door, code=None)
        elif door.code is not None:
            setattr(door.code, lost, [ERROR] if lost == "errors" else None)
        doors.append(door)
    assert verdict(replace(known, doors=tuple(doors)), now).verdict.rank >= before.rank
