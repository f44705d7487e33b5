"""Events that no delivery brought are listed, all of them; our webhook is at Seam exactly once."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from properties.tests.builders import NOW
from seam_integration.api.client import PAGE
from seam_integration.inbox import webhooks
from seam_integration.models import CatchUp, SeamEvent, WebhookRegistration
from seam_integration.tests.answers import Answers

LIST, CREATE, DELETE = "/webhooks/list", "/webhooks/create", "/webhooks/delete"
URL = "https://latchkey.example/seam/webhook/"


class Events:
    """A client whose list of events holds one for each second, and never more than a page."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []

    def take_unread(self) -> list[object]:
        return []

    def list_events(self, since, until):
        self.asked.append((since, until))
        seconds = range(int((until - since).total_seconds()))
        at = [since + timedelta(seconds=number) for number in seconds][:PAGE]
        return [{"event_id": str(uuid4()), "event_type": "x.y", "occurred_at": one.isoformat()} for one in at]


def test_full_list_is_asked_for_in_halves(db):
    CatchUp.objects.create(until=NOW - timedelta(minutes=5))
    client = Events()
    assert webhooks.catch_up(NOW, client) == 16 * 60
    assert client.asked[0] == (NOW - timedelta(minutes=15), NOW + timedelta(minutes=1))
    assert len(client.asked) == 3
    assert SeamEvent.objects.count() == 16 * 60
    assert CatchUp.objects.get().until == NOW


def test_halves_end_at_second(db, monkeypatch):
    monkeypatch.setattr(webhooks, "PAGE", 0)
    client = Events()
    webhooks._events_between(NOW, NOW + timedelta(seconds=3), client)
    assert len(client.asked) == 3


def test_catch_up_of_future_begins_day_ago(db):
    CatchUp.objects.create(until=NOW + timedelta(hours=1))
    answers = Answers()
    answers.pages["/events/list"] = ['{"events": []}']
    assert webhooks.catch_up(NOW, answers.client()) == 0
    assert answers.asked[0][1]["between"] == ["2026-05-31T12:00:00Z", "2026-06-01T12:01:00Z"]


@pytest.fixture
def answers(db, settings) -> Answers:
    settings.PUBLIC_URL = "https://latchkey.example"
    answers = Answers()
    answers.pages = {LIST: ['{"webhooks": []}'], DELETE: ["{}"]}
    return answers


def at_seam(answers: Answers, *hooks: dict) -> None:
    answers.pages[LIST] = [json.dumps({"webhooks": hooks})]


def made(answers: Answers) -> str:
    webhook_id = str(uuid4())
    answers.pages[CREATE] = [json.dumps({"webhook": {"webhook_id": webhook_id, "secret": "whsec_x"}})]
    return webhook_id


def paths(answers: Answers) -> list[str]:
    return [path for path, _ in answers.asked]


def test_registered_webhook_is_left_alone(answers):
    hook = WebhookRegistration.objects.create(url=URL, seam_id=uuid4(), secret_encrypted="x")
    at_seam(answers, {"webhook_id": str(hook.seam_id), "url": URL})
    webhooks.ensure_registered(answers.client())
    assert paths(answers) == [LIST]


def test_webhook_without_known_secret_is_replaced(answers):
    webhook_id = made(answers)
    at_seam(answers, {"webhook_id": "ours", "url": URL}, {"webhook_id": "other", "url": "https://other.example/"})
    webhooks.ensure_registered(answers.client())
    assert paths(answers) == [LIST, DELETE, CREATE]
    assert answers.asked[1][1] == {"webhook_id": "ours"}
    assert answers.asked[2][1] == {"url": URL}
    assert str(WebhookRegistration.objects.get().seam_id) == webhook_id


def test_webhook_that_seam_lost_is_made_anew(answers):
    WebhookRegistration.objects.create(url=URL, seam_id=uuid4(), secret_encrypted="x")
    webhook_id = made(answers)
    webhooks.ensure_registered(answers.client())
    assert paths(answers) == [LIST, CREATE]
    assert str(WebhookRegistration.objects.get().seam_id) == webhook_id


def test_without_public_address_nothing_is_registered(answers, settings):
    settings.PUBLIC_URL = ""
    webhooks.ensure_registered(answers.client())
    assert answers.asked == []
