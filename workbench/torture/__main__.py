"""`bin/torture`: a seeded day of faults and kills, then a check that every promise was kept."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

import django


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        os.environ |= {"VAR_DIR": folder, "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "latchkey.settings"}
        if options.database_url:
            os.environ["DATABASE_URL"] = options.database_url
        django.setup()
        # The check at the end reads the database, so Django must know the folder first.
        from workbench.torture.run import Run  # noqa: PLC0415

        return Run(options, Path(folder)).go()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="replay this run; by default a new one, printed")
    parser.add_argument("--actions", type=int, default=2000, help="things people do")
    parser.add_argument("--faults", type=int, default=500, help="goes on until so many have struck")
    parser.add_argument("--kills", type=int, default=40, help="programs killed with kill -9")
    parser.add_argument("--outages", type=int, default=3, help="hours in which Seam does not answer")
    parser.add_argument("--database-url", default="", help="PostgreSQL instead of SQLite")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


if __name__ == "__main__":
    sys.exit(main())
