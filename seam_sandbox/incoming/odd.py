"""Answers that are odd: a row or the pages of a list as no document announces them."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

from seam_sandbox.world.simulated_clock import format_instant, parse_instant

Row = dict[str, Any]
HUGE = 99_999_999_999
OLD_FAILURE = {
    "error_code": "failed_to_set_on_device",
    "message": "An earlier try failed.",
    "is_access_code_error": True,
    "created_at": "2020-01-01T00:00:00.000Z",
}


def _without_id(row: Row) -> Any:
    return {key: value for key, value in row.items() if not (key.endswith("_id") and key != "device_id")}


def _of_wrong_types(row: Row) -> Any:
    """Each value of another type than it has; the id stays, so that the row can be told from others."""
    ids = ("access_code_id", "device_id", "connected_account_id", "event_id")
    return {key: value if key in ids else [value] if not isinstance(value, list) else "x" for key, value in row.items()}


def _with_nul(row: Row) -> Any:
    return row | {key: f"{row[key]}\0" for key in ("name", "display_name", "message") if isinstance(row.get(key), str)}


def _with_huge_numbers(row: Row) -> Any:
    row = deepcopy(row)
    properties = row.setdefault("properties", {})
    if isinstance(properties, dict):
        properties |= {"max_active_codes_supported": HUGE, "battery": {"level": float(HUGE)}}
    return row


def _with_old_failure(row: Row) -> Any:
    return row | {"errors": [*row.get("errors", []), OLD_FAILURE]} if row.get("status") == "set" else row


def _from_the_future(row: Row) -> Any:
    occurred_at = row.get("occurred_at")
    if not isinstance(occurred_at, str):
        return row
    return row | {"occurred_at": format_instant(parse_instant(occurred_at) + timedelta(days=2000))}


ROWS: dict[str, Callable[[Row], Any]] = {
    "row_without_id": _without_id,
    "row_of_wrong_types": _of_wrong_types,
    "row_with_nul": _with_nul,
    "row_with_huge_numbers": _with_huge_numbers,
    "row_is_null": lambda row: None,
    "old_failure": _with_old_failure,
    "future": _from_the_future,
}
PAGES: dict[str, Row] = {
    "no_cursor": {"has_next_page": True, "next_page_cursor": None},
    "count_too_large": {"total_count": HUGE},
}
FAULTS = (*ROWS, *PAGES)


def make_odd(answer: dict[str, Any], what: str) -> dict[str, Any]:
    """The answer with its first row changed, or with other words about its pages."""
    if what in PAGES:
        return answer | {"pagination": {**answer["pagination"], **PAGES[what]}} if "pagination" in answer else answer
    for key, value in answer.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return answer | {key: [ROWS[what](value[0]), *value[1:]]}
        if isinstance(value, dict) and key not in ("pagination", "error", "action_attempt"):
            return answer | {key: ROWS[what](value)}
    return answer


def from_the_future(payload: dict[str, Any]) -> dict[str, Any]:
    return dict(_from_the_future(payload))
