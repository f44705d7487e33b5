"""The sandbox's world: all its records, the instant it has reached, and the timers that are due next.

It knows how time passes, not what happens then: the lifecycles register that with ``@transition``. While a transition
runs, ``world.now`` is the exact instant at which it was due.
"""

import heapq
import uuid
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from seam_sandbox.world.errors import not_found
from seam_sandbox.world.records import (
    AccessCode,
    Account,
    ActionAttempt,
    Delivery,
    Device,
    Event,
    Leftover,
    Record,
    Webhook,
    Webview,
)
from seam_sandbox.world.simulated_clock import Instant, add_time

T = TypeVar("T", bound=Record)
Step = Callable[["World", Any], None]

WORKSPACE_ID = "5a4dc0de-0000-4000-8000-000000000001"
# Assumed: Seam does not document how many events it keeps.
EVENTS_KEPT = 100_000

_steps: dict[tuple[str, str], Step] = {}


def transition(kind: str, timer: str) -> Callable[[Step], Step]:
    """Register what happens to a record of this kind when that timer fires."""

    def register(step: Step) -> Step:
        _steps[kind, timer] = step
        return step

    return register


class World:
    def __init__(self, now: Instant) -> None:
        self.now = now
        self.base_url = ""  # the address of the last request, with which links start
        self.listeners: list[Callable[[Event], None]] = []
        self.settings: dict[str, Any] = {}
        self.clear()

    def clear(self) -> None:
        """Remove all records and settings; the instant stays."""
        self.webviews: dict[str, Webview] = {}
        self.accounts: dict[str, Account] = {}
        self.devices: dict[str, Device] = {}
        self.codes: dict[str, AccessCode] = {}
        self.attempts: dict[str, ActionAttempt] = {}
        self.events: dict[str, Event] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.leftovers: dict[str, Leftover] = {}
        self._tables: dict[str, dict[str, Any]] = {
            Webview.kind: self.webviews,
            Account.kind: self.accounts,
            Device.kind: self.devices,
            AccessCode.kind: self.codes,
            ActionAttempt.kind: self.attempts,
            Event.kind: self.events,
            Webhook.kind: self.webhooks,
            Delivery.kind: self.deliveries,
            Leftover.kind: self.leftovers,
        }
        # Seam does not document its default. Changed by ``POST /_sandbox/settings``.
        self.settings = {"keep_expired_codes": False, "id_shape": "uuid"}
        self.event_log: list[Event] = []
        self.device_bodies: dict[str, bytes] = {}
        self.changed: dict[tuple[str, str], Record | None] = {}
        # Recent operations per device for ``incoming/limits.py``. Not saved.
        self.recent: dict[tuple[str, str], deque[Instant]] = {}
        self._devices_of: dict[str, dict[str, Device]] = {}
        self._codes_of: dict[str, dict[str, AccessCode]] = {}
        self._due: list[tuple[Instant, int, str, str, str]] = []
        self._seq = 0

    # Records

    def new_id(self, kind: type[Record]) -> str:
        """Choose an id: a UUID, as Seam gives, or such as ``device7``, as other implementations of its API give."""
        if self.settings["id_shape"] == "counted":
            return f"{kind.kind}{self._seq + 1}"
        return str(uuid.uuid4())

    def add(self, record: T) -> T:
        self._seq += 1
        record.seq = self._seq
        self._index(record)
        self.touch(record)
        return record

    def touch(self, record: Record) -> None:
        """Mark a record as changed: it is saved next, and its cached rendering is dropped."""
        self.changed[record.kind, record.id] = record
        self._discard_rendering(record)

    def drop(self, record: Record) -> None:
        self._tables[record.kind].pop(record.id, None)
        self.changed[record.kind, record.id] = None
        self._discard_rendering(record)
        if isinstance(record, Device):
            self._devices_of[record.account_id].pop(record.id, None)
        elif isinstance(record, AccessCode):
            self._codes_of[record.device_id].pop(record.id, None)

    def remove_all(self) -> None:
        """Remove what people have linked and created; events and webhooks stay."""
        for kind in (AccessCode, Device, Account, Webview, ActionAttempt, Leftover):
            for record in list(self._tables[kind.kind].values()):
                self.drop(record)

    def load(self, records: Iterable[Record]) -> None:
        """Restore saved records, in the order of their creation."""
        for record in records:
            self._seq = max(self._seq, record.seq)
            self._index(record)
        heapq.heapify(self._due)

    def find(self, kind: type[T], record_id: str) -> T:
        record: T | None = self._tables[kind.kind].get(record_id)
        if record is None:
            raise not_found(kind.kind)
        return record

    def devices_of(self, account: Account) -> list[Device]:
        return list(self._devices_of.get(account.id, {}).values())

    def codes_of(self, device: Device) -> list[AccessCode]:
        return list(self._codes_of.get(device.id, {}).values())

    def account_of(self, device: Device) -> Account:
        return self.accounts[device.account_id]

    def device_of(self, code: AccessCode) -> Device:
        return self.devices[code.device_id]

    def _index(self, record: Record) -> None:
        self._tables[record.kind][record.id] = record
        if isinstance(record, Device):
            self._devices_of.setdefault(record.account_id, {})[record.id] = record
        elif isinstance(record, AccessCode):
            self._codes_of.setdefault(record.device_id, {})[record.id] = record
        elif isinstance(record, Event):
            self.event_log.append(record)
        for timer, at in record.timers.items():
            heapq.heappush(self._due, (at, record.seq, record.kind, record.id, timer))

    def _discard_rendering(self, record: Record) -> None:
        if isinstance(record, Device):
            self.device_bodies.pop(record.id, None)
        elif isinstance(record, AccessCode):
            self.device_bodies.pop(record.device_id, None)
        elif isinstance(record, Account):
            for device_id in self._devices_of.get(record.id, ()):
                self.device_bodies.pop(device_id, None)

    # Time

    def set_timer(self, record: Record, timer: str, at: Instant) -> None:
        """Let a timer fire at an instant; it replaces one of the same name."""
        if record.timers.get(timer) == at:
            return
        record.timers[timer] = at
        heapq.heappush(self._due, (at, record.seq, record.kind, record.id, timer))
        self.touch(record)

    def start_timer(self, record: Record, timer: str, seconds: float) -> None:
        self.set_timer(record, timer, add_time(self.now, seconds=seconds))

    def stop_timer(self, record: Record, *timers: str) -> None:
        for timer in timers:
            if record.timers.pop(timer, None):
                self.touch(record)

    def advance_to(self, now: Instant) -> None:
        """Run every transition that is due until then, in order of time."""
        while self._due and self._due[0][0] <= now:
            at, _, kind, record_id, timer = heapq.heappop(self._due)
            record = self._tables[kind].get(record_id)
            if record is None or record.timers.get(timer) != at:
                continue  # the timer was moved, stopped, or its record is gone
            del record.timers[timer]
            self.now = max(self.now, at)
            self.touch(record)
            _steps[kind, timer](self, record)
        self.now = max(self.now, now)
        self._drop_old_events()

    def vary_duration(self, shortest: int, longest: int) -> int:
        """Vary a duration (seconds) without randomness, so that a run can be repeated."""
        return shortest + (self._seq * 7) % (longest - shortest + 1)

    # Events

    def emit(self, event_type: str, payload: dict[str, Any], customer_key: str | None = None) -> Event:
        event = Event(
            id=self.new_id(Event),
            created_at=self.now,
            type=event_type,
            payload=payload,
            customer_key=customer_key,
        )
        self.add(event)
        for listener in self.listeners:
            listener(event)
        return event

    def list_events_from(self, start: Instant) -> Iterable[Event]:
        first = bisect_left(self.event_log, start, key=lambda event: event.created_at)
        return self.event_log[first:]

    def _drop_old_events(self) -> None:
        surplus = len(self.event_log) - EVENTS_KEPT
        if surplus < EVENTS_KEPT // 10:
            return
        for event in self.event_log[:surplus]:
            self.drop(event)
        del self.event_log[:surplus]
