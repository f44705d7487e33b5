"""What a change does to codes, as sentences for the message that follows it."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import ngettext

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
        _sentence(
            put,
            ngettext(
                "%(count)s code is being put on %(locks)s.", "%(count)s codes are being put on %(locks)s.", len(put)
            ),
        ),
        _sentence(
            moved,
            ngettext(
                "%(count)s code is being changed to the new times on %(locks)s.",
                "%(count)s codes are being changed to the new times on %(locks)s.",
                len(moved),
            ),
        ),
        _sentence(
            taken,
            ngettext(
                "%(count)s code is being removed from %(locks)s.",
                "%(count)s codes are being removed from %(locks)s.",
                len(taken),
            ),
        ),
    ]
    return " ".join(filter(None, said))


def _sentence(codes: list[AccessCode], words: str) -> str:
    locks = listed(dict.fromkeys(str(code.lock) for code in codes), LISTED_AT_MOST)
    return words % {"count": len(codes), "locks": locks} if codes else ""
