"""The programs of Latchkey on one machine, and how to check that each works."""

import http.client
import sys
from signal import SIGQUIT
from urllib.parse import urlsplit

import redis
from django.conf import settings
from kombu.exceptions import OperationalError

from latchkey.celery import app as celery_app
from latchkey.running import embedded_redis
from latchkey.running.supervisor import Program

WORKER_NAME = "worker@localhost"
BEAT_NAME = "beat@localhost"


def stages() -> list[list[Program]]:
    """Return the programs in order of start: Redis first, because the others need it."""
    first = [redis_program()] if settings.HAS_EMBEDDED_REDIS else []
    second = [web_program(), worker_program(), beat_program()]
    if settings.HAS_EMBEDDED_SANDBOX:
        second.insert(0, sandbox_program())
    return [first, second]


def redis_program() -> Program:
    socket, folder = settings.EMBEDDED_REDIS_SOCKET, settings.VAR_DIR / "redis"
    embedded_redis.prepare_socket_folder(socket)
    folder.mkdir(mode=0o700, exist_ok=True)
    command = embedded_redis.server_command(socket, folder)
    # It warns of kernel settings that matter only to larger servers.
    return Program("Redis", command, redis_answers, shows_warnings=False)


def sandbox_program() -> Program:
    """Build it without its API key, which it reads from the settings: `ps` shows command lines."""
    return Program(
        "sandbox",
        [
            *python("manage.py", "sandbox"),
            *("--host", settings.LOCAL_HOST, "--port", str(settings.SANDBOX_PORT)),
            *("--state", str(settings.VAR_DIR / "sandbox.sqlite3")),
        ],
        lambda: answers(f"{settings.SEAM_ENDPOINT}/_sandbox/clock"),
    )


def web_program() -> Program:
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return Program(
        "web",
        [*python("-m", "gunicorn"), "--bind", f"{host}:{settings.PORT}"],
        lambda: answers(f"{settings.LOCAL_URL}/healthz"),
    )


def worker_program() -> Program:
    return Program(
        "worker",
        [
            *celery("worker", "--pool", "prefork", "--concurrency", "2", "--hostname", WORKER_NAME),
            # There is only one worker.
            *("--without-gossip", "--without-mingle"),
        ],
        lambda: answers_ping(WORKER_NAME),
        # SIGQUIT starts the soft shutdown: see CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT.
        stop_signal=SIGQUIT,
    )


def beat_program() -> Program:
    command = celery("beat", "--enable-remote-control", "--hostname", BEAT_NAME)
    # Without Redis it cannot answer, and is not to blame.
    return Program("beat", command, beat_answers, is_alive=lambda: not redis_answers() or beat_answers())


def beat_answers() -> bool:
    return answers_ping(BEAT_NAME)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def celery(*arguments: str) -> list[str]:
    return python("-m", "celery", "--app", "latchkey", "--quiet", *arguments)


def redis_answers() -> bool:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def answers(url: str) -> bool:
    """Check an address by http.client, because urllib would use the environment's proxy."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=1)
    try:
        connection.request("GET", address.path, headers={"Host": address.netloc})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers_ping(node: str) -> bool:
    """Check by Celery's ping, which beat answers as long as its loop runs."""
    try:
        with celery_app.connection_for_write() as connection:
            return bool(celery_app.control.ping([node], timeout=0.5, connection=connection))
    except (OperationalError, OSError, redis.RedisError):
        return False
