"""Several worker processes on one lock or one inbox, with real processes and a real database: nothing twice."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
KEY = "seam_test_two_workers"

LINK = """
import requests
from urllib.parse import parse_qs, urlsplit
from properties.codes import planning
from properties.models import ConnectedAccount, Lock
from properties.tests.builders import make_user
from seam_integration import clock, tasks
from seam_integration.accounts import connect_webviews
from seam_integration.models import LockWork
from seam_integration.seam import seam_client
user = make_user()
url = connect_webviews.launch(user, "http://testserver/back/", clock.now(), seam_client())
form = {"email": "jane@example.com", "password": "1234", "api_key_id": "ABC123ABC", "api_key": "ABC123ABC"}
back = requests.post(url, data=form | {"action": "connect"}, allow_redirects=False).headers["Location"]
state = parse_qs(urlsplit(back).query)["state"][0]
outcome = connect_webviews.come_back(user, state, "", clock.now(), seam_client())
tasks.sync_account(outcome.account_id)
lock = Lock.objects.get(name="Lake House Front Door")
# Read lately: new codes may be sent without a look.
Lock.objects.filter(pk=lock.pk).update(unmanaged_read_at=clock.now())
LockWork.objects.filter(pk=lock.pk).update(codes_read_at=clock.now())
for number in range(6):
    planning.issue(lock, f"Guest {number}", None, f"48291{number}", clock.now(), None)
print("lock", lock.pk, lock.seam_id)
"""

# All begin at one moment, and each create takes a while: they do meet.
WORK = """
import time
from seam_integration import clock, tasks
from properties.models.locks import Wake, wake_locks
time.sleep(max(0, BEGIN - time.time()))
for _ in range(12):
    wake_locks([LOCK], clock.now(), Wake.WAKE)
    tasks.reconcile_lock(LOCK)
"""


ARRIVE = """
import json, uuid
from django.utils import timezone
from seam_integration.inbox import webhooks
for number in range(60):
    told = {"event_id": str(uuid.uuid4()), "event_type": "brand_new.event", "occurred_at": "2026-06-01T12:00:00Z"}
    assert webhooks.keep(told, json.dumps(told), timezone.now())
"""

# They wait for each other, and handling takes a while: they do meet.
TAKE_IN = """
import os, pathlib, time
from seam_integration import tasks
from seam_integration.inbox import events
take_in = events.take_in
def slowly(event, now):
    print("took", event["event_id"], time.time())
    time.sleep(0.02)
    return take_in(event, now)
events.take_in = slowly
here = pathlib.Path(os.environ["VAR_DIR"])
(here / f"ready-{os.getpid()}").touch()
while len(list(here.glob("ready-*"))) < 4:
    time.sleep(0.01)
tasks.take_in_events()
print("left", tasks.SeamEvent.objects.filter(handled_at=None).count())
"""


@pytest.fixture
def environment(tmp_path, transactional_db):
    """A database that other processes can open: SQLite in a file, or one more on the server of these tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = os.environ | {
        "VAR_DIR": str(tmp_path),
        "ENV_FILE": os.devnull,
        "SANDBOX_PORT": str(port),
        "SEAM_API_KEY": KEY,
        "SEAM_ENDPOINT": f"http://127.0.0.1:{port}",
        "SANDBOX_CLOCK": "true",
        "REDIS_URL": "memory://",
    }
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        variables["DATABASE_URL"] = _one_more_database(os.environ["DATABASE_URL"])
        _done(_manage(variables, "migrate", "--verbosity", "0"))
    else:
        variables.pop("DATABASE_URL", None)
        # A copy of these tests' own: to migrate one more costs seconds.
        with closing(sqlite3.connect(tmp_path / "latchkey.sqlite3")) as copy:
            connection.connection.backup(copy)
    return variables


def _one_more_database(url: str) -> str:
    import psycopg  # noqa: PLC0415 - SQLite runs do without

    # Tests run side by side.
    name = f"latchkey_two_workers_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _manage(environment, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.fixture
def sandbox(environment):
    process = _manage(environment, "sandbox", "--port", environment["SANDBOX_PORT"], "--api-key", KEY)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            requests.get(f"{environment['SEAM_ENDPOINT']}/_sandbox/clock", timeout=1)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield environment["SEAM_ENDPOINT"]
    process.terminate()
    process.wait(10)


def _done(process: subprocess.Popen) -> str:
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 0, output[-3000:]
    return output


@pytest.mark.processes
@pytest.mark.parametrize("wake", ["READ_ANEW", "NEW_CODE"])
def test_four_workers_on_one_lock_make_each_code_once(environment, sandbox, wake):
    _, lock_id, device_id = re.search(r"(lock) (\d+) (\S+)", _done(_manage(environment, "shell", "-c", LINK))).groups()
    seam = requests.Session()
    seam.headers["Authorization"] = f"Bearer {KEY}"
    slow = {"path": "/access_codes/create", "what": "hang", "seconds": 0.3}
    seam.post(f"{sandbox}/_sandbox/faults", json={"rules": [slow]}).raise_for_status()
    work = WORK.replace("LOCK", lock_id).replace("WAKE", wake).replace("BEGIN", str(time.time() + 5))
    for worker in [_manage(environment, "shell", "-c", work) for _ in range(4)]:
        _done(worker)
    held = seam.post(f"{sandbox}/access_codes/list", json={"device_id": device_id}).json()["access_codes"]
    assert sorted(code["code"] for code in held) == [f"48291{number}" for number in range(6)]
    counts = seam.get(f"{sandbox}/_sandbox/requests").json()["counts"]
    assert counts["/access_codes/create"] == 6
    assert counts.get("/access_codes/delete", 0) == 0


@pytest.mark.processes
def test_four_workers_handle_each_event_once(environment):
    environment["SANDBOX_CLOCK"] = "false"
    _done(_manage(environment, "shell", "-c", ARRIVE))
    outputs = [_done(worker) for worker in [_manage(environment, "shell", "-c", TAKE_IN) for _ in range(4)]]
    taken = sorted(
        (float(at), number, event_id)
        for number, output in enumerate(outputs)
        for event_id, at in re.findall(r"took (\S+) (\S+)", output)
    )
    assert [len(taken), len({event_id for _, _, event_id in taken})] == [60, 60]
    assert len({number for _, number, _ in taken}) > 1
    # None ends while there is something that no other worker has in hand.
    assert all(int(re.search(r"left (\d+)", output)[1]) <= 3 for output in outputs)
    side_by_side = any(b[0] - a[0] < 0.02 and a[1] != b[1] for a, b in pairwise(taken))
    assert side_by_side == settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
