"""Unlocking a door: asked once, sent once, and never called done before the lock has confirmed it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import Activity, Lock, LockCommand
from properties.tests.builders import make_lock
from seam_integration import tasks
from seam_integration.locks import commands
from seam_integration.seam import seam_client

YES = {"confirmed": "yes"}


def unlock(lock) -> str:
    return reverse("lock-unlock", args=[lock.pk])


def state_of(client, lock):
    return client.get(reverse("lock-state", args=[lock.pk]))


def steps_of(client, lock) -> dict[str, str]:
    return {step.name: step.status for step in state_of(client, lock).context["steps"]}


@pytest.fixture
def door(seam, owner):
    """A locked lock."""
    seam.link_for(owner)
    seam.set_device(str(seam.lock().seam_id), locked=True)
    tasks.sync_all()
    return seam.lock()


def follow(seam, seconds: int) -> None:
    """What the worker does every two seconds, after so many of them."""
    seam.pass_time(f"PT{seconds}S")


def test_question_comes_first_and_moves_nothing(owner_client, organization):
    lock = make_lock(organization)
    page = words(owner_client.get(unlock(lock)))
    assert "Unlock Front Door?" in page
    assert "will open for whoever is in front of it. It is recorded that you did this." in page
    assert not LockCommand.objects.exists()


def test_without_confirmation_question_comes_back(owner_client, organization):
    lock = make_lock(organization)
    page = owner_client.post(unlock(lock))
    assert "Unlock now" in words(page)
    assert not LockCommand.objects.exists()


def test_sent_received_confirmed(seam, owner_client, door):
    page = owner_client.post(unlock(door), YES, follow=True)
    assert page.redirect_chain == [(reverse("lock", args=[door.pk]), 302)]
    assert steps_of(owner_client, door) == {
        "Sent": "done",
        "Received by Seam": "done",
        "Confirmed by the lock": "current",
    }
    assert "received by Seam, waiting for the lock" in words(page)
    door.refresh_from_db()
    assert door.is_locked is True

    follow(seam, 10)
    assert steps_of(owner_client, door)["Confirmed by the lock"] == "done"
    door.refresh_from_db()
    assert door.is_locked is False
    assert "Unlocked" in words(state_of(owner_client, door))
    told = Activity.objects.filter(lock=door, kind__startswith="lock.unlock_").newest_first()
    assert [entry.text for entry in told] == [
        "Unlock Lake House Front Door: confirmed by the lock",
        "Unlock sent to Lake House Front Door",
    ]
    assert str(told[1].actor) == "owner@example.org"


def test_part_asks_every_second_while_command_is_under_way(seam, owner_client, door):
    owner_client.post(unlock(door), YES)
    busy = state_of(owner_client, door).content.decode()
    assert 'hx-trigger="every 1s"' in busy
    assert busy.count("disabled") == 2
    follow(seam, 10)
    calm = state_of(owner_client, door).content.decode()
    assert 'hx-trigger="every 20s"' in calm
    assert "disabled" not in calm


@pytest.mark.parametrize(
    ("quirk", "last_step", "reason"),
    [
        (
            {"unconfirmed": True},
            "Not confirmed: check the door",
            "The lock got it but did not confirm. Check the door.",
        ),
        ({"never_resolves": True}, "Not confirmed: check the door", "The lock did not answer in time. Check the door."),
        ({"jams": True}, "Failed", ""),
    ],
)
def test_what_is_not_confirmed_is_never_called_done(seam, owner_client, door, quirk, last_step, reason):
    seam.set_device(str(door.seam_id), **quirk)
    owner_client.post(unlock(door), YES)
    follow(seam, 10)
    follow(seam, 100)
    steps = steps_of(owner_client, door)
    assert steps[last_step] == "failed"
    assert "Confirmed by the lock" not in steps
    assert reason in words(state_of(owner_client, door))
    assert LockCommand.objects.get().reason


@pytest.mark.parametrize(
    ("fault", "last_step", "reason"),
    [
        ({"what": "status", "status": 400}, "Failed", "Seam refused: "),
        ({"what": "empty_503"}, "Not confirmed: check the door", "Seam gave no answer, so we cannot know."),
        ({"what": "answer_lost"}, "Not confirmed: check the door", "Seam gave no answer, so we cannot know."),
    ],
)
def test_when_seam_does_not_take_it_page_says_so(seam, owner_client, door, fault, last_step, reason):
    seam.break_down({"path": "/locks/unlock_door", **fault})
    page = owner_client.post(unlock(door), YES, follow=True)
    assert steps_of(owner_client, door)[last_step] == "failed"
    assert reason in words(page)


def test_answer_that_was_lost_leaves_bolt_unknown(seam, owner_client, door):
    seam.break_down({"path": "/locks/unlock_door", "what": "answer_lost"})
    Lock.objects.filter(pk=door.pk).update(locked_at=seam.now_at - timedelta(hours=1))
    owner_client.post(unlock(door), YES)
    door.refresh_from_db()
    assert door.is_locked is None
    assert "Unknown" in words(state_of(owner_client, door))


def test_double_click_is_one_command(seam, owner_client, door):
    owner_client.post(unlock(door), YES)
    owner_client.post(unlock(door), YES)
    assert LockCommand.objects.count() == 1
    assert seam.calls()["/locks/unlock_door"] == 1


def test_task_that_runs_twice_moves_bolt_once(seam, owner_client, door):
    owner_client.post(unlock(door), YES)
    tasks.operate_lock(LockCommand.objects.get().pk)
    assert seam.calls()["/locks/unlock_door"] == 1


def test_lock_while_unlock_is_under_way_has_to_wait(seam, owner_client, door):
    owner_client.post(unlock(door), YES)
    page = owner_client.post(reverse("lock-lock", args=[door.pk]), follow=True)
    assert "“Unlock” is still under way. Wait for its outcome." in words(page)
    assert "/locks/lock_door" not in seam.calls()


def test_wish_that_could_not_be_sent_in_time_is_dropped(seam, owner, owner_client, door):
    """The worker was silent: a door must not open long after the click."""
    command = commands.request(door, "unlock", owner, seam.now_at)
    seam.advance("PT2M")
    commands.send(command.pk, seam.now_at, seam_client())
    assert "It could not be sent in time, so it was dropped. Try again." in words(state_of(owner_client, door))
    assert "/locks/unlock_door" not in seam.calls()


def test_old_command_is_not_shown_any_more(owner_client, organization, owner, now):
    lock = make_lock(organization)
    commands.request(lock, "unlock", owner, now - timedelta(hours=2)).settle(now, LockCommand.Outcome.CONFIRMED)
    assert state_of(owner_client, lock).context["steps"] == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"can_unlock": None}, "A Wyze Lock Bolt has Bluetooth only"),
        ({"can_unlock": False}, "Not possible right now."),
        ({"vanished_at": "2026-05-01T00:00Z"}, "no longer in the linked account"),
    ],
)
def test_lock_that_cannot_be_unlocked_says_why(owner_client, organization, fields, reason):
    lock = make_lock(organization, **fields)
    assert reason in words(owner_client.get(unlock(lock)))
    assert reason in words(owner_client.post(unlock(lock), YES, follow=True))
    assert not LockCommand.objects.exists()


def test_lock_of_unlinked_account_is_not_moved(owner_client, organization, now):
    lock = make_lock(organization)
    organization.accounts.update(unlinked_at=now)
    owner_client.post(unlock(lock), YES, follow=True)
    assert not LockCommand.objects.exists()


def test_stranger_gets_404(stranger_client, organization):
    lock = make_lock(organization)
    assert stranger_client.get(unlock(lock)).status_code == 404
    assert stranger_client.post(unlock(lock), YES).status_code == 404
    assert not LockCommand.objects.exists()


def test_colleague_who_may_only_look_is_told_so(colleague_client, organization):
    page = colleague_client.post(unlock(make_lock(organization)), YES)
    assert page.status_code == 403
    assert "Your role does not allow you to lock and unlock doors. Ask an owner." in words(page)
    assert not LockCommand.objects.exists()
