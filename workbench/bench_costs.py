"""Measures what one lock, one code and one event cost: the numbers that docs/scaling.md works with."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.models import AccessCode, Lock
from seam_integration import tasks, webhooks
from workbench.bare_webhook import delivery
from workbench.bench_codes import EACH, _calls, _forget_calls, _issue, _linked, _sandbox, _window
from workbench.bench_place import fresh_database, owner, server_pid
from workbench.bench_redis import own_redis
from workbench.figures import Cost, Row, cost


def measure(locks: int, repeats: int) -> list[Row]:
    fresh_database()
    with own_redis(), _sandbox():
        fleet = _linked(owner().organization, locks)
        _issue(fleet, _window())
        rows = [_looks("A lock with two new codes, put on", fleet), _looks("A look at a lock, nothing to do", fleet)]
        rows.append(_events(fleet))
    return rows


def _looks(work: str, fleet: list[Lock]) -> Row:
    Lock.objects.update(reconcile_at=timezone.now() - timedelta(seconds=1))
    _forget_calls()
    with CaptureQueriesContext(connection) as asked:
        tasks.reconcile_lock(fleet[0].pk)
    taken = cost(lambda: [tasks.reconcile_lock(lock.pk) for lock in fleet[1:]], server_pid())
    note = f"{len(asked)} queries, {_calls() / len(fleet):.1f} calls of Seam, {_bytes_a_code()} bytes a code"
    return _row(work, taken, len(fleet) - 1, note)


def _events(fleet: list[Lock]) -> Row:
    now = timezone.now()
    bodies = [json.loads(delivery("lock.unlocked", str(lock.seam_id))[0]) for lock in fleet]
    kept = [row.pk for row in (webhooks.keep(body, now) for body in bodies) if row is not None]
    with CaptureQueriesContext(connection) as asked:
        tasks.take_in_event(kept[0])
    taken = cost(lambda: [tasks.take_in_event(pk) for pk in kept[1:]], server_pid())
    return _row("An event of a lock, handled", taken, len(kept) - 1, f"{len(asked)} queries, 0 calls of Seam")


def _bytes_a_code() -> int:
    """Of its columns, without those of its indexes."""
    rows = AccessCode.objects.order_by("pk").values_list()[: 10 * EACH]
    return sum(len(str(value)) for row in rows for value in row if value is not None) // max(1, len(rows))


def _row(work: str, taken: Cost, number: int, note: str) -> Row:
    each = taken.cpu / number * 1000
    return Row(work, f"{each:.1f} ms", "–", "–", "–", None, note=note)
