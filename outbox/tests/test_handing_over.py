"""A broker that is away, or hangs, costs a page a moment, once."""

import socket
import threading
from collections.abc import Iterator

import pytest
from celery import Celery

from outbox import handing_over


class Hanging:
    """Takes every connection, and never answers: like a Redis that is stopped."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.held.append(self.server.accept()[0])
            except OSError:
                return


@pytest.fixture
def broker() -> Iterator[Hanging]:
    hanging = Hanging()
    yield hanging
    hanging.server.close()
    for connection in hanging.held:
        connection.close()


def task_on(url: str):
    app = Celery("other", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"socket_timeout": 60}

    @app.task(name="nothing")
    def nothing() -> None:
        """Only handed over."""

    return nothing


def ends_soon(task) -> bool:
    """Whether handing over ends by itself, long before the worker's own patience would."""
    sender = threading.Thread(target=handing_over.send, args=(task,), daemon=True)
    sender.start()
    sender.join(20)
    return not sender.is_alive()


def test_hanging_broker_does_not_hold_a_page(broker):
    task = task_on(f"redis://127.0.0.1:{broker.server.getsockname()[1]}/0")
    assert ends_soon(task)
    assert len(broker.held) == 1


def test_hanging_broker_is_tried_once_for_many_locks(broker):
    task = task_on(f"redis://127.0.0.1:{broker.server.getsockname()[1]}/0")
    for _ in range(5):
        assert ends_soon(task)
    assert len(broker.held) == 1


def test_broker_that_is_away_fails_no_page():
    assert ends_soon(task_on("redis://127.0.0.1:1/0"))


def test_message_reaches_a_broker_that_answers():
    task = task_on("memory://")
    handing_over.send(task)
    with task.app.connection_for_read() as connection:
        assert connection.SimpleQueue("celery").get(timeout=1).headers["task"] == "nothing"
