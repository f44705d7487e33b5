"""What a code's row implies: its state, its ladder, and whether it needs attention."""

import uuid
from datetime import timedelta

import pytest

from properties.models import AccessCode, CodeState, Tone
from properties.models.access_codes import PROOF_GRACE, is_unwanted, is_wanted, opens_alike
from properties.models.stays import Window
from properties.tests.builders import NOW, make_code, make_lock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AHEAD = Window(NOW + 10 * DAY, NOW + 13 * DAY)
SOON = Window(NOW + HOUR, NOW + 3 * DAY)
BEGUN = Window(NOW - HOUR, NOW + 3 * DAY)
OVER = Window(NOW - 3 * DAY, NOW - timedelta(minutes=5))
LONG_OVER = Window(NOW - 3 * DAY, NOW - HOUR)


def at_seam(window: Window | None = None, **fields):
    """Accepted, and read back with this window."""
    times = {"seam_starts_at": window.starts_at, "seam_ends_at": window.ends_at} if window else {}
    return {"seam_id": str(uuid.uuid4()), "accepted_at": NOW - 2 * DAY, "observed_at": NOW - HOUR} | times | fields


def on_lock(window: Window | None = None, **fields):
    return at_seam(window, on_lock_at=NOW - DAY, **fields)


ERROR = [{"error_code": "failed_to_set_on_device", "message": "No."}]
UPDATING = [{"mutation_code": "updating_time_frame"}]

SITUATIONS = {
    "nobody was told yet": (AHEAD, {}, CodeState.PLANNED),
    "the guest is there, and Seam never took it": (BEGUN, {"created_at": NOW - DAY}, CodeState.NOT_ON_LOCK),
    "issued a minute ago for now": (BEGUN, {"created_at": NOW - timedelta(minutes=1)}, CodeState.PLANNED),
    "refused for good": (AHEAD, {"rejected_at": NOW}, CodeState.REJECTED),
    "Seam took it and has not said more": (AHEAD, {"seam_id": str(uuid.uuid4())}, CodeState.ACCEPTED),
    "Seam has our times": (AHEAD, at_seam(AHEAD), CodeState.ACCEPTED),
    "Seam has other times": (AHEAD, at_seam(SOON), CodeState.CHANGING),
    "Seam is changing the times": (AHEAD, at_seam(AHEAD, pending_mutations=UPDATING), CodeState.CHANGING),
    "Seam cuts off seconds": (
        AHEAD,
        at_seam(Window(AHEAD.starts_at + timedelta(seconds=59), AHEAD.ends_at)),
        CodeState.ACCEPTED,
    ),
    "on the lock before the start": (SOON, on_lock(SOON), CodeState.ON_LOCK),
    "on the lock, live from a clock ahead of ours": (SOON, on_lock(SOON, live_at=NOW), CodeState.ON_LOCK),
    "a past start was sent as now": (
        Window(NOW - 3 * DAY, NOW + DAY),
        on_lock(Window(NOW - DAY, NOW + DAY), live_at=NOW, accepted_at=NOW - DAY, created_at=NOW - DAY),
        CodeState.LIVE,
    ),
    "on the lock after the start": (BEGUN, on_lock(BEGUN), CodeState.ON_LOCK),
    "live": (BEGUN, on_lock(BEGUN, live_at=NOW), CodeState.LIVE),
    "live with an error since": (
        BEGUN,
        on_lock(BEGUN, live_at=NOW, errors=ERROR, created_at=NOW - DAY),
        CodeState.NOT_ON_LOCK,
    ),
    "an error before the start": (SOON, at_seam(SOON, errors=ERROR), CodeState.ACCEPTED),
    "accepted, and the guest is there": (BEGUN, at_seam(BEGUN, created_at=NOW - DAY), CodeState.NOT_ON_LOCK),
    "extended while it opens": (
        BEGUN,
        on_lock(Window(BEGUN.starts_at, NOW + DAY), live_at=NOW, created_at=NOW - DAY),
        CodeState.LIVE_CHANGING,
    ),
    "extended too late: the old end is over": (
        BEGUN,
        on_lock(Window(BEGUN.starts_at, NOW - timedelta(minutes=1)), created_at=NOW - DAY),
        CodeState.NOT_ON_LOCK,
    ),
    "moved earlier, and the lock opens only later": (
        BEGUN,
        on_lock(Window(NOW + HOUR, BEGUN.ends_at), created_at=NOW - DAY),
        CodeState.NOT_ON_LOCK,
    ),
    "just over": (OVER, on_lock(OVER), CodeState.REMOVING),
    "over, and the lock refused": (
        OVER,
        on_lock(OVER, errors=[{"error_code": "failed_to_expire"}]),
        CodeState.NOT_REMOVED,
    ),
    "over for long": (LONG_OVER, on_lock(LONG_OVER), CodeState.NOT_REMOVED),
    "revoked just now": (AHEAD, on_lock(AHEAD, revoked_at=NOW), CodeState.REMOVING),
    "revoked an hour ago": (AHEAD, on_lock(AHEAD, revoked_at=NOW - HOUR), CodeState.NOT_REMOVED),
    "removed": (LONG_OVER, on_lock(LONG_OVER, removed_at=NOW), CodeState.REMOVED),
    "removed in spite of a refusal": (AHEAD, {"rejected_at": NOW, "removed_at": NOW}, CodeState.REMOVED),
    "ongoing, just made": (None, {}, CodeState.PLANNED),
    "ongoing, never taken": (None, {"created_at": NOW - DAY}, CodeState.NOT_ON_LOCK),
    "ongoing, accepted a day ago": (None, at_seam(created_at=NOW - DAY), CodeState.NOT_ON_LOCK),
    "ongoing and live": (None, on_lock(live_at=NOW, created_at=NOW - DAY), CodeState.LIVE),
    "ongoing, revoked": (None, on_lock(revoked_at=NOW), CodeState.REMOVING),
}


@pytest.fixture
def situation(organization, request) -> tuple[AccessCode, CodeState]:
    window, fields, state = SITUATIONS[request.param]
    return make_code(make_lock(organization), window=window, **fields), state


each_situation = pytest.mark.parametrize("situation", SITUATIONS, indirect=True)


@each_situation
def test_row_implies_state(situation):
    code, state = situation
    assert code.state(NOW) is state


@each_situation
def test_database_finds_what_needs_somebody(situation):
    code, state = situation
    found = AccessCode.objects.needs_attention(NOW).filter(pk=code.pk).exists()
    assert found is (state.tone is Tone.BAD)


@each_situation
def test_each_done_step_has_proof_and_one_is_current(situation):
    code, state = situation
    steps = code.ladder(NOW)
    new_times = ["New times"] if code.has_new_times else []
    names = ["Planned", "Accepted", "On the lock", "Live", *new_times, "Used", "Removed"]
    assert [step.name for step in steps] == names
    assert sum(step.status in ("current", "failed") for step in steps) <= 1
    assert any(step.status == "failed" for step in steps) is (state.tone is Tone.BAD)
    assert all((step.status == "done") is (step.at is not None) for step in steps)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("nobody was told yet", "done current waiting waiting waiting waiting"),
        ("Seam has our times", "done done current waiting waiting waiting"),
        ("on the lock before the start", "done done done waiting waiting waiting"),
        ("on the lock after the start", "done done done current waiting waiting"),
        ("live", "done done done done waiting waiting"),
        ("extended while it opens", "done done done done current waiting waiting"),
        ("extended too late: the old end is over", "done done done waiting failed waiting waiting"),
        ("accepted, and the guest is there", "done done failed waiting waiting waiting"),
        ("just over", "done done done skipped skipped current"),
        ("over for long", "done done done skipped skipped failed"),
    ],
)
def test_ladder_shows_how_far_code_has_come(organization, name, statuses):
    window, fields, _ = SITUATIONS[name]
    code = make_code(make_lock(organization), window=window, **fields)
    assert " ".join(step.status for step in code.ladder(NOW)) == statuses


def test_new_times_have_a_proof_of_their_own(organization):
    proof = {"moved_at": NOW - HOUR, "window_proved_at": NOW, "window_proved_source": "read back"}
    code = make_code(make_lock(organization), window=BEGUN, **on_lock(BEGUN, live_at=NOW - DAY, **proof))
    told = {step.name: step.at for step in code.ladder(NOW)}
    assert (told["On the lock"], told["Live"], told["New times"]) == (NOW - DAY, NOW - DAY, NOW)
    plain = make_code(make_lock(organization, "Gate"), window=BEGUN, **on_lock(BEGUN))
    assert [step.status for step in plain.ladder(NOW, with_new_times=True) if step.name == "New times"] == ["waiting"]


def test_live_code_ends_unused(organization):
    code = make_code(make_lock(organization), window=AHEAD, live_at=NOW, **on_lock(AHEAD))
    steps = {step.name: step.status for step in code.ladder(AHEAD.ends_at)}
    assert (steps["Used"], steps["Removed"]) == ("never", "current")


def test_at_its_end_code_is_no_longer_wanted():
    code = AccessCode(starts_at=AHEAD.starts_at, ends_at=AHEAD.ends_at)
    assert code.is_wanted(AHEAD.ends_at - timedelta(seconds=1))
    assert not code.is_wanted(AHEAD.ends_at)


def test_removal_is_given_its_time_before_it_has_failed(organization):
    code = make_code(make_lock(organization), window=AHEAD, **on_lock(AHEAD))
    assert code.state(AHEAD.ends_at + PROOF_GRACE) is CodeState.REMOVING
    assert code.state(AHEAD.ends_at + PROOF_GRACE + timedelta(seconds=1)) is CodeState.NOT_REMOVED


def test_pin_shows_in_no_text_of_code(organization):
    code = make_code(make_lock(organization), pin="482917")
    assert code.pin == "482917"
    assert "482917" not in f"{code!r}{code}{code.pin_encrypted}{code.pin_hash}{code.seam_name}"


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Window(NOW + HOUR, NOW + 2 * HOUR), Window(NOW + HOUR + 30 * SECOND, NOW + 2 * HOUR), True),
        (Window(NOW + HOUR, NOW + 2 * HOUR), Window(NOW + HOUR + 60 * SECOND, NOW + 2 * HOUR), False),
        # Both have begun, so the starts make no difference.
        (Window(NOW - 9 * HOUR, NOW + HOUR), Window(NOW, NOW + HOUR), True),
        (Window(NOW - 9 * HOUR, NOW + HOUR), Window(NOW + SECOND * 61, NOW + HOUR), False),
        (Window(NOW - HOUR, NOW + HOUR), Window(NOW - HOUR, NOW + 2 * HOUR), False),
        (Window(NOW - HOUR, NOW + HOUR), None, False),
        (None, None, True),
    ],
)
def test_opens_alike(one, other, expected):
    assert opens_alike(one, other, NOW) is expected
    assert opens_alike(other, one, NOW) is expected


@pytest.mark.parametrize("shift", [-SECOND, timedelta(0), SECOND])
@pytest.mark.parametrize("fields", [{}, {"revoked_at": NOW}, {"removed_at": NOW}])
@pytest.mark.parametrize("window", [None, AHEAD])
def test_python_and_rows_agree_on_what_is_wanted(organization, window, fields, shift):
    code = make_code(make_lock(organization), window=window, **fields)
    now = AHEAD.ends_at + shift
    here = AccessCode.objects.filter(pk=code.pk)
    assert here.filter(is_wanted(now)).exists() is code.is_wanted(now)
    assert here.filter(is_unwanted(now), removed_at=None).exists() is (
        code.removed_at is None and not code.is_wanted(now)
    )
