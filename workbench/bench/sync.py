"""Measures a sync with all and with no locks changed, against parsing and one upsert, and its memory.

Floors: fetching the same pages by `requests` and `json`, with one bulk upsert if all changed; and the loop that the
documentation of Seam's SDK suggests.
"""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

import requests
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.models import ConnectedAccount
from seam_integration.accounts import sync
from seam_integration.seam import seam_client
from workbench.measuring import floors
from workbench.measuring.figures import Cost, Row, cost, forget_highest, highest, interleaved, resident, seconds, times
from workbench.measuring.place import fresh_database, replayed_fleet, server_pid

CHANGED, UNCHANGED, SDK, MEMORY = 1.5, 1.3, 10.0, 60.0


class SyncResult(NamedTuple):
    """Measured for one size of fleet."""

    changed: tuple[Cost, Cost]
    unchanged: tuple[Cost, Cost]
    writes: int
    sdk: Cost
    memory: float


def measure(locks: int, repeats: int) -> list[Row]:
    small, large = measure_size(locks // 10, repeats, with_sdk=False), measure_size(locks, repeats, with_sdk=True)
    where = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    name = f"{locks:,} locks, {where}"
    rows = [
        _row(f"Sync, all changed: {name}", large.changed, CHANGED, _growth(large.changed, small.changed)),
        _row(f"Sync, nothing changed: {name}", large.unchanged, UNCHANGED, _growth(large.unchanged, small.unchanged)),
    ]
    rows[1] = Row(**rows[1].kept() | {"note": f"{large.writes} lock rows written"})
    faster_changed, faster = large.sdk.cpu / large.changed[0].cpu, large.sdk.cpu / large.unchanged[0].cpu
    rows.append(
        Row(
            f"Sync against the SDK's loop: {name}",
            f"{seconds(large.unchanged[0].cpu)}",
            seconds(large.sdk.cpu),
            f"{faster:.0f} × faster",
            f"≥ {SDK:.0f} × faster",
            faster >= SDK,
            note=f"{faster_changed:.1f} × faster where everything changed",
        )
    )
    rows.append(
        Row(
            f"Memory of a sync: {name}",
            f"+{large.memory:.1f} MiB",
            "idle",
            "–",
            f"≤ +{MEMORY:.0f} MiB, flat",
            large.memory <= MEMORY,
            f"+{small.memory:.1f} → +{large.memory:.1f} MiB",
        )
    )
    return rows


def measure_size(locks: int, repeats: int, with_sdk: bool) -> SyncResult:
    fresh_database()
    with replayed_fleet(locks) as account:
        variants = count(1)

        def change_all() -> None:
            body = {"number": next(variants)}
            requests.post(f"{settings.SEAM_ENDPOINT}/variant", json=body, timeout=60)

        listing = floors.Listing(settings.SEAM_ENDPOINT, account.seam_id)
        upsert = floors.PlainUpsert(listing, account.organization_id, account.pk)
        _sync(account)
        forget_highest()
        idle = resident()
        figures, plains = [], []
        for _ in range(repeats):
            change_all()
            figures.append(cost(lambda: _sync(account), server_pid()))
            change_all()
            plains.append(cost(upsert.run, server_pid()))
        memory = highest() - idle
        change_all()
        _sync(account)
        unchanged = interleaved(lambda: _sync(account), listing.parse_all, repeats + 2, server_pid())
        writes = _rows_written(account)
        sdk = cost(lambda: floors.sdk_loop(settings.SEAM_ENDPOINT, account), server_pid()) if with_sdk else Cost(0, 0)
    return SyncResult((_best(figures), _best(plains)), unchanged, writes, sdk, memory)


def _best(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda c: c.cpu)[len(costs) // 2]


def _sync(account: ConnectedAccount) -> None:
    sync.sync_account(account, timezone.now(), seam_client())


def _rows_written(account: ConnectedAccount) -> int:
    """Count the statements that write locks in a sync of an unchanged fleet."""
    with CaptureQueriesContext(connection) as asked:
        _sync(account)
    writing = ("INSERT INTO", "UPDATE")
    return sum(1 for q in asked if q["sql"].startswith(writing) and '"properties_lock"' in q["sql"].split("(")[0])


def _ratio(taken: tuple[Cost, Cost]) -> float:
    return taken[0].cpu / taken[1].cpu


def _growth(large: tuple[Cost, Cost], small: tuple[Cost, Cost]) -> str:
    return f"time {times(large[0].cpu / small[0].cpu)}, floor {times(large[1].cpu / small[1].cpu)}"


def _row(work: str, taken: tuple[Cost, Cost], most: float, growth: str) -> Row:
    ratio = _ratio(taken)
    figure, floor = seconds(taken[0].cpu), seconds(taken[1].cpu)
    note = f"on the wall {seconds(taken[0].wall)} against {seconds(taken[1].wall)}"
    return Row(work, figure, floor, times(ratio), f"≤ {most} ×", ratio <= most, growth, note)
