"""Saves the world to an SQLite file as it changes, and loads it after a restart or a crash."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from seam_sandbox.world.records import KINDS, Record
from seam_sandbox.world.world import World

SCHEMA = """
CREATE TABLE IF NOT EXISTS thing (kind TEXT, id TEXT, seq INTEGER, facts TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


# How long to wait for the file lock of a sandbox that is stopping.
LOCK_WAIT_SECONDS = 2.0


class InUse(Exception):
    """Another sandbox is running on the same file."""


class Store:
    """The SQLite file of one sandbox; callers hold the sandbox's lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, timeout=LOCK_WAIT_SECONDS, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)  # it holds PINs and secrets
        self._written_meta: dict[str, str] = {}
        try:
            self._open()
        except sqlite3.OperationalError as locked:
            self._database.close()
            raise InUse(f"Another sandbox is using {path}") from locked

    def _open(self) -> None:
        """Lock the file for this process until it ends or is killed."""
        self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(SCHEMA)

    def load_records(self) -> list[Record]:
        """Every record; empty where one is of another version that cannot be read: the sandbox then starts anew."""
        rows = self._database.execute("SELECT kind, facts FROM thing ORDER BY seq").fetchall()
        try:
            return [KINDS[kind](**json.loads(facts)) for kind, facts in rows]
        except (KeyError, TypeError):
            self.wipe()
            return []

    def load_meta(self) -> dict[str, Any]:
        rows = self._database.execute("SELECT name, value FROM meta")
        self._written_meta = dict(rows)
        return {name: json.loads(value) for name, value in self._written_meta.items()}

    def save(self, world: World, meta: dict[str, Any]) -> None:
        """Write everything that has changed since the last save, in one transaction."""
        written = {name: json.dumps(value) for name, value in meta.items()}
        if not world.changed and written == self._written_meta:
            return
        kept = [
            (kind, record_id, record.seq, json.dumps(vars(record)))
            for (kind, record_id), record in world.changed.items()
            if record is not None
        ]
        dropped = [key for key, record in world.changed.items() if record is None]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO thing VALUES (?, ?, ?, ?)", kept)
        self._database.executemany("DELETE FROM thing WHERE kind = ? AND id = ?", dropped)
        self._database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(written.items()))
        self._database.execute("COMMIT")
        self._written_meta = written
        world.changed.clear()

    def wipe(self) -> None:
        self._database.execute("DELETE FROM thing")
        self._database.execute("DELETE FROM meta")
        self._written_meta = {}

    def close(self) -> None:
        self._database.close()
