"""`manage.py up`: prepare the database, then run everything until Ctrl-C."""

import errno
import fcntl
import io
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from latchkey.running import programs, static_files
from latchkey.running.embedded_redis import NoRedis
from latchkey.running.supervisor import StartFailed, Supervisor


class Command(BaseCommand):
    help = "Start Redis, the sandbox, the web server, the worker and beat. Ctrl-C stops them all."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with lock_installation(settings.VAR_DIR / "up.lock"):
            check_ports()
            self.prepare()
            self.run_until_stopped()
        self.say("Stopped.")

    def prepare(self) -> None:
        """Prepare what the programs need; each step is fast when there is nothing to do."""
        try:
            with self.step("database"):
                call_command("migrate", verbosity=0, interactive=False)
                call_command("createcachetable", verbosity=0)
            if not settings.HAS_EMBEDDED_REDIS:
                with self.step("Redis of REDIS_URL"):
                    check_redis()
            with self.step("static files"):
                static_files.collect_if_changed()
        except DatabaseError as error:
            raise CommandError(f"The database (DATABASE_URL) does not work: {str(error).strip()}") from error
        finally:
            connections.close_all()

    def run_until_stopped(self) -> None:
        try:
            stages = programs.stages()
            Supervisor(stages, settings.BASE_DIR, settings.VAR_DIR / "log", self.say, self.step).run(self.welcome)
        except (StartFailed, NoRedis) as failure:
            raise CommandError(str(failure)) from failure

    def say(self, text: str, ending: str = "\n") -> None:
        with suppress(OSError):
            # A full disk or a closed terminal ends nothing.
            self.stdout.write(text, ending=ending)
            self.stdout.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print `name … ok (0.3 s)` on one line."""
        self.say(f"  {name} … ", ending="")
        begun_at = time.monotonic()
        try:
            yield
        except BaseException:
            self.say("failed")
            raise
        self.say(f"ok ({time.monotonic() - begun_at:.1f} s)")

    def welcome(self) -> None:
        """Create the demo, laid out around the sandbox's today, once everything runs."""
        log_in = io.StringIO()
        with self.step("demo"):
            call_command("demo", stdout=log_in)
        connections.close_all()
        self.say(f"Ready: {settings.LOCAL_URL}\n{log_in.getvalue().strip()}")


@contextmanager
def lock_installation(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel frees when this process ends or is killed."""
    with open(path, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(f"Latchkey already runs from this folder: {file.read()}") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {settings.LOCAL_URL}")
        file.flush()
        yield


def check_redis() -> None:
    if not programs.redis_answers():
        raise CommandError("No Redis answers at REDIS_URL. Start it, or leave REDIS_URL out to get one.")


def check_ports() -> None:
    """Check the ports before anything starts, and name the variable to change."""
    if settings.HAS_EMBEDDED_SANDBOX:
        if settings.PORT == settings.SANDBOX_PORT:
            raise CommandError(f"PORT and SANDBOX_PORT are both {settings.PORT}: choose two.")
        check_port("SANDBOX_PORT", settings.LOCAL_HOST, settings.SANDBOX_PORT)
    check_port("PORT", settings.HOST, settings.PORT)


def check_port(variable: str, host: str, port: int) -> None:
    reason = find_listen_error(host, port)
    if reason in (errno.EADDRINUSE, errno.EACCES):
        why = "is taken by another program" if reason == errno.EADDRINUSE else "is reserved for root"
        free = next(p for p in range(max(port, 1024) + 1, 65536) if not find_listen_error(host, p))
        raise CommandError(f"Port {port} {why}. Choose another, for example: {variable}={free} bin/up")
    if reason:
        raise CommandError(f"HOST={host}: this machine cannot listen there ({os.strerror(reason)}).")


def find_listen_error(host: str, port: int) -> int:
    """Return the error number of listening there, or 0 if it works."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return 0
