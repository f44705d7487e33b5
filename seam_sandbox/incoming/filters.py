"""Filters that several lists share: by custom metadata, by text, and by what the sandbox has none of."""

from collections.abc import Iterable
from typing import Any

from seam_sandbox.incoming.validation import Params
from seam_sandbox.world.records import Metadata


def has_metadata(metadata: Metadata, wanted: dict[str, Any]) -> bool:
    """Whether all pairs are there; ``null`` asks for a key that is not set. Queries know only texts."""

    def same(value: str | bool | None, asked: Any) -> bool:
        if isinstance(value, bool) and isinstance(asked, str):
            return str(value).lower() == asked
        return bool(value == asked)

    return all(same(metadata.get(key), asked) for key, asked in wanted.items())


def contains_text(needle: str, texts: Iterable[str | None]) -> bool:
    return any(needle.lower() in text.lower() for text in texts if text)


def filters_by_unsupported(params: Params) -> bool:
    """Spaces, user identities and the like are outside the sandbox: nothing belongs to any of them."""
    unknown = ("space_id", "user_identifier_key", "access_grant_id", "access_grant_key", "access_method_id")
    return any(params.get(name) is not None for name in unknown)


def merge_metadata(before: Metadata, change: dict[str, Any]) -> Metadata:
    """Metadata after a change: ``null`` or an empty text drops a key."""
    return {key: value for key, value in (before | change).items() if value not in (None, "")}
