"""What keeps the guests of a property from getting codes for its doors, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from properties.models import Door, Property, Unit
from properties.values.local_time import have_same_times


def problems(place: Property, now: datetime) -> list[str]:
    """What a manager should put right. Reads `units` and `doors` with their units and locks: prefetch them."""
    # Read once: each .all() builds a new manager, and a building has hundreds of doors.
    units, doors = list(place.units.all()), [(door, list(door.units.all())) for door in place.doors.all()]
    reachable = {unit.pk for _, behind in doors for unit in behind}
    found = [_("No unit yet. Add what guests book, such as “Whole home”.")] if not units else []
    found += [
        _("%(unit)s has no door. Add a door that leads to it.") % {"unit": unit.name}
        for unit in units
        if unit.pk not in reachable
    ]
    return found + [problem for door, behind in doors for problem in _door_problems(place, door, behind, now)]


def _door_problems(place: Property, door: Door, behind: Sequence[Unit], now: datetime) -> list[str]:
    found = []
    if not behind:
        found.append(_("%(door)s leads to no unit. Say which, or guests get no code for it.") % {"door": door.name})
    if door.lock is None:
        # An optional door may well have a key of the old sort.
        return [*found, _("%(door)s has no lock. Put one on it.") % {"door": door.name}] if door.is_required else found
    if door.is_required and (reason := door.lock.why_no_codes()):
        found.append(
            _("%(door)s is required but takes no guest codes: %(reason)s") % {"door": door.name, "reason": reason}
        )
    if door.lock.time_zone and not have_same_times(door.lock.time_zone, place.time_zone, now):
        found.append(
            _(
                "%(door)s: its lock says %(time_zone)s, the property %(time_zone2)s. Correct the wrong "
                "one, or codes begin and end at the wrong hour."
            )
            % {"door": door.name, "time_zone": door.lock.time_zone, "time_zone2": place.time_zone}
        )
    return found
