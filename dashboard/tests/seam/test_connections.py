"""The page of linked accounts: how each stands, what it needs, and a part that fills by itself."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.tests.builders import make_account, make_code, make_lock
from seam_integration.models import ConnectWebview

PAGE, PART = reverse("connections"), reverse("connections-list")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"synced_at": "2026-06-01T11:58Z"}, "Linked"),
        ({"synced_at": "2026-06-01T11:58Z"}, "2 min ago"),
        ({}, "Reading its locks"),
        ({"synced_at": "2026-06-01T11:58Z", "sync_error": "Seam could not be read: 503."}, "Could not be read"),
        (
            {"synced_at": "2026-06-01T11:58Z", "sync_error": "Seam could not be read: 503."},
            "Seam could not be read: 503.",
        ),
        (
            {"synced_at": "2026-06-01T11:58Z", "errors": [{"error_code": "account_disconnected"}]},
            "No lock of it can be reached. Doors, stays and codes are kept.",
        ),
        ({"synced_at": "2026-06-01T11:58Z", "errors": [{"error_code": "brand_new"}]}, "Problem brand_new"),
        ({"synced_at": "2026-06-01T11:58Z", "warnings": [{"warning_code": "x", "message": "Slow."}]}, "Linked Slow."),
        ({"unlink_requested_at": "2026-06-01T11:58Z"}, "Unlinking 1 code of 1 still to come off its locks"),
        ({"provider": "", "display_name": ""}, "account"),
    ],
)
def test_each_account_says_how_it_stands(owner_client, organization, now, fields, shown):
    account = make_account(organization, **fields)
    make_code(make_lock(organization, account=account))
    page = words(owner_client.get(PAGE))
    assert shown in page
    assert "1 lock" in page


def test_locks_that_are_gone_are_not_counted(owner_client, organization, now):
    make_lock(organization)
    make_lock(organization, "Gone", vanished_at=now)
    assert "1 lock " in words(owner_client.get(PAGE))


@pytest.mark.parametrize(
    ("fields", "pace"),
    [({}, "3s"), ({"synced_at": "2026-06-01T11:58Z"}, "30s"), ({"unlink_requested_at": "2026-06-01T11:58Z"}, "3s")],
)
def test_part_asks_quickly_until_nothing_is_under_way(owner_client, organization, now, fields, pace):
    make_account(organization, **fields)
    for url in (PAGE, PART):
        assert f'hx-get="{PART}" hx-trigger="every {pace}"' in " ".join(owner_client.get(url).content.decode().split())


def test_part_that_refreshed_itself_brings_banners_along(owner_client, organization, now):
    make_account(organization, errors=[{"error_code": "account_disconnected"}])
    part = owner_client.get(PART)
    assert "jane@example.com is disconnected" in words(part)
    assert part.content.decode().count('id="banners"') == 1
    assert owner_client.get(PAGE).content.decode().count('id="banners"') == 1


def test_log_in_that_is_under_way_is_awaited(owner_client, owner, organization, now):
    ConnectWebview.objects.create(
        organization=organization, launched_by=owner, seam_id=f"{1:032x}", nonce_hash="x", launched_at=now
    )
    page = owner_client.get(PART)
    assert "Linking not finished. Started now by owner@example.org." in words(page)
    assert 'hx-trigger="every 3s"' in page.content.decode()


def test_what_linking_needs_is_said_before_it_is_tried(owner_client):
    page = words(owner_client.get(PAGE))
    assert "The email address and password of the Wyze account." in page
    assert "A Wyze API Key ID and API Key" in page


def test_who_may_only_look_gets_no_buttons_but_sentence(colleague_client, organization):
    assert "Your role does not allow you to link one. Ask an owner or manager." in words(colleague_client.get(PAGE))
    account = make_account(organization)
    page = colleague_client.get(PAGE).content.decode()
    for name in ("connection-reconnect", "connection-unlink"):
        assert reverse(name, args=[account.pk]) not in page


def test_unlinked_account_is_gone_from_page(owner_client, organization, now):
    make_account(organization, unlinked_at=now)
    assert "jane@example.com" not in words(owner_client.get(PAGE))


@pytest.mark.parametrize("url", [PAGE, PART])
def test_stranger_sees_none_of_it(stranger_client, organization, url):
    make_account(organization)
    assert "jane@example.com" not in words(stranger_client.get(url))


@pytest.mark.parametrize("url", [PAGE, PART])
def test_it_is_page_to_be_read(owner_client, url):
    assert owner_client.post(url).status_code == 405
