"""One lock's page: its readings, what it can do and why not, its codes, its events, its batteries over time."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import title, words
from properties.models import Activity, BatteryReading
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_unit, other_code


def page_of(client, lock):
    return client.get(reverse("lock", args=[lock.pk]))


BOLT = {"can_lock": None, "can_unlock": None, "can_program_codes": None, "has_keypad": None}
FRAGMENTS = ["lock-state", "lock-codes", "lock-events"]


def test_page_tells_readings_door_and_account(owner_client, organization, now):
    lock = make_lock(
        organization, read_at=now - timedelta(minutes=5), heard_at=now - timedelta(hours=3), time_zone="Europe/Berlin"
    )
    make_door(make_unit(make_property(organization)), lock)
    page = page_of(owner_client, lock)
    assert title(page).endswith("Front Door · Latchkey")
    shown = words(page)
    assert "Lake House · Front door · Whole home" in shown
    assert "The lock itself was heard 3 h ago" in shown
    assert "85% 5 min ago" in shown
    assert "50 of 50 free" in shown
    assert "4, 5, 6, 7, 8" in shown
    assert "jane@example.com" in shown


def test_lock_that_can_do_everything_says_yes_three_times(owner_client, organization):
    page = page_of(owner_client, make_lock(organization))
    assert [why for _, why in page.context["capabilities"]] == ["", "", ""]
    assert reverse("lock-unlock", args=[page.context["lock"].pk]) in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            BOLT,
            "This lock cannot be moved remotely. A Wyze Lock Bolt has Bluetooth only: use the Wyze app at the door.",
        ),
        (BOLT, "This lock takes no codes over the air. A Wyze Lock Bolt has Bluetooth only"),
        (
            {"can_program_codes": False, "has_keypad": False},
            "No keypad is connected. Pair a Wyze keypad with this lock",
        ),
        (
            {"can_unlock": False, "errors": [{"error_code": "hub_disconnected", "message": "The hub sleeps."}]},
            "Not possible right now. The hub sleeps.",
        ),
        ({"can_unlock": False}, "Not possible right now. Check that its gateway has power and internet."),
        ({"is_managed": False}, "This lock is not managed through Seam."),
        ({"vanished_at": "2026-05-01T00:00Z"}, "This lock is no longer in the linked account."),
    ],
)
def test_what_it_cannot_do_has_reason(owner_client, organization, fields, reason):
    assert reason in words(page_of(owner_client, make_lock(organization, **fields)))


def test_lock_that_cannot_be_moved_has_no_buttons_for_it(owner_client, organization):
    lock = make_lock(organization, **BOLT)
    html = page_of(owner_client, lock).content.decode()
    assert f'action="{reverse("lock-lock", args=[lock.pk])}"' not in html
    assert reverse("lock-unlock", args=[lock.pk]) not in html
    assert f"{reverse('access-code-issue')}?lock=" not in html


def test_lock_that_only_locks_says_why_it_does_not_unlock(owner_client, organization):
    lock = make_lock(organization, can_unlock=None)
    page = page_of(owner_client, lock)
    assert f'action="{reverse("lock-lock", args=[lock.pk])}"' in page.content.decode()
    assert reverse("lock-unlock", args=[lock.pk]) not in page.content.decode()


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        (
            {"errors": [{"error_code": "hub_disconnected", "message": "x"}]},
            "The gateway is offline. New codes and changes wait",
        ),
        (
            {"errors": [{"error_code": "brand_new", "message": "All is odd."}]},
            "All is odd. Latchkey does not know what it means for a guest.",
        ),
        ({"warnings": [{"warning_code": "brand_new"}]}, "Seam reports “brand_new”."),
        ({"device_type": "lock_of_tomorrow"}, "(lock_of_tomorrow)"),
    ],
)
def test_problems_and_types_that_nobody_knows_are_shown_too(owner_client, organization, problem, shown):
    assert shown in words(page_of(owner_client, make_lock(organization, **problem)))


def test_unknown_values_are_called_unknown(owner_client, organization, now):
    lock = make_lock(
        organization,
        is_locked=None,
        locked_at=now - timedelta(hours=2),
        is_online=None,
        battery_level=None,
        battery_status="",
        battery_at=None,
        code_lengths=[],
        code_capacity=None,
        read_at=None,
    )
    shown = words(page_of(owner_client, lock))
    assert "Unknown last known 2 h ago" in shown
    assert "read never" in shown
    assert "Code places Unknown" in shown
    assert "PIN lengths Unknown" in shown
    assert "Model Unknown (type unknown)" in shown
    assert "No battery level was read yet" in shown


def test_its_codes_are_listed_those_that_hold_place_first(owner_client, organization, now):
    lock = make_lock(organization)
    make_code(lock, "Long gone", pin="561728", removed_at=now - timedelta(days=8))
    make_code(lock, "Just gone", pin="739184", removed_at=now - timedelta(days=1))
    make_code(lock, "Coming", pin="482917")
    page = page_of(owner_client, lock)
    assert [code.holder_name for code in page.context["codes"]] == ["Coming", "Just gone"]
    assert "482917" not in page.content.decode()


def test_codes_that_were_not_made_here_are_shown_apart(owner_client, organization):
    lock = make_lock(organization, other_codes=[other_code("Cleaner"), other_code("")])
    shown = words(page_of(owner_client, lock))
    assert "Cleaner PIN unknown to us." in shown
    assert "Without a name" in shown
    assert "48 of 50 free" in shown


def test_page_with_newest_event_gets_nothing(owner_client, organization, now):
    lock = make_lock(organization)
    ask = newest_url(page_of(owner_client, lock))
    assert owner_client.get(ask).status_code == 204
    # Told late: what happened last is not what was told last.
    Activity.record(organization.pk, now - timedelta(days=1), "lock.locked", "Heard late", lock=lock)
    part = owner_client.get(ask)
    assert "Heard late" in words(part)
    assert owner_client.get(newest_url(part)).status_code == 204


def newest_url(page) -> str:
    return re.search(r'hx-get="([^"]*events/[^"]*)"', page.content.decode())[1]


def test_last_fifty_events_are_listed_newest_first(owner_client, organization, now):
    lock = make_lock(organization)
    for minute in range(60):
        about = {"lock": lock, "source": "Seam", "certainty": "reported"}
        Activity.record(organization.pk, now - timedelta(minutes=minute), "lock.locked", f"Event {minute}", **about)
    events = page_of(owner_client, lock).context["events"]
    assert [entry.text for entry in events] == [f"Event {minute}" for minute in range(50)]
    assert "Reported by Seam" in words(page_of(owner_client, lock))


def test_battery_history_is_drawn_and_can_be_read_as_table(owner_client, organization, now):
    lock = make_lock(organization)
    for days, level in ((100, 0.99), (3, 0.8), (2, 0.75)):
        BatteryReading.objects.create(lock=lock, level=level, at=now - timedelta(days=days))
    page = page_of(owner_client, lock)
    assert "<svg" in page.content.decode()
    assert "80%" in words(page)
    assert "99%" not in words(page)


def test_pause_after_failures_is_said_with_its_reason(owner_client, organization, now):
    lock = make_lock(organization, breaker_until=now + timedelta(hours=1), last_failure="503 : Seam answered 503")
    page = page_of(owner_client, lock)
    assert "Paused after repeated failures, until Mon 1 Jun 2026, 13:00 UTC. 503 : Seam answered 503" in words(page)
    assert reverse("lock-resume", args=[lock.pk]) in page.content.decode()


def test_who_may_only_look_gets_no_buttons_but_sentence(colleague_client, organization, now):
    lock = make_lock(organization, breaker_until=now)
    page = page_of(colleague_client, lock)
    assert "Your role does not allow you to lock and unlock doors." in words(page)
    for name in ("lock-lock", "lock-unlock", "lock-resume"):
        assert reverse(name, args=[lock.pk]) not in page.content.decode()


@pytest.mark.parametrize("name", FRAGMENTS)
def test_each_part_refreshes_itself(owner_client, organization, name):
    lock = make_lock(organization)
    url = reverse(name, args=[lock.pk])
    assert f'hx-get="{url}' in page_of(owner_client, lock).content.decode()
    part = owner_client.get(url).content.decode()
    assert part.count("<section") == 1
    assert f'id="{name}"' in part
    assert f'hx-get="{url}' in part


def test_refreshed_fragment_says_why_no_code_fits(owner_client, organization):
    lock = make_lock(organization, **BOLT)
    part = owner_client.get(reverse("lock-codes", args=[lock.pk]))
    assert "This lock takes no codes over the air." in words(part)
    assert "Issue code" not in words(part)


@pytest.mark.parametrize("name", ["lock", *FRAGMENTS])
def test_stranger_gets_404(stranger_client, organization, name):
    assert stranger_client.get(reverse(name, args=[make_lock(organization).pk])).status_code == 404


@pytest.mark.parametrize("name", ["lock", *FRAGMENTS])
def test_it_is_page_to_be_read(owner_client, organization, name):
    assert owner_client.post(reverse(name, args=[make_lock(organization).pk])).status_code == 405
