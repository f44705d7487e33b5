"""How a task is handed to the worker: once the transaction is through, and without ever failing a page."""

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: Task[Any, Any], *args: int) -> None:
    """Hand a task to the worker once the transaction is through; never fails.

    A broker that is away costs a minute, not the action: the rows say what is due, and the sweep finds them.
    """
    transaction.on_commit(partial(send, task, *args))


def send(task: Task[Any, Any], *args: int) -> None:
    """As `enqueue`, now."""
    try:
        task.delay(*args)
    except (OperationalError, OSError) as error:
        logger.warning("%s not enqueued, the sweep will do it: %s", task.name, type(error).__name__)
