"""What stands between a property's doors and a guest with a code, in sentences; pure."""

from __future__ import annotations

from properties.models import Door, Property


def problems(place: Property) -> list[str]:
    """What somebody should put right. Reads `units` and `doors` with their units and locks: prefetch them."""
    doors = list(place.doors.all())
    reachable = {unit.pk for door in doors for unit in door.units.all()}
    found = ["No unit yet. Add what guests book, such as “Whole home”."] if not place.units.all() else []
    found += [
        f"{unit.name} has no door. Add a door that leads to it."
        for unit in place.units.all()
        if unit.pk not in reachable
    ]
    return found + [problem for door in doors for problem in door_problems(place, door)]


def door_problems(place: Property, door: Door) -> list[str]:
    found = []
    if not door.units.all():
        found.append(f"{door.name} leads to no unit. Say which, or guests get no code for it.")
    if door.lock is None:
        # An optional door may well have a key of the old sort.
        return [*found, f"{door.name} has no lock. Put one on it."] if door.is_required else found
    if door.is_required and (reason := door.lock.why_no_codes()):
        found.append(f"{door.name} is required but takes no guest codes: {reason}")
    if door.lock.time_zone and door.lock.time_zone != place.time_zone:
        found.append(
            f"{door.name}: its lock says {door.lock.time_zone}, the property {place.time_zone}. Correct the wrong "
            "one, or codes begin and end at the wrong hour."
        )
    return found
