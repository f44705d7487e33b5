"""Starts programs, watches them, restarts those that die, and leaves no process behind."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

TICK = 0.1
# After what failed for want of room or memory.
SHORT_PAUSE = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LARGEST_LOG = 10_000_000
LEVEL = re.compile(r"^.{0,45}?\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
LOUD = {"WARNING", "ERROR", "CRITICAL"}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartFailed(Exception):
    """A program did not start; the message names it and quotes its last lines."""


@dataclass(frozen=True)
class Program:
    """A program to keep running: how to start it, check it and stop it."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    # False for a program that runs and does nothing any more. None: whether its process lives is all that is asked.
    is_alive: Callable[[], bool] | None = None
    shows_warnings: bool = True


class Log:
    """The output of one program in a file, of which warnings are also shown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0
        self._is_loud = False
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.replace(self._previous)
        path.touch(mode=0o600)

    @property
    def _previous(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def open_for_program(self) -> IO[bytes]:
        self._is_loud = False
        return open(self.path, "ab")

    def last_lines(self, count: int = 15) -> list[str]:
        return _printable(self.path.read_bytes().splitlines()[-count:])

    def loud_lines(self) -> list[str]:
        """Return new lines of level warning or worse; a line without a level belongs to the one before."""
        return [line for line in self._new_lines() if self._is_loud_line(line)]

    def _new_lines(self) -> list[str]:
        with open(self.path, "rb") as file:
            file.seek(self._position)
            whole_lines, newline, _ = file.read().rpartition(b"\n")
        self._position += len(whole_lines) + len(newline)
        if self._position > LARGEST_LOG:
            self._turn_over()
        return _printable(whole_lines.splitlines())

    def _is_loud_line(self, line: str) -> bool:
        if level := LEVEL.match(line):
            self._is_loud = level[1] in LOUD
        elif line.startswith("Traceback (most recent call last)"):
            self._is_loud = True
        return self._is_loud

    def _turn_over(self) -> None:
        """Copy and empty the file, because the program keeps it open for appending."""
        shutil.copyfile(self.path, self._previous)
        os.truncate(self.path, 0)
        self._position = 0


def _printable(lines: list[bytes]) -> list[str]:
    """Remove control characters: a log may quote a stranger's text, and terminals obey escape codes."""
    return ["".join(c for c in line.decode(errors="replace") if c.isprintable() or c == "\t") for line in lines]


class Child:
    """A program as a process, in a session of its own, that ends when we end."""

    GOOD_AFTER = 60.0
    # How often a program is asked whether it is alive, and how long it may say nothing.
    ASKED_EVERY, HANGS_AFTER = 15.0, 90.0
    LONGEST_PAUSE = 30.0

    def __init__(self, program: Program, log: Log, folder: Path) -> None:
        self.program = program
        self.log = log
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.starts_again_at = 0.0
        self.is_recovering = False
        self.pause = 0.0
        self.asked_at = self.alive_at = 0.0

    def start(self) -> None:
        with self.log.open_for_program() as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.program.command,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal must reach only us; we stop the others in order.
                start_new_session=True,
                # preexec_fn is safe here: the supervisor has one thread.
                preexec_fn=_die_with(os.getpid()),
            )
        self.started_at = self.alive_at = time.monotonic()

    def hangs(self) -> bool:
        """Whether it has been silent for too long, though its process lives."""
        now = time.monotonic()
        if self.program.is_alive is None or now - self.asked_at < self.ASKED_EVERY:
            return False
        self.asked_at = now
        if self.program.is_alive():
            self.alive_at = now
        return now - self.alive_at > self.HANGS_AFTER

    def has_died(self) -> bool:
        """Check without reaping, so that the process id stays ours until `bury`."""
        if self.process is None:
            return False
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def ask_to_stop(self) -> None:
        if self.process and not self.has_died():
            self.process.send_signal(self.program.stop_signal)

    def bury(self) -> str:
        """End what is left of the process and its children; describe how it ended."""
        assert self.process
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        self.process = None
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def plan_next_start(self) -> float:
        """Return the seconds to wait: first none, then doubling, and reset after a healthy run."""
        if time.monotonic() - self.started_at > self.GOOD_AFTER:
            self.pause = 0.0
        pause = self.pause
        self.pause = min(max(2 * pause, 1.0), self.LONGEST_PAUSE)
        self.starts_again_at = time.monotonic() + pause
        self.is_recovering = True
        return pause


def _die_with(parent: int) -> Callable[[], None] | None:
    """Let the kernel kill the child when we die; exit if we died during the fork."""
    if libc is None:
        return None

    def between_fork_and_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return between_fork_and_exec


Step = Callable[[str], AbstractContextManager[object]]


class Supervisor:
    """Starts stages in order, the programs of a stage together, and stops them in reverse."""

    def __init__(
        self,
        stages: Sequence[Sequence[Program]],
        folder: Path,
        log_folder: Path,
        say: Callable[[str], None],
        step: Step = lambda name: nullcontext(),
        start_timeout: float = 60.0,
        stop_timeout: float = 10.0,
    ) -> None:
        self.stages = [
            [Child(program, Log(log_folder / f"{program.name.lower()}.log"), folder) for program in stage]
            for stage in stages
        ]
        self._say = say
        self.step = step
        self.start_timeout = start_timeout
        self.stop_timeout = stop_timeout
        self.stops_asked = 0
        self._is_short = False

    def say(self, line: str) -> None:
        """Tell whoever watches, if they can be told: a full disk or a closed terminal ends no program."""
        with suppress(OSError, ValueError):
            self._say(line)

    def run(self, when_ready: Callable[[], None]) -> None:
        """Run until a signal asks to stop; no process is left behind whatever happens."""
        with self._signals_counted():
            try:
                self._start()
                if not self.stops_asked:
                    when_ready()
                while not self.stops_asked:
                    self._check_all()
                    time.sleep(TICK)
            finally:
                self._stop()

    @contextmanager
    def _signals_counted(self) -> Iterator[None]:
        """Only count signals: an exception in a handler could lose a child that is just starting."""

        def count(number: int, frame: FrameType | None) -> None:
            self.stops_asked += 1

        before = {number: signal.signal(number, count) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> None:
        for stage in self.stages:
            for child in stage:
                child.start()
            for child in stage:
                with self.step(child.program.name):
                    self._wait_until_ready(child)

    def _wait_until_ready(self, child: Child) -> None:
        name, deadline = child.program.name, time.monotonic() + self.start_timeout
        while not self.stops_asked:
            if child.has_died():
                raise StartFailed(self._quote_log(child, f"{name} {child.bury()} while starting."))
            if child.program.is_ready():
                return
            if time.monotonic() > deadline:
                raise StartFailed(self._quote_log(child, f"{name} was not ready after {self.start_timeout:.0f} s."))
            time.sleep(TICK)

    def _quote_log(self, child: Child, sentence: str) -> str:
        return "\n".join([f"{sentence} The end of {child.log.path}:", *child.log.last_lines()])

    def _check_all(self) -> None:
        for stage in self.stages:
            for child in stage:
                try:
                    self._show_warnings(child)
                    self._check(child)
                except OSError as error:
                    # No room or no memory, for a log or a start: tried again, without a word at each tick.
                    if not self._is_short:
                        self.say(f"{child.program.name}: {error.strerror or error}; it is tried again.")
                    self._is_short, child.starts_again_at = True, time.monotonic() + SHORT_PAUSE
                else:
                    self._is_short = False

    def _show_warnings(self, child: Child) -> None:
        lines = child.log.loud_lines()
        if child.program.shows_warnings:
            for line in lines:
                self.say(f"{child.program.name} | {line}")

    def _check(self, child: Child) -> None:
        name = child.program.name
        if child.process is None:
            if time.monotonic() >= child.starts_again_at:
                child.start()
        elif child.has_died() or child.hangs():
            silent = "" if child.has_died() else f"did not answer for {child.HANGS_AFTER:.0f} s, and "
            how = f"{silent}{child.bury()}"
            pause = child.plan_next_start()
            when = f"in {pause:.0f} s" if pause else "now"
            self.say(f"{name} {how}; starting it again {when}. Its log: {child.log.path}")
        elif child.is_recovering and child.program.is_ready():
            child.is_recovering = False
            self.say(f"{name} is back.")

    def _stop(self) -> None:
        asked_before = self.stops_asked
        for stage in reversed(self.stages):
            for child in stage:
                child.ask_to_stop()
            deadline = time.monotonic() + self.stop_timeout
            while any(child.process and not child.has_died() for child in stage):
                # A second Ctrl-C stops at once.
                if time.monotonic() > deadline or self.stops_asked > asked_before:
                    break
                time.sleep(TICK / 2)
            for child in stage:
                if child.process:
                    child.bury()
