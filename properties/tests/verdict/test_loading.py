"""Verdicts from rows: the same few queries for any number of stays, and none that needs somebody is overlooked."""

import random
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from properties.codes import planning
from properties.models import AccessCode, ConnectedAccount, Door, Lock, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict.checks import Subject, Verdict
from properties.verdict.glance import LOOK_AHEAD, Ahead, Glance, stays_ahead
from properties.verdict.loading import judge

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
        seam_id=uuid.uuid4(),
        accepted_at=NOW,
        on_lock_at=NOW,
        seam_starts_at=code.starts_at,
        seam_ends_at=code.ends_at,
    )


def verdicts() -> list[Verdict]:
    return [each.verdict for each in judge(Stay.objects.with_places(), NOW, SEEN)]


def glanced(seen_at=SEEN, wanted=None) -> list[Ahead]:
    linked = list(ConnectedAccount.objects.filter(unlinked_at=None))
    return stays_ahead(Stay.objects.all(), linked, NOW, seen_at, wanted)


def asking(seen_at=SEEN) -> list[str]:
    doubtful = [each.pk for each in glanced(seen_at)]
    found = judge(Stay.objects.filter(pk__in=doubtful).with_places(), NOW, seen_at)
    return [each.stay.guest.name for each in found if each.verdict.needs_somebody]


def all_that_ask(seen_at=SEEN) -> list[str]:
    """The same answer without the database's help: every stay is judged."""
    ahead = Stay.objects.standing().filter(ends_at__gt=NOW, starts_at__lte=NOW + timedelta(days=7))
    found = judge(ahead.with_places(), NOW, seen_at)
    return [each.stay.guest.name for each in found if each.verdict.needs_somebody]


def test_a_stay_is_judged_from_its_rows(unit):
    arriving(unit)
    assert verdicts() == [Verdict.READY]
    Lock.objects.update(battery_level=0.2)
    assert verdicts() == [Verdict.AT_RISK]


def test_a_code_that_a_person_took_away_can_be_given_back(unit, owner):
    code = arriving(unit).access_codes.get()
    planning.withhold(code, NOW, owner, "No.")
    (judged,) = judge(Stay.objects.with_places(), NOW, SEEN)
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
    judged = {each.stay.guest.name: each for each in judge(Stay.objects.with_places(), NOW, SEEN)}
    said = {
        name: [c.verdict for c in j.readiness.checks if c.subject is Subject.CAPACITY] for name, j in judged.items()
    }
    assert said == {"Anna Schmidt": [Verdict.READY], "Robin": [expected]}


def test_two_stays_that_overlap_name_each_other(unit):
    arriving(unit)
    make_stay(unit, "Robin", 2)
    make_stay(unit, "Elsewhen", 20)
    judged = judge(Stay.objects.with_places(), NOW, SEEN)
    assert [[other.guest for other in each.facts.others] for each in judged] == [["Robin"], ["Anna Schmidt"], []]


def test_any_number_of_stays_costs_the_same_queries(unit, organization):
    arriving(unit)
    with CaptureQueriesContext(connection) as few:
        judge(Stay.objects.with_places(), NOW, SEEN)
    for number in range(8):
        other = make_unit(unit.property, f"Unit {number}")
        make_door(other, make_lock(organization, f"Lock {number}"), f"Door {number}")
        arriving(other, number + 1, f"Guest {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(judge(Stay.objects.with_places(), NOW, SEEN)) == 9
    assert len(many) == len(few) <= 6


TROUBLES = {
    "a code not on the lock": lambda: AccessCode.objects.update(on_lock_at=None),
    "a code that Seam never accepted": lambda: AccessCode.objects.update(seam_id=None, on_lock_at=None),
    "other times at Seam": lambda: AccessCode.objects.update(seam_ends_at=NOW),
    "an error of the code": lambda: AccessCode.objects.update(errors=[{"error_code": "failed_to_set_on_device"}]),
    "a refusal": lambda: AccessCode.objects.update(rejected_at=NOW),
    "a code revoked": lambda: AccessCode.objects.update(revoked_at=NOW),
    "a lock that is offline": lambda: Lock.objects.update(is_online=False),
    "an error of the lock": lambda: Lock.objects.update(errors=[{"error_code": "hub_disconnected"}]),
    "a pause": lambda: Lock.objects.update(breaker_until=NOW),
    "a lock that vanished": lambda: Lock.objects.update(vanished_at=NOW),
    "a low battery": lambda: Lock.objects.update(battery_level=0.2),
    "a low status": lambda: Lock.objects.update(battery_status="low", battery_level=None),
    "a low keypad": lambda: Lock.objects.update(keypad_battery_level=0.1),
    "a dropped account": lambda: ConnectedAccount.objects.update(errors=[{"error_code": "account_disconnected"}]),
    "an unlinked account": lambda: ConnectedAccount.objects.update(unlinked_at=NOW),
    "an account to be unlinked": lambda: ConnectedAccount.objects.update(unlink_requested_at=NOW),
    "a door without lock": lambda: Door.objects.update(lock=None),
    "no door": lambda: Door.objects.all().delete(),
    "only optional doors": lambda: Door.objects.update(is_required=False),
    "another stay": lambda: make_stay(Stay.objects.get().unit, "Robin", 1),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whoever_needs_somebody_is_found_by_the_narrow_question_too(unit, trouble):
    arriving(unit, 0)
    assert asking() == []
    TROUBLES[trouble]()
    assert "Anna Schmidt" in asking()
    assert asking() == all_that_ask()


def test_a_code_that_never_went_live_asks_for_somebody(unit):
    stay = arriving(unit)
    Stay.objects.update(starts_at=NOW - timedelta(hours=1))
    AccessCode.objects.update(starts_at=NOW - timedelta(hours=1), seam_starts_at=NOW - timedelta(hours=1))
    assert asking() == all_that_ask() == [stay.guest.name]
    AccessCode.objects.update(live_at=NOW)
    assert asking() == all_that_ask() == []


def test_a_silent_worker_makes_every_unproved_arrival_ask(unit):
    stay = arriving(unit, 6)
    AccessCode.objects.update(on_lock_at=None)
    assert asking() == []
    assert asking(seen_at=None) == all_that_ask(seen_at=None) == [stay.guest.name]


def test_what_is_over_or_far_away_asks_for_nobody(unit):
    make_stay(unit, "Past", -9)
    make_stay(unit, "Cancelled", 1, cancelled_at=NOW)
    make_stay(unit, "Far", 20)
    assert asking() == []


def test_those_in_good_order_are_not_even_judged(unit, monkeypatch):
    arriving(unit, 1)
    arriving(unit, 6, "Robin")
    with CaptureQueriesContext(connection) as queries:
        assert glanced() == []
    assert len(queries) == 2


# --- At a glance ------------------------------------------------------------------------------------------------------

# Column by column what may befall a code, its lock or its account. None of it alone is what `judge` looks at.
BEFALLS = [
    *[(AccessCode, fields) for fields in (
        {"on_lock_at": None}, {"seam_id": None}, {"seam_ends_at": NOW}, {"seam_starts_at": None}, {"live_at": NOW},
        {"used_at": NOW}, {"errors": [{"error_code": "x"}]}, {"errors": [{"error_code": "x", "is_device_error": True}]},
        {"rejected_at": NOW}, {"revoked_at": NOW}, {"revoked_at": NOW, "is_withheld": True}, {"seam_status": "unknown"},
        {"pending_mutations": [{"mutation_code": "deferring_creation"}]},
        {"pending_mutations": [{"mutation_code": "updating_time_frame"}]},
        {"created_at": NOW}, {"created_at": NOW - timedelta(hours=1)},
        {"starts_at": NOW - timedelta(hours=1), "seam_starts_at": NOW - timedelta(hours=1)},
        {"starts_at": NOW + timedelta(hours=3), "seam_starts_at": NOW + timedelta(hours=3)},
    )],
    *[(Lock, fields) for fields in (
        {"is_online": None}, {"is_online": False}, {"battery_level": None}, {"battery_status": ""},
        {"battery_level": None, "battery_status": ""}, {"battery_level": 0.2}, {"keypad_battery_level": 0.1},
        {"read_at": None}, {"read_at": NOW - timedelta(days=2)}, {"heard_at": NOW}, {"vanished_at": NOW},
        {"errors": [{"error_code": "x"}]}, {"breaker_until": NOW}, {"battery_good_until": NOW + timedelta(days=2)},
        {"battery_good_until": NOW + timedelta(days=44)}, {"code_capacity": 0},
    )],
    *[(ConnectedAccount, fields) for fields in (
        {"synced_at": NOW}, {"errors": [{"error_code": "account_disconnected"}]}, {"unlink_requested_at": NOW},
        {"unlinked_at": NOW}, {"warnings": [{"warning_code": "x"}]},
    )],
    *[(Door, fields) for fields in ({"lock": None}, {"is_required": False})],
]  # fmt: skip


@pytest.mark.parametrize("fields", BEFALLS, ids=lambda one: f"{one[0].__name__}:{','.join(one[1])}")
def test_at_a_glance_nothing_looks_better_than_it_is(unit, fields):
    for days, guest in ((0, "Anna"), (1, "Robin"), (5, "Kim")):
        arriving(unit, days, guest)
    fields[0].objects.update(**fields[1])
    compare(SEEN)


@pytest.mark.parametrize("seed", range(40))
def test_at_a_glance_nothing_looks_better_than_it_is_when_much_goes_wrong(unit, organization, seed):
    dice = random.Random(seed)
    make_door(unit, make_lock(organization, "Gate"), "Gate", is_required=dice.random() < 0.7)
    for days, guest in ((0, "Anna"), (1, "Robin"), (5, "Kim")):
        arriving(unit, days, guest)
    make_stay(unit, "Long", 3 + dice.choice([0, 6]), nights=dice.choice([1, 60]))
    for model, fields in dice.sample(BEFALLS, dice.choice([1, 2, 3])):
        row = dice.choice(list(model.objects.order_by("pk")))
        model.objects.filter(pk=row.pk).update(**fields)
    compare(dice.choice([SEEN, SEEN, SEEN, None]))


def compare(seen_at) -> None:
    """Each stay of the week at a glance with what a closer look says."""
    judged = {each.stay.pk: each.verdict for each in judge(Stay.objects.with_places(), NOW, seen_at)}
    found = glanced(seen_at, wanted=~Q(pk=None))
    assert {each.pk for each in found} == set(
        Stay.objects.filter(starts_at__lte=NOW + LOOK_AHEAD).values_list("pk", flat=True)
    )
    for each in found:
        assert each.glance.verdict in (None, judged[each.pk])
        assert each.glance is Glance.DOUBTFUL or not judged[each.pk].needs_somebody


def test_stays_in_good_order_are_vouched_for(unit):
    arriving(unit, 0)
    AccessCode.objects.filter(pk__in=arriving(unit, 5, "Kim").access_codes.values("pk")).update(on_lock_at=None)
    found = glanced(wanted=~Q(pk=None))
    assert [each.glance for each in found] == [Glance.READY, Glance.WORKING]


def test_only_what_is_wanted_is_told_of_stays_in_good_order(unit):
    stay, other = arriving(unit, 0), arriving(unit, 5, "Kim")
    assert [each.pk for each in glanced(wanted=Q(guest__name="Kim"))] == [other.pk]
    Lock.objects.update(is_online=False)
    found = glanced(wanted=Q(guest__name="Kim"))
    assert [(each.pk, each.is_wanted) for each in found] == [(stay.pk, False), (other.pk, True)]
