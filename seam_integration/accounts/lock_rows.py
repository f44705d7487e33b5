"""What a sync compares with and writes, as plain SQL: for thousands of locks, models cost more than their rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from properties.models import Lock

# What a sync reads of a lock; people, events and the engine own the other columns.
READ = (
    "name",
    "device_type",
    "model_name",
    "maker_id",
    "time_zone",
    "is_managed",
    "can_lock",
    "can_unlock",
    "can_program_codes",
    "code_lengths",
    "code_constraints",
    "code_capacity",
    "has_keypad",
    "is_online",
    "battery_level",
    "battery_status",
    "keypad_battery_level",
    "errors",
    "warnings",
    "reading_hash",
)
IN_JSON = frozenset({"code_lengths", "code_constraints", "errors", "warnings"})
# When each of these was last known.
DATED = {"battery_level": "battery_at", "keypad_battery_level": "keypad_battery_at"}
BEFORE = (
    "SELECT seam_id, id, account_id, vanished_at IS NOT NULL, battery_level, keypad_battery_level, "
    "can_program_codes, is_online, is_managed, errors, code_lengths FROM properties_lock WHERE seam_id IN ({})"
)
CHANGE = (
    "UPDATE properties_lock SET "  # noqa: S608 - names of our own columns
    + ", ".join(f"{name} = %s" for name in READ)
    + ", account_id = %s, read_at = %s, vanished_at = NULL"
    + ", battery_at = COALESCE(%s, battery_at), keypad_battery_at = COALESCE(%s, keypad_battery_at)"
    # An event that is newer than this reading keeps its word.
    + ", is_locked = CASE WHEN locked_at > %s THEN is_locked ELSE %s END"
    + ", locked_at = CASE WHEN locked_at > %s THEN locked_at ELSE COALESCE(%s, locked_at) END"
    + " WHERE id = %s"
)
READING = (
    "INSERT INTO properties_batteryreading (lock_id, part, level, at) "
    "VALUES (%s, %s, %s, %s) ON CONFLICT (lock_id, part, at) DO NOTHING"
)


class Reading(NamedTuple):
    """A battery level that is new."""

    lock_id: int
    part: str
    level: float


class Before(NamedTuple):
    """What our row said before, as far as a sync compares. On SQLite a truth value is 1 or 0, which equals it."""

    pk: int
    account_id: int
    has_vanished: bool
    battery_level: float | None
    keypad_battery_level: float | None
    can_program_codes: bool | None
    is_online: bool | None
    is_managed: bool
    errors: list[Any]
    code_lengths: list[Any]


def rows_before(seam_ids: Iterable[str]) -> dict[str, Before]:
    field = Lock._meta.get_field("seam_id")
    asked = {field.get_db_prep_value(seam_id, connection): seam_id for seam_id in seam_ids}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE.format(", ".join(["%s"] * len(asked))), list(asked))
        return {asked[row[0]]: _before(row[1:]) for row in cursor.fetchall()}


def _before(row: tuple[Any, ...]) -> Before:
    *others, errors, code_lengths = row
    return Before._make([*others, json.loads(errors), json.loads(code_lengths)])


def write_changed(account_id: int, changed: Iterable[tuple[int, Mapping[str, Any]]], now: datetime) -> None:
    """Write readings over the rows with these ids."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.executemany(CHANGE, [_parameters(pk, values, account_id, moment) for pk, values in changed])


def write_readings(readings: Iterable[Reading], now: datetime) -> None:
    """Add battery levels, each once."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.executemany(READING, [(*reading, moment) for reading in readings])


def _parameters(pk: int, values: Mapping[str, Any], account_id: int, moment: Any) -> tuple[Any, ...]:
    read = [_json(values[name]) if name in IN_JSON else values[name] for name in READ]
    battery_at, keypad_at = (moment if values[level] is not None else None for level in DATED)
    is_locked = values["is_locked"]
    locked_at = moment if is_locked is not None else None
    return (*read, account_id, moment, battery_at, keypad_at, moment, is_locked, moment, locked_at, pk)


def _json(value: Any) -> str:
    return json.dumps(value) if value else "[]"
