"""Ids that others give out: text, kept as it comes and compared as it is, whatever its shape."""

from __future__ import annotations

from typing import Any, TypeGuard

# Columns take so many characters. What has a longer id cannot be told from others, so it cannot be read.
LONGEST_ID = 200


def is_opaque_id(value: Any) -> TypeGuard[str]:
    """Whether an id can be kept: some text without control characters or halves of characters."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()
