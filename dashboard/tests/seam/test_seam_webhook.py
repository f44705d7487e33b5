"""Seam's deliveries at our door: genuine ones are kept once and answered at once, all others are turned away."""

import json
import logging
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from standardwebhooks.webhooks import Webhook

from dashboard.views.seam import webhook as seam_views
from properties.models import AccessCode, Lock
from properties.tests.builders import make_code, make_lock
from properties.values.encryption import decrypt, encrypt
from seam_integration.models import SeamEvent, WebhookRegistration

URL = reverse("seam-webhook")
SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS13ZWJob29r"
OTHER_SECRET = "whsec_" + "YW5vdGhlci1zZWNyZXQtYWx0b2dldGhlcg=="


@pytest.fixture(autouse=True)
def registration(db):
    return WebhookRegistration.objects.create(
        url="http://testserver" + URL, seam_id=str(uuid.uuid4()), secret_encrypted=encrypt(SECRET)
    )


def event(**fields) -> dict[str, object]:
    values = {
        "event_id": str(uuid.uuid4()),
        "event_type": "lock.locked",
        "occurred_at": "2026-06-01T12:00:00Z",
        "created_at": "2026-06-01T12:00:00Z",
    }
    return values | fields


def deliver(client, body, secret: str = SECRET, off_by: timedelta = timedelta(0), **headers):
    """Post as Svix does; `headers` replace those of a good signature."""
    text = body if isinstance(body, str) else json.dumps(body)
    at = datetime.now(UTC) + off_by
    signed = {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(at.timestamp())),
        "svix-signature": Webhook(secret).sign("msg_1", at, text),
    }
    chosen = signed | {f"svix-{name}": value for name, value in headers.items()}
    kept = {name: value for name, value in chosen.items() if value is not None}
    return client.post(URL, text, content_type="application/json", headers=kept)


def test_genuine_delivery_is_kept_and_answered(client):
    told = event()
    answer = deliver(client, told)
    assert (answer.status_code, answer.content) == (204, b"")
    row = SeamEvent.objects.get()
    assert (str(row.event_id), row.event_type, row.handled_at) == (told["event_id"], "lock.locked", None)
    assert json.loads(decrypt(row.body_encrypted)) == told


def test_body_is_kept_as_it_came(client):
    text = json.dumps(event(name="Haustür"), indent=3, ensure_ascii=False) + "\n"
    assert deliver(client, text).status_code == 204
    assert decrypt(SeamEvent.objects.get().body_encrypted) == text


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """How often the worker was told of a new event."""
    made: list[str] = []
    monkeypatch.setattr(seam_views, "notify_worker", lambda: made.append("told"))
    return made


def test_same_event_twice_is_kept_once_and_told_once(client, calls):
    told = event()
    assert [deliver(client, told).status_code for _ in range(2)] == [204, 204]
    assert SeamEvent.objects.count() == 1
    assert calls == ["told"]


def test_delivery_that_is_turned_away_is_told_to_nobody(client, calls):
    assert deliver(client, event(), OTHER_SECRET).status_code == 401
    assert calls == []


def test_delivery_costs_two_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        deliver(client, event())


def test_what_browsers_need_is_not_done_for_it(owner_client, settings, django_assert_max_num_queries):
    """Nor is it asked for a host name, a scheme or a session: its signature says who it is."""
    settings.SECURE_SSL_REDIRECT = True
    owner_client.defaults["HTTP_HOST"] = "somewhere.example"
    with django_assert_max_num_queries(2):
        answer = deliver(owner_client, event())
    assert answer.status_code == 204
    assert set(answer.headers) <= {"Content-Type", "Content-Length"}
    assert not answer.cookies


def test_what_it_tells_is_taken_in(seam, owner, client):
    seam.link_for(owner)
    lock = seam.lock()
    Lock.objects.filter(pk=lock.pk).update(is_locked=True, locked_at=seam.now_at)
    WebhookRegistration.objects.create(url="x", seam_id=str(uuid.uuid4()), secret_encrypted=encrypt(OTHER_SECRET))
    at = (seam.now_at + timedelta(seconds=5)).isoformat()
    told = event(event_type="lock.unlocked", device_id=str(lock.seam_id), occurred_at=at, method="manual")
    assert deliver(client, told, OTHER_SECRET).status_code == 204
    assert SeamEvent.objects.get(event_id=told["event_id"]).handled_at is not None
    assert seam.lock().is_locked is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": OTHER_SECRET},
        {"signature": None},
        {"signature": ""},
        {"signature": "nonsense"},
        {"signature": "v1,bm9uc2Vuc2U="},
        {"signature": "v1,not base64 at all!"},
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"timestamp": "99999999999999999999999"},
        {"id": None},
        {"id": "msg_2"},
        {"off_by": timedelta(minutes=-6)},
        {"off_by": timedelta(minutes=6)},
    ],
)
def test_bad_old_or_missing_signature_is_turned_away(client, wrong):
    answer = deliver(client, event(), **wrong)
    assert answer.status_code == 401
    assert answer.content == b"The signature does not fit."
    assert not SeamEvent.objects.exists()


def test_body_that_was_changed_on_way_is_turned_away(client):
    text = json.dumps(event())
    signature = Webhook(SECRET).sign("msg_1", datetime.now(UTC), text)
    assert deliver(client, text + " ", signature=signature).status_code == 401


def test_old_secret_fits_no_longer(client, registration):
    assert deliver(client, event()).status_code == 204
    WebhookRegistration.objects.filter(pk=registration.pk).update(secret_encrypted=encrypt(OTHER_SECRET))
    assert deliver(client, event()).status_code == 401
    assert deliver(client, event(), OTHER_SECRET).status_code == 204


def test_before_we_are_registered_nothing_is_genuine(client, registration):
    registration.delete()
    assert deliver(client, event()).status_code == 401


@pytest.mark.parametrize("body", ["not json", "[]", "null", '"text"', "", "{"])
def test_what_is_no_event_is_turned_away_though_it_is_signed(client, body):
    assert deliver(client, body).status_code == 401
    assert not SeamEvent.objects.exists()


def test_bytes_that_are_no_text_are_turned_away(client):
    headers = {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(datetime.now(UTC).timestamp())),
        "svix-signature": "v1,eA==",
    }
    assert client.post(URL, b"\xff\xfe", content_type="application/json", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"event_id": None},
        {"event_id": "x" * 201},
        {"event_id": {"a": 1}},
        {"event_id": 7.5},
        {"occurred_at": None},
        {"occurred_at": "whenever"},
        {"occurred_at": 7},
    ],
)
def test_signed_event_that_cannot_be_told_apart_is_left_out(client, fields):
    """Answered as good: sending it again would not mend it."""
    assert deliver(client, event(**fields)).status_code == 204
    assert not SeamEvent.objects.exists()


@pytest.mark.parametrize("kind", ["brand_new.event", "", "x" * 300, None, 7])
def test_event_of_kind_that_nobody_knows_does_no_harm(seam, client, kind):
    assert deliver(client, event(event_type=kind)).status_code == 204
    assert SeamEvent.objects.get().handled_at is not None


def test_pin_in_body_is_not_readable(client, organization, caplog, now):
    caplog.set_level(logging.DEBUG)
    code = make_code(make_lock(organization), pin="48291736", seam_id=str(uuid.uuid4()))
    told = event(event_type="access_code.changed", access_code_id=str(code.seam_id), code="48291736")
    assert deliver(client, told).status_code == 204
    assert deliver(client, told, signature="v1,eA==").status_code == 401
    for model in (SeamEvent, AccessCode):
        assert "48291736" not in str(list(model.objects.values_list()))
    assert "48291736" not in caplog.text
    assert "48291736" not in repr(SeamEvent.objects.get())


def test_it_needs_neither_log_in_nor_token_and_takes_posts_only(client):
    assert client.get(URL).status_code == 405
    assert client.post(URL).status_code == 401
