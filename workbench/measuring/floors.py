"""The floors: the least that each piece of work can cost, with the same answers and the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import requests
from django.db import connection, transaction
from django.utils import timezone

from properties.models import BatteryReading, Lock
from seam_integration.fast_rows import READ

PAGE = 500
WRITTEN = (
    *READ,
    "account",
    "is_locked",
    "locked_at",
    "battery_at",
    "keypad_battery_at",
    "read_at",
    "vanished_at",
    "missing_at",
)


class Listing:
    """Fetches pages of devices by `requests` and parses them by `json`."""

    def __init__(self, endpoint: str, account: str) -> None:
        self.endpoint, self.account = endpoint, account
        self.session = requests.Session()
        self.session.trust_env = False

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        self._ask("/connected_accounts/get", connected_account_id=self.account)
        body: dict[str, Any] = {"connected_account_id": self.account, "limit": PAGE}
        while True:
            answer = self._ask("/devices/list", **body)
            yield answer["devices"]
            if not answer["pagination"]["has_next_page"]:
                break
            body["page_cursor"] = answer["pagination"]["next_page_cursor"]
        yield self._ask("/devices/unmanaged/list", connected_account_id=self.account, limit=PAGE)["devices"]

    def _ask(self, path: str, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.session.post(self.endpoint + path, json=body, timeout=30).content)
        return found

    def parse_all(self) -> int:
        return sum(len(page) for page in self.pages())


class PlainUpsert:
    """One bulk upsert of what a sync writes: locks, and new battery levels."""

    def __init__(self, listing: Listing, organization_id: int, account_id: int) -> None:
        self.listing, self.owner = listing, (organization_id, account_id)
        names = list(WRITTEN)
        columns = ["organization_id", "seam_id", *[self._column(n) for n in names]]
        others = [
            str(f.column) for f in Lock._meta.concrete_fields if f.column not in {*columns, "id"} and not f.generated
        ]
        self.level_at = 2 + names.index("battery_level")
        # Columns that a sync never writes, but an INSERT must name.
        empty = {"unmanaged_codes": "[]", "last_failure": ""}
        self.rest = tuple(empty.get(name) for name in others)
        marks = ", ".join(["%s"] * (len(columns) + len(others)))
        changes = ", ".join(f"{self._column(n)} = excluded.{self._column(n)}" for n in names)
        named = ", ".join([*columns, *others])
        self.upsert = (
            f"INSERT INTO properties_lock ({named}) VALUES ({marks}) "  # noqa: S608 - names of our own columns
            f"ON CONFLICT (seam_id) DO UPDATE SET {changes}"
        )
        self.reading = (
            f"INSERT INTO {BatteryReading._meta.db_table} (lock_id, part, level, at) "  # noqa: S608
            "SELECT id, 'lock', %s, %s FROM properties_lock WHERE seam_id = %s ON CONFLICT DO NOTHING"
        )

    @staticmethod
    def _column(name: str) -> str:
        return str(Lock._meta.get_field(name).column)  # type: ignore[union-attr]

    def run(self) -> None:
        now = timezone.now()
        moment: Any = now if connection.vendor == "postgresql" else now.replace(tzinfo=None).isoformat(" ")
        with transaction.atomic(), connection.cursor() as cursor:
            for page in self.listing.pages():
                if page:
                    rows = [self._row(device, moment) for device in page]
                    cursor.executemany(self.upsert, rows)
                    cursor.executemany(self.reading, [(row[self.level_at], moment, row[1]) for row in rows])

    def _row(self, device: dict[str, Any], moment: Any) -> tuple[Any, ...]:
        properties = device["properties"]
        model, battery = properties["model"], properties["battery"]
        keypad = properties.get("accessory_keypad") or {}
        read = {
            "account": self.owner[1],
            "name": device["display_name"],
            "search_text": device["display_name"].lower(),
            "sort_key": device["display_name"].lower(),
            "device_type": device["device_type"],
            "model_name": model["display_name"],
            "maker_id": properties["wyze_metadata"]["device_id"],
            "time_zone": device["location"]["time_zone"],
            "is_managed": device["is_managed"],
            "can_lock": device.get("can_remotely_lock"),
            "can_unlock": device.get("can_remotely_unlock"),
            "can_program_codes": device.get("can_program_online_access_codes"),
            "code_lengths": json.dumps(properties.get("supported_code_lengths")),
            "code_constraints": json.dumps(properties.get("code_constraints")),
            "code_capacity": properties.get("max_active_codes_supported"),
            "has_keypad": keypad.get("is_connected"),
            "is_online": properties["online"],
            "is_locked": properties["locked"],
            "locked_at": moment,
            "battery_level": battery["level"],
            "battery_status": battery["status"],
            "battery_at": moment,
            "keypad_battery_level": (keypad.get("battery") or {}).get("level"),
            "keypad_battery_at": moment,
            "errors": json.dumps(device["errors"]),
            "warnings": json.dumps(device["warnings"]),
            "read_at": moment,
            "vanished_at": None,
            "missing_at": None,
            "reading_hash": "",
        }
        return (self.owner[0], device["device_id"], *[read[name] for name in WRITTEN], *self.rest)


def sdk_loop(endpoint: str, account: Any) -> int:
    """The loop of the SDK's documentation: list, then `update_or_create` for each device."""
    # Only this floor needs the SDK.
    from seam import Seam  # noqa: PLC0415

    seam = Seam.from_api_key("seam_test_replay", endpoint=endpoint)
    pages = seam.create_paginator(seam.devices.list, {"connected_account_id": account.seam_id, "limit": PAGE})
    count = 0
    for device in pages.flatten():
        properties = device.properties
        Lock.objects.update_or_create(
            seam_id=device.device_id,
            defaults={
                "organization_id": account.organization_id,
                "account": account,
                "name": device.display_name,
                "device_type": device.device_type,
                "is_online": properties.get("online"),
                "is_locked": properties.get("locked"),
                "battery_level": (properties.get("battery") or {}).get("level"),
                "errors": device.errors,
                "warnings": device.warnings,
                "read_at": timezone.now(),
            },
        )
        count += 1
    return count
