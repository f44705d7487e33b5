"""A clock of ours that is wrong costs no guest their code, and no lock its turn."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.test import Client
from django.utils import timezone

from latchkey.celery import app as celery_app
from latchkey.running.steady_beat import SteadyScheduler
from properties.codes import planning
from properties.models import AccessCode, CodeState, Lock
from properties.models.stays import Window
from properties.tests.builders import NOW, make_lock
from seam_integration import clock, seam_time, tasks
from seam_integration.locks.turn import LEASE
from seam_integration.models import LockWork, SeamClock

DAYS, MINUTES = timedelta(days=2), timedelta(minutes=1)


def hear(ahead: timedelta, times: int = 2) -> None:
    """Answers of a Seam whose clock we are ahead of by this."""
    for _ in range(times):
        seam_time.hear(format_datetime(timezone.now() - ahead, usegmt=True))


@pytest.mark.parametrize("ahead", [DAYS, -DAYS, 3 * MINUTES])
def test_clock_is_apart_after_two_answers(db, ahead):
    hear(ahead, times=1)
    assert seam_time.apart() == timedelta(0)
    hear(ahead)
    assert abs(seam_time.apart() - ahead) < timedelta(seconds=5)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Foo 2026 25:00:00 GMT"])
def test_date_that_is_none_is_ignored(db, date):
    seam_time.hear(date)
    assert seam_time.apart() == timedelta(0)


def test_small_difference_is_none(db):
    hear(MINUTES)
    assert seam_time.apart() == timedelta(0)
    assert not SeamClock.objects.get().is_apart


def test_one_odd_date_is_no_jump(db):
    hear(timedelta(0))
    hear(DAYS, times=1)
    assert seam_time.apart() == timedelta(0)


def test_jump_shows_without_another_answer(db, monkeypatch):
    hear(timedelta(0))
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + DAYS)
    assert abs(seam_time.apart() - DAYS) < timedelta(seconds=5)
    assert abs(clock.now() - real()) < timedelta(seconds=5)
    assert abs(clock.latest() - real() - DAYS) < timedelta(seconds=5)
    monkeypatch.setattr(timezone, "now", real)
    assert seam_time.apart() == timedelta(0)


def test_clock_that_is_behind_is_not_moved(db):
    hear(-DAYS)
    ours = timezone.now()
    assert abs(clock.now() - ours) < timedelta(seconds=5)
    assert abs(clock.latest() - ours - DAYS) < timedelta(seconds=5)


def test_other_process_reads_what_one_heard(db, monkeypatch):
    hear(DAYS)
    seam_time.forget()
    monkeypatch.setattr(seam_time._known, "read_at", float("-inf"))
    assert abs(seam_time.apart() - DAYS) < timedelta(seconds=5)


def test_log_says_once_that_clocks_differ(db, caplog):
    hear(DAYS, times=5)
    hear(timedelta(0), times=5)
    said = [record.message for record in caplog.records if record.name == "seam_integration.seam_time"]
    assert said == [
        "this machine's clock is 2880 minutes ahead of Seam's: set it, and switch on its NTP",
        "this machine's clock and Seam's agree again",
    ]


@pytest.mark.parametrize(("ahead", "words"), [(DAYS, "2,880 minutes ahead of"), (-DAYS, "2,880 minutes behind")])
def test_banner_says_so_until_clocks_agree(owner_client: Client, ahead, words):
    hear(ahead)
    text = owner_client.get("/locks/").content.decode()
    assert words in text.replace("2880", "2,880")
    assert "NTP" in text
    hear(timedelta(0))
    assert "NTP" not in owner_client.get("/locks/").content.decode()


# --- What a jump does not do ------------------------------------------------------------------------------------------


@pytest.fixture
def code(seam, owner) -> AccessCode:
    """A code that opens the door now, and for six hours."""
    seam.link_for(owner)
    window = Window(seam.now_at, seam.now_at + timedelta(hours=6))
    made = planning.issue(seam.lock(), "Anna Schmidt", window, "482917", seam.now_at, None)
    seam.pass_time("PT1M", times=3)
    assert seam.pins_on(made.lock) == {"482917": "set"}
    return made


@pytest.mark.parametrize("ahead", [DAYS, -DAYS])
def test_jump_deletes_no_running_code(seam, code, monkeypatch, ahead):
    """On a real clock, as with Seam: the sandbox's would tell the right time."""
    seam.shift_date(-ahead)
    tasks.sync_all()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead - max(seam_time.apart(), timedelta(0)))
    for _ in range(3):
        Lock.objects.filter(pk=code.lock_id).wake(clock.now())
        tasks.sweep()
    after = AccessCode.objects.get(pk=code.pk)
    assert (after.removed_at, after.revoked_at, after.seam_id is None) == (None, None, False)
    assert seam.pins_on(code.lock) == {"482917": "set"}
    monkeypatch.setattr(clock, "now", real)
    seam.mend()
    tasks.sync_all()
    seam.pass_time("PT1M", times=2)
    assert AccessCode.objects.get(pk=code.pk).state(seam.now_at) is CodeState.LIVE


def test_code_that_seams_clock_ends_is_not_put_back(seam, code, monkeypatch):
    """Ours is behind: what Seam ended and does not know any more looks lost."""
    seam("/access_codes/delete", access_code_id=str(AccessCode.objects.get(pk=code.pk).seam_id))
    real = clock.now
    monkeypatch.setattr(clock, "latest", lambda: real() + DAYS)
    Lock.objects.filter(pk=code.lock_id).wake(real())
    seam.pass_time("PT1M", times=12)
    assert seam.calls()["/access_codes/create"] == 1
    assert not code.activities.filter(kind="code.lost").exists()


@pytest.mark.parametrize(
    "fields", [{"reconcile_at": NOW + DAYS}, {"reconcile_at": NOW + DAYS / 6, "codes_read_at": NOW + DAYS / 6}]
)
def test_lock_that_jump_put_to_sleep_is_woken(organization, fields):
    lock = make_lock(organization)
    LockWork.objects.create(lock=lock, **fields)
    assert LockWork.objects.pull_back(NOW) == 1
    assert LockWork.objects.due(NOW).filter(pk=lock.pk).exists()


def test_lock_with_its_usual_turn_is_left_alone(organization):
    lock = make_lock(organization)
    LockWork.objects.create(lock=lock, reconcile_at=NOW + timedelta(hours=24), codes_read_at=NOW)
    assert LockWork.objects.pull_back(NOW) == 0


def test_lease_taken_during_jump_blocks_no_lock(organization):
    lock = make_lock(organization)
    LockWork.objects.create(lock=lock)
    assert LockWork.objects.lease(lock.pk, NOW + DAYS, LEASE)
    assert LockWork.objects.lease(lock.pk, NOW, LEASE)
    assert not LockWork.objects.lease(lock.pk, NOW, LEASE)


def test_beat_goes_on_after_clock_was_set_back(tmp_path, monkeypatch):
    scheduler = SteadyScheduler(app=celery_app, schedule_filename=str(tmp_path / "schedule"))
    sent: list[str] = []
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.append(entry.task))
    real = celery_app.now
    monkeypatch.setattr(celery_app, "now", lambda: real() + DAYS)
    for entry in scheduler.schedule.values():
        entry.last_run_at = real() + DAYS
    scheduler.tick()
    monkeypatch.setattr(celery_app, "now", real)
    for _ in range(40):
        scheduler.tick()
    assert scheduler._heap is not None
    moments = [event.time for event in scheduler._heap if event.entry.task.startswith("seam_integration")]
    assert max(moments) - min(moments) < 3601
    scheduler.close()
