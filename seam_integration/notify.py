"""Tells the worker that events came or that locks have work: a message for a burst, sent on commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction

from outbox.handing_over import send
from properties.models.locks import Wake
from seam_integration.models import LockWork
from seam_integration.tasks import SWEEP_BATCH, reconcile_lock, take_in_events

# From one message of this process to its next (seconds): an event waits no longer than this for its own.
PAUSE = 0.1


class Notifier:
    """Sends at once, then again for what came meanwhile, after a pause. After each `call` a sending begins.

    The thread is no daemon: a process that ends in order sends what it owes. One that is killed owes it to the sweep.
    """

    def __init__(self, message: Callable[[], object]) -> None:
        self._message = message
        self._lock = threading.Lock()
        self._rests_until = float("-inf")
        self._next: threading.Timer | None = None

    def call(self) -> None:
        with self._lock:
            # Asked of the thread itself, for after a fork there is none, whatever was noted before.
            if self._next is not None and self._next.is_alive():
                return
            rest = max(0.0, self._rests_until - time.monotonic())
            timer = threading.Timer(rest, self._send)
            timer.start()
            self._next = timer

    def _send(self) -> None:
        with self._lock:
            # From here on a new event needs a message of its own: this one may be read before its row is there.
            self._next = None
            self._rests_until = time.monotonic() + PAUSE
        self._message()


_notifier = Notifier(lambda: send(take_in_events))


def notify_worker() -> None:
    """To be called for each new event; the message follows when its row is there for others to see."""
    is_eager = take_in_events.app.conf.task_always_eager
    transaction.on_commit(take_in_events if is_eager else _notifier.call)


class _HandOver:
    """Called on commit: a message for each of these locks that its transaction has not handed over yet."""

    def __init__(self, lock_ids: Sequence[int], handed_over: set[int]) -> None:
        self._lock_ids = lock_ids
        # Shared by all hand-overs of one transaction. A savepoint that was rolled back takes its own away.
        self.handed_over = handed_over

    def __call__(self) -> None:
        for lock_id in self._lock_ids:
            # The locks of a whole account are left to the sweep, which spreads them over minutes.
            if lock_id not in self.handed_over and len(self.handed_over) < SWEEP_BATCH:
                self.handed_over.add(lock_id)
                send(reconcile_lock, lock_id)


def wake(lock_ids: Sequence[int], now: datetime, why: Wake) -> None:
    """Make locks due, and hand them to the worker on commit: what `properties` calls when it wakes locks."""
    LockWork.objects.wake(lock_ids, now, why)
    earlier = next((entry[1] for entry in connection.run_on_commit if isinstance(entry[1], _HandOver)), None)
    transaction.on_commit(_HandOver(lock_ids, set() if earlier is None else earlier.handed_over))
