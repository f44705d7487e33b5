"""When a feed is checked next: by the property's clock, spread by chance."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.applying.rhythm import after_failure, next_check

DENVER = ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("hour", "is_lively", "soonest", "latest"),
    [(11, True, 10, 15), (12, True, 3, 5), (23, True, 3, 5), (15, False, 10, 15), (0, True, 10, 15)],
)
def test_next_check(hour, is_lively, soonest, latest):
    now = datetime(2031, 3, 4, hour, 30, tzinfo=DENVER).astimezone(UTC)
    first, last = (next_check(now, DENVER, chance, is_lively=is_lively) - now for chance in (0, 1))
    assert (first, last) == (timedelta(minutes=soonest), timedelta(minutes=latest))


@pytest.mark.parametrize(
    ("failures", "retry_after", "minutes"),
    [(1, None, 10), (2, None, 20), (3, None, 40), (4, None, 60), (400, None, 60), (1, 7200, 120), (4, 60, 60)],
)
def test_pause_after_failures(failures, retry_after, minutes):
    now = datetime(2031, 3, 4, tzinfo=UTC)
    asked = None if retry_after is None else timedelta(seconds=retry_after)
    assert after_failure(now, failures, 0, asked) == now + timedelta(minutes=minutes)
