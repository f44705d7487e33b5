"""Odd versions of an answer: each field of it missing, null, and of every other type, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

MISSING = object()
ODD: tuple[Any, ...] = (
    MISSING,
    None,
    True,
    False,
    0,
    -1,
    0.5,
    99_999_999_999_999_999_999,
    float("inf"),
    "",
    "x",
    "\0",
    "x" * 5000,
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    [],
    ["x"],
    [None],
    {},
    {"x": 1},
)
Path = tuple[str | int, ...]


def fields(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where each field of an answer stands, those of its parts included; of a list, those of its first part."""
    parts = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*at, key)
        yield from fields(part, (*at, key))


def odd_versions(answer: dict[str, Any]) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Each field, and the answer with each odd value of it."""
    for path in fields(answer):
        yield path, [_changed(answer, path, value) for value in ODD]


def _changed(answer: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = deepcopy(answer)
    part: Any = changed
    for key in path[:-1]:
        part = part[key]
    if value is MISSING:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return changed
