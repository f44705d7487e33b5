"""Readings of Seam that can be wrong: what is impossible is unknown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seam_integration.api.payloads import parse_time


def battery_level(value: Any) -> float | None:
    """A battery's level from 0 to 1; None for anything else: -0.01, 62 (per cent?), true, a text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(float(value), 4) if is_number and 0 <= value <= 1 else None


def past_time(value: Any, now: datetime) -> datetime:
    """When something happened, as Seam tells it: never later than now, and now where it does not tell."""
    return min(parse_time(value if isinstance(value, str) else None) or now, now)
