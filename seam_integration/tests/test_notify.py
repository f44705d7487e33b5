"""The message to the worker: at once, one for a burst, never missing after the last event, and no caller waits."""

import heapq
import os
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from outbox import handing_over
from seam_integration import notify, tasks
from seam_integration.notify import PAUSE, Notifier

# How long a test waits for threads that are about to do something.
PATIENCE = 30


class StoppedTime:
    """Stands in for `time` and `threading` in the module: timers run when the test lets time pass, in this thread."""

    Lock = staticmethod(threading.Lock)

    def __init__(self) -> None:
        self.at = 0.0
        self._timers: list[tuple[float, int, SimpleNamespace]] = []

    def monotonic(self) -> float:
        return self.at

    def Timer(self, rest: float, run: Callable[[], None]) -> SimpleNamespace:  # noqa: N802 - as in threading
        timer = SimpleNamespace(run=run, is_owed=True)
        timer.is_alive = lambda: timer.is_owed
        timer.start = lambda: heapq.heappush(self._timers, (self.at + rest, len(self._timers), timer))
        return timer

    def passes(self, seconds: float) -> None:
        until = self.at + seconds
        while self._timers and self._timers[0][0] <= until:
            self.at, _, timer = heapq.heappop(self._timers)
            timer.run()
            timer.is_owed = False
        self.at = until


@pytest.fixture
def stopped(monkeypatch) -> StoppedTime:
    stopped = StoppedTime()
    monkeypatch.setattr(notify, "time", stopped)
    monkeypatch.setattr(notify, "threading", stopped)
    return stopped


def settle() -> None:
    """Until no message is owed any more."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(PATIENCE)


def test_lone_event_is_sent_at_once(stopped):
    sent = []
    Notifier(lambda: sent.append(stopped.at)).call()
    stopped.passes(0)
    assert sent == [0]


def test_burst_is_sent_once_after_pause(stopped):
    sent = []
    notifier = Notifier(lambda: sent.append(stopped.at))
    notifier.call()
    stopped.passes(0)
    for _ in range(500):
        notifier.call()
    stopped.passes(10 * PAUSE)
    assert sent == [0, PAUSE]


@given(waits=st.lists(st.floats(0, 2 * PAUSE), max_size=40))
def test_each_event_has_message_within_pause(waits):
    stopped, called, sent = StoppedTime(), [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notify, "time", stopped)
        patch.setattr(notify, "threading", stopped)
        notifier = Notifier(lambda: sent.append(stopped.at))
        for wait in waits:
            called.append(stopped.at)
            notifier.call()
            stopped.passes(wait)
        stopped.passes(PAUSE)
    assert all(any(call <= at <= call + PAUSE + 1e-9 for at in sent) for call in called)
    assert all(later - sooner >= PAUSE - 1e-9 for sooner, later in zip(sent, sent[1:], strict=False))


def test_many_threads_leave_no_event_without_message():
    """Real threads and timers: a message begins after each call."""
    story = []
    notifier = Notifier(lambda: story.append("sent"))

    def deliver() -> None:
        for _ in range(100):
            story.append("called")
            notifier.call()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    assert story[-1] == "sent"
    assert story.count("sent") < story.count("called")


def test_no_caller_waits_when_broker_hangs():
    """A message that hangs counts only for events before it."""
    story, hangs, release = [], threading.Event(), threading.Event()

    def hang() -> None:
        story.append("sending")
        hangs.set()
        release.wait(PATIENCE)
        story.append("sent")

    notifier = Notifier(hang)
    notifier.call()
    assert hangs.wait(PATIENCE)
    notifier.call()
    story.append("called")
    release.set()
    settle()
    assert story[:2] == ["sending", "called"]
    assert story.count("sent") == 2


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_forked_process_sends_its_own_message():
    """Gunicorn loads the program once and forks, while a message may be owed."""
    reader, writer = os.pipe()
    notifier = Notifier(lambda: os.write(writer, f"{os.getpid()} ".encode()))
    notifier.call()
    settle()
    notifier.call()
    child = os.fork()
    if child == 0:
        notifier.call()
        settle()
        os._exit(0)
    os.waitpid(child, 0)
    settle()
    os.close(writer)
    with open(reader) as sent:
        assert sorted(sent.read().split()) == sorted(map(str, [os.getpid(), os.getpid(), child]))


def test_missing_broker_costs_only_message(monkeypatch, caplog):
    def refuse(arguments: tuple[int, ...], **options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.take_in_events, "apply_async", refuse)
    handing_over.send(tasks.take_in_events)
    assert "take_in_events not enqueued, the sweep will do it: OperationalError" in caplog.text


def test_message_follows_when_row_is_there_for_others(transactional_db, monkeypatch):
    told = []
    monkeypatch.setattr(notify._notifier, "call", lambda: told.append("told"))
    with transaction.atomic():
        notify.notify_worker()
        assert told == []
    assert told == ["told"]
