"""What a fleet of any size would need, worked out from measured costs: python -m workbench.bench.million 1000000"""

from __future__ import annotations

import sys
from dataclasses import dataclass

DAY, HOUR = 86_400.0, 3_600.0


@dataclass(frozen=True)
class Costs:
    """Measured on one machine (docs/performance.md); processor milliseconds unless said otherwise."""

    sync_unchanged_ms: float = 0.010
    sync_changed_ms: float = 0.072
    look_ms: float = 5.3
    event_ms: float = 0.5
    event_handled_ms: float = 4.2
    page_ms: float = 40.0
    bytes_a_device: float = 2_100.0


@dataclass(frozen=True)
class Habits:
    """What happens in a day, for each lock. Assumed, not measured."""

    syncs: float = 144.0
    share_changed: float = 0.05
    # Codes made and taken off again: a stay lasts three nights, a unit is taken six days of ten.
    codes: float = 0.2
    # One look a day, one an hour within two days of an arrival, and those that events ask for.
    looks: float = 12.0
    events: float = 12.0
    page_views: float = 2.0


@dataclass(frozen=True)
class Limits:
    """Seam's published ones are for each lock; that for a whole workspace is not published, so it is asked here."""

    calls_a_second: float = 100.0
    seconds_a_call: float = 0.3


@dataclass(frozen=True)
class Need:
    """Of a whole fleet."""

    sync_cores: float
    look_cores: float
    web_cores: float
    pages_of_devices_a_second: float
    calls_a_second: float
    waiting_calls: float
    megabits: float


def needed(locks: int, costs: Costs, habits: Habits, limits: Limits) -> Need:
    """Pure: what this many locks ask of processors, of the network and of Seam."""
    each_sync = costs.sync_unchanged_ms + habits.share_changed * (costs.sync_changed_ms - costs.sync_unchanged_ms)
    syncs, looks = locks * habits.syncs / DAY, locks * habits.looks / DAY
    events, views = locks * habits.events / DAY, locks * habits.page_views / DAY
    device_pages = syncs / 500
    # A look is one call, a code two more: create and delete.
    calls = device_pages + looks + 2 * locks * habits.codes / DAY
    return Need(
        sync_cores=syncs * each_sync / 1000,
        look_cores=looks * costs.look_ms / 1000,
        web_cores=(events * (costs.event_ms + costs.event_handled_ms) + views * costs.page_ms) / 1000,
        pages_of_devices_a_second=device_pages,
        calls_a_second=calls,
        waiting_calls=calls * limits.seconds_a_call,
        megabits=syncs * costs.bytes_a_device * 8 / 1e6,
    )


def lines(locks: int) -> list[str]:
    costs, habits, limits = Costs(), Habits(), Limits()
    need = needed(locks, costs, habits, limits)
    ceiling = "within" if need.calls_a_second <= limits.calls_a_second else "above"
    return [
        f"{locks:,} locks",
        f"  sync          {need.sync_cores:8.2f} cores, {need.megabits:,.1f} Mbit/s, "
        f"{need.pages_of_devices_a_second:.1f} pages/s",
        f"  looks, codes  {need.look_cores:8.2f} cores, {need.waiting_calls:,.0f} calls under way at any time",
        f"  events, pages {need.web_cores:8.2f} cores",
        f"  Seam          {need.calls_a_second:8.1f} calls/s, {ceiling} {limits.calls_a_second:.0f}",
    ]


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
    sys.stdout.write("\n".join(line for size in sizes for line in lines(size)) + "\n")
