"""The demo of an earlier version goes on in the demo's own file; a real installation is left where it is."""

import sqlite3
from contextlib import closing

import pytest

from latchkey.earlier_demo import take_over


@pytest.fixture
def live(tmp_path):
    return tmp_path / "latchkey.sqlite3"


@pytest.fixture
def demo(tmp_path):
    return tmp_path / "demo.sqlite3"


def write(path, *emails: str, table: str = "accounts_user") -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(f"CREATE TABLE {table} (email text)")
        database.executemany(f"INSERT INTO {table} VALUES (?)", [(email,) for email in emails])  # noqa: S608
        database.commit()


def emails(path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [email for (email,) in database.execute("SELECT email FROM accounts_user ORDER BY email")]


def test_earlier_demo_moves_with_all_it_holds(live, demo):
    write(live, "demo@example.com", "colleague@example.com")
    assert take_over(live, demo)
    assert emails(demo) == ["colleague@example.com", "demo@example.com"]
    assert not live.exists()


def test_second_start_moves_nothing(live, demo):
    write(live, "demo@example.com")
    take_over(live, demo)
    assert not take_over(live, demo)


def test_present_demo_is_not_written_over(live, demo):
    write(live, "demo@example.com")
    write(demo, "other@example.com")
    assert not take_over(live, demo)
    assert emails(demo) == ["other@example.com"]


@pytest.mark.parametrize("table", ["accounts_user", "other"])
def test_real_installation_stays(live, demo, table):
    write(live, "owner@example.org", table=table)
    assert not take_over(live, demo)
    assert live.exists()
    assert not demo.exists()


def test_nothing_there_is_nothing_to_move(live, demo):
    assert not take_over(live, demo)
    assert not live.exists()
