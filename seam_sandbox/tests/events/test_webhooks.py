"""Events are posted to webhooks as Svix does: signed, and retried on schedule."""

import json
import time
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from seam_sandbox import SeamSandbox
from seam_sandbox.lifecycles.deliveries import sign
from seam_sandbox.tests.caller import Caller

URL = "https://latchkey.test/seam/webhook/"


class Receiver:
    """Accepts posts, first with the given statuses, then with 204."""

    def __init__(self, app: SeamSandbox, seam: Caller, **params: object) -> None:
        self._app = app
        self.webhook = seam("/webhooks/create", url=URL, **params)["webhook"]
        self.statuses: list[int] = []
        self.posts: list[tuple[dict[str, str], bytes]] = []

    def receive(self) -> list[str]:
        """Return the types of events received since the last call."""
        before = len(self.posts)
        self._app.deliver_due(self._post)
        return [json.loads(body)["event_type"] for _, body in self.posts[before:]]

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == URL
        self.posts.append((headers, body))
        return self.statuses.pop(0) if self.statuses else 204

    def verify(self, headers: dict[str, str], body: bytes) -> dict:
        unbranded = {name.replace("svix-", "webhook-"): value for name, value in headers.items()}
        return dict(Webhook(self.webhook["secret"]).verify(body, unbranded))


@pytest.fixture
def receiving(app: SeamSandbox, jane: Caller) -> Callable[..., Receiver]:
    return lambda **params: Receiver(app, jane, **params)


def cause_events(seam: Caller, times: int = 1) -> None:
    for _ in range(times):
        seam.set_device(seam.device_id(), locked=not seam.device()["properties"]["locked"])


def strike(seam: Caller, what: str, **more: object) -> None:
    seam("/_sandbox/faults", rules=[{"path": "lock.*", "what": what, **more}])


def test_signature_matches_published_example() -> None:
    signature = sign("whsec_c2VhbS1zYW5kYm94LXRlc3Qtc2VjcmV0", "msg_test", 1_700_000_000, b'{"a":1}')
    assert signature == "v1,v/I+ULxd1kn6IsadBXBCNAUrAM02QQp1NsB0U9o/e4w="


def test_delivery_carries_signed_event(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    cause_events(jane)
    assert receiver.receive() == ["lock.unlocked"]
    ((headers, body),) = receiver.posts
    assert receiver.verify(headers, body) == jane.events("lock.unlocked")[0]
    assert abs(int(headers["svix-timestamp"]) - time.time()) < 10
    with pytest.raises(WebhookVerificationError):
        receiver.verify(headers, body + b" ")


def test_earlier_events_are_not_sent(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    cause_events(jane)
    assert receiving().receive() == []


@pytest.mark.parametrize(
    ("event_types", "expected"),
    [
        (None, ["access_code.created", "lock.unlocked"]),
        (["*"], ["access_code.created", "lock.unlocked"]),
        (["lock.unlocked", "lock.locked"], ["lock.unlocked"]),
        (["device.low_battery"], []),
    ],
)
def test_webhook_receives_its_event_types(
    jane: Caller, receiving: Callable[..., Receiver], event_types: list[str] | None, expected: list[str]
) -> None:
    receiver = receiving(**({"event_types": event_types} if event_types else {}))
    jane.create_code(name="Anna")
    cause_events(jane)
    assert receiver.receive() == expected


def test_webhook_can_be_updated_and_deleted(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(event_types=["device.low_battery"])
    one = {"webhook_id": receiver.webhook["webhook_id"]}
    jane("/webhooks/update", **one, event_types=["lock.unlocked"])
    cause_events(jane)
    assert receiver.receive() == ["lock.unlocked"]
    cause_events(jane, times=2)
    jane("/webhooks/delete", **one)
    assert receiver.receive() == []
    assert jane("/webhooks/list")["webhooks"] == []


def test_failed_delivery_is_retried_on_schedule(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(event_types=["lock.unlocked"])
    receiver.statuses = [500, 302, 404, 0, 500, 500, 500, 500]
    cause_events(jane)
    assert receiver.receive() == ["lock.unlocked"]
    for wait in ("PT4S", "PT4M59S", "PT29M59S", "PT1H59M59S", "PT4H59M59S", "PT9H59M59S", "PT9H59M59S"):
        jane.advance(wait)
        assert receiver.receive() == []
        jane.advance("PT1S")
        assert receiver.receive() == ["lock.unlocked"]
    jane.advance("P5D")
    assert receiver.receive() == []
    assert len({headers["svix-id"] for headers, _ in receiver.posts}) == 1
    assert len({body for _, body in receiver.posts}) == 1


def test_accepted_delivery_is_not_repeated(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(event_types=["lock.unlocked"])
    receiver.statuses = [503]
    cause_events(jane)
    assert receiver.receive() == ["lock.unlocked"]
    assert receiver.receive() == []
    jane.advance("PT5S")
    assert receiver.receive() == ["lock.unlocked"]
    jane.advance("P1D")
    assert receiver.receive() == []


def test_duplicate_has_same_id(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_duplicate", times=1)
    cause_events(jane, times=2)
    assert receiver.receive() == ["lock.unlocked", "lock.unlocked", "lock.locked"]
    ids = [headers["svix-id"] for headers, _ in receiver.posts]
    assert ids[0] == ids[1] != ids[2]


def test_reordered_webhook_arrives_late(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_reorder", times=1)
    cause_events(jane, times=2)
    jane.advance("PT5S")
    assert receiver.receive() == ["lock.locked", "lock.unlocked"]


def test_dropped_webhook_never_arrives(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_drop", on_call=2)
    cause_events(jane, times=3)
    jane.advance("P1D")
    assert receiver.receive()[:2] == ["lock.unlocked", "lock.unlocked"]


def test_webhook_can_be_signed_wrongly(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_bad_signature", times=1)
    cause_events(jane, times=2)
    receiver.receive()
    with pytest.raises(WebhookVerificationError):
        receiver.verify(*receiver.posts[0])
    assert receiver.verify(*receiver.posts[1])
