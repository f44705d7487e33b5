"""Parts of Seam's answers as types of our own: what is missing or has another type is unknown, never an error."""

from __future__ import annotations

from typing import Any

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


def has_id(row: Any, name: str) -> bool:
    """Whether a row can be told from others: one that cannot is left out, and costs no other."""
    return isinstance(row, dict) and is_opaque_id(row.get(name))


def without_nul(value: Any) -> Any:
    """A decoded answer without NUL in any of its texts."""
    if isinstance(value, str):
        return value.replace(NUL, "")
    if isinstance(value, list):
        return [without_nul(each) for each in value]
    if isinstance(value, dict):
        return {without_nul(key): without_nul(each) for key, each in value.items()}
    return value
