"""What becomes of a command to lock or unlock, whatever Seam answers: it is confirmed only where the lock said so."""

from datetime import timedelta
from uuid import uuid4

import pytest

from properties.models import LockCommand
from properties.tests.builders import NOW, make_lock
from seam_integration.api.client import SeamError
from seam_integration.locks import commands

Outcome = LockCommand.Outcome
PENDING = {"status": "pending"}
SECOND = timedelta(seconds=1)


class Answers:
    """A client that gives one answer to every command and attempt; an exception is raised."""

    def __init__(self, attempt: dict | Exception, device: dict | Exception | None = None) -> None:
        self.attempt, self.device = attempt, device
        self.sent: list[str] = []

    def _give(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lock_door(self, device_id: str) -> dict:
        self.sent.append("lock")
        return {"action_attempt_id": str(uuid4())} | self._give(self.attempt)

    def unlock_door(self, device_id: str) -> dict:
        self.sent.append("unlock")
        return {"action_attempt_id": str(uuid4())} | self._give(self.attempt)

    def get_action_attempt(self, attempt_id: str) -> dict:
        return self._give(self.attempt)

    def get_device(self, device_id: str) -> dict:
        return self._give(self.device)


@pytest.fixture
def lock(organization):
    return make_lock(organization, is_locked=True, locked_at=NOW - SECOND)


@pytest.fixture
def command(lock, owner) -> LockCommand:
    return commands.request(lock, "unlock", owner, NOW)


def success(**result: bool) -> dict:
    return {"status": "success", "result": result}


@pytest.mark.parametrize(
    ("answers", "outcome", "is_locked"),
    [
        (Answers(success(was_confirmed_by_device=True)), Outcome.CONFIRMED, False),
        (Answers(success(was_confirmed_by_device=False)), Outcome.NOT_CONFIRMED, None),
        (Answers(success(), {"properties": {"locked": False}}), Outcome.CONFIRMED, False),
        (Answers(success(), {"properties": {"locked": True}}), Outcome.NOT_CONFIRMED, None),
        (Answers(success(), SeamError("away")), Outcome.NOT_CONFIRMED, None),
        (Answers({"status": "error", "error": {"message": "Jammed."}}), Outcome.FAILED, None),
        (Answers(SeamError("no answer")), Outcome.NOT_CONFIRMED, None),
        (Answers(SeamError("no such lock", status=404)), Outcome.FAILED, None),
        (Answers(PENDING), "", True),
    ],
)
def test_answer_settles_command(command, lock, answers, outcome, is_locked):
    commands.send(command.pk, NOW, answers)
    command.refresh_from_db()
    lock.refresh_from_db()
    assert (command.outcome or "") == outcome
    assert lock.is_locked is is_locked


def test_command_is_sent_once_when_its_task_runs_twice(command):
    answers = Answers(PENDING)
    for _ in range(2):
        commands.send(command.pk, NOW, answers)
    assert answers.sent == ["unlock"]


def test_late_command_is_dropped_and_not_sent(command):
    answers = Answers(success(was_confirmed_by_device=True))
    commands.send(command.pk, NOW + commands.SEND_WITHIN + SECOND, answers)
    command.refresh_from_db()
    assert command.outcome == Outcome.FAILED
    assert answers.sent == []


def test_second_click_is_same_command(command, lock, owner):
    assert commands.request(lock, "unlock", owner, NOW + SECOND) == command


@pytest.mark.parametrize(
    ("answer", "after", "is_over", "outcome"),
    [
        (PENDING, SECOND, False, ""),
        (PENDING, commands.CONFIRM_WITHIN + SECOND, True, Outcome.NOT_CONFIRMED),
        (SeamError("away", status=503), SECOND, False, ""),
        (SeamError("away", status=503), commands.CONFIRM_WITHIN + SECOND, True, Outcome.NOT_CONFIRMED),
        (SeamError("forgotten", status=404), SECOND, True, Outcome.NOT_CONFIRMED),
        (success(was_confirmed_by_device=True), SECOND, True, Outcome.CONFIRMED),
    ],
)
def test_attempt_is_followed_until_it_is_over(command, answer, after, is_over, outcome):
    commands.send(command.pk, NOW, Answers(PENDING))
    assert commands.follow(command.pk, NOW + after, Answers(answer)) is is_over
    command.refresh_from_db()
    assert (command.outcome or "") == outcome


def test_settled_command_is_followed_no_more(command):
    commands.send(command.pk, NOW, Answers(success(was_confirmed_by_device=True)))
    assert commands.follow(command.pk, NOW, Answers(SeamError("not asked")))


@pytest.mark.parametrize(("status", "outcome"), [("error", Outcome.FAILED), ("success", "")])
def test_event_settles_only_failures(command, status, outcome):
    commands.send(command.pk, NOW, Answers(PENDING))
    command.refresh_from_db()
    commands.settle_by_event({"action_attempt_id": str(command.attempt_id), "status": status}, NOW + SECOND)
    command.refresh_from_db()
    assert (command.outcome or "") == outcome
