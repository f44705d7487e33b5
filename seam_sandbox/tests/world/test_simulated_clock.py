"""Time is real unless a client moves it, and it never runs backwards."""

from datetime import UTC, datetime, timedelta

import pytest

from seam_sandbox import Clock, SeamSandbox, create_app
from seam_sandbox.tests.caller import API_KEY, Caller
from seam_sandbox.tests.conftest import START
from seam_sandbox.world.simulated_clock import format_instant, parse_instant


class Real:
    """A replaceable source of real time."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def passes(self, **duration: float) -> None:
        self.time += timedelta(**duration)


def test_clock_shows_real_time_by_default() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_clock_continues_from_where_it_was_moved() -> None:
    real = Real()
    clock = Clock(real=real)
    clock.advance(timedelta(hours=3))
    real.passes(minutes=1)
    assert clock.now() - START == timedelta(hours=3, minutes=1)


def test_clock_does_not_jump_when_sped_up() -> None:
    real = Real()
    clock = Clock(real=real)
    real.passes(minutes=1)
    clock.set_speed(60)
    assert clock.now() - START == timedelta(minutes=1)
    real.passes(minutes=1)
    assert clock.now() - START == timedelta(minutes=61)
    clock.set_speed(1)
    real.passes(minutes=1)
    assert clock.now() - START == timedelta(minutes=62)


def test_clock_stands_still_at_speed_0() -> None:
    real = Real()
    clock = Clock(at=START, speed=0, real=real)
    real.passes(days=1)
    assert clock.now() == START


def test_clock_is_readable_without_key(seam: Caller) -> None:
    assert seam.send("GET", "/_sandbox/clock").json() == {
        "now": "2030-01-01T12:00:00.000Z",
        "speed": 0,
        "ok": True,
    }


@pytest.mark.parametrize(
    ("step", "now"),
    [
        ("PT3H", "2030-01-01T15:00:00.000Z"),
        ("P1DT30M", "2030-01-02T12:30:00.000Z"),
        ("P1M", "2030-02-01T12:00:00.000Z"),
        ("P2W", "2030-01-15T12:00:00.000Z"),
        ("PT0.25S", "2030-01-01T12:00:00.250Z"),
        ("PT0S", "2030-01-01T12:00:00.000Z"),
    ],
)
def test_clock_advances_by_duration(seam: Caller, step: str, now: str) -> None:
    assert seam.advance(step) == now == seam.now()


def test_clock_advances_to_instant(seam: Caller) -> None:
    assert seam("/_sandbox/clock", to="2030-01-05T00:00:00+01:00")["now"] == "2030-01-04T23:00:00.000Z"


@pytest.mark.parametrize(
    "wrong",
    [
        {"advance": "3 hours"},
        {"advance": "-PT3H"},
        {"advance": 60},
        {"to": "2029-12-31T00:00:00Z"},
        {"to": "tomorrow"},
        {"speed": -1},
        {"speed": "fast"},
    ],
)
def test_clock_refuses_impossible_moves(seam: Caller, wrong: dict) -> None:
    assert seam.refused("/_sandbox/clock", **wrong) == (400, "invalid_input")
    assert seam.now() == "2030-01-01T12:00:00.000Z"


def test_clock_shows_speed(seam: Caller) -> None:
    assert seam("/_sandbox/clock", speed=60)["speed"] == 60
    assert seam.send("GET", "/_sandbox/clock").json()["speed"] == 60


def test_due_transitions_run_before_clock_answers(app: SeamSandbox, jane: Caller) -> None:
    jane.create_code(name="Anna")
    jane.advance("PT1M")
    assert app.world.event_log[-1].type == "access_code.set_on_device"


def test_fast_clock_sets_codes(seam: Caller) -> None:
    real = Real()
    app = create_app(api_key=API_KEY, clock=Clock(real=real))
    fast = Caller(app)
    fast.link("jane@example.com")
    code = fast.create_code(name="Anna")
    fast("/_sandbox/clock", speed=60)
    real.passes(seconds=1)
    assert fast.code(code)["status"] == "set"


def test_reset_restores_real_time_and_empties_world(jane: Caller) -> None:
    jane.advance("P1D")
    jane("/webhooks/create", url="https://latchkey.test/hook")
    now = jane("/_sandbox/reset")["now"]
    assert abs(parse_instant(now) - datetime.now(UTC)) < timedelta(seconds=10)
    assert jane("/devices/list")["devices"] == []
    assert jane("/webhooks/list")["webhooks"] == []
    assert jane.event_types() == []
    jane.link("jane@example.com")
    assert len(jane("/devices/list")["devices"]) == 7


def test_workspace_reset_keeps_time_and_webhooks(jane: Caller) -> None:
    jane("/webhooks/create", url="https://latchkey.test/hook")
    jane.create_code(name="Anna")
    now = jane.now()
    attempt = jane("/workspaces/reset_sandbox")["action_attempt"]
    assert (attempt["action_type"], attempt["status"]) == ("RESET_SANDBOX_WORKSPACE", "pending")
    assert jane("/devices/list")["devices"] == []
    assert jane("/connected_accounts/list")["connected_accounts"] == []
    assert len(jane("/webhooks/list")["webhooks"]) == 1
    assert jane.now() == now
    jane.advance("PT5S")
    done = jane("/action_attempts/get", action_attempt_id=attempt["action_attempt_id"])["action_attempt"]
    assert done["status"] == "success"


def test_instants_sort_as_text() -> None:
    later = [START + timedelta(milliseconds=n**5) for n in range(40)]
    assert [format_instant(each) for each in later] == sorted(format_instant(each) for each in later)
    assert parse_instant(format_instant(START)) == START
