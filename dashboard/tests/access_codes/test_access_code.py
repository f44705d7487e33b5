"""One code's page: its window, its way with times and sources, what is the matter, and what can be done."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import title, words
from properties.models import AccessCode
from properties.models.stays import Window
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit

ACTIONS = ["access-code-change", "access-code-reissue", "access-code-revoke"]


def url(code, name: str = "access-code") -> str:
    return reverse(name, args=[code.pk])


def steps_of(page) -> dict[str, str]:
    return {step.name: step.status for step in page.context["steps"]}


@pytest.fixture
def lock(organization, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    return lock


def test_window_is_given_in_local_time_and_in_utc(owner_client, lock):
    page = owner_client.get(url(make_code(lock)))
    assert title(page).endswith("Code for Anna Schmidt · Latchkey")
    shown = words(page)
    assert "From Thu 11 Jun 2026, 05:00 PDT Thu 11 Jun 2026, 12:00 UTC" in shown
    assert "Until Thu 18 Jun 2026, 05:00 PDT Thu 18 Jun 2026, 12:00 UTC" in shown
    assert "Lake House · Front door" in shown


def test_each_step_has_its_time_and_source(seam, owner, owner_client):
    seam.link_for(owner)
    seam.register_webhook()
    window = Window(seam.now_at + timedelta(hours=1), seam.now_at + timedelta(hours=5))
    code = make_code(seam.lock(), window=window, now=seam.now_at)
    seam.pass_time("PT2M", times=3)
    page = owner_client.get(url(code))
    assert steps_of(page) == {
        "Planned": "done",
        "Accepted": "done",
        "On the lock": "done",
        "Live": "waiting",
        "Used": "waiting",
        "Removed": "waiting",
    }
    on_lock = page.context["steps"][2]
    assert on_lock.source.startswith("event ")
    assert "On the lock : done" in words(page)
    assert f'title="{on_lock.source}"' in page.content.decode()
    assert "Code for Anna Schmidt is on Lake House Front Door" in words(page)


def test_code_far_ahead_says_when_it_will_be_put_on_lock(owner_client, lock, now):
    code = make_code(lock, seam_id="11111111-1111-4111-8111-111111111111", accepted_at=now, create_sent_at=now)
    AccessCode.objects.update(seam_starts_at=code.starts_at, seam_ends_at=code.ends_at, observed_at=now)
    shown = words(owner_client.get(url(code)))
    assert "Seam puts it on the lock about 72 hours ahead: Mon 8 Jun 2026, 05:00 PDT." in shown


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"rejected_at": "now", "rejection": "Seam refused: too many."}, "Refused"),
        ({"rejected_at": "now", "rejection": "Seam refused: too many."}, "Seam refused: too many."),
        ({"created_at": "old", "starts_at": "old"}, "Not on the lock"),
        ({"created_at": "old", "starts_at": "old"}, "Open the door from here for the guest"),
        ({"revoked_at": "old", "seam_id": "x"}, "Ended, removal not proved"),
        ({"revoked_at": "old", "seam_id": "x"}, "it may still open the door"),
    ],
)
def test_failure_is_said_with_what_to_do_and_button(owner_client, lock, now, fields, shown):
    values = {
        "now": now,
        "old": now - timedelta(hours=1),
        "x": "11111111-1111-4111-8111-111111111111",
    }
    code = make_code(lock, **{name: values.get(value, value) for name, value in fields.items()})
    page = owner_client.get(url(code))
    assert shown in words(page)
    assert f'action="{url(code, "access-code-retry")}"' in page.content.decode()


def test_unknown_error_shows_seams_words(owner_client, lock):
    code = make_code(lock, errors=[{"error_code": "brand_new", "message": "All is odd."}], warnings=[{"x": 1}])
    shown = words(owner_client.get(url(code)))
    assert "All is odd. Latchkey does not know what it means for a guest." in shown
    assert "Seam reports “a problem”." in shown


def test_code_of_stay_leads_to_stay(owner_client, lock):
    stay = make_stay(lock.door.units.get())
    page = owner_client.get(url(make_code(lock, stay=stay)))
    assert "The code follows the stay: change its dates there." in words(page)
    assert reverse("stay", args=[stay.pk]) in page.content.decode()


def test_actions_are_offered_while_code_runs(owner_client, lock, now):
    running = make_code(lock)
    over = make_code(lock, "Gone", pin="739184", revoked_at=now, removed_at=now)
    for name in ACTIONS:
        assert url(running, name) in owner_client.get(url(running)).content.decode()
        assert url(over, name) not in owner_client.get(url(over)).content.decode()


def test_reason_of_revocation_is_shown(owner_client, lock, now):
    code = make_code(lock, revoked_at=now, revoke_reason="Left early")
    assert "Left early" in words(owner_client.get(url(code)))


def test_who_may_only_look_gets_no_buttons(colleague_client, lock, now):
    code = make_code(lock, rejected_at=now, rejection="No.")
    page = colleague_client.get(url(code))
    assert "Your role does not allow you to see PINs." in words(page)
    for name in [*ACTIONS, "access-code-retry", "access-code-reveal"]:
        assert url(code, name) not in page.content.decode()


def test_pin_is_masked(owner_client, lock):
    page = owner_client.get(url(make_code(lock)))
    assert "482917" not in page.content.decode()
    assert 'aria-label="PIN hidden"' in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "pace"), [({}, "every 3s"), ({"revoked_at": "now", "removed_at": "now"}, "every 30s")]
)
def test_part_asks_quickly_until_code_is_settled(owner_client, lock, now, fields, pace):
    code = make_code(lock, **dict.fromkeys(fields, now))
    part = " ".join(owner_client.get(url(code, "access-code-state")).content.decode().split())
    assert f'hx-get="{url(code, "access-code-state")}" hx-trigger="{pace}"' in part
    assert part.lstrip().count("<section") == 1
    assert 'id="code-state"' in part


@pytest.mark.parametrize(("minutes", "pace"), [(10, "every 30s"), (-1, "every 3s")])
def test_fragment_polls_quickly_until_live(owner_client, lock, now, minutes, pace):
    window = Window(now + timedelta(minutes=minutes), now + timedelta(hours=5))
    code = make_code(lock, window=window, seam_id="11111111-1111-4111-8111-111111111111", on_lock_at=now)
    AccessCode.objects.update(seam_starts_at=code.starts_at, seam_ends_at=code.ends_at, observed_at=now)
    page = owner_client.get(url(code, "access-code-state"))
    assert "On the lock" in words(page)
    assert f'hx-trigger="{pace}"' in page.content.decode()


@pytest.mark.parametrize("name", ["access-code", "access-code-state", "access-code-pin"])
def test_stranger_gets_404(stranger_client, lock, name):
    assert stranger_client.get(url(make_code(lock), name)).status_code == 404


@pytest.mark.parametrize("name", ["access-code", "access-code-state", "access-code-pin"])
def test_it_is_page_to_be_read(owner_client, lock, name):
    assert owner_client.post(url(make_code(lock), name)).status_code == 405
