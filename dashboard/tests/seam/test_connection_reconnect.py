"""Reconnecting an account that dropped: every page says so, and doors, stays and codes are kept."""

import re

import pytest
from django.urls import reverse

from dashboard.tests.pages import title, words
from properties.codes import planning
from properties.models import AccessCode, ConnectedAccount, Door, Lock
from properties.tests.builders import make_account, make_door, make_lock, make_property, make_stay, make_unit
from seam_integration import tasks
from seam_integration.models import ConnectWebview
from seam_sandbox.tests.caller import query_of

DROPPED = [{"error_code": "account_disconnected", "message": "The account is disconnected."}]
PAGES = ["overview", "stays", "locks", "access-codes", "properties", "connections", "activity", "access-code-issue"]


def reconnect(pk: int) -> str:
    return reverse("connection-reconnect", args=[pk])


@pytest.fixture
def dropped(organization):
    return make_account(organization, errors=DROPPED)


def test_reconnecting_keeps_doors_stays_and_codes(seam, owner, owner_client, organization):
    account = seam.link_for(owner)
    unit = make_unit(make_property(organization))
    door = make_door(unit, seam.lock())
    stay = make_stay(unit, days_ahead=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    seam.work()
    before = AccessCode.objects.get(stay=stay)
    seam("/connected_accounts/simulate/disconnect", connected_account_id=str(account.seam_id))
    tasks.sync_all()
    assert "is disconnected" in words(owner_client.get(reverse("overview")))

    answer = owner_client.post(reconnect(account.pk))
    assert answer.status_code == 303
    back = query_of(seam.log_in(answer["Location"]).headers["Location"])
    page = owner_client.get(reverse("connect-webview-return"), back, follow=True)
    assert "jane@example.com is linked again. Its locks appear below." in words(page)
    assert "is disconnected" not in words(page)
    assert ConnectedAccount.objects.get().pk == account.pk
    assert Lock.objects.count() == 7
    assert Door.objects.get(pk=door.pk).lock == seam.lock()
    after = AccessCode.objects.get(stay=stay)
    assert (after.pin, after.seam_id, after.removed_at) == (before.pin, before.seam_id, None)


def test_another_login_does_not_take_place_of_account(seam, owner, owner_client):
    account = seam.link_for(owner)
    answer = owner_client.post(reconnect(account.pk))
    back = query_of(seam.log_in(answer["Location"], "other@example.com").headers["Location"])
    owner_client.get(reverse("connect-webview-return"), back)
    assert set(ConnectedAccount.objects.values_list("display_name", flat=True)) == {
        "jane@example.com",
        "other@example.com",
    }
    assert account.locks.count() == 7


def test_launch_knows_which_account_it_is_for(seam, owner, owner_client):
    account = seam.link_for(owner)
    owner_client.post(reconnect(account.pk))
    assert ConnectWebview.objects.get(status="pending").reconnects == account


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_banner_with_way_back(owner_client, dropped, name):
    page = owner_client.get(reverse(name))
    assert "jane@example.com is disconnected: none of its locks can be reached." in words(page)
    assert "Doors, stays and codes are kept." in words(page)
    assert f'action="{reconnect(dropped.pk)}"' in page.content.decode()


def test_banner_counts_stays_that_depend_on_it(owner_client, dropped, organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, account=dropped))
    make_stay(unit, days_ahead=1)
    make_stay(unit, "Ben Ito", days_ahead=6)
    assert "Affects 2 stays, the first from Tue 2 Jun, 16:00 PDT." in words(owner_client.get(reverse("locks")))


def test_disconnected_account_needs_attention(owner_client, dropped):
    assert re.match(r"\(\d+\) Locks", title(owner_client.get(reverse("locks"))))


def test_colleague_reads_banner_but_gets_no_button(colleague_client, dropped):
    page = colleague_client.get(reverse("overview"))
    assert "jane@example.com is disconnected" in words(page)
    assert reconnect(dropped.pk) not in page.content.decode()


def test_colleague_who_may_only_look_is_told_so(colleague_client, dropped):
    page = colleague_client.post(reconnect(dropped.pk))
    assert page.status_code == 403
    assert "does not allow you to link or unlink accounts" in words(page)


def test_stranger_gets_404_and_no_banner(stranger_client, dropped):
    assert stranger_client.post(reconnect(dropped.pk)).status_code == 404
    assert "jane@example.com" not in words(stranger_client.get(reverse("overview")))


def test_address_typed_by_hand_starts_nothing(owner_client, dropped):
    assert owner_client.get(reconnect(dropped.pk)).status_code == 405


def test_when_seam_is_away_page_says_so(seam, owner, owner_client):
    account = seam.link_for(owner)
    seam.break_down({"path": "/connect_webviews/create", "what": "empty_503"})
    page = owner_client.post(reconnect(account.pk), follow=True)
    assert "Seam could not open its log-in page" in words(page)
