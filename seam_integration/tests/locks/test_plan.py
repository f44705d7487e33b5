"""The plan for one lock: a table of situations, and properties that hold for all of them."""

import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.models import AccessCode
from properties.tests.builders import NOW, other_code
from seam_integration.api.client import seam_time
from seam_integration.locks import observe
from seam_integration.locks.plan import Plan, plan
from seam_integration.tests.unsaved import HOUR, LONG_AGO, accepted, code


def remote(of: AccessCode, **fields) -> dict:
    """What Seam says of a code, when all is as wanted."""
    values = {
        "access_code_id": str(of.seam_id or uuid.UUID(int=1000 + of.pk)),
        "name": of.seam_name,
        "code": of.pin,
        "status": "unset",
        "starts_at": seam_time(of.starts_at),
        "ends_at": seam_time(of.ends_at),
        "errors": [],
        "pending_mutations": [],
    }
    return values | fields


def operations(result: Plan) -> dict[str, int]:
    """How many of each that reaches Seam or changes what we believe."""
    named = ("missing", "gone", "returned", "lost", "delete", "update", "create", "foreign")
    return {name: len(getattr(result, name)) for name in named if getattr(result, name)}


NEW = code()
KNOWN = accepted()
REVOKED = accepted(revoked_at=NOW - HOUR)
DELETED = accepted(revoked_at=NOW, delete_sent_at=NOW)
OVER = accepted(starts_at=NOW - 48 * HOUR, ends_at=NOW - HOUR)
JUST_OVER = accepted(starts_at=NOW - 48 * HOUR, ends_at=NOW)
IN_FLIGHT = code(create_sent_at=NOW - timedelta(seconds=10))
UNANSWERED = code(create_sent_at=NOW - 2 * HOUR)
NOT_REMOVED = {"error_code": "failed_to_remove_from_device"}
DELETING = [{"mutation_code": "deleting"}]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param([NEW], [], {"create": 1}, id="a new code is created"),
        pytest.param([KNOWN], [remote(KNOWN)], {}, id="nothing is sent when all is as wanted"),
        pytest.param([UNANSWERED], [remote(UNANSWERED)], {}, id="a create whose answer was lost is adopted"),
        pytest.param([UNANSWERED], [], {"create": 1}, id="a create that never arrived is sent again"),
        pytest.param([IN_FLIGHT], [], {}, id="a create that may be on its way is waited for"),
        pytest.param(
            [KNOWN], [remote(KNOWN), remote(KNOWN, access_code_id=str(uuid.UUID(int=77)))], {"delete": 1},
            id="a twin of the same name is deleted",
        ),
        pytest.param(
            [KNOWN], [remote(KNOWN, ends_at=seam_time(NOW + 70 * HOUR))], {"update": 1}, id="other times are put right"
        ),
        pytest.param(
            [KNOWN], [remote(KNOWN, ends_at=seam_time(NOW + 72 * HOUR + timedelta(seconds=40)))], {},
            id="rounding within a minute is no change",
        ),
        pytest.param([KNOWN], [remote(KNOWN, code="111222")], {"update": 1}, id="another PIN is put right"),
        pytest.param([KNOWN], [remote(KNOWN, code=None)], {}, id="a hidden PIN is no difference"),
        pytest.param([KNOWN], [], {}, id="that a wanted code is not listed proves nothing"),
        pytest.param([REVOKED], [remote(REVOKED)], {"delete": 1}, id="a revoked code is deleted"),
        pytest.param([REVOKED], [remote(REVOKED, status="removing")], {}, id="one that is being removed is waited for"),
        pytest.param([REVOKED], [remote(REVOKED, pending_mutations=DELETING)], {}, id="as is a pending deletion"),
        pytest.param([REVOKED], [], {"delete": 1}, id="a revoked code that is not listed is deleted all the same"),
        pytest.param([DELETED], [], {}, id="nor is one gone that we deleted and that is not listed"),
        pytest.param([JUST_OVER], [remote(JUST_OVER, status="set")], {}, id="Seam is given time to end a code itself"),
        pytest.param([OVER], [remote(OVER, status="set")], {"delete": 1}, id="a code that outlives its end goes"),
        pytest.param([OVER], [remote(OVER, status="unset")], {"gone": 1}, id="an expired one still listed is gone"),
        pytest.param(
            [OVER], [remote(OVER, status="unset", errors=[NOT_REMOVED])], {"delete": 1},
            id="unless it could not be removed",
        ),
        pytest.param([code(rejected_at=NOW)], [], {}, id="a refused code is not tried again"),
        pytest.param(
            [code(revoked_at=NOW, create_sent_at=NOW)], [], {}, id="a revoked create in flight is not yet called gone"
        ),
        pytest.param(
            [code(revoked_at=NOW, create_sent_at=NOW - timedelta(minutes=4))], [], {},
            id="nor is one whose answer was lost minutes ago",
        ),
        pytest.param(
            [code(revoked_at=NOW, create_sent_at=NOW - HOUR)], [], {"missing": 1}, id="long ago it may not have come"
        ),
        pytest.param(
            [code(revoked_at=NOW, create_sent_at=NOW - HOUR, missing_at=NOW - timedelta(minutes=1))], [], {},
            id="nor after another list, soon",
        ),
        pytest.param(
            [code(revoked_at=NOW, sent_at=NOW - HOUR, missing_at=NOW - timedelta(minutes=2))], [], {"gone": 1},
            id="but after another one, later",
        ),
        pytest.param([code(revoked_at=NOW)], [], {"gone": 1}, id="one that was never sent is gone"),
        pytest.param([], [remote(code(9))], {"foreign": 1}, id="a stranger's code is left alone"),
    ],
)  # fmt: skip
def test_plan(ours, theirs, expected):
    assert operations(plan(ours, theirs, NOW)) == expected


JUST_NOW, A_WHILE_AGO = NOW - timedelta(seconds=10), NOW - timedelta(seconds=30)


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (KNOWN, {"missing": 1}),
        (accepted(missing_at=JUST_NOW), {}),
        (accepted(missing_at=A_WHILE_AGO), {"lost": 1, "create": 1}),
        (DELETED, {"missing": 1}),
        (accepted(revoked_at=NOW, delete_sent_at=NOW, missing_at=JUST_NOW), {}),
        (accepted(revoked_at=NOW, delete_sent_at=NOW, missing_at=A_WHILE_AGO), {"gone": 1}),
        (accepted(revoked_at=NOW, delete_sent_at=NOW, removed_source="event 1"), {"gone": 1}),
        (REVOKED, {"delete": 1}),
    ],
    ids=["wanted", "just now", "wanted, twice", "deleted", "deleted, just now", "deleted, twice", "told", "revoked"],
)
def test_code_that_seam_does_not_know(ours, expected):
    assert operations(plan([ours], [], NOW, unknown={str(ours.seam_id)})) == expected


@pytest.mark.parametrize("name", ["as we gave it", "Another name"])
def test_removed_code_that_is_listed_has_returned(name):
    ended = accepted(5, removed_at=NOW - HOUR, revoked_at=NOW - HOUR)
    listed = remote(ended) | ({} if name == "as we gave it" else {"name": name})
    result = plan([], [listed], NOW, ended=[ended])
    assert result.returned == [(ended, listed)]
    assert (result.foreign, result.delete) == ([], [])


def test_removed_code_listed_as_over_is_deleted():
    ended = accepted(5, removed_at=NOW - HOUR, revoked_at=NOW - HOUR, starts_at=LONG_AGO, ends_at=NOW - HOUR)
    result = plan([], [remote(ended)], NOW, ended=[ended])
    assert result.delete == [(None, str(ended.seam_id))]
    assert result.returned == []


def test_soonest_stay_comes_first():
    later, sooner = code(1, starts_at=NOW + 50 * HOUR), code(2, starts_at=NOW + 2 * HOUR)
    always = code(3, starts_at=None, ends_at=None)
    assert plan([later, sooner, always], [], NOW).create == [always, sooner, later]


# --- Properties ----------------------------------------------------------------------------------------------------

hours = st.integers(-200, 200)


@st.composite
def codes(draw) -> AccessCode:
    number = draw(st.integers(1, 99))
    # Off the full hour: a code that ends this very moment is waited for.
    start = NOW + draw(hours) * HOUR + timedelta(minutes=30)
    fields = {"starts_at": start, "ends_at": start + draw(st.integers(1, 200)) * HOUR}
    if draw(st.booleans()):
        fields = {"starts_at": None, "ends_at": None}
    fields["revoked_at"] = draw(st.none() | st.just(NOW - HOUR))
    make = draw(st.sampled_from([code, accepted]))
    return make(number, **fields, create_sent_at=draw(st.none() | st.just(NOW - HOUR)))


@st.composite
def situations(draw) -> tuple[list[AccessCode], list[dict]]:
    """Our rows, and at Seam any mixture of them: missing, twice, with other times, being removed, strangers."""
    ours = draw(st.lists(codes(), max_size=8, unique_by=lambda one: one.pk))
    theirs = []
    for one in ours:
        for copy in range(draw(st.integers(0, 2))):
            known = remote(one, status=draw(st.sampled_from(["unset", "set", "setting", "removing"])))
            if copy:
                known["access_code_id"] = str(uuid.UUID(int=5000 + one.pk))
            if draw(st.booleans()):
                known |= {"starts_at": seam_time(NOW), "ends_at": seam_time(NOW + 500 * HOUR)}
            theirs.append(known)
    theirs += [remote(code(200 + n)) for n in range(draw(st.integers(0, 2)))]
    return ours, theirs


def carried_out(result: Plan, theirs: list[dict]) -> list[dict]:
    """What a Seam that obeys at once holds afterwards."""
    deleted = {remote_id for _, remote_id in result.delete}
    moved = {known["access_code_id"]: one for one, known in result.update}
    kept = [r for r in theirs if r["access_code_id"] not in deleted and r["status"] != "removing"]
    # What has run out of itself: Seam may go on listing it.
    expired = {str(one.seam_id) for one in result.gone}
    kept = [r for r in kept if r["access_code_id"] not in expired]
    kept = [
        r | remote(moved[r["access_code_id"]], access_code_id=r["access_code_id"])
        if r["access_code_id"] in moved
        else r
        for r in kept
    ]
    made = [remote(one, access_code_id=str(uuid.uuid4())) for one in result.create]
    for one, new in zip(result.create, made, strict=True):
        one.seam_id, one.accepted_at = str(new["access_code_id"]), LONG_AGO
    return kept + made


def settle(ours: list[AccessCode], theirs: list[dict], now: datetime) -> tuple[list[AccessCode], list[dict], int]:
    for round_number in range(1, 8):
        held = {r["access_code_id"] for r in theirs}
        result = plan(ours, theirs, now, unknown={str(one.seam_id) for one in ours} - held)
        for one, known in result.observe:
            one.seam_id = str(known["access_code_id"])
        for one in result.lost:
            one.seam_id = None
        # Asked to delete what it does not know, Seam says so for the first time.
        unknown = [one for one, remote_id in result.delete if one is not None and remote_id not in held]
        for one in [*unknown, *result.missing]:
            one.delete_sent_at, one.missing_at = NOW, A_WHILE_AGO - HOUR
        ours = [one for one in ours if one not in result.gone]
        if not (
            result.missing
            or result.delete
            or result.update
            or result.create
            or any(r["status"] == "removing" for r in theirs)
        ):
            return ours, carried_out(result, theirs), round_number
        theirs = carried_out(result, theirs)
    raise AssertionError("the plan does not come to rest")


@given(situations())
def test_plan_leaves_each_wanted_code_once(situation):
    ours, theirs = situation
    strangers = {r["access_code_id"] for r in theirs if int(r["name"].split()[1]) >= 200}
    wanted = [one for one in ours if one.is_wanted(NOW)]
    _, left, _ = settle(list(ours), theirs, NOW)
    assert sorted(r["name"] for r in left if r["access_code_id"] not in strangers) == sorted(
        one.seam_name for one in wanted
    )
    assert strangers <= {r["access_code_id"] for r in left}
    for one in wanted:
        held = next(r for r in left if r["name"] == one.seam_name)
        assert (held["starts_at"], held["ends_at"]) == (seam_time(one.starts_at), seam_time(one.ends_at))


@given(situations())
def test_nothing_is_created_while_seam_holds_code_of_that_name(situation):
    ours, theirs = situation
    names = {r["name"] for r in theirs}
    assert not [one for one in plan(ours, theirs, NOW).create if one.seam_name in names]


def test_builder_of_other_codes_has_shape_that_is_stored():
    assert set(other_code()) == set(observe.other_code({"code": "482917", "name": "Cleaner"}))


def test_unlisted_code_is_deleted_by_its_own_id():
    assert plan([REVOKED], [], NOW).delete == [(REVOKED, str(REVOKED.seam_id))]


def test_codes_left_alone_keep_only_what_was_seen():
    def of(left: AccessCode, kept: AccessCode) -> dict[str, list]:
        pairs = {name: [(left, {}), (kept, {})] for name in ("observe", "returned", "delete", "update")}
        return pairs | {name: [left, kept] for name in ("missing", "gone", "lost", "create")}

    kept = accepted(pk=99)
    result = Plan(**of(NEW, kept))
    result.leave_alone([NEW])
    for name, before in of(NEW, kept).items():
        assert getattr(result, name) == (before if name in ("observe", "returned") else before[1:]), name
