"""A page of one of Seam's listings, each row with a fingerprint of its text: unchanged text needs no second look."""

from __future__ import annotations

import hashlib
from json import JSONDecoder
from json.decoder import WHITESPACE  # type: ignore[attr-defined]
from typing import Any, NamedTuple

Json = dict[str, Any]

_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]


class Listed(NamedTuple):
    """A row of a listing. The fingerprint is of the text as it was sent: taking it costs a tenth of parsing it."""

    row: Json
    fingerprint: str


def read_listing(text: str, key: str) -> tuple[list[Listed] | None, Json]:
    """The rows under `key` (None: there are none), and the rest of the answer. Raises ValueError for what is no JSON.

    The one difference to `json.loads`: it stops between the rows, so that each one's text is known.
    """
    rows: list[Listed] | None = None
    rest: Json = {}
    try:
        at = _after(text, _skip(text, 0), "{")
        while text[at] != "}":
            name, at = _scan(text, at)
            at = _after(text, _skip(text, at), ":")
            if name == key and text[at] == "[":
                rows, at = _rows(text, at)
            else:
                rest[name], at = _scan(text, at)
            at = _skip(text, at)
            if text[at] == ",":
                at = _after(text, at, ",")
    except (StopIteration, IndexError) as error:
        raise ValueError("not the JSON of a listing") from error
    return rows, rest


def _rows(text: str, at: int) -> tuple[list[Listed], int]:
    rows: list[Listed] = []
    at = _after(text, at, "[")
    while text[at] != "]":
        row, end = _scan(text, at)
        if not isinstance(row, dict):
            raise ValueError("a row of the listing is no object")
        rows.append(Listed(row, hashlib.sha256(text[at:end].encode()).hexdigest()))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return rows, at + 1


def _after(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise ValueError(f"no {mark} where JSON has one")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    return at if text[at : at + 1] > " " else int(WHITESPACE.match(text, at).end())
