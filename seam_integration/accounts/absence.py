"""When something counts as gone that Seam, asked for it by its id, does not know: said twice, minutes apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

# One 404 may come from a replica that is behind, or from a proxy.
ASKED_AGAIN = timedelta(minutes=3)


def note_missing(row: QuerySet[Any], now: datetime) -> bool:
    """Keep when Seam first did not know this row (`missing_at`); True when this is the second word, so it is gone."""
    if row.filter(missing_at__lte=now - ASKED_AGAIN).exists():
        return True
    # Later than now: the sandbox's clock was set back.
    row.filter(Q(missing_at=None) | Q(missing_at__gt=now)).update(missing_at=now)
    return False


def note_found(rows: QuerySet[Any]) -> None:
    """Seam knows them: what it said before does not count."""
    rows.exclude(missing_at=None).update(missing_at=None)
