"""Which stays a change of a row touches: database triggers that mark them, so that no writer has to remember it.

Raw SQL, because writers are many: forms, tasks, cascades, bulk writes and plain SQL. Only the database sees them all.
Migrations rebuild tables, which drops triggers or is refused because of them: so `apps.py` takes them away before
migrations run, and puts them back afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "verdict_mark_"
# Conditions on a row `v` of properties_stayverdict; {row} is NEW or OLD.
BEHIND_LOCK = (
    "v.unit_id IN (SELECT way.unit_id FROM properties_door door"
    " JOIN properties_door_units way ON way.door_id = door.id WHERE door.lock_id = {row}.%s)"
)
BEHIND_ACCOUNT = (
    "v.unit_id IN (SELECT way.unit_id FROM properties_lock lock JOIN properties_door door ON door.lock_id = lock.id"
    " JOIN properties_door_units way ON way.door_id = door.id WHERE lock.account_id = {row}.id)"
)
BEHIND_DOOR = "v.unit_id IN (SELECT way.unit_id FROM properties_door_units way WHERE way.door_id = {row}.id)"
OF_GUEST = "v.unit_id IN (SELECT stay.unit_id FROM properties_stay stay WHERE stay.guest_id = {row}.id)"
OF_PROPERTY = "v.unit_id IN (SELECT unit.id FROM properties_unit unit WHERE unit.property_id = {row}.id)"
# A stay shares time with itself, too.
SHARES_TIME = "v.unit_id = {row}.unit_id AND v.ends_at > {row}.starts_at AND v.starts_at < {row}.ends_at"
IS_MARKED = "EXISTS (SELECT 1 FROM properties_verdictmark mark WHERE mark.stay_id = v.stay_id)"
# A newer reading changes nothing where the last one is believed, and readings come every ten minutes. One that is
# being judged is marked.
AWAITS_READING = f"(v.awaits_reading OR {IS_MARKED} OR {{older}})"
AWAITS_PLACE = f"(v.awaits_place OR {IS_MARKED})"


class Rule(NamedTuple):
    """When one of these columns of the table changes, the open stays for which `touched` holds are marked."""

    name: str
    table: str
    columns: tuple[str, ...]
    touched: str
    # A change can move a row from some stays to others: those of both versions are touched.
    moves: bool = False
    # Other than that a column differs.
    changes: str = ""
    events: tuple[str, ...] = ("UPDATE",)


def _readings_of(name: str, table: str, columns: tuple[str, ...], behind: str) -> Rule:
    older = " OR ".join(f"NEW.{column} IS NULL OR NEW.{column} < OLD.{column}" for column in columns)
    return Rule(name, table, columns, f"{behind} AND {AWAITS_READING.format(older=older)}")


ALWAYS = ("INSERT", "UPDATE", "DELETE")
RULES = [
    Rule(
        "stay",
        "properties_stay",
        (
            "unit_id",
            "guest_id",
            "starts_at",
            "ends_at",
            "check_in_on",
            "check_in_time",
            "check_out_on",
            "check_out_time",
            "cancelled_at",
            "old_pin_since",
        ),
        SHARES_TIME,
        moves=True,
        events=ALWAYS,
    ),
    Rule("guest", "properties_guest", ("name",), OF_GUEST),
    Rule("unit", "properties_unit", ("property_id",), "v.unit_id = {row}.id"),
    Rule("property", "properties_property", ("time_zone",), OF_PROPERTY),
    Rule("door", "properties_door", ("name", "lock_id", "is_required"), BEHIND_DOOR),
    Rule(
        "way",
        "properties_door_units",
        ("door_id", "unit_id"),
        "v.unit_id = {row}.unit_id",
        moves=True,
        events=ALWAYS,
    ),
    Rule(
        "account",
        "properties_connectedaccount",
        ("provider", "display_name", "errors", "unlink_requested_at", "unlinked_at"),
        BEHIND_ACCOUNT,
    ),
    _readings_of("account_reading", "properties_connectedaccount", ("synced_at",), BEHIND_ACCOUNT),
    Rule(
        "lock",
        "properties_lock",
        (
            "name",
            "account_id",
            "is_managed",
            "can_program_codes",
            "has_keypad",
            "code_capacity",
            "unmanaged_codes",
            "is_online",
            "battery_level",
            "battery_status",
            "keypad_battery_level",
            "battery_good_until",
            "errors",
            "warnings",
            "vanished_at",
            "breaker_until",
        ),
        BEHIND_LOCK % "id",
    ),
    _readings_of("lock_reading", "properties_lock", ("read_at", "heard_at"), BEHIND_LOCK % "id"),
    Rule(
        "code",
        "properties_accesscode",
        (
            "stay_id",
            "lock_id",
            "starts_at",
            "ends_at",
            "created_at",
            "revoked_at",
            "removed_at",
            "is_withheld",
            "rejected_at",
            "rejection",
            "seam_id",
            "accepted_at",
            "seam_status",
            "seam_starts_at",
            "seam_ends_at",
            "pending_mutations",
            "errors",
            "on_lock_at",
            "live_at",
            "used_at",
        ),
        "v.stay_id = {row}.stay_id",
        moves=True,
        events=ALWAYS,
    ),
    # Each poll moves it; only whether it ever was observed matters.
    Rule(
        "code_observed",
        "properties_accesscode",
        ("observed_at",),
        "v.stay_id = {row}.stay_id",
        changes="(OLD.observed_at IS NULL) <> (NEW.observed_at IS NULL)",
    ),
    Rule(
        "place",
        "properties_accesscode",
        ("lock_id", "starts_at", "ends_at", "revoked_at", "removed_at", "seam_id", "create_sent_at"),
        f"{BEHIND_LOCK % 'lock_id'} AND {AWAITS_PLACE}",
        moves=True,
        events=ALWAYS,
    ),
]

MARK = (
    "INSERT INTO properties_verdictmark (stay_id) "
    "SELECT v.stay_id FROM properties_stayverdict v WHERE v.is_open AND {touched};"
)
COLUMNS = (
    "stay_id, organization_id, unit_id, starts_at, ends_at, is_open, "
    "verdict, severity, checks, is_proved, awaits_reading, awaits_place, version"
)
VALUES = (
    "{row}.id, {row}.organization_id, {row}.unit_id, {row}.starts_at, {row}.ends_at, {row}.cancelled_at IS NULL, "
    "'', 0, '[]', FALSE, FALSE, FALSE, 0"
)
ADD_ROW = f"INSERT INTO properties_stayverdict ({COLUMNS}) VALUES ({VALUES.format(row='NEW')});"  # noqa: S608 - names of our own columns
FOLLOW_STAY = (
    "UPDATE properties_stayverdict SET unit_id = NEW.unit_id, starts_at = NEW.starts_at, ends_at = NEW.ends_at,"
    " is_open = (NEW.cancelled_at IS NULL) WHERE stay_id = NEW.id;"
)
ADD_MISSING_ROWS = (
    f"INSERT INTO properties_stayverdict ({COLUMNS}) SELECT {VALUES.format(row='stay')} FROM properties_stay stay"  # noqa: S608 - the same
    " WHERE NOT EXISTS (SELECT 1 FROM properties_stayverdict known WHERE known.stay_id = stay.id)"
)
MARK_ALL = MARK.format(touched="TRUE")
TABLES = ("properties_stayverdict", "properties_verdictmark")


def is_installable(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables are there: not before their migration, nor after it was taken back."""
    return set(TABLES) <= set(connection.introspection.table_names())


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place, and have every open stay judged: without them nothing was marked."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in triggers(connection.vendor):
            cursor.execute(statement)
        cursor.execute(ADD_MISSING_ROWS)
        cursor.execute(MARK_ALL)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute(
                "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname LIKE %s",
                [f"{PREFIX}%"],
            )
            for (name,) in cursor.fetchall():
                # With the trigger that calls it.
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")


def triggers(vendor: str) -> Iterator[str]:
    """The statements that create them: one trigger for each rule and event."""
    for rule in RULES:
        for event in rule.events:
            yield from _trigger(rule, event, vendor)


def _trigger(rule: Rule, event: str, vendor: str) -> Iterator[str]:
    name = f"{PREFIX}{rule.name}_{event.lower()}"
    body = " ".join(_body(rule, event))
    of = f" OF {', '.join(rule.columns)}" if event == "UPDATE" else ""
    when = f" WHEN ({_changes(rule, vendor)})" if event == "UPDATE" else ""
    head = f"CREATE TRIGGER {name} AFTER {event}{of} ON {rule.table} FOR EACH ROW{when}"
    if vendor == "sqlite":
        yield f"{head} BEGIN {body} END"
    else:
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        yield f"{head} EXECUTE FUNCTION {name}()"


def _changes(rule: Rule, vendor: str) -> str:
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    return rule.changes or " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in rule.columns)


def _body(rule: Rule, event: str) -> Iterator[str]:
    if rule.table == "properties_stay" and event != "DELETE":
        yield ADD_ROW if event == "INSERT" else FOLLOW_STAY
    versions = {"INSERT": ["NEW"], "DELETE": ["OLD"], "UPDATE": ["OLD", "NEW"] if rule.moves else ["NEW"]}
    for row in versions[event]:
        yield MARK.format(touched=rule.touched.format(row=row))
