"""Posts events to webhooks the way Svix does: signed, at least once, retried on a schedule.

Events and schedule follow the simulated clock. The signature carries the real time, which receivers compare it with.
"""

import base64
import hashlib
import heapq
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from seam_sandbox.incoming.faults import Faults
from seam_sandbox.world.records import Delivery, Event, Webhook
from seam_sandbox.world.shapes import dump_json, render_event
from seam_sandbox.world.simulated_clock import Instant, add_time
from seam_sandbox.world.world import World

# Seconds after each failure; the first attempt is made at once (Seam docs, webhooks).
RETRY_AFTER_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)

Post = Callable[[str, dict[str, str], bytes], int]


@dataclass(frozen=True)
class SignedMessage:
    """A signed delivery, ready to post."""

    delivery_id: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class Outbox:
    """The open deliveries, the next one first; callers hold the sandbox's lock."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults
        self._queue: list[tuple[Instant, int, str]] = []
        self.refill()
        world.listeners.append(self.enqueue)

    def refill(self) -> None:
        """Read open deliveries from the world after a load or a reset; one under way is made again."""
        self._queue = [(each.due_at, each.seq, each.id) for each in self._world.deliveries.values()]
        heapq.heapify(self._queue)

    def enqueue(self, event: Event) -> None:
        for webhook in self._world.webhooks.values():
            if _is_subscribed(webhook, event.type):
                self._enqueue(webhook, event)

    def _enqueue(self, webhook: Webhook, event: Event) -> None:
        rule = self._faults.find_for_event(event.type)
        what = rule.what if rule else ""
        if rule and what == "webhook_drop":
            return
        held_back = rule.seconds if rule and what in ("webhook_reorder", "webhook_delay") else 0
        for _ in range(2 if what == "webhook_duplicate" else 1):
            delivery = Delivery(
                id=self._world.new_id(Delivery),
                created_at=self._world.now,
                webhook_id=webhook.id,
                event_id=event.id,
                due_at=add_time(self._world.now, seconds=held_back),
                is_signed_wrongly=what == "webhook_bad_signature",
            )
            self._push(self._world.add(delivery))

    def take(self) -> SignedMessage | None:
        """Return the next due message, whose result the caller has to report."""
        while self._queue and self._queue[0][0] <= self._world.now:
            delivery = self._world.deliveries.get(heapq.heappop(self._queue)[2])
            if delivery is None:
                continue
            webhook = self._world.webhooks.get(delivery.webhook_id)
            event = self._world.events.get(delivery.event_id)
            if webhook and event:
                return _build_message(delivery, webhook, event)
            self._world.drop(delivery)  # its webhook or event was deleted
        return None

    def report(self, message: SignedMessage, status: int) -> None:
        """Finish a delivery on 2xx; otherwise retry until the schedule is used up."""
        delivery = self._world.deliveries.get(message.delivery_id)
        if delivery is None:
            return
        if 200 <= status < 300 or delivery.failures >= len(RETRY_AFTER_SECONDS):
            self._world.drop(delivery)
            return
        delivery.due_at = add_time(self._world.now, seconds=RETRY_AFTER_SECONDS[delivery.failures])
        delivery.failures += 1
        self._world.touch(delivery)
        self._push(delivery)

    def _push(self, delivery: Delivery) -> None:
        heapq.heappush(self._queue, (delivery.due_at, delivery.seq, delivery.id))


def _is_subscribed(webhook: Webhook, event_type: str) -> bool:
    return any(
        wanted in ("*", event_type) or (wanted.endswith(".*") and event_type.startswith(wanted[:-1]))
        for wanted in webhook.event_types
    )


def _build_message(delivery: Delivery, webhook: Webhook, event: Event) -> SignedMessage:
    """Sign a delivery; retries keep the message id and get a new timestamp."""
    body, message_id, timestamp = dump_json(render_event(event)), f"msg_{event.id}", int(time.time())
    signed = body + b" " if delivery.is_signed_wrongly else body
    headers = {
        "content-type": "application/json",
        "user-agent": "Svix-Webhooks/sandbox",
        "svix-id": message_id,
        "svix-timestamp": str(timestamp),
        "svix-signature": sign(webhook.secret, message_id, timestamp, signed),
    }
    return SignedMessage(delivery.id, webhook.url, headers, body)
