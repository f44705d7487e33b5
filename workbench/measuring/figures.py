"""A figure beside its floor of the same run, and how both are measured."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """A line of the table; `is_met` is None where there is no target."""

    work: str
    figure: str
    floor: str
    ratio: str
    target: str
    is_met: bool | None
    growth: str = "–"
    note: str = ""

    def kept(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Cost:
    """Seconds of wall time, and of processors: ours, and those of a database server working for us."""

    wall: float
    cpu: float


def cost(work: Callable[[], object], server_pid: int | None = None) -> Cost:
    gc.collect()
    begun, begun_cpu, begun_there = time.perf_counter(), time.process_time(), cpu_of(server_pid)
    work()
    there = cpu_of(server_pid) - begun_there
    return Cost(time.perf_counter() - begun, time.process_time() - begun_cpu + there)


def cpu_of(pid: int | None) -> float:
    """Return the processor seconds that another process has used."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def interleaved(
    figure: Callable[[], object], floor: Callable[[], object], repeats: int, server_pid: int | None = None
) -> tuple[Cost, Cost]:
    """Return medians of both, measured in turns, so that other load affects both alike."""
    taken: list[tuple[Cost, Cost]] = [(cost(figure, server_pid), cost(floor, server_pid)) for _ in range(repeats)]
    return median([one for one, _ in taken]), median([other for _, other in taken])


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def times(value: float) -> str:
    return f"{value:.2f} ×" if value < 10 else f"{value:.0f} ×"


def resident(pid: int | str = "self") -> float:
    """Return the MiB of memory that a process holds now."""
    return _memory(pid, "VmRSS")


def highest(pid: int | str = "self") -> float:
    """Return the most MiB since `forget_highest`."""
    return _memory(pid, "VmHWM")


def forget_highest(pid: int | str = "self") -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _memory(pid: int | str, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)
