"""How a task is handed to the worker: once the transaction is through, and without ever failing or delaying a page."""

import logging
import time
from functools import partial
from typing import Any

from celery import Celery, Task
from django.db import transaction
from kombu import Connection, pools
from kombu.exceptions import OperationalError
from redis import RedisError

logger = logging.getLogger(__name__)

# A broker answers in milliseconds. One that hangs keeps a page waiting for a connection and an answer, once (seconds).
PATIENCE = 0.8
# Afterwards this process leaves it alone for a while: a change of a hundred locks must not wait a hundred times.
REST = 10.0

_rests_until = float("-inf")


def enqueue(task: Task[Any, Any], *args: int) -> None:
    """Hand a task to the worker once the transaction is through; never fails.

    A broker that is away costs a minute, not the action: the rows say what is due, and the sweep finds them.
    """
    transaction.on_commit(partial(send, task, *args))


def send(task: Task[Any, Any], *args: int) -> None:
    """As `enqueue`, now."""
    global _rests_until
    if time.monotonic() < _rests_until:
        return
    try:
        if task.app.conf.task_always_eager:
            task.delay(*args)
            return
        with pools.producers[_connection(task.app)].acquire(block=True, timeout=PATIENCE) as producer:
            task.apply_async(args, producer=producer, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        _rests_until = time.monotonic() + REST
        logger.warning("%s not enqueued, the sweep will do it: %s", task.name, type(error).__name__)


def forget_hanging() -> None:
    """Try the broker again at the next call."""
    global _rests_until
    _rests_until = float("-inf")


def _connection(app: Celery) -> Connection:
    """The worker's own waits longer, since it waits for tasks."""
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "max_retries": 0}
    connection: Connection = app.connection_for_write(transport_options=patience)
    return connection
