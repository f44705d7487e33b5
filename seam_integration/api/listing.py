"""A page of one of Seam's listings, each row with a fingerprint of its text: text that is known is not even parsed."""

from __future__ import annotations

import json
from collections.abc import Container
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from seam_integration.api.payloads import finite, without_nul

Json = dict[str, Any]


class Listed(NamedTuple):
    """A row and its fingerprint. It is checked, not built: a page of rows built at once costs twice as much."""

    text: msgspec.Raw
    fingerprint: str

    def read(self) -> Json:
        row = _rows.decode(self.text)
        cleaned: Json = without_nul(row) if b"\\u0000" in bytes(self.text) else row
        return cleaned


class Page(NamedTuple):
    """The rows to read, and the fingerprints of those whose text was known."""

    rows: list[Listed]
    unchanged: list[str]
    # The texts of rows that were no objects.
    unreadable: tuple[str, ...] = ()


class Pagination(msgspec.Struct):
    """Whether there is more, and how to ask for it."""

    has_next_page: bool | None = None
    next_page_cursor: str | None = None
    # Seam announces no such count; one that is larger than the list says that the list is not whole.
    total_count: float | None = None


class _Answer(msgspec.Struct):
    """The listings that are read. A `Raw` row has been checked, and is a view into the whole text."""

    devices: list[msgspec.Raw] | None = None
    access_codes: list[msgspec.Raw] | None = None
    connected_accounts: list[msgspec.Raw] | None = None
    pagination: Pagination | None = None


_answers = msgspec.json.Decoder(_Answer)
_rows = msgspec.json.Decoder(Json, float_hook=finite)


def read_listing(text: str, key: str, known: Container[str] = ()) -> tuple[Page | None, Pagination]:
    """The rows under `key` (None: there are none). Raises ValueError for what is no JSON of a listing."""
    answer = _read(text)
    pagination = answer.pagination or Pagination()
    listed: list[msgspec.Raw] | None = getattr(answer, key)
    if listed is None:
        return None, pagination
    page, unreadable = Page([], []), []
    for raw in listed:
        fingerprint = sha256(raw).hexdigest()
        if fingerprint in known:
            page.unchanged.append(fingerprint)
        elif memoryview(raw)[0] == ord("{"):
            page.rows.append(Listed(raw, fingerprint))
        else:
            unreadable.append(bytes(raw).decode(errors="replace"))
    return page._replace(unreadable=tuple(unreadable)), pagination


def _read(text: str) -> _Answer:
    try:
        return _answers.decode(text)
    except msgspec.DecodeError:
        # Half a character, which JavaScript leaves where it cuts an emoji: refused here, and by PostgreSQL.
        whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
        return _answers.decode(whole)
