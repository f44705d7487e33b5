"""How far something has come, step by step, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StepStatus(StrEnum):
    DONE = "done"
    CURRENT = "current"
    WAITING = "waiting"
    FAILED = "failed"
    # It could have happened and did not; the way ended before it.
    NEVER = "never"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: its name, how far it is, and once done its time and source."""

    name: str
    status: StepStatus
    at: datetime | None = None
    source: str = ""


class ProofSource(StrEnum):
    """Who says that a step of a code happened, as its row keeps it. An event's id follows its word."""

    ANSWER = "Seam's answer"
    READ_BACK = "read back"
    GONE = "read back: no longer there"
    NEVER_REACHED = "never reached Seam"
    NEVER_SENT = "never sent to Seam"
    EVENT = "event"


def event_source(event_id: object) -> str:
    return f"{ProofSource.EVENT} {event_id}"


def is_event(source: str) -> bool:
    return source.startswith(f"{ProofSource.EVENT} ")


def without_event_id(source: str) -> str:
    """An event's own id is for the page of its code; elsewhere it is only an event."""
    return ProofSource.EVENT.value if is_event(source) else source
