"""The ways a message can leave (setting OUTBOX_TRANSPORTS), and the two ways in which one can fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from outbox.models import Message

# Hands a message over and returns what the other side said. Raises Refused or TryLater.
Transport = Callable[["Message"], str]


class Refused(Exception):
    """For good: the same message to the same address will not be taken."""


class TryLater(Exception):
    """Not now. `retry_after` is the pause that the other side asks for."""

    def __init__(self, words: str, retry_after: timedelta | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


def transport_of(channel: str) -> Transport:
    """The function that sends on this channel. Raises Refused when there is none."""
    path = settings.OUTBOX_TRANSPORTS.get(channel)
    if path is None:
        raise Refused(f"This installation does not send by {channel}.")
    return cast(Transport, import_string(path))
