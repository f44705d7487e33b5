"""A Redis for one measurement, at the address that the settings name."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from latchkey.running.programs import redis_answers, redis_program
from workbench.installation import wait_for


@contextmanager
def own_redis() -> Iterator[None]:
    process = subprocess.Popen(redis_program().command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own server
    try:
        wait_for(redis_answers, 20, "Redis")
        yield
    finally:
        process.terminate()
        process.wait(10)
