"""Measures a sweep over a fleet in which nothing is due, against one indexed SELECT.

Measured: processor time and queries of the sweep task. Floor: selecting the ids of due locks. It must not grow with the
fleet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from requests.adapters import HTTPAdapter

from properties.models import Lock
from seam_integration import tasks
from seam_integration.api import http
from workbench.measuring.figures import Cost, Row, interleaved, seconds, times
from workbench.measuring.fleet import bare_fleet
from workbench.measuring.place import fresh_database, owner, server_pid

MAX_SECONDS = 0.020


class SweepResult(NamedTuple):
    """Measured for one size of fleet."""

    sweep: Cost
    select: Cost
    queries: int


def measure(locks: int, repeats: int) -> list[Row]:
    small, large = _measure_size(locks // 10, repeats), _measure_size(locks, repeats)
    growth = large.sweep.cpu / small.sweep.cpu
    is_met = large.sweep.cpu <= MAX_SECONDS and growth <= 1.2
    work = f"A sweep over {locks:,} locks, nothing due"
    figure, floor = seconds(large.sweep.cpu), seconds(large.select.cpu)
    ratio = times(large.sweep.cpu / large.select.cpu)
    note = f"{large.queries} queries, 0 calls of Seam"
    return [Row(work, figure, floor, ratio, "≤ 20 ms, constant", is_met, times(growth), note)]


def _measure_size(locks: int, repeats: int) -> SweepResult:
    fresh_database()
    bare_fleet(owner().organization, locks, next_look=timezone.now() + timedelta(hours=20))
    http.adapter_for_tests = HTTPAdapter()
    tasks.sweep()
    # A call of Seam would fail: no server listens.
    sweep, select = interleaved(_times(tasks.sweep), _times(_select), repeats * 3, server_pid())
    with CaptureQueriesContext(connection) as asked:
        tasks.sweep()
    http.adapter_for_tests = None
    return SweepResult(
        Cost(sweep.wall / TURNS, sweep.cpu / TURNS), Cost(select.wall / TURNS, select.cpu / TURNS), len(asked)
    )


# Both take milliseconds, so each reading covers this many runs.
TURNS = 20


def _times(work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(TURNS):
            work()

    return run


def _select() -> None:
    table = Lock._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE reconcile_at <= %s ORDER BY reconcile_at LIMIT 500",  # noqa: S608
            [connection.ops.adapt_datetimefield_value(timezone.now())],
        )
        cursor.fetchall()
