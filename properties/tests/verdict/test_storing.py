"""Verdicts as rows: judged once, never later than due, never green when out of date, right under several writers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from properties.models import AccessCode, Lock, Stay, StayVerdict, VerdictMark
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.tests.verdict import scene
from properties.verdict import loading, storing, validity
from properties.verdict.checks import Verdict

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=11)


@pytest.fixture
def stay(organization) -> Stay:
    """In good order, as Seam has proved."""
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    stay = scene.planned(make_stay(unit, days_ahead=2))
    scene.prove(stay)
    return stay


def row() -> StayVerdict:
    return StayVerdict.objects.get()


def shown(stay: Stay, now=NOW, seen_at=NOW) -> tuple[Verdict, str]:
    """What a page that has no time to judge shows."""
    [stored] = storing.stored(StayVerdict.objects.filter(pk=stay.pk))
    readiness = storing.readiness_of(stored, now, seen_at)
    return readiness.verdict, " ".join(check.what for check in readiness.checks)


def meanwhile(monkeypatch, change: Callable[[], object]) -> None:
    """Something happens after the facts were read and before the verdict is written."""
    assess = loading.assess

    def slow(*arguments):
        found = assess(*arguments)
        monkeypatch.setattr(storing, "assess", assess)
        change()
        return found

    monkeypatch.setattr(storing, "assess", slow)


def test_judged_stay_has_verdict_and_time(stay):
    assert storing.judge_marked(NOW, 10) == 1
    assert (row().verdict, row().checks, row().checked_at) == ("ready", [], NOW)
    assert row().valid_until == row().fine_until == NOW + timedelta(days=1, microseconds=1)
    assert not VerdictMark.objects.exists()


def test_what_to_mend_is_stored_with_words_and_target(stay):
    Lock.objects.update(battery_level=0.1)
    storing.judge_marked(NOW, 10)
    assert row().verdict == "at-risk"
    [check] = row().checks
    assert (check["subject"], check["fix"], check["target_id"]) == ("BATTERY", "change_battery", Lock.objects.get().pk)
    assert storing.verdicts_of([stay.pk], NOW, NOW)[stay.pk].first_to_mend.what == check["what"]


def test_judging_twice_changes_nothing(stay):
    storing.judge_marked(NOW, 10)
    assert storing.judge_marked(NOW, 10) == 0


def test_change_while_judging_is_not_lost(stay, monkeypatch):
    meanwhile(monkeypatch, lambda: Lock.objects.update(is_online=False))
    storing.judge_marked(NOW, 10)
    assert VerdictMark.objects.exists()
    storing.judge_marked(NOW, 10)
    assert row().verdict == "at-risk"


def test_earlier_judge_does_not_overwrite_later_one(stay, monkeypatch):
    def another_judge() -> None:
        Lock.objects.update(is_online=False)
        storing.judge_marked(NOW, 10)

    meanwhile(monkeypatch, another_judge)
    storing.judge_marked(NOW, 10)
    assert row().verdict == "at-risk"


def test_stay_that_is_extended_while_it_is_closed_stays_open(stay, monkeypatch):
    storing.judge_marked(NOW, 10)
    after = stay.ends_at + timedelta(minutes=1)
    extended = stay.ends_at + timedelta(days=1)
    meanwhile(monkeypatch, lambda: Stay.objects.update(ends_at=extended))
    storing.judge_marked(after, 10)
    storing.judge_marked(after, 10)
    assert (row().is_open, row().ends_at) == (True, extended)
    assert row().verdict


def test_stay_that_is_over_is_closed(stay):
    storing.judge_marked(NOW, 10)
    storing.judge_marked(stay.ends_at, 10)
    assert (row().is_open, row().verdict, row().valid_until) == (False, "", None)
    Lock.objects.update(is_online=False)
    assert not VerdictMark.objects.exists()


def test_cancelled_stay_is_closed_and_reopens(stay):
    storing.judge_marked(NOW, 10)
    Stay.objects.update(cancelled_at=NOW)
    assert not row().is_open
    Stay.objects.update(cancelled_at=None)
    storing.judge_marked(NOW, 10)
    assert (row().is_open, row().verdict) == (True, "ready")


def test_expired_verdict_is_unknown_with_its_time(stay):
    storing.judge_marked(NOW, 10)
    assert shown(stay) == (Verdict.READY, "")
    StayVerdict.objects.update(valid_until=LATER)
    # 12:00 UTC is 05:00 in Los Angeles.
    assert shown(stay, LATER) == (Verdict.UNKNOWN, "Last checked 05:00, ready then.")
    tomorrow = (Verdict.UNKNOWN, "Last checked Mon 1 Jun, 05:00, ready then.")
    next_day = NOW + timedelta(days=1)
    assert shown(stay, next_day, next_day) == tomorrow


def test_marked_verdict_is_unknown(stay):
    storing.judge_marked(NOW, 10)
    Lock.objects.update(is_online=False)
    assert shown(stay)[0] is Verdict.UNKNOWN


def test_stay_without_row_is_unknown(stay):
    StayVerdict.objects.all().delete()
    assert storing.verdicts_of([stay.pk], NOW, NOW)[stay.pk].verdict is Verdict.UNKNOWN


def test_silent_worker_leaves_nothing_green(stay):
    storing.judge_marked(NOW, 10)
    assert shown(stay, seen_at=NOW - timedelta(minutes=16))[0] is Verdict.UNKNOWN
    AccessCode.objects.update(on_lock_at=None, observed_at=None)
    storing.judge_marked(NOW, 10)
    assert shown(stay)[0] is Verdict.WORKING
    assert shown(stay, seen_at=None)[0] is Verdict.AT_RISK


def test_page_judges_few_and_shows_rest_as_unknown(stay, monkeypatch):
    other = make_stay(stay.unit, "Robin", 20)
    monkeypatch.setattr(storing, "ON_THE_SPOT", 1)
    found = storing.verdicts_of([stay.pk, other.pk], NOW, NOW)
    assert sorted(each.verdict is Verdict.UNKNOWN for each in found.values()) == [False, True]


def test_sweep_renews_verdicts_before_they_expire(stay):
    storing.judge_marked(NOW, 10)
    soon = row().valid_until - timedelta(minutes=5)
    Lock.objects.update(read_at=soon)
    assert storing.judge_marked(soon, 10) == 1
    assert row().valid_until > soon + timedelta(hours=11)
    assert storing.judge_marked(soon, 10) == 0


def test_batch_is_bounded_and_soonest_come_first(stay):
    make_stay(stay.unit, "Later", 20)
    make_stay(stay.unit, "Sooner", 1, nights=1)
    assert storing.judge_marked(NOW, 1) == 1
    assert StayVerdict.objects.exclude(verdict="").get().stay.guest.name == "Sooner"
    assert storing.judge_marked(NOW, 10) == 2


def test_stay_that_cannot_be_judged_does_not_hold_up_others(stay, monkeypatch):
    other = make_stay(stay.unit, "Robin", 20)
    real = validity.valid_until

    def fails(facts, now):
        if facts.stay.pk == stay.pk:
            raise ValueError("no")
        return real(facts, now)

    monkeypatch.setattr(storing, "valid_until", fails)
    storing.judge_marked(NOW, 10)
    assert StayVerdict.objects.get(pk=other.pk).verdict
    assert set(VerdictMark.objects.values_list("stay", flat=True)) == {stay.pk}


def test_marks_of_deleted_stays_go(stay):
    VerdictMark.objects.create(stay_id=stay.pk + 1)
    storing.judge_marked(NOW, 10)
    assert not VerdictMark.objects.exists()
