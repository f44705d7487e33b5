"""Derives the locks of an account from its email address: always the same locks with the same ids.

Seam does not document its own sample data. ``jane@example.com`` has one lock of each kind, ``fleet-N@example.com`` has
N locks, and any other address at example.com has a few, derived from a hash of the address.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from typing import Any

from seam_sandbox.lifecycles import code_lifecycle
from seam_sandbox.world.records import Account, Device
from seam_sandbox.world.world import World

LAKE, LAKE_ZONE = "Lake House", "America/Los_Angeles"
HARBOR, HARBOR_ZONE = "Harbor Loft", "America/New_York"

JANE: tuple[dict[str, Any], ...] = (
    {"provider_name": "Lake House Front Door", "home": LAKE, "battery_percent": 85, "keypad_percent": 70},
    {"provider_name": "Lake House Back Door", "home": LAKE, "battery_percent": 12, "keypad_percent": 64},
    {"provider_name": "Lake House Garage", "home": LAKE, "battery_percent": 91, "model": "no_keypad"},
    {
        "provider_name": "Lake House Guest Suite",
        "home": LAKE,
        "battery_percent": 48,
        "keypad_percent": 57,
        "hub_online": False,
    },
    {"provider_name": "Lake House Shed (Bolt)", "home": LAKE, "battery_percent": 76, "model": "bolt"},
    {"provider_name": "Harbor Loft Entrance", "home": HARBOR, "battery_percent": 97, "keypad_percent": 88},
    {"provider_name": "Harbor Loft 2A", "home": HARBOR, "battery_percent": 66, "keypad_percent": 41},
)
ZONES = {LAKE: LAKE_ZONE, HARBOR: HARBOR_ZONE}

HOMES = (
    ("Cedar Cabin", "America/Denver"),
    ("Mill Cottage", "Europe/London"),
    ("Dune House", "America/Chicago"),
    ("Rose Court", "Europe/Berlin"),
    ("Palm Villa", "America/New_York"),
)
DOORS = ("Front Door", "Back Door", "Side Gate", "Studio", "Upper Flat")


def is_known(email: str) -> bool:
    """Whether the simulated provider has an account for this address."""
    return re.fullmatch(r"[^@\s]+@example\.com", email) is not None


def make_devices(world: World, account: Account) -> Iterator[Device]:
    for at, description in enumerate(_describe_locks(account.email)):
        model = description.get("model", "gateway")
        hub_online = description.get("hub_online", True)
        yield Device(
            id=derive_device_id(account.email, at, world.settings["id_shape"]),
            created_at=world.now,
            account_id=account.id,
            time_zone=description.get("time_zone") or ZONES[description["home"]],
            is_managed=account.automatically_manage_new_devices,
            model=model,
            offline_since=None if hub_online else world.now,
            **{key: description[key] for key in description.keys() - {"model", "time_zone"}},
        )


def add_existing_codes(world: World, account: Account) -> None:
    """Add the codes that are on the locks already, unmanaged; Wyze hides their PINs."""
    devices = {device.id: device for device in world.devices_of(account)}
    if account.email == "jane@example.com":
        front_door = next(iter(devices.values()))
        code_lifecycle.add_unmanaged(world, front_door, "Cleaner", "9035", is_pin_hidden=True)
    for leftover in list(world.leftovers.values()):
        if leftover.device_id in devices:
            device = devices[leftover.device_id]
            code_lifecycle.add_unmanaged(world, device, leftover.name, leftover.pin, is_pin_hidden=True)
            world.drop(leftover)


def derive_device_id(email: str, at: int, shape: str) -> str:
    digest = hashlib.sha256(f"{email}:{at}".encode()).digest()
    if shape == "counted":
        return f"{Device.kind}{int.from_bytes(digest[:4])}"
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _describe_locks(email: str) -> Iterator[dict[str, Any]]:
    if email == "jane@example.com":
        yield from JANE
    elif fleet := re.fullmatch(r"fleet-(\d{1,5})@example\.com", email):
        width = len(fleet[1])
        for number in range(1, int(fleet[1]) + 1):
            home, zone = HOMES[number % len(HOMES)]
            yield _describe_lock(f"{home} {number:0{width}d}", home, zone, number)
    else:
        yield from _describe_few_locks(email)


def _describe_few_locks(email: str) -> Iterator[dict[str, Any]]:
    digest = hashlib.sha256(email.encode()).digest()
    home, zone = HOMES[digest[0] % len(HOMES)]
    for number in range(3 + digest[1] % 3):
        yield _describe_lock(f"{home} {DOORS[number]}", home, zone, digest[2 + number])


def _describe_lock(name: str, home: str, zone: str, number: int) -> dict[str, Any]:
    return {
        "provider_name": name,
        "home": home,
        "time_zone": zone,
        "battery_percent": 40 + number % 60,
        "keypad_percent": 45 + number % 50,
        "locked": number % 4 != 0,
    }
