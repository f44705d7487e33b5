"""How long a verdict holds: nothing about it changes before that, whatever the facts."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from properties.codes.capacity import CodeOnLock
from properties.tests.verdict.test_checks import ENDS, NOW, STARTS, any_facts, at, facts
from properties.verdict.checks import Readiness, StayFacts, verdict
from properties.verdict.validity import valid_until

MOMENT = timedelta(microseconds=1)


def said(known: StayFacts, now: datetime) -> Readiness:
    """With a worker that is alive: its silence is not part of what is stored."""
    return verdict(replace(known, worker_seen_at=now), now)


@given(any_facts(), st.integers(-4000, 24000), st.floats(0, 1))
def test_verdict_and_words_hold_until_their_time(known, minutes_before, share):
    now = STARTS - timedelta(minutes=minutes_before)
    assume(now < ENDS)
    until = valid_until(known, now)
    assert now < until <= ENDS
    for later in (now + (until - now) * share, until - MOMENT):
        if now <= later < until:
            assert said(known, later) == said(known, now)


def test_verdict_of_unproved_code_holds_until_next_checkpoint():
    known, now = at(timedelta(hours=20), facts(code={"on_lock_at": None}))
    assert valid_until(known, now) == STARTS - timedelta(hours=6)


def test_verdict_holds_until_day_of_loading_has_come():
    """Until then it says when the code is loaded."""
    loaded_at = STARTS - timedelta(hours=40)
    waits = {"mutation_code": "deferring_creation", "scheduled_at": loaded_at.isoformat()}
    known, now = at(timedelta(hours=50), facts(code={"on_lock_at": None, "pending_mutations": [waits]}))
    assert valid_until(known, now) == loaded_at
    assert said(known, now) != said(known, loaded_at)


@given(
    st.lists(st.tuples(st.integers(-200, 200), st.integers(1, 100), st.booleans(), st.none() | st.integers(-90, 90))),
    st.integers(0, 160),
    st.floats(0, 1),
)
def test_verdict_holds_while_places_are_taken_and_left(spans, hours_before, share):
    hour = timedelta(hours=1)
    others = tuple(
        CodeOnLock(
            100 + number,
            5,
            None,
            "other",
            STARTS + begins * hour,
            STARTS + (begins + lasts) * hour,
            STARTS + revoked * hour if revoked is not None else None,
            is_at_seam,
        )
        for number, (begins, lasts, is_at_seam, revoked) in enumerate(spans)
    )
    door = {"others_on_lock": others}
    known, now = at(hours_before * hour, facts({"code_capacity": 1}, {"seam_id": None, "on_lock_at": None}, door))
    later = now + (valid_until(known, now) - MOMENT - now) * share
    assert said(known, later) == said(known, now)


def test_verdict_holds_until_code_should_be_off_its_lock():
    """From then on nothing says when its place is free."""
    now = STARTS - timedelta(hours=2)
    over = CodeOnLock(100, 5, None, "other", None, now - timedelta(minutes=5), None, True)
    waits = {"seam_id": None, "on_lock_at": None}
    known = facts({"code_capacity": 1}, waits, {"others_on_lock": (over,)})
    until = now + timedelta(minutes=10)
    assert valid_until(known, now) == until
    assert said(known, now) != said(known, until)


def test_verdict_of_silent_lock_holds_until_its_reading_is_old():
    known = facts({"read_at": NOW - timedelta(hours=23, minutes=30), "heard_at": None}, {"live_at": STARTS})
    assert valid_until(known, NOW) == NOW + timedelta(minutes=30) + MOMENT
    assert said(known, NOW + timedelta(minutes=30)) == said(known, NOW)
