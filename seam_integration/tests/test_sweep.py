"""The sweep judges stays whose facts have changed, or whose verdict has had its time."""

from properties.models import StayVerdict, VerdictMark
from properties.tests.builders import make_property, make_stay, make_unit
from seam_integration import tasks


def test_sweep_judges_what_is_marked(seam, organization):
    make_stay(make_unit(make_property(organization)))
    tasks.sweep()
    assert StayVerdict.objects.get().verdict == "at-risk"
    assert not VerdictMark.objects.exists()


def test_sweep_leaves_for_next_one_what_is_too_much(seam, organization, monkeypatch):
    monkeypatch.setattr(tasks, "VERDICTS_AT_ONCE", 1)
    unit = make_unit(make_property(organization))
    make_stay(unit, days_ahead=2)
    make_stay(unit, days_ahead=9)
    tasks.sweep()
    assert StayVerdict.objects.exclude(verdict="").count() == 1
    tasks.sweep()
    assert StayVerdict.objects.exclude(verdict="").count() == 2


def test_sweep_closes_stays_that_are_over(seam, organization):
    make_stay(make_unit(make_property(organization)), days_ahead=1, nights=1)
    tasks.sweep()
    seam.pass_time("P3D")
    assert not StayVerdict.objects.get().is_open
