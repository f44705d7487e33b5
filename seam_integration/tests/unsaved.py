"""Codes that are not saved, for the rules that are pure."""

import uuid
from datetime import timedelta

from properties.models import AccessCode
from properties.tests.builders import NOW

HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=3)


def code(number: int = 1, **fields) -> AccessCode:
    """A wanted code from tomorrow on, not saved."""
    values = {
        "pk": number,
        "holder_name": f"Guest {number}",
        "seam_name": f"Guest {number:06d}",
        "starts_at": NOW + 24 * HOUR,
        "ends_at": NOW + 72 * HOUR,
        "created_at": LONG_AGO,
    }
    made = AccessCode(**(values | fields))
    made.set_pin(f"4829{number:02d}")
    return made


def accepted(number: int = 1, **fields) -> AccessCode:
    return code(
        number,
        **({"seam_id": str(uuid.UUID(int=number)), "accepted_at": LONG_AGO, "create_sent_at": LONG_AGO} | fields),
    )
