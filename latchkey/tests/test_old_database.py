"""A database of version 0.1 with content migrates to this version, and nothing of it is lost."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

OLD_DATABASES = Path(__file__).parent / "old_databases"
APPS = ("accounts_", "properties_", "seam_integration_", "account_", "mfa_")
# Old table and column → where its value stands now: table, column, and the column that holds the old row's id.
MOVED: dict[tuple[str, str], tuple[str, str, str]] = {
    ("properties_lock", column): ("seam_integration_lockwork", column, "lock_id")
    for column in ("reconcile_at", "wakes", "lease_until", "failures", "failed_since", "codes_read_at")
}

# Columns of UUIDs that are text now: as the outside gives them, with dashes.
TEXT_NOW = {
    ("properties_connectedaccount", "seam_id"),
    ("properties_lock", "seam_id"),
    ("properties_lockcommand", "attempt_id"),
    ("properties_accesscode", "seam_id"),
    ("properties_activity", "seam_event_id"),
    ("seam_integration_connectwebview", "seam_id"),
    ("seam_integration_seamevent", "event_id"),
    ("seam_integration_webhookregistration", "seam_id"),
}

# The first half of the SHA-256 of landed migrations, which other databases have run: a change is a new migration.
LANDED = {
    "accounts/migrations/0001_initial.py": "c83c843bb1d0ce4bcaa34919649c05a0",
    "accounts/migrations/0002_email_address.py": "d73597314e73d96f1a8cc586b21bab50",
    "accounts/migrations/0003_second_factor_roles.py": "4873f70aa37917c6d41626d940660d9b",
    "accounts/migrations/0004_left_over_pins.py": "0c2eba414be5bd4b20af9cdeeef2412b",
    "calendars/migrations/0001_feeds.py": "eb403f6275e9c202913bbf058f8625b6",
    "dashboard/migrations/0001_sent_form.py": "87b2f8260159f9b80e813f32f8f4983f",
    "dashboard/migrations/0002_encrypt_second_factors.py": "289660a580cb6c513140543401c5f472",
    "outbox/migrations/0001_message.py": "af1585e8d444bfda0cdd71f0fb9c0915",
    "properties/migrations/0001_initial.py": "6e5ffadcc7f90b22fccb8ce1132f89f2",
    "properties/migrations/0002_stored_verdicts.py": "02d2ce2977036b0d77127410e8c75b2d",
    "properties/migrations/0003_lock_without_its_work.py": "754304f3e4bc14838f2833f148caccaa",
    "properties/migrations/0004_code_has_own_errors.py": "5d1f4fdf86d56033e6e779926d86536b",
    "properties/migrations/0005_other_codes.py": "13b6a2c082442f00d2bcf98b9b26a568",
    "properties/migrations/0006_names_as_people_find_them.py": "df69f5d1bb8006e41dee96fa1dd1d8a7",
    "properties/migrations/0007_code_sent_and_missing.py": "c032524165a8bb128bd4db15d91266a7",
    "properties/migrations/0008_ids_are_text.py": "5cd9767dc99357c5d4f18cd47a047aa0",
    "properties/migrations/0009_booked_stays.py": "1e3285208cb443aa562aef6bf998f1e6",
    "properties/migrations/0010_known_pins.py": "096e85f37a0c3e6be316a79382a4acda",
    "properties/migrations/0011_people_against_people.py": "3a252fec73336722708881ab1acc0b2f",
    "properties/migrations/0012_doors_of_before.py": "d514c3779c3fbf86afe6b80b2d3ec21b",
    "properties/migrations/0013_missing_before_gone.py": "e1ea9ec65d895bbb2f2fd9cbd4c2d2a6",
    "properties/migrations/0014_one_row_per_lock.py": "2d24458e0db0de903a23eb1560ef20f3",
    "properties/migrations/0015_code_absent.py": "cd96c0e5412adf20cbb17073e0fa11c7",
    "seam_integration/migrations/0001_initial.py": "2c8071809360f2efcf262237205fd7f9",
    "seam_integration/migrations/0002_lockwork.py": "4016c033220f299dcee709bb46cdddd0",
    "seam_integration/migrations/0003_opening_webview.py": "7b7a519b9d1e5dddba19f674690ac08e",
    "seam_integration/migrations/0004_seam_clock.py": "99515250da678aa3714c5c631417c2d4",
    "seam_integration/migrations/0005_ids_are_text.py": "c51536945cfde700ab95289548347d36",
    "seam_integration/migrations/0006_unreadable.py": "2e64ca56cb31d6396367c6c9a4e7fd80",
    "seam_integration/migrations/0007_webview_missing.py": "61ab815e09bcb5067ce2b8a854ea2957",
}

Rows = dict[Any, dict[str, Any]]

READ_EVERYTHING = """
from django.apps import apps
for model in apps.get_models():
    for row in model._base_manager.all():
        str(row)
print("read")
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Variables that point `manage.py` at a database of version 0.1."""
    variables = os.environ | {"VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull}
    if connection.vendor == "sqlite":
        with sqlite3.connect(tmp_path / "latchkey.sqlite3") as database:
            database.executescript((OLD_DATABASES / "version-0.1.sqlite.sql").read_text())
        yield variables | {"DATABASE_URL": f"sqlite:///{tmp_path / 'latchkey.sqlite3'}"}
    else:
        psycopg = pytest.importorskip("psycopg")
        name = f"latchkey_old_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name}")
            server.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(url) as database:
            database.execute((OLD_DATABASES / "version-0.1.postgresql.sql").read_text())
        yield variables | {"DATABASE_URL": url}
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def open_database(environment: dict[str, str]) -> Any:
    if connection.vendor == "sqlite":
        return sqlite3.connect(Path(environment["VAR_DIR"]) / "latchkey.sqlite3")
    return pytest.importorskip("psycopg").connect(environment["DATABASE_URL"])


def content(environment: dict[str, str]) -> dict[str, Rows]:
    """Read table → id → column → value, for every table of ours."""
    with open_database(environment) as database:
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if connection.vendor != "sqlite":
            names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = [name for (name,) in database.execute(names).fetchall() if name.startswith(APPS)]
        return {table: rows_of(database, table) for table in tables}


def rows_of(database: Any, table: str) -> Rows:
    cursor = database.execute(f"SELECT * FROM {table}")  # noqa: S608 - names come from the database itself
    columns = [column[0] for column in cursor.description]
    return {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}


def value_now(table: str, column: str, value: Any) -> Any:
    """Say what an old value reads as today."""
    return str(UUID(str(value))) if (table, column) in TEXT_NOW and value is not None else value


def where_now(after: dict[str, Rows], table: str, key: Any, column: str) -> Any:
    """Find the value of an old row's column, wherever it stands now."""
    if (table, column) not in MOVED:
        return after[table][key][column]
    new_table, new_column, owner = MOVED[table, column]
    return next(row[new_column] for row in after[new_table].values() if row[owner] == key)


@pytest.mark.processes
def test_old_database_migrates_and_keeps_all(environment):
    before = content(environment)
    manage(environment, "migrate", "--noinput")
    after = content(environment)
    assert len(before["properties_accesscode"]) > 20
    assert len(before["properties_activity"]) > 100
    lost = [
        (table, key, column)
        for table, rows in before.items()
        for key, row in rows.items()
        for column, value in row.items()
        if where_now(after, table, key, column) != value_now(table, column, value)
    ]
    assert not lost
    assert "read" in manage(environment, "shell", "-c", READ_EVERYTHING)
    texts = {(table, column) for table, column in TEXT_NOW for row in before[table].values() if row[column] is not None}
    assert len(texts) > 5
    # A stay of an old database has a verdict from then on, which the first sweep judges.
    stays = {key for key, row in before["properties_stay"].items() if row["cancelled_at"] is None}
    assert set(after["properties_stayverdict"]) == set(before["properties_stay"])
    assert {row["stay_id"] for row in after["properties_verdictmark"].values()} == stays


@pytest.mark.parametrize("path", LANDED)
def test_landed_migrations_are_not_rewritten(path):
    assert hashlib.sha256(Path(settings.BASE_DIR, path).read_bytes()).hexdigest()[:32] == LANDED[path]
