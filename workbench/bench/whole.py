"""Measures a running Latchkey: its second start, an event's way to a page, people with open pages.

Measured on the wall, with the intervals of production. There is no floor: docs/performance.md gives targets.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from seam_integration.models import SeamEvent, WebhookRegistration
from workbench.installation import FAST, Installation, wait_for
from workbench.measuring.figures import Row, resident, seconds
from workbench.measuring.load import Load, Seen
from workbench.torture.people import People

DEMO = ("demo@example.com", "latchkey-demo")
FLEET = 60
START, TO_PAGE, P95, MEMORY = 10.0, 3.0, 0.300, 60.0
PEOPLE, EVENTS = 50, 20
# Seconds after which the parts of a lock's page poll again.
ASKS_EVERY = re.compile(r'hx-trigger="every (\d+)s')


def measure(load_seconds: int, repeats: int) -> list[Row]:
    latchkey = _installation()
    latchkey.start()
    try:
        person = People(latchkey, random.Random(1))  # noqa: S311 - it has to be repeatable
        person.set_up(*DEMO, ["jane@example.com", f"fleet-{FLEET}@example.com"])
    finally:
        latchkey.stop()
    begun = time.perf_counter()
    latchkey.start()
    try:
        assert person.session.get(latchkey.url, timeout=30).ok
        start = time.perf_counter() - begun
        return [_start_row(start), *_measure_running(latchkey, person, load_seconds, repeats)]
    finally:
        latchkey.stop()


def _installation() -> Installation:
    """Create one in this process's folder, so that its rows can be counted."""
    latchkey = Installation(Path(settings.VAR_DIR))
    for name in (*FAST, "SANDBOX_CLOCK", "SEAM_ENDPOINT"):
        latchkey.environment.pop(name, None)
    # The first sync registers the webhook; here it must not take ten minutes.
    latchkey.environment["SYNC_SECONDS"] = "15"
    return latchkey


def _start_row(taken: float) -> Row:
    is_met = taken <= START
    return Row("`bin/up`, second start, to the first page", seconds(taken), "–", "–", f"≤ {START:.0f} s", is_met)


def _measure_running(latchkey: Installation, person: People, load_seconds: int, repeats: int) -> list[Row]:
    wait_for(WebhookRegistration.objects.exists, 60, "the webhook")
    devices = [d for d in latchkey.ask_seam("/devices/list", limit=500)["devices"] if d["properties"]["online"]]
    numbers = re.findall(r'href="/locks/(\d+)/"', person.get("/locks/"))
    to_page = [_until_shown(latchkey, person, devices[0], number) for number in range(2 * repeats)]
    asks = min(int(n) for n in ASKS_EVERY.findall(person.get(f"/locks/{_lock_id(devices[0])}/events/")))
    worst = max(to_page)
    rows = [
        Row(
            "From an event at Seam to the open page",
            f"{seconds(worst)} + ≤ {asks} s",
            "–",
            "–",
            f"≤ {TO_PAGE:.0f} s",
            worst + asks <= TO_PAGE,
            note=f"{seconds(statistics.median(to_page))} at the median until a page can show it; "
            f"an open one asks every {asks} s",
        )
    ]
    idle = _web_memory(latchkey)
    since = _now(latchkey)
    load = Load(latchkey, person.session.cookies, sorted(set(numbers)))
    seen = load.run(PEOPLE, EVENTS, load_seconds, [d["device_id"] for d in devices])
    lost = _lost(latchkey, since)
    grown = _web_memory(latchkey) - idle
    return [*rows, _load_row(seen, lost, load_seconds), _memory_row(grown)]


def _lock_id(device: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM properties_lock WHERE seam_id = %s", [device["device_id"].replace("-", "")])
        return int(cursor.fetchone()[0])


def _until_shown(latchkey: Installation, person: People, device: dict[str, Any], number: int) -> float:
    """Measure from the bolt's move until the lock's page would show another list of events."""
    path = f"/locks/{_lock_id(device)}/events/"
    before = _entries(person.get(path))
    is_locked = (number % 2 == 0) is not bool(device["properties"]["locked"])
    begun = time.perf_counter()
    latchkey.ask_seam("/_sandbox/devices", device_id=device["device_id"], set={"locked": is_locked})
    wait_for(lambda: _entries(person.get(path)) != before, 30, "the event's entry", every=0.05)
    return time.perf_counter() - begun


def _entries(part: str) -> int:
    """Count the entries of the list of events."""
    return part.count("<li")


def _now(latchkey: Installation) -> datetime:
    return datetime.fromisoformat(latchkey.look_at("/_sandbox/clock")["now"])


def _lost(latchkey: Installation, since: datetime) -> int:
    """Count events at Seam that are missing or unhandled in our inbox after a minute."""
    until = _now(latchkey) + timedelta(seconds=1)
    there: set[str] = set()
    while since < until:
        step = since + timedelta(seconds=10)
        body = {"between": [since.isoformat(), min(step, until).isoformat()], "limit": 500}
        there |= {str(event["event_id"]) for event in latchkey.ask_seam("/events/list", **body)["events"]}
        since = step

    def missing() -> int:
        handled = SeamEvent.objects.exclude(handled_at=None).values_list("event_id", flat=True)
        return len(there - {str(event_id) for event_id in handled})

    deadline = time.monotonic() + 60
    while missing() and time.monotonic() < deadline:
        time.sleep(1)
    return missing()


def _web_memory(latchkey: Installation) -> float:
    """Return the MiB of the largest process that serves pages."""
    masters = latchkey.pids_of("web")
    return max(resident(pid) for master in masters for pid in latchkey.children_of(master))


def _load_row(seen: Seen, lost: int, load_seconds: int) -> Row:
    p95 = statistics.quantiles(seen.pages, n=20)[-1]
    parts = statistics.quantiles(seen.parts or [0, 0], n=20)[-1]
    errors = sum(seen.wrong.values())
    return Row(
        f"{PEOPLE} people, {EVENTS} events a second, {load_seconds} s",
        f"p95 {seconds(p95)}",
        "–",
        "–",
        f"p95 ≤ {P95 * 1000:.0f} ms, no error, no event lost",
        p95 <= P95 and not errors and not lost,
        note=f"{len(seen.pages)} pages, {len(seen.parts)} parts (p95 {seconds(parts)}), {seen.events} events, "
        f"{errors} errors{_most(seen)}, {lost} lost",
    )


def _most(seen: Seen) -> str:
    return f" ({', '.join(f'{name}: {number}' for name, number in seen.wrong.most_common(3))})" if seen.wrong else ""


def _memory_row(grown: float) -> Row:
    return Row("Memory of web under that load", f"+{grown:.1f} MiB", "idle", "–", "≤ +60 MiB", grown <= MEMORY)
