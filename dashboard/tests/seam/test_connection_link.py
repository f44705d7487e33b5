"""Linking an account: the button leads to Seam's log-in page, and the way there works for this person only."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from seam_integration.models import ConnectWebview

LINK = reverse("connection-link")


def test_button_leads_to_log_in_page_of_seam(seam, owner_client, organization):
    answer = owner_client.post(LINK)
    assert answer.status_code == 303
    assert answer["Location"].startswith("http://seam.test/connect_webviews/view?")
    assert "no-store" in answer["Cache-Control"]
    launch = ConnectWebview.objects.get()
    (remote,) = seam("/connect_webviews/list")["connect_webviews"]
    assert (str(launch.seam_id), launch.status) == (remote["connect_webview_id"], "pending")
    assert remote["accepted_providers"] == ["wyze"]
    assert remote["wait_for_device_creation"] is True
    assert remote["customer_key"] == organization.customer_key
    assert remote["custom_redirect_url"].startswith("http://testserver/connections/return/?state=")


def test_log_in_address_and_nonce_are_not_kept(seam, owner_client):
    secret = owner_client.post(LINK)["Location"].rpartition("auth_token=")[2]
    (remote,) = seam("/connect_webviews/list")["connect_webviews"]
    state = remote["custom_redirect_url"].rpartition("state=")[2]
    kept = " ".join(map(str, ConnectWebview.objects.values_list()[0]))
    assert secret not in kept
    assert state.split(":")[0] not in kept


@pytest.mark.parametrize("fault", [{"what": "empty_503"}, {"what": "reset"}, {"what": "html"}, {"what": "cut_off"}])
def test_nothing_is_written_when_seam_is_away(seam, owner_client, fault):
    seam.break_down({"path": "/connect_webviews/create", **fault})
    page = owner_client.post(LINK, follow=True)
    assert page.redirect_chain == [(reverse("connections"), 302)]
    assert "Seam could not open its log-in page" in words(page)
    assert "Try again in a minute." in words(page)
    assert not ConnectWebview.objects.exists()


def test_address_typed_by_hand_starts_nothing(owner_client):
    assert owner_client.get(LINK).status_code == 405


def test_colleague_who_may_only_look_is_told_so(colleague_client):
    page = colleague_client.post(LINK)
    assert page.status_code == 403
    assert "Your role does not allow you to link or unlink accounts. Ask an owner." in words(page)


@pytest.mark.parametrize(
    "name", ["overview", "stays", "access-codes", "properties", "activity", "locks", "connections"]
)
def test_button_is_on_every_page_while_nothing_is_linked(owner_client, name):
    page = owner_client.get(reverse(name))
    assert f'action="{LINK}"' in page.content.decode()
    assert "Link a Wyze account" in words(page)


@pytest.mark.parametrize(
    "name", ["overview", "stays", "access-codes", "properties", "activity", "locks", "connections"]
)
def test_who_may_not_link_gets_no_button(colleague_client, name):
    assert f'action="{LINK}"' not in colleague_client.get(reverse(name)).content.decode()


def test_log_in_that_is_under_way_is_named_with_its_person(seam, owner_client):
    owner_client.post(LINK)
    assert "Linking not finished" in words(owner_client.get(reverse("connections")))
