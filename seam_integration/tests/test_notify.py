"""The message to the worker: at once, once for a burst, never missing after the last event, and no delivery waits."""

import os
import random
import threading
import time

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from seam_integration import notify, tasks
from seam_integration.notify import Notifier

# Longer than the real one, and what a busy machine may add to it.
PAUSE, LATE = 0.3, 2


@pytest.fixture(autouse=True)
def _longer_pause(monkeypatch):
    monkeypatch.setattr(notify, "PAUSE", PAUSE)


class Post:
    """A broker that notes when each message was sent; it may take its time."""

    def __init__(self, takes: float = 0) -> None:
        self.sent_at: list[float] = []
        self.takes = takes

    def __call__(self) -> None:
        self.sent_at.append(time.monotonic())
        time.sleep(self.takes)


def settle() -> None:
    """Until no message is owed any more."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)


def test_a_lone_event_is_told_at_once():
    post, called_at = Post(), time.monotonic()
    Notifier(post).call()
    settle()
    assert len(post.sent_at) == 1
    assert post.sent_at[0] - called_at < PAUSE


def test_a_burst_is_told_once_at_once_and_once_after_it():
    post = Post()
    notifier = Notifier(post)
    notifier.call()
    settle()
    for _ in range(500):
        notifier.call()
    settle()
    assert len(post.sent_at) == 2
    assert PAUSE <= post.sent_at[1] - post.sent_at[0] < PAUSE + LATE


def test_while_events_keep_coming_messages_keep_a_distance_and_none_goes_without():
    dice = random.Random(7)
    post, called_at = Post(), []
    notifier = Notifier(post)

    def deliver() -> None:
        for _ in range(60):
            called_at.append(time.monotonic())
            notifier.call()
            time.sleep(dice.random() * PAUSE / 5)

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    assert all(any(0 <= sent - called < PAUSE + LATE for sent in post.sent_at) for called in called_at)
    assert all(later - sooner >= PAUSE for sooner, later in zip(post.sent_at, post.sent_at[1:], strict=False))
    assert len(post.sent_at) < len(called_at) / 10


def test_nobody_waits_for_a_broker_that_hangs_and_its_message_counts_only_for_what_came_before():
    post = Post(takes=3 * PAUSE)
    notifier = Notifier(post)
    notifier.call()
    while not post.sent_at:
        time.sleep(0.001)
    called_at = time.monotonic()
    notifier.call()
    assert time.monotonic() - called_at < PAUSE
    settle()
    assert len(post.sent_at) == 2
    assert post.sent_at[1] > called_at


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_process_that_was_forked_while_a_message_was_owed_sends_its_own():
    """Gunicorn loads the program once and forks."""
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


def test_a_broker_that_is_away_costs_the_message_and_nothing_else(monkeypatch, caplog):
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.take_in_events, "delay", refuse)
    tasks.send(tasks.take_in_events)
    assert "take_in_events not enqueued, the sweep will do it: OperationalError" in caplog.text


def test_the_message_follows_when_the_row_is_there_for_others(transactional_db, monkeypatch):
    told = []
    monkeypatch.setattr(notify._notifier, "call", lambda: told.append("told"))
    with transaction.atomic():
        notify.notify_worker()
        assert told == []
    assert told == ["told"]
