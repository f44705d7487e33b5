"""History: who or what did what, how sure we are, newest first, page by page."""

from datetime import timedelta

from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Activity
from properties.tests.builders import make_lock

HISTORY = reverse("activity")


def test_an_entry_tells_who_when_and_how_we_know(owner_client, owner, organization, now):
    lock = make_lock(organization)
    Activity.record(organization.pk, now - timedelta(hours=2), "lock.unlock_requested", "Unlock sent", actor=owner)
    seam = {"lock": lock, "source": "Seam", "certainty": "reported"}
    Activity.record(organization.pk, now - timedelta(minutes=3), "lock.unlocked", "Front Door was unlocked", **seam)
    page = words(owner_client.get(HISTORY))
    assert "Unlock sent 2 h ago owner@example.org · Done here" in page
    assert "Front Door was unlocked 3 min ago Seam · Reported by Seam" in page
    assert page.index("Front Door was unlocked") < page.index("Unlock sent")


def test_an_unknown_kind_is_shown_too(owner_client, organization, now):
    Activity.record(organization.pk, now, "device.from_the_future", "Front Door: from the future")
    assert "Front Door: from the future" in words(owner_client.get(HISTORY))


def test_a_long_history_comes_in_pages(owner_client, organization, now):
    for n in range(101):
        Activity.record(organization.pk, now - timedelta(minutes=n), "lock.locked", f"Event {n}")
    page = owner_client.get(HISTORY, {"page": "2"})
    assert [entry.text for entry in page.context["page"]] == ["Event 100"]
    assert "101–101 of 101 entries" in words(page)


def test_what_people_type_cannot_bring_markup_in(owner_client, organization, now):
    Activity.record(organization.pk, now, "code.revoked", "Code revoked: <img src=x>")
    assert "<img" not in owner_client.get(HISTORY).content.decode()


def test_an_empty_history_says_what_to_do_next(owner_client):
    assert "Link an account or add a stay, and each step is written down here." in words(owner_client.get(HISTORY))


def test_a_stranger_sees_none_of_it(stranger_client, organization, now):
    Activity.record(organization.pk, now, "lock.locked", "Front Door was locked")
    assert "Front Door" not in words(stranger_client.get(HISTORY))


def test_it_is_a_page_to_be_read(owner_client):
    assert owner_client.post(HISTORY).status_code == 405
