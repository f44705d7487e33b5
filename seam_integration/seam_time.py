"""How far this machine's clock is from Seam's, told by the `Date` of its answers.

Kept against the machine's time since boot, which no jump of the clock moves: so a jump shows at once, without a call.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from django.db import DatabaseError
from django.utils import timezone

from seam_integration.models import SeamClock

logger = logging.getLogger(__name__)

# Answers take a while, and `Date` has whole seconds.
TOLERANCE = timedelta(minutes=2)
# What other processes heard of Seam is read again after so many seconds.
READ_EVERY = 15.0
# A correction smaller than this is not written for the others.
WORTH_WRITING = timedelta(seconds=20)


class _Known:
    """What this process knows: Seam's time when the machine was booted."""

    def __init__(self) -> None:
        self.seam_at_boot: datetime | None = None
        # A `Date` that differs from what is known counts when the next answer confirms it.
        self.unconfirmed: datetime | None = None
        self.read_at = float("-inf")
        self.lock = threading.Lock()


_known = _Known()


def since_boot() -> timedelta:
    """The machine's uptime, the same in all its processes."""
    return timedelta(seconds=time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)))


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Tells machines and boots apart: uptimes of two cannot be compared."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:40]
    except OSError:
        return ""


def hear(date: str | None) -> None:
    """Take in the `Date` of an answer. Never fails: an answer is worth more than its header."""
    try:
        moment = parsedate_to_datetime(date or "").astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return
    at_boot = moment - since_boot()
    with _known.lock:
        agrees = any(_is_near(at_boot, one) for one in (_known.seam_at_boot, _known.unconfirmed, _own_boot()))
        _known.unconfirmed = at_boot
        if not agrees:
            return
        _known.seam_at_boot = at_boot
    try:
        _write(at_boot)
    except DatabaseError as error:
        logger.warning("Seam's time was not noted: %s", type(error).__name__)


def apart() -> timedelta:
    """How far our clock is ahead of Seam's (negative: behind); zero within the tolerance, or when nothing is known."""
    if time.monotonic() - _known.read_at > READ_EVERY:
        _read()
    if _known.seam_at_boot is None:
        return timedelta(0)
    ahead = _own_boot() - _known.seam_at_boot
    return ahead if abs(ahead) > TOLERANCE else timedelta(0)


def forget() -> None:
    """Know nothing, and ask no other process for a while."""
    _known.seam_at_boot = _known.unconfirmed = None
    _known.read_at = time.monotonic()


def _own_boot() -> datetime:
    return timezone.now() - since_boot()


def _is_near(one: datetime, other: datetime | None) -> bool:
    return other is not None and abs(one - other) <= TOLERANCE


def _read() -> None:
    """Take over what another process of this machine heard last."""
    _known.read_at = time.monotonic()
    at_boot = SeamClock.objects.filter(boot=boot_id()).values_list("seam_at_boot", flat=True).first()
    if at_boot is not None:
        _known.seam_at_boot = at_boot


def _write(at_boot: datetime) -> None:
    """Store it for the others; the log says once that the clocks differ, and once that they agree again."""
    ahead = _own_boot() - at_boot
    is_apart = abs(ahead) > TOLERANCE
    row = SeamClock.objects.filter(boot=boot_id()).first()
    if row is None:
        row, _ = SeamClock.objects.get_or_create(boot=boot_id(), defaults={"seam_at_boot": at_boot})
    if abs(row.seam_at_boot - at_boot) > WORTH_WRITING:
        SeamClock.objects.filter(pk=row.pk).update(seam_at_boot=at_boot)
    if row.is_apart is is_apart:
        return
    if SeamClock.objects.filter(pk=row.pk, is_apart=not is_apart).update(is_apart=is_apart) == 1:
        if is_apart:
            minutes, way = round(abs(ahead).total_seconds() / 60), "ahead of" if ahead > timedelta(0) else "behind"
            logger.error("this machine's clock is %s minutes %s Seam's: set it, and switch on its NTP", minutes, way)
        else:
            logger.warning("this machine's clock and Seam's agree again")
