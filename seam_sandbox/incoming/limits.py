"""Seam's limits per device and minute of simulated time; the answer and ``Retry-After`` are assumed."""

import math
from collections import deque

from seam_sandbox.world.errors import Problem
from seam_sandbox.world.simulated_clock import add_time, count_seconds_between
from seam_sandbox.world.world import World

PER_MINUTE = {
    "create_access_code": 10,
    "update_access_code": 10,
    "delete_access_code": 20,
    "lock": 15,
    "unlock": 15,
}


def count_or_refuse(world: World, operation: str, device_id: str) -> None:
    """Count one operation on a device, or refuse it with 429."""
    recent = world.recent.setdefault((operation, device_id), deque())
    while recent and recent[0] <= add_time(world.now, minutes=-1):
        recent.popleft()
    if len(recent) >= PER_MINUTE[operation]:
        wait = max(1, math.ceil(60 - count_seconds_between(recent[0], world.now)))
        raise Problem(429, "rate_limit_exceeded", "Too many requests for this device.", {"Retry-After": str(wait)})
    recent.append(world.now)
