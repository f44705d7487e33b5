"""The parts of one running sandbox, and the lock that guards them."""

from collections import Counter, deque
from pathlib import Path
from threading import RLock
from typing import Any

from seam_sandbox.incoming.faults import Faults

# Importing the lifecycles registers their transitions.
from seam_sandbox.lifecycles import attempt_lifecycle, code_lifecycle, device_lifecycle, webview_lifecycle  # noqa: F401
from seam_sandbox.lifecycles.deliveries import Outbox, Post, SignedMessage
from seam_sandbox.world.simulated_clock import Clock, format_instant
from seam_sandbox.world.store import Store
from seam_sandbox.world.world import World

REQUESTS_KEPT = 1_000


class Sandbox:
    def __init__(self, api_key: str, state_path: Path | None, clock: Clock | None) -> None:
        self.api_key = api_key
        self.clock = clock or Clock()
        self.lock = RLock()
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        self.calls: Counter[str] = Counter()
        self.world = World(format_instant(self.clock.now()))
        self._store = Store(state_path) if state_path else None
        self._load()
        self.outbox = Outbox(self.world, self.faults)
        self.tick()

    def tick(self) -> None:
        """Run every transition that is due by now, and save the changes."""
        with self.lock:
            self.world.advance_to(format_instant(self.clock.now()))
            self.save()

    def save(self) -> None:
        if self._store:
            self._store.save(self.world, {"clock": self.clock.state(), "settings": self.world.settings})
        else:
            self.world.changed.clear()

    def reset(self) -> None:
        """Start again with an empty world in real time, without faults."""
        with self.lock:
            if self._store:
                self._store.wipe()
            self.clock.reset()
            self.world.clear()
            self.world.now = format_instant(self.clock.now())
            self.faults.set([])
            self.requests.clear()
            self.calls.clear()
            self.outbox.refill()
            self.save()

    def deliver_due(self, post: Post) -> int:
        """Post every due webhook, one after the other, for tests without threads."""
        made = 0
        self.tick()
        while message := self.take_message():
            self.report(message, post(message.url, message.headers, message.body))
            made += 1
        return made

    def take_message(self) -> SignedMessage | None:
        with self.lock:
            return self.outbox.take()

    def report(self, message: SignedMessage, status: int) -> None:
        with self.lock:
            self.outbox.report(message, status)
            self.save()

    def close(self) -> None:
        with self.lock:
            self.save()
            if self._store:
                self._store.close()

    def _load(self) -> None:
        if not self._store:
            return
        meta = self._store.load_meta()
        if not meta:
            return
        self.clock.restore(meta["clock"])
        self.world.settings |= meta["settings"]
        self.world.load(self._store.load_records())
        self.world.now = ""  # earlier than every timer, so that each missed one fires at its own instant
