"""Measures what one lock, one code and one event cost, without a floor: input of docs/scaling.md."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.models import AccessCode, Lock
from seam_integration import tasks
from seam_integration.inbox import webhooks
from seam_integration.models import LockWork, SeamEvent
from workbench.bench.codes import EACH, _calls, _forget_calls, _issue, _linked, _sandbox, _window
from workbench.measuring.bare_webhook import delivery
from workbench.measuring.figures import Cost, Row, cost
from workbench.measuring.place import fresh_database, owner, server_pid
from workbench.measuring.redis import own_redis


def measure(locks: int, repeats: int) -> list[Row]:
    fresh_database()
    with own_redis(), _sandbox():
        fleet = _linked(owner().organization, locks)
        _issue(fleet, _window())
        rows = [
            _measure_polls("A lock with two new codes, put on", fleet),
            _measure_polls("A poll of a lock, nothing to do", fleet),
        ]
        rows.append(_measure_events(fleet))
    return rows


def _measure_polls(work: str, fleet: list[Lock]) -> Row:
    LockWork.objects.update(reconcile_at=timezone.now() - timedelta(seconds=1))
    _forget_calls()
    with CaptureQueriesContext(connection) as asked:
        tasks.reconcile_lock(fleet[0].pk)
    taken = cost(lambda: [tasks.reconcile_lock(lock.pk) for lock in fleet[1:]], server_pid())
    note = f"{len(asked)} queries, {_calls() / len(fleet):.1f} calls of Seam, {_bytes_per_code()} bytes a code"
    return _row(work, taken, len(fleet) - 1, note)


def _measure_events(fleet: list[Lock]) -> Row:
    now = timezone.now()
    bodies = [delivery("lock.unlocked", lock.seam_id)[0].decode() for lock in fleet]
    webhooks.keep(json.loads(bodies[0]), bodies[0], now)
    with CaptureQueriesContext(connection) as asked:
        tasks.take_in_events()
    for body in bodies[1:]:
        webhooks.keep(json.loads(body), body, now)
    taken = cost(lambda: _handle_events(len(bodies) - 1), server_pid())
    # Three of the queries find an empty inbox: begin, select, commit.
    return _row("An event of a lock, handled", taken, len(bodies) - 1, f"{len(asked) - 3} queries, 0 calls of Seam")


def _handle_events(number: int) -> None:
    for _ in range(-(-number // tasks.EVENTS_AT_ONCE)):
        tasks.take_in_events()
    assert not SeamEvent.objects.filter(handled_at=None).exists()


def _bytes_per_code() -> int:
    """Count the bytes of a code's columns, without indexes."""
    rows = AccessCode.objects.order_by("pk").values_list()[: 10 * EACH]
    return sum(len(str(value)) for row in rows for value in row if value is not None) // max(1, len(rows))


def _row(work: str, taken: Cost, number: int, note: str) -> Row:
    each = taken.cpu / number * 1000
    return Row(work, f"{each:.1f} ms", "–", "–", "–", None, note=note)
