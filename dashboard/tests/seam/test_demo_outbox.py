"""The demo's Outbox: every message as its receiver gets it; on a real workspace it does not exist."""

import pytest
from django.urls import reverse

from dashboard import demo
from dashboard.tests.pages import body, words
from outbox.models import Content, Message
from outbox.tests.drafts import posted
from properties.tests.builders import make_user

OUTBOX = reverse("sandbox-outbox")


@pytest.fixture
def on_demo(settings, db, now, monkeypatch):
    settings.SANDBOX_CLOCK, settings.SEAM_ENDPOINT = True, "http://127.0.0.1:1"
    monkeypatch.delenv("HOST", raising=False)


@pytest.fixture
def message(db, now) -> Message:
    return posted()


def addresses(message) -> list[str]:
    return [OUTBOX, *(reverse(name, args=[message.pk]) for name in ("sandbox-message", "sandbox-message-body"))]


def test_newcomer_reads_their_mail_without_log_in(client, on_demo, message):
    assert "A subject ana@example.org" in words(client.get(OUTBOX))
    page = client.get(reverse("sandbox-message", args=[message.pk]))
    assert "To ana@example.org, by email" in words(page)
    assert "frame-src 'self'" in page["Content-Security-Policy"]


def test_links_of_plain_mail_work(client, on_demo, message):
    page = client.get(reverse("sandbox-message-body", args=[message.pk]))
    assert '<a href="https://latchkey.example/secret-token">' in body(page)
    assert (page["X-Frame-Options"], page["Cache-Control"]) == (
        "SAMEORIGIN",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


def test_rich_mail_is_shown_without_scripts(client, on_demo):
    message = posted(content=Content("Rich", "plain", '<p style="color: red">rich</p><script>alert(1)</script>'))
    page = client.get(reverse("sandbox-message-body", args=[message.pk]))
    assert '<p style="color: red">rich</p>' in body(page)
    assert "script-src 'none'" in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "allow-scripts" not in body(client.get(reverse("sandbox-message", args=[message.pk])))


def test_bar_and_log_in_lead_there(client, owner_client, on_demo):
    for visitor, path in ((client, reverse("account_login")), (owner_client, reverse("overview"))):
        assert f'href="{OUTBOX}"' in body(visitor.get(path))


def test_without_sandbox_none_of_it_exists(client, owner_client, message):
    for path in addresses(message):
        assert client.get(path).status_code == owner_client.get(path).status_code == 404
    assert f'href="{OUTBOX}"' not in body(client.get(reverse("account_login")))


def test_open_demo_shows_mail_to_its_own_people_only(
    client, owner, owner_client, stranger_client, on_demo, message, monkeypatch
):
    monkeypatch.setenv("HOST", "192.0.2.7")
    make_user(demo.EMAIL, owner.organization)
    for path in addresses(message):
        assert client.get(path).status_code == stranger_client.get(path).status_code == 404
        assert owner_client.get(path).status_code == 200
