"""A restart or a crash loses nothing."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from seam_sandbox import Clock, InUse, SeamSandbox, create_app
from seam_sandbox.tests.caller import API_KEY, Caller
from seam_sandbox.tests.conftest import START
from seam_sandbox.tests.world.test_simulated_clock import Real


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "sandbox.sqlite3"


def start(path: Path, real: Real | None = None) -> tuple[SeamSandbox, Caller]:
    app = create_app(api_key=API_KEY, state_path=path, clock=Clock(real=real or Real()))
    return app, Caller(app)


def start_after_a_crash(path: Path, real: Real | None = None) -> tuple[SeamSandbox, Caller]:
    """Start on a copy of the files, as a crash at this moment would leave them."""
    found = path.parent.with_name(f"{path.parent.name}-")
    shutil.copytree(path.parent, found)
    return start(found / path.name, real)


def test_restart_restores_everything(path: Path) -> None:
    _, before = start(path)
    before.link("jane@example.com", customer_key="org-1")
    before.create_code(name="Anna", code="482917")
    before("/webhooks/create", url="https://latchkey.test/hook")
    before("/_sandbox/settings", keep_expired_codes=True)
    before("/locks/unlock_door", device_id=before.device_id())

    _, after = start_after_a_crash(path)

    for path_ in (
        "/devices/list",
        "/connected_accounts/list",
        "/connect_webviews/list",
        "/action_attempts/list",
        "/webhooks/list",
    ):
        assert after(path_) == before(path_)
    assert after.events() == before.events()
    device_id = after.device_id()
    assert after("/access_codes/list", device_id=device_id) == before("/access_codes/list", device_id=device_id)
    assert after.send("GET", "/_sandbox/settings").json()["settings"] == {
        "keep_expired_codes": True,
        "id_shape": "uuid",
    }


def test_clock_continues_while_sandbox_is_off(path: Path) -> None:
    real = Real()
    _, before = start(path, real)
    before.advance("P1D")
    real.passes(hours=1)
    _, after = start_after_a_crash(path, real)
    assert after.now() == "2030-01-02T13:00:00.000Z"


def test_missed_transitions_run_at_their_instants(path: Path) -> None:
    real = Real()
    _, before = start(path, real)
    before.link("jane@example.com")
    code = before.create_code(starts_at="2030-01-01T13:00:00Z", ends_at="2030-01-01T14:00:00Z")
    real.passes(days=1)
    _, after = start_after_a_crash(path, real)
    assert after.is_gone(code)
    (was_set,) = after.events("access_code.set_on_device")
    assert was_set["occurred_at"] == "2030-01-01T13:00:00.000Z"
    assert START + timedelta(days=1) == real()


def test_deleted_records_stay_deleted(path: Path) -> None:
    _, before = start(path)
    before.link("jane@example.com")
    account = before("/connected_accounts/list")["connected_accounts"][0]
    before("/connected_accounts/delete", connected_account_id=account["connected_account_id"])
    _, after = start_after_a_crash(path)
    assert after("/devices/list")["devices"] == []
    before("/_sandbox/reset")
    shutil.rmtree(path.parent.with_name("var-"))
    _, later = start_after_a_crash(path)
    assert later.event_types() == []


def test_open_deliveries_are_made_after_restart(path: Path) -> None:
    app, before = start(path)
    before("/webhooks/create", url="https://latchkey.test/hook", event_types=["lock.unlocked"])
    before.link("jane@example.com")
    before.set_device(before.device_id(), locked=False)
    bodies: list[bytes] = []

    def post(url: str, headers: dict[str, str], body: bytes) -> int:
        bodies.append(body)
        return 500 if len(bodies) == 1 else 204

    app.deliver_due(post)
    again, after = start_after_a_crash(path)
    assert again.deliver_due(post) == 0
    after.advance("PT5S")
    assert again.deliver_due(post) == 1
    assert bodies[0] == bodies[1]
    assert again.deliver_due(post) == 0


def test_new_records_sort_after_restored_ones(path: Path) -> None:
    _, before = start(path)
    before.link("jane@example.com")
    _, after = start_after_a_crash(path)
    after.link("other@example.com")
    names = [device["display_name"] for device in after("/devices/list")["devices"]]
    cursor = after("/devices/list", limit=7)["pagination"]["next_page_cursor"]
    rest = after("/devices/list", limit=7, page_cursor=cursor)["devices"]
    assert [device["display_name"] for device in rest] == names[7:]


def test_file_is_readable_by_owner_only(path: Path) -> None:
    _, seam = start(path)
    seam.link("jane@example.com")
    assert [each.stat().st_mode & 0o077 for each in path.parent.iterdir()] == [0, 0]


def test_file_is_locked_by_one_sandbox(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seam_sandbox.world.store.LOCK_WAIT_SECONDS", 0.05)
    app, _ = start(path)
    with pytest.raises(InUse, match="Another sandbox"):
        start(path)
    app.close()
    start(path)


@pytest.mark.parametrize(("kind", "facts"), [("of_later_version", "{}"), ("device", '{"unknown": 1}')])
def test_file_of_other_version_is_ignored(path: Path, kind: str, facts: str) -> None:
    app, before = start(path)
    before.link("jane@example.com")
    app.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO thing VALUES (?, 'x', 0, ?)", (kind, facts))
        database.commit()
    _, after = start(path)
    assert after("/devices/list")["devices"] == []


def test_restart_with_10000_locks_takes_little_cpu(path: Path) -> None:
    """A limit of processor time: it takes about half a second."""
    _, before = start(path)
    before.link("fleet-10000@example.com")
    started = time.process_time()
    _, after = start_after_a_crash(path)
    assert time.process_time() - started < 5
    assert after("/devices/list", limit=1)["pagination"]["has_next_page"] is True


PROGRAM = """
import sys
from seam_sandbox import Server, create_app
server = Server(create_app(api_key="seam_test_key", state_path=sys.argv[1]))
print(server.url, flush=True)
server.run()
"""


@pytest.mark.processes
def test_kill_9_loses_no_answered_request(path: Path) -> None:
    url, process = run(path)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {API_KEY}"
    session.post(f"{url}/_sandbox/clock", json={"advance": "P10D"}).raise_for_status()
    created = session.post(f"{url}/connect_webviews/create", json={}).json()["connect_webview"]
    before = session.get(f"{url}/_sandbox/clock").json()["now"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    url, process = run(path)
    found = session.post(f"{url}/connect_webviews/list", json={}).json()["connect_webviews"]
    after = session.get(f"{url}/_sandbox/clock").json()["now"]
    process.terminate()
    process.wait()

    assert found == [created]
    assert before < after


def run(path: Path) -> tuple[str, subprocess.Popen[str]]:
    """Run the sandbox in its own process; yield once it listens."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as output:
        return output.readline().strip(), process
