"""What time it is: the real time on Seam, the sandbox's own time on the sandbox.

Where this machine's clock and Seam's differ, the earlier one counts: nothing is over before both say so.

Only entry points (views, tasks, commands) ask here; everything below them is given `now`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests
from django.conf import settings
from django.utils import timezone

from seam_integration import seam_time
from seam_integration.models import ClockReading
from seam_integration.seam import ask_sandbox

# A reading serves a process for this long (real seconds); in between, time is computed. Short, because a person
# may move the clock by days, and what is decided for yesterday is decided wrongly.
READING_LASTS = 0.05
# A sandbox that is away is asked again only after this.
AWAY_LASTS = 5.0
# The sandbox is on this machine: a clock that does not answer at once is away.
TIMEOUT = 2.0


@dataclass(frozen=True)
class Reading:
    """The sandbox's clock at one real moment."""

    real_at: datetime
    simulated_at: datetime
    speed: float

    def now(self) -> datetime:
        return self.simulated_at + (timezone.now() - self.real_at) * self.speed


class _Memory(threading.local):
    reading: Reading | None = None
    read_at: float = float("-inf")


_memory = _Memory()


def now() -> datetime:
    """The instant, in UTC, that every decision of this request or task is made for."""
    if not settings.SANDBOX_CLOCK:
        return timezone.now() - max(seam_time.apart(), timedelta(0))
    return _current_reading().now()


def latest() -> datetime:
    """The later one of the two clocks: what is over at `now` and at `latest` is over for sure."""
    return now() + abs(seam_time.apart())


def advance(duration: str) -> datetime:
    """Move the sandbox's clock by an ISO 8601 duration ("PT1H"). Raises requests.RequestException."""
    _remember(_ask("POST", {"advance": duration}))
    return now()


def speed() -> float:
    """How fast `now` runs against real time: 1 on Seam."""
    return _current_reading().speed if settings.SANDBOX_CLOCK else 1.0


def forget() -> None:
    """Ask the sandbox again at the next call (after its clock was moved elsewhere)."""
    _memory.reading, _memory.read_at = None, float("-inf")


def _current_reading() -> Reading:
    if _memory.reading is None or time.monotonic() - _memory.read_at > READING_LASTS:
        try:
            _remember(_ask("GET"))
        except (requests.RequestException, ValueError, KeyError):
            # Away: go on from what was last known, by any process.
            _memory.reading = _memory.reading or _stored_reading()
            _memory.read_at = time.monotonic() + AWAY_LASTS
    assert _memory.reading is not None
    return _memory.reading


def _ask(method: str, body: dict[str, str] | None = None) -> Reading:
    asked_at = timezone.now()
    told = ask_sandbox(method, "/_sandbox/clock", body, TIMEOUT).json()
    # On the way there and back time passed: the middle is the best guess.
    real_at = asked_at + (timezone.now() - asked_at) / 2
    simulated_at = datetime.fromisoformat(told["now"]).astimezone(UTC)
    return Reading(real_at, simulated_at, float(told["speed"]))


def _remember(reading: Reading) -> None:
    before = _memory.reading or _stored_reading()
    _memory.reading, _memory.read_at = reading, time.monotonic()
    if abs(before.now() - reading.now()) > timedelta(seconds=2) or before.speed != reading.speed:
        ClockReading.objects.update_or_create(
            pk=1,
            defaults={
                "real_at": reading.real_at,
                "simulated_at": reading.simulated_at,
                "speed": reading.speed,
            },
        )


def _stored_reading() -> Reading:
    row = ClockReading.objects.filter(pk=1).first()
    if row is None:
        moment = timezone.now()
        return Reading(moment, moment, 1.0)
    return Reading(row.real_at, row.simulated_at, row.speed)
