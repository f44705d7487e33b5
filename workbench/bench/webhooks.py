"""Measures webhook deliveries per second and core, against a bare Django view that keeps them too.

Measured: processor time per signed delivery, with the message to the worker. Floor: a view that checks the signature
and inserts one row.
"""

from __future__ import annotations

import io
import threading
import uuid
from typing import Any

import redis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from properties.values.encryption import encrypt
from seam_integration.models import SeamEvent, WebhookRegistration
from workbench.measuring.bare_webhook import SECRET, delivery
from workbench.measuring.figures import Row, interleaved, times
from workbench.measuring.place import fresh_database, owner, server_pid
from workbench.measuring.redis import own_redis

LEAST = 0.8


def measure(deliveries: int, repeats: int) -> list[Row]:
    fresh_database()
    owner()
    WebhookRegistration.objects.create(
        url="http://localhost/seam/webhook/", seam_id=str(uuid.uuid4()), secret_encrypted=encrypt(SECRET)
    )
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF="workbench.measuring.bare_webhook"):
        bare = WSGIHandler()
    ours = WSGIHandler()

    def run_bare() -> None:
        with override_settings(MIDDLEWARE=[], ROOT_URLCONF="workbench.measuring.bare_webhook"):
            _deliver(bare, deliveries)

    def run_ours() -> None:
        """Deliver to our view, and count the message to the worker after the last delivery."""
        _deliver(ours, deliveries)
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join()

    with own_redis():
        _deliver(ours, 20)
        figure, floor = interleaved(run_ours, run_bare, repeats, server_pid())
        messages = _messages()
    assert messages > repeats, f"{messages} messages were sent to the worker"
    kept = SeamEvent.objects.count()
    assert kept == 20 + 2 * repeats * deliveries, f"{kept} events were kept"
    ratio = floor.cpu / figure.cpu
    return [
        Row(
            "Webhook deliveries per second and core",
            f"{deliveries / figure.cpu:.0f}",
            f"{deliveries / floor.cpu:.0f}",
            times(ratio),
            f"≥ {LEAST} ×",
            ratio >= LEAST,
            note=f"{figure.cpu / deliveries * 1e6:.0f} µs each against {floor.cpu / deliveries * 1e6:.0f} µs; "
            f"{messages} messages for {20 + repeats * deliveries} deliveries",
        )
    ]


def _messages() -> int:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.llen("celery"))


def _deliver(handler: WSGIHandler, deliveries: int) -> None:
    """Deliver new signed events; signing costs both sides the same and is small."""
    for number in range(deliveries):
        body, headers = delivery("lock.locked", str(uuid.UUID(int=number)))
        answer = handler(_environ(body, headers), _start)
        answer.close()
        assert answer.status_code == 204


def _start(status: str, headers: list[tuple[str, str]], trouble: Any = None) -> Any:
    """Ignore what a server would send."""


def _environ(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return named | {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/seam/webhook/",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
