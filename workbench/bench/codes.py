"""Measures new codes sent by the worker, against the same creates by plain `requests`.

Measured: wall time and API calls from the issued rows to all codes accepted. Floor: as many creates with the same
concurrency and no database.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import requests
from django.conf import settings
from django.utils import timezone

from accounts.models import Organization
from latchkey.running.programs import WORKER_NAME, answers_ping, sandbox_program, worker_program
from outbox import handing_over
from properties.codes import planning
from properties.models import AccessCode, ConnectedAccount, Lock
from properties.models.stays import Window
from seam_integration import tasks
from seam_integration.accounts import sync
from seam_integration.api.client import seam_time
from seam_integration.models import LockWork
from seam_integration.seam import seam_client
from workbench.installation import wait_for
from workbench.measuring.figures import Row, seconds, times
from workbench.measuring.place import ROOT, fresh_database, owner
from workbench.measuring.redis import own_redis
from workbench.measuring.replay import CREDENTIALS

EACH = 2
MOST, CALLS = 1.5, 2.0
# Seconds a call takes at Seam here; real calls take longer, but that would take hours.
LATENCY = 0.03
PATIENCE = 400


class CodesResult(NamedTuple):
    """Measured for one number of codes."""

    ours: float
    floor: float
    calls: float
    idle_calls: int


def measure(codes: int, repeats: int) -> list[Row]:
    small, large = measure_size(codes // 10), measure_size(codes)
    ratio = large.ours / large.floor
    is_met = ratio <= MOST and large.calls <= CALLS and large.idle_calls == 0
    return [
        Row(
            f"{codes:,} new codes on {codes // EACH:,} locks, one worker of two processes",
            seconds(large.ours),
            seconds(large.floor),
            times(ratio),
            f"≤ {MOST} ×, ≤ 2 calls a code, 0 when nothing is due",
            is_met,
            f"time {times(large.ours / small.ours)}, floor {times(large.floor / small.floor)}",
            f"{large.calls:.2f} calls a code, {large.idle_calls} when nothing is due; "
            f"{LATENCY * 1000:.0f} ms a call at Seam",
        )
    ]


def measure_size(codes: int, workers: int = 1) -> CodesResult:
    fresh_database()
    with own_redis(), _sandbox(), ExitStack() as started:
        for number in range(workers):
            started.enter_context(_worker(f"bench{number}@localhost"))
        locks = _linked(owner().organization, codes // EACH)
        _ask("/_sandbox/faults", rules=[{"path": "/access_codes/*", "what": "hang", "seconds": LATENCY}])
        window = _window()
        floor = _plain_creates(locks, window)
        _issue(locks, window)
        _forget_calls()
        begun = time.perf_counter()
        for lock in locks:
            handing_over.send(tasks.reconcile_lock, lock.pk)
        wait_for(lambda: AccessCode.objects.filter(accepted_at=None).count() == 0, PATIENCE, "every code accepted")
        ours = time.perf_counter() - begun
        wait_for(lambda: not LockWork.objects.exclude(lease_until=None).exists(), 30, "every lease given back")
        calls = _calls()
        _forget_calls()
        tasks.sweep()
        time.sleep(2)
        return CodesResult(ours, floor, calls / codes, _calls())


def _window() -> Window:
    start = (timezone.now() + timedelta(days=20)).replace(second=0, microsecond=0)
    return Window(start, start + timedelta(days=3))


def _linked(organization: Organization, locks: int) -> list[Lock]:
    """Link and sync a fleet whose locks were polled within the hour."""
    seam_id = _link(f"fleet-{locks}@example.com")
    account = ConnectedAccount.objects.create(organization=organization, seam_id=seam_id, linked_at=timezone.now())
    sync.sync_account(account, timezone.now(), seam_client())
    now = timezone.now()
    Lock.objects.update(unmanaged_read_at=now)
    LockWork.objects.update(codes_read_at=now, reconcile_at=now + timedelta(hours=22))
    return list(Lock.objects.select_related("account"))


def _issue(locks: list[Lock], window: Window) -> None:
    for lock in locks:
        for number in range(EACH):
            planning.issue(lock, f"Guest {number}", window, f"7391{number}4", timezone.now(), None)


# --- The floor ------------------------------------------------------------------------------------------------------


def _plain_creates(locks: list[Lock], window: tuple[datetime, datetime]) -> float:
    bodies = [
        {
            "device_id": lock.seam_id,
            "name": f"Plain {number}",
            "code": f"8402{number}6",
            "starts_at": seam_time(window[0]),
            "ends_at": seam_time(window[1]),
        }
        for lock in locks
        for number in range(EACH)
    ]
    session = _session()
    begun = time.perf_counter()
    with ThreadPoolExecutor(_concurrency()) as pool:
        for answer in pool.map(lambda body: _post(session, "/access_codes/create", body), bodies):
            assert "access_code" in answer
    return time.perf_counter() - begun


def _concurrency() -> int:
    command = list(worker_program().command)
    return int(command[command.index("--concurrency") + 1])


# --- Processes ------------------------------------------------------------------------------------------------------


@contextmanager
def _sandbox() -> Iterator[None]:
    (settings.VAR_DIR / "sandbox.sqlite3").unlink(missing_ok=True)
    program = sandbox_program()
    with _running(list(program.command)):
        wait_for(program.is_ready, 30, "the sandbox")
        yield


@contextmanager
def _worker(name: str) -> Iterator[None]:
    """Run the worker with its production options, under a name of its own."""
    command = [name if word == WORKER_NAME else word for word in worker_program().command]
    with _running(command):
        wait_for(lambda: answers_ping(name), 60, "the worker")
        yield


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    log = open(settings.VAR_DIR / "bench.log", "a")  # noqa: SIM115 - the child writes it to the end
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603 - our own program
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {settings.SEAM_API_KEY}"
    return session


def _post(session: requests.Session, path: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = session.post(settings.SEAM_ENDPOINT + path, json=body, timeout=30).json()
    return found


def _ask(path: str, **body: Any) -> dict[str, Any]:
    with _session() as session:
        return _post(session, path, body)


def _link(email: str) -> str:
    webview = _ask("/connect_webviews/create", accepted_providers=["wyze"], wait_for_device_creation=True)
    form = {"email": email, **CREDENTIALS, "action": "connect"}
    with _session() as session:
        session.post(webview["connect_webview"]["url"], data=form, allow_redirects=False, timeout=120)
    return str(_ask("/connected_accounts/list")["connected_accounts"][0]["connected_account_id"])


def _calls() -> int:
    with _session() as session:
        counts = session.get(f"{settings.SEAM_ENDPOINT}/_sandbox/requests", timeout=30).json()["counts"]
    return sum(number for path, number in counts.items() if path.startswith("/access_codes/"))


def _forget_calls() -> None:
    with _session() as session:
        session.delete(f"{settings.SEAM_ENDPOINT}/_sandbox/requests", timeout=30)
