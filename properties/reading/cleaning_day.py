"""What a cleaner needs to know of a day: which of their units are free, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from properties.models import Stay, Unit


@dataclass(frozen=True)
class UnitDay:
    """A unit with a departure or an arrival today. An absent end means that the unit is empty on that side."""

    unit: Unit
    free_from: datetime | None
    free_until: datetime | None
    leaving: str
    arriving: str

    def is_free(self, now: datetime) -> bool:
        return (self.free_from is None or self.free_from <= now) and (self.free_until is None or now < self.free_until)


def first_name(guest: str) -> str:
    """All that a cleaner learns of a guest."""
    return guest.split()[0] if guest.split() else ""


def unit_days(units: Iterable[Unit], stays: Iterable[Stay], now: datetime) -> list[UnitDay]:
    """Of these units those with a departure or an arrival today, on the calendar of their property; earliest first.

    `stays` are the standing ones around now.
    """
    found = []
    stays = list(stays)
    for unit in units:
        today = now.astimezone(unit.property.zone).date()
        leaving = next((s for s in stays if s.unit_id == unit.pk and s.check_out_on == today), None)
        arriving = next((s for s in stays if s.unit_id == unit.pk and s.check_in_on == today), None)
        if leaving is None and arriving is None:
            continue
        found.append(
            UnitDay(
                unit,
                leaving.ends_at if leaving else None,
                arriving.starts_at if arriving else None,
                first_name(leaving.guest.name) if leaving else "",
                first_name(arriving.guest.name) if arriving else "",
            )
        )
    return sorted(found, key=lambda day: (day.free_from or day.free_until or now, str(day.unit)))
