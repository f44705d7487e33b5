"""Measures two workers against one on PostgreSQL: the same new codes from one queue."""

from __future__ import annotations

from workbench.bench.codes import EACH, LATENCY, measure_size
from workbench.measuring.figures import Row, seconds, times


def measure(codes: int, repeats: int) -> list[Row]:
    one, two = measure_size(codes, workers=1), measure_size(codes, workers=2)
    gain = one.ours / two.ours
    return [
        Row(
            f"{codes:,} new codes on {codes // EACH:,} locks, PostgreSQL, two workers",
            seconds(two.ours),
            f"{seconds(one.ours)} with one",
            f"{times(gain)} faster",
            "–",
            None,
            note=f"{two.calls:.2f} calls a code, as with one ({one.calls:.2f}); {LATENCY * 1000:.0f} ms a call at Seam",
        )
    ]
