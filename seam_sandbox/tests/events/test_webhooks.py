"""Events are posted to webhooks: signed like Svix does, again until they are taken, on Svix's schedule."""

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
    """Takes what is posted, and answers with the statuses given, then with 204."""

    def __init__(self, app: SeamSandbox, seam: Caller, **params: object) -> None:
        self._app = app
        self.webhook = seam("/webhooks/create", url=URL, **params)["webhook"]
        self.statuses: list[int] = []
        self.posts: list[tuple[dict[str, str], bytes]] = []

    def receive(self) -> list[str]:
        """The types of the events that have come since the last time."""
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


def something_happens(seam: Caller, times: int = 1) -> None:
    for _ in range(times):
        seam.set_device(seam.device_id(), locked=not seam.device()["properties"]["locked"])


def strike(seam: Caller, what: str, **more: object) -> None:
    seam("/_sandbox/faults", rules=[{"path": "lock.*", "what": what, **more}])


def test_the_signature_is_as_the_published_example_says() -> None:
    signature = sign("whsec_c2VhbS1zYW5kYm94LXRlc3Qtc2VjcmV0", "msg_test", 1_700_000_000, b'{"a":1}')
    assert signature == "v1,v/I+ULxd1kn6IsadBXBCNAUrAM02QQp1NsB0U9o/e4w="


def test_a_delivery_is_the_event_signed(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    something_happens(jane)
    assert receiver.receive() == ["lock.unlocked"]
    ((headers, body),) = receiver.posts
    assert receiver.verify(headers, body) == jane.events("lock.unlocked")[0]
    assert abs(int(headers["svix-timestamp"]) - time.time()) < 10
    with pytest.raises(WebhookVerificationError):
        receiver.verify(headers, body + b" ")


def test_what_happened_before_is_not_sent(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    something_happens(jane)
    assert receiving().receive() == []


@pytest.mark.parametrize(
    ("event_types", "told"),
    [
        (None, ["access_code.created", "lock.unlocked"]),
        (["*"], ["access_code.created", "lock.unlocked"]),
        (["lock.unlocked", "lock.locked"], ["lock.unlocked"]),
        (["device.low_battery"], []),
    ],
)
def test_a_webhook_gets_the_events_it_asked_for(
    jane: Caller, receiving: Callable[..., Receiver], event_types: list[str] | None, told: list[str]
) -> None:
    receiver = receiving(**({"event_types": event_types} if event_types else {}))
    jane.create_code(name="Anna")
    something_happens(jane)
    assert receiver.receive() == told


def test_the_kinds_of_events_can_be_changed_and_the_webhook_removed(
    jane: Caller, receiving: Callable[..., Receiver]
) -> None:
    receiver = receiving(event_types=["device.low_battery"])
    one = {"webhook_id": receiver.webhook["webhook_id"]}
    jane("/webhooks/update", **one, event_types=["lock.unlocked"])
    something_happens(jane)
    assert receiver.receive() == ["lock.unlocked"]
    something_happens(jane, times=2)
    jane("/webhooks/delete", **one)
    assert receiver.receive() == []
    assert jane("/webhooks/list")["webhooks"] == []


def test_a_delivery_that_fails_is_made_again_on_schedule(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(event_types=["lock.unlocked"])
    receiver.statuses = [500, 302, 404, 0, 500, 500, 500, 500]
    something_happens(jane)
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


def test_a_delivery_that_is_taken_at_last_is_not_made_again(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(event_types=["lock.unlocked"])
    receiver.statuses = [503]
    something_happens(jane)
    assert receiver.receive() == ["lock.unlocked"]
    assert receiver.receive() == []
    jane.advance("PT5S")
    assert receiver.receive() == ["lock.unlocked"]
    jane.advance("P1D")
    assert receiver.receive() == []


def test_a_duplicate_has_the_same_id(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_duplicate", times=1)
    something_happens(jane, times=2)
    assert receiver.receive() == ["lock.unlocked", "lock.unlocked", "lock.locked"]
    ids = [headers["svix-id"] for headers, _ in receiver.posts]
    assert ids[0] == ids[1] != ids[2]


def test_a_reordered_webhook_is_overtaken(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_reorder", times=1)
    something_happens(jane, times=2)
    jane.advance("PT5S")
    assert receiver.receive() == ["lock.locked", "lock.unlocked"]


def test_a_dropped_webhook_never_comes(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_drop", on_call=2)
    something_happens(jane, times=3)
    jane.advance("P1D")
    assert receiver.receive()[:2] == ["lock.unlocked", "lock.unlocked"]


def test_a_webhook_may_be_signed_wrongly(jane: Caller, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    strike(jane, "webhook_bad_signature", times=1)
    something_happens(jane, times=2)
    receiver.receive()
    with pytest.raises(WebhookVerificationError):
        receiver.verify(*receiver.posts[0])
    assert receiver.verify(*receiver.posts[1])
