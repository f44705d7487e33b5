"""Coming back from Seam's log-in page: whatever happened there has a sentence of its own and loses nothing."""

import time_machine
from django.test import Client
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import ConnectedAccount, Lock
from seam_integration import tasks
from seam_integration.models import ConnectWebview
from seam_sandbox.tests.caller import query_of

BACK = reverse("connect-webview-return")


def launch(client) -> str:
    return client.post(reverse("connection-link"))["Location"]


def way_back(seam, client, **credentials) -> dict[str, str]:
    """A person logs in at Seam; what its redirect carries."""
    answer = seam.log_in(launch(client), **credentials)
    assert answer.status_code == 303, answer.text
    return query_of(answer.headers["Location"])


def test_after_good_log_in_locks_are_there(seam, owner_client, organization):
    page = owner_client.get(BACK, way_back(seam, owner_client), follow=True)
    assert page.redirect_chain == [(reverse("connections"), 302)]
    assert "jane@example.com is linked. Its locks appear below." in words(page)
    assert "7 locks" in words(page)
    assert ConnectedAccount.objects.get().organization == organization
    assert Lock.objects.for_user(page.context["user"]).count() == 7


def test_page_fills_by_itself_until_locks_are_read(seam, owner_client):
    seam.break_down({"path": "/devices/list", "what": "empty_503"})
    page = owner_client.get(BACK, way_back(seam, owner_client), follow=True)
    assert "Reading its locks" in words(page)
    assert f'hx-get="{reverse("connections-list")}" hx-trigger="every 3s"' in " ".join(page.content.decode().split())
    seam.mend()
    tasks.sweep()
    settled = owner_client.get(reverse("connections-list"))
    assert "7 locks" in words(settled)
    assert 'hx-trigger="every 30s"' in settled.content.decode()


def test_refused_log_in_stays_at_seam_and_second_try_works(seam, owner_client):
    url = launch(owner_client)
    assert seam.log_in(url, password="wrong").status_code == 422
    assert "not finished" in words(owner_client.get(reverse("connections")))
    back = query_of(seam.log_in(url).headers["Location"])
    assert "jane@example.com is linked." in words(owner_client.get(BACK, back, follow=True))


def test_cancelled_log_in_links_nothing(seam, owner_client):
    page = owner_client.get(BACK, way_back(seam, owner_client, action="cancel"), follow=True)
    assert "The log-in was cancelled or refused. Nothing was linked. You can try again." in words(page)
    assert not ConnectedAccount.objects.exists()
    assert "not finished" not in words(page)


def test_log_in_that_is_not_finished_says_so(seam, owner_client):
    url = launch(owner_client)
    (remote,) = seam("/connect_webviews/list")["connect_webviews"]
    page = owner_client.get(BACK, query_of(remote["custom_redirect_url"]), follow=True)
    assert "The log-in is not finished yet. Finish it in its window; the locks will appear here." in words(page)
    seam.log_in(url)
    assert "jane@example.com is linked." in words(
        owner_client.get(BACK, query_of(remote["custom_redirect_url"]), follow=True)
    )


def test_log_in_that_nobody_finished_within_day_has_expired(seam, owner_client):
    launch(owner_client)
    (remote,) = seam("/connect_webviews/list")["connect_webviews"]
    seam.pass_time("P1DT1H")
    page = owner_client.get(BACK, query_of(remote["custom_redirect_url"]), follow=True)
    assert "This log-in has expired. Start a new one." in words(page)
    assert not ConnectWebview.objects.filter(status="pending").exists()


def test_log_in_that_seam_no_longer_knows_has_expired(seam, owner_client):
    back = way_back(seam, owner_client, action="cancel")
    seam("/connect_webviews/delete", connect_webview_id=back["connect_webview_id"])
    page = owner_client.get(BACK, back, follow=True)
    assert "Seam does not know this log-in at the moment." in words(page)
    seam.pass_time("PT5M")
    page = owner_client.get(BACK, back, follow=True)
    assert "Mon 1 Jun 2026, 12:00 UTC and again at Mon 1 Jun 2026, 12:05 UTC, so it has expired." in words(page)


def test_log_in_that_seam_did_not_know_once_is_linked(seam, owner_client):
    back = way_back(seam, owner_client)
    seam.break_down({"path": "/connect_webviews/get", "what": "misreport", "status": 404, "times": 1})
    owner_client.get(BACK, back)
    seam.mend()
    page = owner_client.get(BACK, back, follow=True)
    assert "jane@example.com is linked." in words(page)
    assert ConnectWebview.objects.get().missing_at is None


def test_way_back_walked_two_days_late_still_tells_how_it_went(seam, owner_client):
    back = way_back(seam, owner_client)
    with time_machine.travel("2030-01-01", tick=False):
        client = Client()
        client.force_login(ConnectWebview.objects.get().launched_by)
        page = client.get(BACK, back, follow=True)
    assert "jane@example.com is linked." in words(page)


def test_opened_twice_second_time_changes_nothing(seam, owner_client):
    back = way_back(seam, owner_client)
    owner_client.get(BACK, back)
    page = owner_client.get(BACK, back, follow=True)
    assert "This log-in was finished before. Here is what is linked." in words(page)
    assert ConnectedAccount.objects.count() == 1


def test_stranger_links_nothing_on_return(seam, owner_client, stranger_client):
    back = way_back(seam, owner_client)
    page = stranger_client.get(BACK, back, follow=True)
    assert "started by a person of another organization, so nothing was linked here" in words(page)
    assert not ConnectedAccount.objects.exists()
    assert "jane@example.com is linked." in words(owner_client.get(BACK, back, follow=True))
    assert "jane@example.com" not in words(stranger_client.get(reverse("connections")))


def test_account_of_another_organization_cannot_be_taken(seam, owner, owner_client, stranger_client):
    seam.link_for(owner)
    answer = seam.log_in(launch(stranger_client))
    assert answer.status_code == 422
    assert "already linked by another customer" in answer.text


def test_without_browser_that_comes_back_sweep_finishes_it(seam, owner_client):
    way_back(seam, owner_client)
    assert not ConnectedAccount.objects.exists()
    tasks.sweep()
    page = words(owner_client.get(reverse("connections")))
    assert "jane@example.com" in page
    assert "7 locks" in page
    assert "not finished" not in page


def test_webhook_finishes_without_browser(seam, owner_client):
    seam.register_webhook()
    way_back(seam, owner_client)
    seam.work()
    assert Lock.objects.count() == 7


def test_return_after_sweep_is_no_failure(seam, owner_client):
    back = way_back(seam, owner_client)
    tasks.sweep()
    page = owner_client.get(BACK, back, follow=True)
    assert "jane@example.com is linked. Its locks appear below." in words(page)


def test_when_seam_is_away_nothing_is_lost(seam, owner_client):
    back = way_back(seam, owner_client)
    seam.break_down({"path": "/connect_webviews/get", "what": "empty_503"})
    page = owner_client.get(BACK, back, follow=True)
    assert "Nothing is lost: we keep asking, and the locks will appear by themselves." in words(page)
    seam.mend()
    tasks.sweep()
    assert "7 locks" in words(owner_client.get(reverse("connections")))


def test_address_that_was_made_up_links_nothing(seam, owner_client):
    back = way_back(seam, owner_client)
    made_up = [{}, {"state": "made-up"}, {"state": "a\0b"}, back | {"state": back["state"] + "x"}]
    for query in [*made_up, back | {"connect_webview_id": "11111111-1111-4111-8111-111111111111"}]:
        page = owner_client.get(BACK, query, follow=True)
        assert "This link back from the log-in is not one of ours. Start again from here." in words(page)
    assert not ConnectedAccount.objects.exists()


def test_what_address_claims_is_not_believed(seam, owner_client):
    """An error in the address does not fail a log-in that went well."""
    back = way_back(seam, owner_client) | {"error_code": "user_cancelled"}
    assert "jane@example.com is linked." in words(owner_client.get(BACK, back, follow=True))


def test_colleague_who_may_only_look_is_told_so(colleague_client):
    assert colleague_client.get(BACK).status_code == 403


def test_it_is_page_to_be_read(owner_client):
    assert owner_client.post(BACK).status_code == 405
