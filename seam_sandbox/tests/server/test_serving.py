"""Over a real socket: kept connections, webhooks, faults, a running clock."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import requests

from seam_sandbox import SeamSandbox, Server, create_app
from seam_sandbox.serving import KeepAliveHandler
from seam_sandbox.tests.caller import API_KEY, CREDENTIALS

KEY = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture
def app() -> SeamSandbox:
    """A sandbox on real time, because these tests look at its threads."""
    return create_app(api_key=API_KEY)


@pytest.fixture
def url(app: SeamSandbox) -> Iterator[str]:
    with Server(app) as server:
        yield server.url


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update(KEY)
        yield session


def test_connection_is_kept_open(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    sockets = set()
    for path, body in (("/workspaces/get", "{}"), ("/nowhere", '{"unread": 1}'), ("/devices/list", "{}")):
        connection.request("POST", path, body, {**KEY, "Content-Type": "application/json"})
        sockets.add(connection.sock)
        connection.getresponse().read()
    assert len(sockets) == 1
    connection.close()


def test_answers_are_sent_without_nagle_delay(url: str, session: requests.Session, monkeypatch) -> None:
    """Nagle's algorithm and delayed acknowledgements would add 40 ms to each answer."""
    options, run_wsgi = [], KeepAliveHandler.run_wsgi

    def note_option(handler: KeepAliveHandler) -> None:
        options.append(handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        run_wsgi(handler)

    monkeypatch.setattr(KeepAliveHandler, "run_wsgi", note_option)
    session.post(f"{url}/workspaces/get", json={})
    assert [bool(option) for option in options] == [True]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("reset", requests.ConnectionError),
        ("answer_lost", requests.ConnectionError),
        ("cut_off", requests.exceptions.ChunkedEncodingError),
        ("hang", requests.ReadTimeout),
    ],
)
def test_fault_breaks_connection(url: str, session: requests.Session, what: str, error: type) -> None:
    rule = {"path": "/workspaces/get", "what": what, "times": 1, "seconds": 0.3}
    session.post(f"{url}/_sandbox/faults", json={"rules": [rule]}).raise_for_status()
    with pytest.raises(error):
        session.post(f"{url}/workspaces/get", json={}, timeout=0.1)
    assert session.post(f"{url}/workspaces/get", json={}).status_code == 200


def test_server_answers_while_one_request_hangs(url: str, session: requests.Session, monkeypatch) -> None:
    hangs, release = threading.Event(), threading.Event()

    def hang(seconds: float) -> None:
        hangs.set()
        release.wait(10)

    monkeypatch.setattr("seam_sandbox.server.time", SimpleNamespace(sleep=hang))
    rule = {"path": "/devices/list", "what": "hang", "seconds": 0.5}
    session.post(f"{url}/_sandbox/faults", json={"rules": [rule]})
    hanging = threading.Thread(target=lambda: requests.post(f"{url}/devices/list", json={}, headers=KEY, timeout=9))
    hanging.start()
    assert hangs.wait(10)
    assert session.post(f"{url}/workspaces/get", json={}).status_code == 200
    assert hanging.is_alive()
    release.set()
    hanging.join()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    give_up = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < give_up, "it did not happen in time"
        time.sleep(0.01)


class Inbox:
    """A web server that accepts webhooks, each a little slowly."""

    def __init__(self) -> None:
        self.arrivals: list[dict] = []
        self.most_at_once = self._under_way = 0
        self._lock = threading.Lock()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                inbox._count(1)
                time.sleep(0.05)
                inbox._count(-1)
                inbox.arrivals.append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _count(self, step: int) -> None:
        with self._lock:
            self._under_way += step
            self.most_at_once = max(self.most_at_once, self._under_way)

    def wait_for(self, number: int) -> None:
        wait_until(lambda: len(self.arrivals) >= number)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


def link(url: str, session: requests.Session) -> str:
    """Link Jane's account and return the id of her first lock."""
    webview = session.post(f"{url}/connect_webviews/create", json={"wait_for_device_creation": True}).json()
    form = {"email": "jane@example.com", **CREDENTIALS}
    session.post(webview["connect_webview"]["url"], data=form).raise_for_status()
    return str(session.post(f"{url}/devices/list", json={}).json()["devices"][0]["device_id"])


def test_webhook_is_posted_by_server(url: str, session: requests.Session, inbox: Inbox) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    session.post(f"{url}/_sandbox/devices", json={"device_id": device_id, "set": {"locked": False}})
    inbox.wait_for(1)
    assert inbox.arrivals[0]["event_type"] == "lock.unlocked"


def test_webhooks_are_posted_concurrently(url: str, session: requests.Session, inbox: Inbox) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    for number in range(40):
        change = {"device_id": device_id, "set": {"locked": bool(number % 2)}}
        session.post(f"{url}/_sandbox/devices", json=change)
    inbox.wait_for(40)
    assert len({body["event_id"] for body in inbox.arrivals}) == 40
    assert inbox.most_at_once > 1


def test_webhook_is_retried_when_receiver_was_down(
    url: str, app: SeamSandbox, session: requests.Session, inbox: Inbox
) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": "http://127.0.0.1:9/nobody"})
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    session.post(f"{url}/_sandbox/devices", json={"device_id": device_id, "set": {"locked": False}})
    inbox.wait_for(1)
    wait_until(lambda: [each.failures for each in app.world.deliveries.values()] == [1])


def test_clock_runs_without_requests(url: str, app: SeamSandbox, session: requests.Session) -> None:
    device_id = link(url, session)
    session.post(f"{url}/access_codes/create", json={"device_id": device_id})
    session.post(f"{url}/_sandbox/clock", json={"speed": 600})
    wait_until(lambda: app.world.event_log[-1].type == "access_code.set_on_device")
