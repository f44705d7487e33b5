"""What a change does to codes, as sentences for the message that follows it."""

from collections.abc import Iterable
from datetime import datetime

from properties.models import AccessCode
from properties.values.wording import LISTED_AT_MOST, listed


def code_news(changed: Iterable[AccessCode], now: datetime) -> str:
    """“2 codes are being put on Front Door and Entrance.” Empty when no code changes."""
    put: list[AccessCode] = []
    moved: list[AccessCode] = []
    taken: list[AccessCode] = []
    for code in changed:
        group = taken if code.revoked_at else put if code.created_at == now else moved
        group.append(code)
    said = [
        _sentence(put, "being put on {locks}"),
        _sentence(moved, "being changed to the new times on {locks}"),
        _sentence(taken, "being removed from {locks}"),
    ]
    return " ".join(filter(None, said))


def _sentence(codes: list[AccessCode], rest: str) -> str:
    if not codes:
        return ""
    count = "1 code is" if len(codes) == 1 else f"{len(codes)} codes are"
    return f"{count} {rest.format(locks=listed(dict.fromkeys(str(code.lock) for code in codes), LISTED_AT_MOST))}."
