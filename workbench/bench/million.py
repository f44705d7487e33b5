"""Computes what a fleet of any size needs: python -m workbench.bench.million 1000000"""

from __future__ import annotations

import sys
from dataclasses import dataclass

DAY, HOUR = 86_400.0, 3_600.0


@dataclass(frozen=True)
class Costs:
    """Measured on one machine (docs/performance.md), in processor milliseconds unless named otherwise."""

    sync_unchanged_ms: float = 0.010
    sync_changed_ms: float = 0.072
    poll_ms: float = 5.3
    event_ms: float = 0.5
    event_handled_ms: float = 4.2
    page_ms: float = 40.0
    bytes_a_device: float = 2_100.0


@dataclass(frozen=True)
class Habits:
    """What happens per lock and day: assumptions, not measurements."""

    syncs: float = 144.0
    share_changed: float = 0.05
    # Codes created and deleted: a stay lasts three nights, a unit is occupied six days of ten.
    codes: float = 0.2
    # One poll a day, one an hour within two days of an arrival, and those that events cause.
    polls: float = 12.0
    events: float = 12.0
    page_views: float = 2.0


@dataclass(frozen=True)
class Limits:
    """Seam publishes limits per lock; the one for a workspace is a placeholder."""

    calls_a_second: float = 100.0
    seconds_a_call: float = 0.3


@dataclass(frozen=True)
class Need:
    """What a whole fleet needs."""

    sync_cores: float
    poll_cores: float
    web_cores: float
    pages_of_devices_a_second: float
    calls_a_second: float
    waiting_calls: float
    megabits: float


def compute_need(locks: int, costs: Costs, habits: Habits, limits: Limits) -> Need:
    """Compute what this many locks need of processors, network and Seam."""
    each_sync = costs.sync_unchanged_ms + habits.share_changed * (costs.sync_changed_ms - costs.sync_unchanged_ms)
    syncs, polls = locks * habits.syncs / DAY, locks * habits.polls / DAY
    events, views = locks * habits.events / DAY, locks * habits.page_views / DAY
    device_pages = syncs / 500
    # A poll is one call, a code two more: create and delete.
    calls = device_pages + polls + 2 * locks * habits.codes / DAY
    return Need(
        sync_cores=syncs * each_sync / 1000,
        poll_cores=polls * costs.poll_ms / 1000,
        web_cores=(events * (costs.event_ms + costs.event_handled_ms) + views * costs.page_ms) / 1000,
        pages_of_devices_a_second=device_pages,
        calls_a_second=calls,
        waiting_calls=calls * limits.seconds_a_call,
        megabits=syncs * costs.bytes_a_device * 8 / 1e6,
    )


def lines(locks: int) -> list[str]:
    costs, habits, limits = Costs(), Habits(), Limits()
    need = compute_need(locks, costs, habits, limits)
    ceiling = "within" if need.calls_a_second <= limits.calls_a_second else "above"
    return [
        f"{locks:,} locks",
        f"  sync          {need.sync_cores:8.2f} cores, {need.megabits:,.1f} Mbit/s, "
        f"{need.pages_of_devices_a_second:.1f} pages/s",
        f"  polls, codes  {need.poll_cores:8.2f} cores, {need.waiting_calls:,.0f} calls under way at any time",
        f"  events, pages {need.web_cores:8.2f} cores",
        f"  Seam          {need.calls_a_second:8.1f} calls/s, {ceiling} {limits.calls_a_second:.0f}",
    ]


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
    sys.stdout.write("\n".join(line for size in sizes for line in lines(size)) + "\n")
