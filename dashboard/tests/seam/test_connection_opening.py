"""Seam that takes its time: the page does not wait, the worker goes on, and a page goes there by itself."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.urls import reverse

from dashboard.tests.pages import body, words
from seam_integration import clock, tasks
from seam_integration.accounts import connect_webviews
from seam_integration.api.client import SeamClient, SeamError
from seam_integration.models import ConnectWebview
from seam_integration.seam import seam_client

LINK = reverse("connection-link")


@pytest.fixture
def slow(monkeypatch):
    """Seam answers a page too late, and the worker in time. What each call was given to wait is noted."""
    waits: list[float] = []
    send = SeamClient._send

    def late(self: SeamClient, path: str, body: dict) -> requests.Response:
        if self._until is not None:
            waits.append(sum(self._timeouts()))
            self._session = Late()
        return send(self, path, body)

    monkeypatch.setattr(SeamClient, "_send", late)
    return waits


class Late(requests.Session):
    def post(self, *arguments: Any, **options: Any) -> requests.Response:
        raise requests.ReadTimeout


def opening(name: str = "connection-opening") -> str:
    return reverse(name, args=[ConnectWebview.objects.get().pk])


def test_page_waits_five_seconds_at_most(seam, owner_client, slow):
    owner_client.post(LINK)
    assert [round(seconds, 1) for seconds in slow] == [5.0]


def test_calls_share_seconds_of_page(seam):
    client = seam_client(within=0.0)
    with pytest.raises(SeamError, match="in time"):
        client.get_workspace()


def test_worker_goes_on_and_page_goes_there(seam, owner_client, slow):
    answer = owner_client.post(LINK)
    assert answer["Location"] == opening()
    part = owner_client.get(opening("connection-opening-state"))
    assert part["HX-Redirect"].startswith("http://seam.test/connect_webviews/view?")
    whole = owner_client.get(opening())
    assert (whole.status_code, whole["Location"]) == (303, part["HX-Redirect"])
    assert "no-store" in whole["Cache-Control"]


def test_page_asks_until_seam_answers(seam, owner_client, slow):
    seam.break_down({"path": "/connect_webviews/create", "what": "empty_503"})
    page = owner_client.post(LINK, follow=True)
    assert "Seam has not answered yet." in words(page)
    assert "every 2s" in body(page)
    assert "not finished" not in words(owner_client.get(reverse("connections")))
    seam.mend()
    tasks.sweep()
    assert "HX-Redirect" in owner_client.get(opening("connection-opening-state"))


def test_waiting_ends_after_minutes(seam, owner_client, slow):
    seam.break_down({"path": "/connect_webviews/create", "what": "empty_503"})
    owner_client.post(LINK)
    seam.pass_time("PT6M")
    tasks.sweep()
    page = owner_client.get(opening())
    assert "Seam did not open its log-in page." in words(page)
    assert "every 2s" not in body(page)


def test_page_that_was_not_gone_to_is_forgotten(seam, owner_client, slow):
    owner_client.post(LINK)
    assert ConnectWebview.objects.get().page_encrypted
    connect_webviews.forget_pages(clock.now() + timedelta(minutes=6))
    webview = ConnectWebview.objects.get()
    assert (webview.page_encrypted, webview.way_back_encrypted) == ("", "")
    assert "This log-in was opened before." in words(owner_client.get(opening()))


def test_only_who_asked_is_sent_there(seam, owner_client, colleague_client, stranger_client, slow):
    owner_client.post(LINK)
    for name in ("connection-opening", "connection-opening-state"):
        assert colleague_client.get(opening(name)).status_code == 403
        assert stranger_client.get(opening(name)).status_code == 404


def test_return_does_not_wait_for_seam(seam, owner, owner_client, slow):
    connect_webviews.launch(
        owner,
        "http://testserver/connections/return/",
        clock.now(),
        seam_client(),
    )
    (remote,) = seam("/connect_webviews/list")["connect_webviews"]
    seam.log_in(remote["url"])
    page = owner_client.get(remote["custom_redirect_url"], follow=True)
    assert "we keep asking, and the locks will appear by themselves." in words(page)
    assert "7 locks" in words(owner_client.get(reverse("connections")))
