"""Tells the worker that events came: one message for a burst of deliveries, and no delivery waits for the broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import transaction

from seam_integration.tasks import send, take_in_events

# From one message of this process to its next (seconds): an event waits no longer than this for its own.
PAUSE = 0.1


class Messenger:
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


_messenger = Messenger(lambda: send(take_in_events))


def events_came() -> None:
    """To be called for each new event; the message follows when its row is there for others to see."""
    is_eager = take_in_events.app.conf.task_always_eager
    transaction.on_commit(take_in_events if is_eager else _messenger.call)
