"""When a feed is checked next. Pure; `chance` from 0 to 1 spreads feeds over the time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ORDINARY = timedelta(minutes=10), timedelta(minutes=15)
# From noon on, while a guest may still book tonight or is on the way.
LIVELY = timedelta(minutes=3), timedelta(minutes=5)
LIVELY_FROM = 12
LONGEST_PAUSE = timedelta(hours=1)


def next_check(now: datetime, zone: ZoneInfo, chance: float, *, is_lively: bool) -> datetime:
    """`is_lively`: the unit is vacant tonight or a guest arrives today."""
    afternoon = now.astimezone(zone).hour >= LIVELY_FROM
    soonest, latest = LIVELY if is_lively and afternoon else ORDINARY
    return now + soonest + (latest - soonest) * chance


def after_failure(now: datetime, failures: int, chance: float, retry_after: timedelta | None) -> datetime:
    """A pause that doubles; never sooner than the host asked."""
    soonest, latest = ORDINARY
    pause = min(soonest * (1 << min(failures - 1, 6)), LONGEST_PAUSE) + (latest - soonest) * chance
    return now + max(pause, retry_after or timedelta(0))
