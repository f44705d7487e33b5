"""Over a real socket: connections are kept, webhooks go out by themselves, faults look real."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from seam_sandbox import SeamSandbox, Server, create_app
from seam_sandbox.tests.caller import API_KEY, CREDENTIALS

KEY = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture
def app() -> SeamSandbox:
    """On real time, for it is threads that are looked at here."""
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


def test_a_connection_is_kept(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    sockets = set()
    for path, body in (("/workspaces/get", "{}"), ("/nowhere", '{"unread": 1}'), ("/devices/list", "{}")):
        connection.request("POST", path, body, {**KEY, "Content-Type": "application/json"})
        sockets.add(connection.sock)
        connection.getresponse().read()
    assert len(sockets) == 1
    connection.close()


def test_an_answer_does_not_wait_for_the_network(url: str, session: requests.Session) -> None:
    """Nagle's algorithm and delayed acknowledgements would make it 40 ms each."""
    started = time.perf_counter()
    for _ in range(50):
        session.post(f"{url}/workspaces/get", json={})
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("reset", requests.ConnectionError),
        ("answer_lost", requests.ConnectionError),
        ("cut_off", requests.exceptions.ChunkedEncodingError),
        ("hang", requests.ReadTimeout),
    ],
)
def test_faults_break_the_connection(url: str, session: requests.Session, what: str, error: type) -> None:
    rule = {"path": "/workspaces/get", "what": what, "times": 1, "seconds": 0.3}
    session.post(f"{url}/_sandbox/faults", json={"rules": [rule]}).raise_for_status()
    with pytest.raises(error):
        session.post(f"{url}/workspaces/get", json={}, timeout=0.1)
    assert session.post(f"{url}/workspaces/get", json={}).status_code == 200


def test_the_sandbox_stays_open_while_one_request_hangs(url: str, session: requests.Session) -> None:
    rule = {"path": "/devices/list", "what": "hang", "seconds": 0.5}
    session.post(f"{url}/_sandbox/faults", json={"rules": [rule]})
    hanging = threading.Thread(target=lambda: requests.post(f"{url}/devices/list", json={}, headers=KEY, timeout=9))
    hanging.start()
    started = time.perf_counter()
    session.post(f"{url}/workspaces/get", json={})
    assert time.perf_counter() - started < 0.4
    hanging.join()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    give_up = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < give_up, "it did not happen in time"
        time.sleep(0.01)


class Inbox:
    """A web server that takes webhooks, each a little slowly."""

    def __init__(self) -> None:
        self.arrivals: list[tuple[float, dict]] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(0.05)
                inbox.arrivals.append((time.perf_counter(), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

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
    """Jane's account is linked; the id of her first lock."""
    webview = session.post(f"{url}/connect_webviews/create", json={"wait_for_device_creation": True}).json()
    form = {"email": "jane@example.com", **CREDENTIALS}
    session.post(webview["connect_webview"]["url"], data=form).raise_for_status()
    return str(session.post(f"{url}/devices/list", json={}).json()["devices"][0]["device_id"])


def test_webhooks_go_out_promptly(url: str, session: requests.Session, inbox: Inbox) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    happened = time.perf_counter()
    session.post(f"{url}/_sandbox/devices", json={"device_id": device_id, "set": {"locked": False}})
    inbox.wait_for(1)
    (arrived, body), *_ = inbox.arrivals
    assert body["event_type"] == "lock.unlocked"
    assert arrived - happened < 0.5


def test_many_webhooks_go_out_side_by_side(url: str, session: requests.Session, inbox: Inbox) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    started = time.perf_counter()
    for number in range(40):
        facts = {"device_id": device_id, "set": {"locked": bool(number % 2)}}
        session.post(f"{url}/_sandbox/devices", json=facts)
    inbox.wait_for(40)
    assert len({body["event_id"] for _, body in inbox.arrivals}) == 40
    assert time.perf_counter() - started < 2  # one after the other they would take longer


def test_a_receiver_that_is_down_gets_it_later(
    url: str, app: SeamSandbox, session: requests.Session, inbox: Inbox
) -> None:
    device_id = link(url, session)
    session.post(f"{url}/webhooks/create", json={"url": "http://127.0.0.1:9/nobody"})
    session.post(f"{url}/webhooks/create", json={"url": inbox.url})
    session.post(f"{url}/_sandbox/devices", json={"device_id": device_id, "set": {"locked": False}})
    inbox.wait_for(1)
    wait_until(lambda: [each.failures for each in app.world.deliveries.values()] == [1])


def test_time_goes_by_without_anybody_asking(url: str, app: SeamSandbox, session: requests.Session) -> None:
    device_id = link(url, session)
    session.post(f"{url}/access_codes/create", json={"device_id": device_id})
    session.post(f"{url}/_sandbox/clock", json={"speed": 600})
    wait_until(lambda: app.world.event_log[-1].type == "access_code.set_on_device")
