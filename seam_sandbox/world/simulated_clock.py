"""The sandbox's time: real by default; it can be advanced, sped up or stopped.

An instant is a string as Seam writes it, ISO 8601 in UTC with milliseconds: it sorts by time and needs no conversion.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Instant = str
RealTime = Callable[[], datetime]


def format_instant(moment: datetime) -> Instant:
    """Format a datetime as Seam does; one without a zone counts as UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_instant(written: str) -> datetime:
    """Parse any ISO 8601 date or time, with or without a zone; raises ValueError."""
    read = datetime.fromisoformat(written)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def add_time(start: Instant, **duration: float) -> Instant:
    """Add days, hours, minutes or seconds, which may be negative, to an instant."""
    return format_instant(parse_instant(start) + timedelta(**duration))


def round_up_to_minute(start: Instant) -> Instant:
    """Round an instant up to the minute."""
    exact = parse_instant(start)
    whole = exact.replace(second=0, microsecond=0)
    return format_instant(whole if whole == exact else whole + timedelta(minutes=1))


def count_seconds_between(start: Instant, end: Instant) -> float:
    return (parse_instant(end) - parse_instant(start)).total_seconds()


def read_real_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Simulated time as a function of real time: ``at + (real time since) * speed``.

    A pure function keeps the clock running while the sandbox is off, and never runs backwards. Speed 0 stops it.
    """

    def __init__(self, at: datetime | None = None, speed: float = 1.0, real: RealTime = read_real_time) -> None:
        self._real = real
        self._since = real()
        self._at = at or self._since
        self.speed = speed

    def now(self) -> datetime:
        return self._at + (self._real() - self._since) * self.speed

    def advance(self, step: timedelta) -> None:
        self._at += step

    def set_speed(self, speed: float) -> None:
        self._at, self._since = self.now(), self._real()
        self.speed = speed

    def reset(self) -> None:
        """Return to real time."""
        self._at = self._since = self._real()
        self.speed = 1.0

    def state(self) -> dict[str, object]:
        return {"at": self._at.isoformat(), "since": self._since.isoformat(), "speed": self.speed}

    def restore(self, state: dict[str, str | float]) -> None:
        self._at = datetime.fromisoformat(str(state["at"]))
        self._since = datetime.fromisoformat(str(state["since"]))
        self.speed = float(state["speed"])
