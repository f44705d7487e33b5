"""A whole Latchkey of its own: web, worker, beat, Redis and sandbox under `manage.py up`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "web": "gunicorn",
    "worker": "worker@",
    "beat": "beat@",
    "Redis": "redis-server",
    "sandbox": "manage.py sandbox",
}
# Seconds here where production has minutes.
FAST = {
    "SWEEP_SECONDS": "2",
    "CATCH_UP_SECONDS": "4",
    "SYNC_SECONDS": "10",
    "HEARTBEAT_SECONDS": "5",
}


# Seconds that a killed program may take to be back.
PATIENCE = 40


class Installation:
    """Starts, calls, kills parts of, and stops one Latchkey."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.port, self.sandbox_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.environment = (
            os.environ
            | FAST
            | {
                "VAR_DIR": str(folder),
                "PORT": str(self.port),
                "SANDBOX_PORT": str(self.sandbox_port),
                "ENV_FILE": os.devnull,
            }
        )
        for name in ("SEAM_API_KEY", "REDIS_URL", "DATABASE_URL"):
            self.environment.pop(name, None)
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.seam = requests.Session()
        self.seam.trust_env = False

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.environment,
            stdout=open(self.folder / "up.log", "w"),  # noqa: SIM115 - the child writes it to the end
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_for(lambda: "Ready:" in (self.folder / "up.log").read_text(), 120, "manage.py up")
        key = (self.folder / "secrets" / "sandbox-api-key").read_text().strip()
        self.seam.headers["Authorization"] = f"Bearer {key}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self, name: str) -> bool:
        """Kill -9 one program, Redis with its data; return whether it was running."""
        pids = self._pids(NAMES[name])
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if name == "Redis" and pids:
            shutil.rmtree(self.folder / "redis", ignore_errors=True)
            (self.folder / "redis").mkdir(mode=0o700, exist_ok=True)
        return bool(pids)

    def pids_of(self, name: str) -> list[int]:
        return self._pids(NAMES[name])

    def _pids(self, mark: str) -> list[int]:
        """List the processes of that kind that our supervisor started."""
        return self.children_of(self.process.pid, mark)

    @staticmethod
    def children_of(pid: int, mark: str = "") -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            if parent == pid and mark in command:
                found.append(int(entry.name))
        return found

    def wait_until_well(self) -> None:
        """Wait until every program answers."""
        wait_for(lambda: all(self._pids(mark) for mark in NAMES.values()), 60, "all programs")
        wait_for(lambda: _answers(f"{self.url}/healthz"), 60, "web")
        wait_for(lambda: _answers(f"{self.sandbox_url}/_sandbox/clock"), 60, "sandbox")

    def ask_seam(self, path: str, **body: Any) -> dict[str, Any]:
        """Call Seam's API or the sandbox's controls."""
        return self._ask("POST", path, body)

    def look_at(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the sandbox; wait for one that was killed and is starting again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.seam.request(method, self.sandbox_url + path, json=body, timeout=30)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
                return found
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)


def wait_for(condition: Any, seconds: float, what: str, every: float = 0.2) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come up within {seconds:.0f} s")
        time.sleep(every)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
