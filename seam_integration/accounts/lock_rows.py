"""What a sync compares its readings with, and the battery levels that it adds: values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from properties.models import BatteryReading, Lock


class Reading(NamedTuple):
    """A battery level that is new."""

    lock_id: int
    part: str
    level: float


class Before(NamedTuple):
    """What our row said before, as far as a sync compares."""

    pk: int
    account_id: int
    vanished_at: datetime | None
    battery_level: float | None
    keypad_battery_level: float | None
    can_program_codes: bool | None
    is_online: bool | None
    is_managed: bool
    errors: list[Any]
    code_lengths: list[Any]


def rows_before(seam_ids: Iterable[str]) -> dict[str, Before]:
    """The rows that we have of these locks, by Seam's id."""
    rows = Lock.objects.filter(seam_id__in=list(seam_ids)).order_by().values_list("seam_id", *Before._fields)
    return {seam_id: Before._make(row) for seam_id, *row in rows}


def write_readings(readings: Iterable[Reading], now: datetime) -> None:
    """Add battery levels, each once."""
    rows = [BatteryReading(lock_id=pk, part=part, level=level, at=now) for pk, part, level in readings]
    BatteryReading.objects.bulk_create(rows, ignore_conflicts=True)
