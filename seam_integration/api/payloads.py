"""Parts of Seam's answers as types of our own: what is missing or has another type is unknown, never an error."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple

import msgspec

from properties.values.opaque_ids import is_opaque_id

Json = dict[str, Any]

# PostgreSQL takes no NUL in a text, and none in JSON.
NUL = "\0"
# The largest whole number that a column of ours takes.
LARGEST = 2**31 - 1


def record(value: Any) -> Json:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Json]:
    """The objects of a list, such as `errors`; what is none of them is left out."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def issues(value: Any) -> list[Json]:
    """Errors, warnings or pending mutations: their texts and flags; a time that is none is left out."""
    return [
        {key: each for key, each in entry.items() if isinstance(each, str | bool) and _is_time_if_it_should(key, each)}
        for entry in entries(value)
    ]


def _is_time_if_it_should(key: str, value: Any) -> bool:
    return not key.endswith("_at") or parse_time(value) is not None


def text(value: Any, most: int) -> str:
    """A text of at most so many characters; empty for anything else."""
    return value[:most] if isinstance(value, str) else ""


def count(value: Any) -> int | None:
    """A whole number from 0 on; None for anything else."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 <= value <= LARGEST else None


def counts(value: Any) -> list[int]:
    """The whole numbers of a list."""
    return [each for each in value if count(each) is not None] if isinstance(value, list) else []


class CodeRow(msgspec.Struct):
    """What the engine reads of an access code. A row that has one of these in another type tells nothing for sure."""

    access_code_id: str
    name: str | None = None
    code: str | None = None
    status: str | None = None
    is_scheduled_on_device: bool | None = None
    starts_at: str | None = None
    ends_at: str | None = None


def is_code(row: Any) -> bool:
    """Whether a row is an access code that can be read; one that cannot is set aside, and costs no other."""
    try:
        code = msgspec.convert(row, CodeRow)
    except msgspec.ValidationError:
        return False
    times = [at for at in (code.starts_at, code.ends_at) if at is not None]
    return identifier(code.access_code_id) is not None and all(parse_time(at) is not None for at in times)


# Of a code's or an event's time: what is further away is no time of a stay, and sums with it leave the calendar.
YEARS = range(1970, 9000)


def parse_time(text: Any) -> datetime | None:
    """Seam's times, with milli- or microseconds, `Z` or `+0000`; None for none or nonsense."""
    try:
        parsed = datetime.fromisoformat(text)
        moment = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return moment if moment.year in YEARS and moment.astimezone(UTC) else None
    except (TypeError, ValueError, OverflowError):
        return None


def identifier(value: Any) -> str | None:
    """An id of Seam, as it is; None for anything else."""
    return value if is_opaque_id(value) else None


class Unread(NamedTuple):
    """A part of an answer that could not be read: what was asked for, and its text without secrets."""

    path: str
    text: str


SECRET = ("code", "pin", "from", "to", "secret", "url", "email", "phone", "token", "password", "key")
DIGITS = re.compile(r"(?<![\w.:+-])\d{4,10}(?![\w:+-]|\.\d)")
KEPT_TEXT = 2000


def unread(path: str, row: Any) -> Unread:
    """Set a row aside, for whoever mends the reading of it."""
    return Unread(path, DIGITS.sub("••••", json.dumps(_masked(row), default=str)).replace("\\u0000", "")[:KEPT_TEXT])


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, dict):
        return {key: "••••" if _is_secret(key) and each else _masked(each) for key, each in value.items()}
    return value


def _is_secret(key: str) -> bool:
    return key in SECRET or key.endswith(tuple(f"_{word}" for word in SECRET if word not in ("code", "to", "from")))


def has_id(row: Any, name: str) -> bool:
    """Whether a row can be told from others: one that cannot is left out, and costs no other."""
    return isinstance(row, dict) and identifier(row.get(name)) is not None


def finite(number: str) -> float | None:
    """A number with a point; None for one that is too large: no column takes infinity, and no JSON."""
    value = float(number)
    return value if isfinite(value) else None


def without_nul(value: Any) -> Any:
    """A decoded answer without NUL in any of its texts."""
    if isinstance(value, str):
        return value.replace(NUL, "")
    if isinstance(value, list):
        return [without_nul(each) for each in value]
    if isinstance(value, dict):
        return {without_nul(key): without_nul(each) for key, each in value.items()}
    return value
