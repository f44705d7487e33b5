"""``manage.py sandbox`` runs the sandbox until interrupted, and explains why it cannot start."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from seam_sandbox.tests.caller import API_KEY

MANAGE = Path(__file__).parents[3] / "manage.py"


@pytest.mark.processes
def test_command_serves_until_interrupted(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite3"
    options = ["--port", "0", "--api-key", API_KEY, "--state", str(state)]
    process = subprocess.Popen(
        [sys.executable, "-u", str(MANAGE), "sandbox", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    url = process.stdout.readline().removeprefix("Sandbox: ").strip()
    key = {"Authorization": f"Bearer {API_KEY}"}
    answer = requests.post(f"{url}/workspaces/get", json={}, headers=key, timeout=30)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert answer.json()["workspace"]["is_sandbox"] is True
    assert (process.returncode, rest) == (0, "Sandbox stopped.\n")
    assert state.exists()


def test_command_explains_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Cannot listen on port {port}: Address already in use"):
            call_command("sandbox", port=port, api_key=API_KEY, state=tmp_path / "sandbox.sqlite3")


def test_command_explains_malformed_key(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="starts with seam_"):
        call_command("sandbox", port=0, api_key="secret", state=tmp_path / "sandbox.sqlite3")
