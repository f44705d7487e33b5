"""Verdicts from rows: the same few queries for any number of stays, and none that needs attention is overlooked."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from properties.codes import planning
from properties.models import AccessCode, Lock, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict.checks import Subject, Verdict
from properties.verdict.loading import assess

pytestmark = pytest.mark.django_db
SEEN = NOW - timedelta(minutes=1)


@pytest.fixture
def unit(organization):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"))
    return unit


def arriving(unit, days_ahead=1, guest="Anna Schmidt") -> Stay:
    """A stay whose codes are on the lock, as Seam has proved."""
    stay = make_stay(unit, guest, days_ahead)
    planning.apply_stay_plan(stay, NOW - timedelta(days=1), None)
    for code in stay.access_codes.all():
        prove(code)
    return stay


def prove(code: AccessCode) -> None:
    AccessCode.objects.filter(pk=code.pk).update(
        seam_id=str(uuid.uuid4()),
        accepted_at=NOW,
        on_lock_at=NOW,
        seam_starts_at=code.starts_at,
        seam_ends_at=code.ends_at,
    )


def verdicts() -> list[Verdict]:
    return [each.verdict for each in assess(Stay.objects.with_places(), NOW, SEEN)]


def test_stay_is_judged_from_its_rows(unit):
    arriving(unit)
    assert verdicts() == [Verdict.READY]
    Lock.objects.update(battery_level=0.2)
    assert verdicts() == [Verdict.AT_RISK]


def test_code_that_person_took_away_can_be_given_back(unit, owner):
    code = arriving(unit).access_codes.get()
    planning.withhold(code, NOW, owner, "No.")
    (judged,) = assess(Stay.objects.with_places(), NOW, SEEN)
    check = next(c for c in judged.readiness.checks if c.subject is Subject.PROOF)
    assert (check.fix.value, check.target_id) == ("give_back", code.pk)


@pytest.mark.parametrize(
    ("days_ahead", "expected"),
    [
        pytest.param(10, Verdict.READY, id="the place is free again days before"),
        pytest.param(5, Verdict.AT_RISK, id="its code would be loaded while the place is taken"),
    ],
)
def test_other_codes_take_places_by_time(unit, days_ahead, expected):
    arriving(unit, 2)
    stay = make_stay(unit, "Robin", days_ahead)
    planning.apply_stay_plan(stay, NOW, None)
    Lock.objects.update(code_capacity=1)
    judged = {each.stay.guest.name: each for each in assess(Stay.objects.with_places(), NOW, SEEN)}
    said = {
        name: [c.verdict for c in j.readiness.checks if c.subject is Subject.CAPACITY] for name, j in judged.items()
    }
    assert said == {"Anna Schmidt": [Verdict.READY], "Robin": [expected]}


def test_two_stays_that_overlap_name_each_other(unit):
    arriving(unit)
    make_stay(unit, "Robin", 2)
    make_stay(unit, "Elsewhen", 20)
    judged = assess(Stay.objects.with_places(), NOW, SEEN)
    assert [[other.guest for other in each.facts.others] for each in judged] == [["Robin"], ["Anna Schmidt"], []]


def test_any_number_of_stays_costs_same_queries(unit, organization):
    arriving(unit)
    with CaptureQueriesContext(connection) as few:
        assess(Stay.objects.with_places(), NOW, SEEN)
    for number in range(8):
        other = make_unit(unit.property, f"Unit {number}")
        make_door(other, make_lock(organization, f"Lock {number}"), f"Door {number}")
        arriving(other, number + 1, f"Guest {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(assess(Stay.objects.with_places(), NOW, SEEN)) == 9
    assert len(many) == len(few) <= 6
