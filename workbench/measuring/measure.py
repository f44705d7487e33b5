"""Runs one bench in its own process: python -m workbench.measuring.measure sync 10000 3 rows.json"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import django


def main(kind: str, size: str, repeats: str, result: str) -> None:
    django.setup()
    # Benches read the settings on import, so they are imported after django.setup().
    module = importlib.import_module(f"workbench.bench.{kind}")
    rows = module.measure(int(size), int(repeats))
    Path(result).write_text(json.dumps([row.kept() for row in rows]))


if __name__ == "__main__":
    main(*sys.argv[1:])
