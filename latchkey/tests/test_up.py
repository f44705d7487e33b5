"""`manage.py up` with real programs, on ports and in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from latchkey.management.commands import up
from latchkey.tests.test_supervisor import eventually, is_alive

pytestmark = pytest.mark.processes


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Run:
    """`manage.py up` as a person would start it; its output goes to a file."""

    def __init__(self, folder: Path) -> None:
        self.output = folder / "output"
        self.ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
        unset = {"DATABASE_URL": "", "REDIS_URL": "", "SEAM_API_KEY": "", "SEAM_ENDPOINT": "", "HOST": ""}
        self.environment = {**os.environ, **unset, **self.ports, "VAR_DIR": str(folder / "var")}

    def command(self, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, env=self.environment, **options
        )

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen]:
        with open(self.output, "w") as output, self.command(stdout=output, stderr=output) as process:
            try:
                eventually(lambda: self.says("Ready: ") or process.poll() is not None, seconds=90)
                assert process.poll() is None, self.output.read_text()
                yield process
            finally:
                process.kill()

    def says(self, words: str) -> bool:
        return words in self.output.read_text()


def children_of(pid: int) -> dict[str, int]:
    """List child processes by a word of their command line."""
    found = {}
    for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{line}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        name = next(word for word in ("redis", "sandbox", "gunicorn", "worker", "beat") if word in command)
        found[name] = int(line)
    return found


def test_programs_start_recover_and_stop(tmp_path):
    run = Run(tmp_path)
    with run.started() as process:
        children = children_of(process.pid)
        assert set(children) == {"redis", "sandbox", "gunicorn", "worker", "beat"}
        assert run.says(f"Ready: http://127.0.0.1:{run.ports['PORT']}\n")
        assert run.says("demo@example.com / ")

        second = run.command(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said, _ = second.communicate(timeout=30)
        assert second.returncode == 1
        assert f"Latchkey already runs from this folder: process {process.pid}" in said

        os.kill(children["gunicorn"], signal.SIGKILL)
        eventually(lambda: run.says("web is back."), seconds=20)
        assert run.says("web was ended by SIGKILL; starting it again now.")

        everybody = children | children_of(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert run.says("Stopped.")
        assert not any(is_alive(pid) for pid in everybody.values())
    # The sandbox's key is neither in `ps` nor in a log.
    key = (tmp_path / "var" / "secrets" / "sandbox-api-key").read_text()
    assert not any(key in log.read_text() for log in (tmp_path / "var" / "log").iterdir())


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_used_port_is_named_with_variable_and_free_port(variable):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError) as refusal:
            up.check_port(variable, "127.0.0.1", port)

    assert str(refusal.value).startswith(f"Port {port} is taken by another program. Choose another")
    suggestion = int(str(refusal.value).rpartition(f"{variable}=")[2].split()[0])
    assert not up.find_listen_error("127.0.0.1", suggestion)


def test_same_port_for_both_servers_is_refused(settings):
    settings.PORT = settings.SANDBOX_PORT = free_port()
    with pytest.raises(CommandError, match="PORT and SANDBOX_PORT are both"):
        up.check_ports()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-name.invalid"])
def test_foreign_host_is_refused(host):
    with pytest.raises(CommandError, match=f"HOST={host}: this machine cannot listen there"):
        up.check_port("PORT", host, free_port())
