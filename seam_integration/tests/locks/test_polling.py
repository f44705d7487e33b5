"""When a lock is polled: before anything is sent, and next."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.models import AccessCode, ConnectedAccount, Lock
from properties.tests.builders import NOW, other_code
from seam_integration.locks.plan import plan
from seam_integration.locks.polling import must_list_first, next_poll
from seam_integration.models import LockWork
from seam_integration.tests.locks.test_plan import operations, remote
from seam_integration.tests.unsaved import HOUR, accepted, code

MINUTE = timedelta(minutes=1)
READ_AT = NOW - 10 * MINUTE
DROPPED = [{"error_code": "account_disconnected"}]
STRANGER = other_code("Made in the app")


def work_on_a_lock(**fields) -> LockWork:
    """Of a lock that was read ten minutes ago; not saved."""
    own = {"codes_read_at": fields.pop("codes_read_at", READ_AT), "failures": fields.pop("failures", 0)}
    account = fields.pop("account", None) or ConnectedAccount(pk=1)
    lock = Lock(pk=1, account=account, **({"unmanaged_read_at": READ_AT, "code_capacity": 50} | fields))
    return LockWork(lock=lock, **own)


def at_rest(number: int = 1, **fields) -> AccessCode:
    """Seen ten minutes ago, just as it is wanted; it starts in ten days and is not on the lock yet."""
    window = {"starts_at": NOW + 240 * HOUR, "ends_at": NOW + 300 * HOUR}
    window = {name: fields.pop(name, at) for name, at in window.items()}
    seen = {f"seam_{name}": at for name, at in window.items()} | {"seam_status": "unset", "observed_at": READ_AT}
    return accepted(number, **(window | seen | fields))


def live(number: int = 1, **fields) -> AccessCode:
    """Its guest is in residence, and all of it is proved."""
    began, proof = NOW - 24 * HOUR, {"seam_status": "set", "on_lock_at": NOW - 90 * HOUR, "live_at": NOW - 24 * HOUR}
    return at_rest(number, **({"starts_at": began, "ends_at": NOW + 24 * HOUR} | proof | fields))


NEW = code(2, starts_at=NOW + 240 * HOUR, ends_at=NOW + 300 * HOUR)
JUST_SENT = {"create_sent_at": NOW - timedelta(seconds=5)}
ON_ITS_WAY = {"starts_at": NOW + 24 * HOUR, "ends_at": NOW + 72 * HOUR}


@pytest.mark.parametrize(
    ("lock", "codes", "expected"),
    [
        pytest.param({}, [NEW], False, id="a new code on a lock that was read lately is simply sent"),
        pytest.param({}, [NEW, at_rest()], False, id="beside one that is as it should be, too"),
        pytest.param({}, [NEW, live()], False, id="and beside one that is in use"),
        pytest.param({}, [NEW, at_rest(rejected_at=READ_AT)], False, id="a refused code waits for a person"),
        pytest.param({}, [NEW, code(rejected_at=NOW)], False, id="even if it never reached Seam"),
        pytest.param({}, [], True, id="nothing to send: a poll was asked for"),
        pytest.param({}, [at_rest()], True, id="nothing new to send: a poll was asked for"),
        # What the reading is worth.
        pytest.param({"codes_read_at": None}, [NEW], True, id="the lock was never read, or its reading is in doubt"),
        pytest.param({"codes_read_at": NOW - 25 * HOUR}, [NEW], True, id="the daily poll is due"),
        pytest.param({"codes_read_at": NOW - 11 * HOUR}, [NEW], False, id="a reading of this morning serves"),
        pytest.param({"codes_read_at": NOW + MINUTE}, [NEW], True, id="the clock was set back since the reading"),
        pytest.param({"unmanaged_read_at": None}, [NEW], True, id="codes of the app were never read"),
        pytest.param({"unmanaged_read_at": NOW - 12 * HOUR}, [NEW], True, id="codes of the app were read long ago"),
        pytest.param({"failures": 1}, [NEW], True, id="after a failure"),
        pytest.param({"account": ConnectedAccount(pk=1, errors=DROPPED)}, [NEW], True, id="the account was dropped"),
        # Lost answers.
        pytest.param({}, [NEW, code(**JUST_SENT)], True, id="a create is on its way, or another worker died in it"),
        pytest.param({}, [NEW, code(create_sent_at=NOW - HOUR)], True, id="a create was never answered"),
        pytest.param({}, [code(create_sent_at=NOW - HOUR)], True, id="a create that was never answered, alone"),
        pytest.param({}, [NEW, code(rejected_at=NOW, **JUST_SENT)], True, id="a refused one may be there after all"),
        pytest.param(
            {}, [NEW, at_rest(seam_id=None, create_sent_at=None, observed_at=NOW)], True,
            id="a lock linked anew: its ids are gone, its codes may be there",
        ),
        # Codes that have to change or to go.
        pytest.param({}, [NEW, at_rest(revoked_at=NOW)], True, id="a revoked code is to be removed"),
        pytest.param({}, [NEW, live(ends_at=NOW)], True, id="a stay is over, its removal is not proved"),
        pytest.param({}, [NEW, live(ends_at=NOW - HOUR)], True, id="a stay is long over, its removal is not proved"),
        pytest.param({}, [code(starts_at=NOW - 2 * HOUR, ends_at=NOW)], True, id="a code whose time passed unsent"),
        pytest.param({}, [NEW, at_rest(seam_ends_at=NOW + 299 * HOUR)], True, id="another has new times"),
        pytest.param(
            {}, [NEW, at_rest(pending_mutations=[{"mutation_code": "updating_time_frame"}])], True,
            id="Seam is still changing another",
        ),
        # Revived while Seam was taking it off: when it is gone, it has to be made anew.
        pytest.param({}, [NEW, live(seam_status="removing")], True, id="another is wanted again, but being removed"),
        pytest.param(
            {}, [NEW, live(pending_mutations=[{"mutation_code": "deleting"}])], True,
            id="another is wanted again, but about to be removed",
        ),
        # A poll that is due for another reason.
        pytest.param(
            {}, [NEW, at_rest(**ON_ITS_WAY, accepted_at=READ_AT)], True, id="the proof of another is awaited"
        ),
        pytest.param(
            {}, [NEW, at_rest(**ON_ITS_WAY, accepted_at=NOW, observed_at=NOW)], False, id="its proof is not due yet"
        ),
        pytest.param({}, [NEW, at_rest(**ON_ITS_WAY, on_lock_at=READ_AT)], False, id="its proof is there"),
        pytest.param(
            {}, [NEW, live(starts_at=READ_AT, accepted_at=READ_AT, live_at=None)], True, id="another begins unproved"
        ),
        # Places.
        pytest.param({"code_capacity": 2}, [NEW, at_rest()], False, id="the last place is free"),
        pytest.param({"code_capacity": 1}, [NEW, at_rest()], True, id="no place is free as far as we know"),
        pytest.param({"code_capacity": 1}, [NEW, live()], False, id="the place is free by then"),
        pytest.param(
            {"code_capacity": 2, "other_codes": [STRANGER]}, [NEW, at_rest()], True, id="a stranger has the place"
        ),
        pytest.param({"code_capacity": None}, [NEW, at_rest()], False, id="a lock that names no limit"),
    ],
)  # fmt: skip
def test_lock_is_listed_first_unless_useless(lock, codes, expected):
    assert must_list_first(work_on_a_lock(**lock), codes, NOW) is expected


def test_codes_are_not_read_when_lock_row_decides():
    def codes():
        raise AssertionError("read")
        yield

    assert must_list_first(work_on_a_lock(codes_read_at=None), codes(), NOW)


# --- A poll that is spared would have changed nothing ---------------------------------------------------------------

sometime = st.none() | st.sampled_from([NOW - 2 * HOUR, NOW - MINUTE, NOW])


@st.composite
def lives(draw, number: int) -> AccessCode:
    """A code in any condition that rows can show; in most of its respects as it should be."""
    made = draw(st.sampled_from([code, at_rest, live]))(number)
    name = draw(st.sampled_from(["", "revoked_at", "rejected_at", "accepted_at", "create_sent_at", "seam_ends_at"]))
    if name:
        setattr(made, name, draw(sometime))
    if draw(st.integers(0, 5)) == 0:
        made.seam_status = draw(st.sampled_from(["unset", "set", "removing"]))
    return made


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(*(lives(number) for number in range(1, n + 1)))))
def test_skipped_poll_leads_to_same_calls(codes):
    if must_list_first(work_on_a_lock(), codes, NOW):
        return
    said = [
        remote(one, status=one.seam_status, starts_at=at(one.seam_starts_at), ends_at=at(one.seam_ends_at))
        for one in codes
        if one.seam_id is not None
    ]
    new = [one for one in codes if one.seam_id is None and one.rejected_at is None]
    assert operations(plan(codes, said, NOW)) == {"create": len(new)}
    assert all(one.create_sent_at is None for one in new)


def at(moment) -> str | None:
    return moment.isoformat() if moment else None


# --- The next poll --------------------------------------------------------------------------------------------------


def test_turn_without_poll_does_not_put_daily_one_off():
    for read_at in (NOW, NOW - HOUR):
        assert read_at + 22 * HOUR <= next_poll([at_rest()], NOW, read_at) <= read_at + 24 * HOUR


def test_skipped_poll_does_not_delay_next_poll():
    awaited = at_rest(**ON_ITS_WAY, accepted_at=NOW - 40 * MINUTE, observed_at=NOW - 5 * MINUTE)
    sent_now = at_rest(3, accepted_at=NOW, observed_at=NOW)
    without = next_poll([awaited], NOW - 5 * MINUTE, NOW - 5 * MINUTE)
    assert next_poll([awaited, sent_now], NOW, NOW - 8 * MINUTE) == without


def test_code_just_sent_is_polled_for_minute_later():
    sent_now = at_rest(**ON_ITS_WAY, accepted_at=NOW, observed_at=NOW)
    assert next_poll([sent_now], NOW, NOW - 50 * MINUTE) == NOW + MINUTE


def test_code_wanted_again_while_it_leaves_is_polled_for_soon():
    assert next_poll([live(seam_status="removing")], NOW, NOW) == NOW + 5 * MINUTE


def test_clock_set_back_does_not_put_next_poll_off():
    seen_tomorrow = at_rest(**ON_ITS_WAY, observed_at=NOW + 24 * HOUR)
    assert next_poll([seen_tomorrow], NOW, NOW) <= NOW + HOUR
