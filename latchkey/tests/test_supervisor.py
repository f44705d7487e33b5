"""Programs are started, watched, restarted and stopped; real but small processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from latchkey.running.supervisor import Child, Log, Program, StartFailed, Supervisor

FOREVER = "import time\nwhile True: time.sleep(60)"

pytestmark = pytest.mark.processes


def script(name: str, code: str, is_ready: Callable[[], bool] = lambda: True) -> Program:
    return Program(name, [sys.executable, "-c", code], is_ready)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Stage:
    """A supervisor whose output is kept, and which the test stops while it runs."""

    def __init__(self, folder: Path, stages: list[list[Program]]) -> None:
        self.said: list[str] = []
        self.supervisor = Supervisor(stages, folder, folder / "log", self.said.append, start_timeout=5, stop_timeout=2)
        self.problem: BaseException | None = None

    def run(self, scene: Callable[[], None]) -> None:
        """Run the scene in a thread, because the supervisor needs the main one; then stop."""

        def play() -> None:
            try:
                scene()
            except BaseException as problem:
                self.problem = problem
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        self.supervisor.run(threading.Thread(target=play).start)
        if self.problem:
            raise self.problem

    def children(self) -> list[Child]:
        return [child for stage in self.supervisor.stages for child in stage]

    def pid(self, name: str) -> int:
        child = next(child for child in self.children() if child.program.name == name)
        assert child.process is not None
        return child.process.pid


def test_programs_start_in_order_and_none_is_left(tmp_path):
    first_is_up = tmp_path / "first"
    first = script("first", f"open({str(first_is_up)!r}, 'w')\n{FOREVER}", first_is_up.exists)
    # Started together with the first, it would exit at once.
    second = script("second", f"assert __import__('os').path.exists({str(first_is_up)!r})\n{FOREVER}")
    theatre = Stage(tmp_path, [[first], [second]])
    pids: list[int] = []

    theatre.run(lambda: pids.extend([theatre.pid("first"), theatre.pid("second")]))

    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)
    assert theatre.said == []


def test_program_ignoring_signal_is_killed_with_its_children(tmp_path):
    stubborn = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {FOREVER!r}])\n"
        f"print(child.pid, file=open({str(tmp_path / 'pid')!r}, 'w'))\n" + FOREVER
    )
    theatre = Stage(tmp_path, [[script("stubborn", stubborn, (tmp_path / "pid").exists)]])
    pids: list[int] = []

    def scene() -> None:
        eventually(lambda: (tmp_path / "pid").read_text())
        pids.extend([theatre.pid("stubborn"), int((tmp_path / "pid").read_text())])

    theatre.run(scene)

    eventually(lambda: not any(is_alive(pid) for pid in pids))


def test_dead_child_is_reported_and_restarted(tmp_path):
    theatre = Stage(tmp_path, [[script("worker", FOREVER)]])
    pids: list[int] = []

    def scene() -> None:
        pids.append(theatre.pid("worker"))
        os.kill(pids[0], signal.SIGKILL)
        eventually(lambda: "worker is back." in theatre.said)
        pids.append(theatre.pid("worker"))

    theatre.run(scene)

    assert pids[0] != pids[1]
    assert theatre.said[0].startswith("worker was ended by SIGKILL; starting it again now. Its log: ")
    assert not any(is_alive(pid) for pid in pids)


def test_child_that_hangs_is_replaced(tmp_path, monkeypatch):
    """Its process lives, stopped; a file tells that it works."""
    monkeypatch.setattr(Child, "ASKED_EVERY", 0.0)
    monkeypatch.setattr(Child, "HANGS_AFTER", 3.0)
    sign = tmp_path / "sign"
    code = f"import pathlib, time\nwhile True: pathlib.Path({str(sign)!r}).touch(); time.sleep(0.05)"

    def works() -> bool:
        return sign.exists() and time.time() - sign.stat().st_mtime < 1

    theatre = Stage(tmp_path, [[Program("beat", [sys.executable, "-c", code], sign.exists, is_alive=works)]])
    pids: list[int] = []

    def scene() -> None:
        pids.append(theatre.pid("beat"))
        os.kill(pids[0], signal.SIGSTOP)
        eventually(lambda: "beat is back." in theatre.said, seconds=30)
        pids.append(theatre.pid("beat"))

    theatre.run(scene)

    assert pids[0] != pids[1]
    assert theatre.said[0].startswith("beat did not answer for 3 s, and was ended by SIGKILL; starting it again")
    assert not is_alive(pids[0])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_supervisor_goes_on_when_its_output_fails(tmp_path):
    """As on a full disk: each word of it fails, and a child that dies is started again all the same."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom latchkey.running.supervisor import Program, Supervisor\n"
        f"program = Program('child', [sys.executable, '-c', {FOREVER!r}], lambda: True)\n"
        f"folder, ready = Path({str(tmp_path)!r}), Path({str(tmp_path / 'ready')!r})\n"
        "def say(line):\n    print(line, flush=True)\n"
        "supervisor = Supervisor([[program]], folder, folder, say)\n"
        "def tell():\n    ready.write_text(str(supervisor.stages[0][0].process.pid))\n"
        "supervisor.run(tell)\n"
    )
    with (
        open("/dev/full", "w") as full,
        subprocess.Popen([sys.executable, "-c", code], cwd=settings.BASE_DIR, stdout=full, stderr=full) as process,
    ):
        eventually(lambda: (tmp_path / "ready").exists() and (tmp_path / "ready").read_text(), seconds=30)
        first = int((tmp_path / "ready").read_text())
        os.kill(first, signal.SIGKILL)
        eventually(lambda: [pid for pid in children_of(process.pid) if pid != first])
        assert process.poll() is None
        process.terminate()
        assert process.wait(20) is not None


def test_supervisor_goes_on_when_a_log_cannot_be_written(tmp_path, monkeypatch):
    theatre = Stage(tmp_path, [[script("worker", FOREVER)]])
    real = Log.open_for_program
    fails = iter([OSError(28, "No space left on device")] * 2)

    def open_or_fail(log: Log):
        for failure in fails:
            raise failure
        return real(log)

    def scene() -> None:
        monkeypatch.setattr(Log, "open_for_program", open_or_fail)
        os.kill(theatre.pid("worker"), signal.SIGKILL)
        eventually(lambda: "worker is back." in theatre.said)

    theatre.run(scene)
    assert [line for line in theatre.said if "No space left" in line]


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_pause_grows_until_child_stays_healthy(tmp_path):
    child = Child(script("worker", FOREVER), Log(tmp_path / "log"), tmp_path)
    child.started_at = time.monotonic()
    assert [child.plan_next_start() for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]

    child.started_at = time.monotonic() - 61
    assert child.plan_next_start() == 0


@pytest.mark.parametrize(
    ("code", "is_ready", "sentence"),
    [
        ("print('no module'); raise SystemExit(3)", False, "web ended with exit code 3 while starting."),
        (FOREVER, False, "web was not ready after 1 s."),
    ],
)
def test_failed_start_is_explained(tmp_path, code, is_ready, sentence):
    steady = script("redis", FOREVER)
    theatre = Stage(tmp_path, [[steady], [script("web", code, lambda: is_ready)]])
    theatre.supervisor.start_timeout = 1

    with pytest.raises(StartFailed) as failure:
        theatre.run(lambda: None)

    assert str(failure.value).startswith(sentence)
    assert ("no module" in str(failure.value)) == ("no module" in code)
    assert all(child.process is None for child in theatre.children())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_end_when_supervisor_is_killed(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom latchkey.running.supervisor import Program, Supervisor\n"
        f"program = Program('child', [sys.executable, '-c', {FOREVER!r}], lambda: True)\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "supervisor = Supervisor([[program]], folder, folder, print)\n"
        "supervisor.run(lambda: print(supervisor.stages[0][0].process.pid, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()

    eventually(lambda: not is_alive(pid))


def test_only_warnings_are_shown_with_tracebacks(tmp_path):
    log = Log(tmp_path / "web.log")
    log.path.write_text(
        "2026-11-23 10:00:00,000 INFO web all is well\n"
        "a line without a level, after INFO\n"
        "2026-11-23 10:00:01,000 ERROR web it broke \x1b[31m\n"
        "Traceback (most recent call last):\n"
        "ValueError: no\n"
        "[2026-11-23 10:00:02 +0000] [12] [INFO] Booting worker\n"
        "[2026-11-23 10:00:03 +0000] [12] [WARNING] half a li"
    )
    assert log.loud_lines() == [
        "2026-11-23 10:00:01,000 ERROR web it broke [31m",
        "Traceback (most recent call last):",
        "ValueError: no",
    ]
    with open(log.path, "a") as file:
        file.write("ne\n")
    assert log.loud_lines() == ["[2026-11-23 10:00:03 +0000] [12] [WARNING] half a line"]
    assert log.loud_lines() == []


def test_log_keeps_one_earlier_run_and_stays_bounded(tmp_path, monkeypatch):
    (tmp_path / "web.log").write_text("yesterday\n")
    log = Log(tmp_path / "web.log")
    assert (tmp_path / "web.log.1").read_text() == "yesterday\n"

    monkeypatch.setattr("latchkey.running.supervisor.LARGEST_LOG", 100)
    with log.open_for_program() as file:
        for _ in range(3):
            file.write(b"WARNING again\n" * 10)
            file.flush()
            assert len(log.loud_lines()) == 10
    assert log.path.stat().st_size == 0
    assert (tmp_path / "web.log.1").read_text() == "WARNING again\n" * 10
