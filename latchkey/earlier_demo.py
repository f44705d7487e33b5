"""Moves the demo of version 0.1, which lay in the file of real installations, into the demo's own file."""

import sqlite3
from contextlib import closing
from pathlib import Path

# In words of version 0.1: this person exists in a demo only.
IS_DEMO = "SELECT 1 FROM accounts_user WHERE email = 'demo@example.com'"


def take_over(live: Path, demo: Path) -> bool:
    """Rename the file with what belongs to it; False where there is a demo already, or none to move.

    Raises sqlite3.OperationalError while another program writes to it.
    """
    if demo.exists() or not live.exists() or not _is_demo(live):
        return False
    live.rename(demo)
    return True


def _is_demo(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as database:
        try:
            found = database.execute(IS_DEMO).fetchone() is not None
        except sqlite3.OperationalError:
            # No such table: not ours, or never migrated.
            return False
        if found:
            # Whatever was not written into the file itself yet.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return found
