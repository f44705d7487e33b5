"""Pagination of long lists; a cursor is bound to the filters it was made for."""

import base64
import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from seam_sandbox.incoming.validation import Params, number, string
from seam_sandbox.world.errors import Problem, invalid
from seam_sandbox.world.records import Record

T = TypeVar("T", bound=Record)

PAGE = {"limit": number(least=1), "page_cursor": string.nullable}


def paginate(
    records: Sequence[T], params: Params, default_limit: int, fits: Callable[[T], bool] | None = None
) -> tuple[list[T], dict[str, Any]]:
    """Return matching records after the cursor, oldest first, and Seam's ``pagination`` object."""
    limit, filters = int(params.get("limit", default_limit)), _fingerprint(params)
    start = bisect_right(records, _decode_cursor(params.get("page_cursor"), filters), key=lambda record: record.seq)
    found: list[T] = []
    for at in range(start, len(records)):
        if fits is None or fits(records[at]):
            if len(found) == limit:
                break
            found.append(records[at])
    else:
        return found, {"has_next_page": False, "next_page_cursor": None, "next_page_url": None}
    cursor = base64.urlsafe_b64encode(json.dumps([filters, found[-1].seq]).encode()).decode()
    # Seam's documentation tells clients to use the cursor, not next_page_url.
    return found, {"has_next_page": True, "next_page_cursor": cursor, "next_page_url": None}


def _fingerprint(params: Params) -> str:
    filters = {key: value for key, value in params.items() if key not in PAGE}
    return hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:16]


def _decode_cursor(cursor: str | None, filters: str) -> int:
    if not cursor:
        return 0
    try:
        made_for, seq = json.loads(base64.urlsafe_b64decode(cursor))
        seq = int(seq)
    except (ValueError, TypeError):
        raise invalid("page_cursor", "Invalid page cursor") from None
    if made_for != filters:
        raise Problem(
            400, "mismatched_page_parameters", "The page cursor was made for a request with other parameters."
        )
    return seq
