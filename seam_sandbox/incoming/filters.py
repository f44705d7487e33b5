"""Filters that several lists share: custom metadata, text, and objects the sandbox does not have."""

from collections.abc import Iterable
from typing import Any

from seam_sandbox.incoming.validation import Params
from seam_sandbox.world.records import Metadata


def has_metadata(metadata: Metadata, wanted: dict[str, Any]) -> bool:
    """Whether all pairs match; ``null`` asks for a missing key, and queries carry only text."""

    def same(value: str | bool | None, asked: Any) -> bool:
        if isinstance(value, bool) and isinstance(asked, str):
            return str(value).lower() == asked
        return bool(value == asked)

    return all(same(metadata.get(key), asked) for key, asked in wanted.items())


def contains_text(needle: str, texts: Iterable[str | None]) -> bool:
    return any(needle.lower() in text.lower() for text in texts if text)


def filters_by_unsupported(params: Params) -> bool:
    """Whether a filter names a space, a user identity or the like, of which the sandbox has none."""
    unknown = ("space_id", "user_identifier_key", "access_grant_id", "access_grant_key", "access_method_id")
    return any(params.get(name) is not None for name in unknown)


def merge_metadata(before: Metadata, change: dict[str, Any]) -> Metadata:
    """Merge metadata; ``null`` or an empty string removes a key."""
    return {key: value for key, value in (before | change).items() if value not in (None, "")}
