"""Staff codes: the plan, one span at a time with one PIN, and off every door in one action."""

from datetime import date, time, timedelta

import pytest

from properties.codes import pins, planning, staff_codes
from properties.models import AccessCode, Activity, CodeKind, Door, StaffMember, StaffState
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_stay, make_unit
from properties.values.staff_hours import Span

# The builders' property is in Los Angeles, where NOW is 05:00 on a Monday.
NINE = NOW + timedelta(hours=4)
FIVE = NINE + timedelta(hours=8)


@pytest.fixture
def doors(organization):
    unit = make_unit(make_property(organization))
    return [make_door(unit, make_lock(organization, name), name) for name in ("Front", "Back")]


def make_member(organization, owner, doors, **fields) -> StaffMember:
    member = StaffMember(organization=organization, name="Maria", **fields)
    staff_codes.save_member(member, doors, NOW, owner)
    member.refresh_from_db()
    return member


@pytest.fixture
def cleaner(organization, owner, doors):
    return make_member(organization, owner, doors, hours_from=time(9), hours_to=time(17))


def windows(member) -> list:
    return [(code.lock.name, code.starts_at, code.ends_at) for code in member.access_codes.order_by("lock__name")]


def plan_again(member, now):
    changed = staff_codes.apply_staff_plan(member, now, None)
    member.refresh_from_db()
    return changed


def take_off(member, now) -> None:
    """As the engine does when Seam says that a code is gone."""
    AccessCode.objects.filter(staff=member, removed_at=None).update(removed_at=now)


def test_each_door_gets_next_span_with_one_pin(cleaner):
    assert windows(cleaner) == [("Back", NINE, FIVE), ("Front", NINE, FIVE)]
    codes = list(cleaner.access_codes.all())
    assert {code.pin for code in codes} == {cleaner.pin}
    assert {code.kind for code in codes} == {CodeKind.STAFF}
    assert {code.lock.work.reconcile_at for code in codes} == {NOW}


def test_round_clock_is_one_code_without_end(organization, owner, doors):
    assert windows(make_member(organization, owner, doors)) == [("Back", None, None), ("Front", None, None)]


def test_until_date_ends_with_that_day(organization, owner, doors):
    member = make_member(organization, owner, doors[:1], until_on=date(2026, 6, 5))
    assert windows(member) == [("Front", NOW, NOW.replace(day=6, hour=7))]
    assert plan_again(member, NOW + timedelta(days=1)) == []


def test_days_with_guests_are_left_out(cleaner, doors, organization):
    # Yesterday to Thursday, out at 11:00 and in at 16:00 local.
    stay = make_stay(doors[0].units.get(), days_ahead=-1, nights=4)
    plan_again(cleaner, NOW)
    leaves = NOW.replace(day=4, hour=18)
    assert stay.ends_at == leaves
    assert windows(cleaner) == [
        ("Back", leaves, NOW.replace(day=5, hour=0)),
        ("Front", leaves, NOW.replace(day=5, hour=0)),
    ]
    cleaner.also_while_occupied = True
    cleaner.save(update_fields=["also_while_occupied"])
    plan_again(cleaner, NOW)
    assert windows(cleaner) == [("Back", NINE, FIVE), ("Front", NINE, FIVE)]


def test_home_taken_for_good_takes_code_off(cleaner, doors):
    make_stay(doors[0].units.get(), days_ahead=-1, nights=500)
    plan_again(cleaner, NOW)
    assert not cleaner.access_codes.standing().exists()
    reason = staff_codes.why_no_code(
        cleaner, doors[0], NOW, {}, staff_codes.guest_times(staff_codes.guests_behind(cleaner, doors, NOW))[doors[0].pk]
    )
    assert reason == "Guests stay there at all of their times."


def test_shared_door_opens_while_a_home_is_free(organization, owner, doors):
    other = make_unit(doors[0].property, "Loft")
    doors[0].units.add(other)
    make_stay(doors[0].units.get(name="Whole home"), days_ahead=-1, nights=4)
    cleaner = make_member(organization, owner, doors, hours_from=time(9), hours_to=time(17))
    assert ("Front", NINE, FIVE) in windows(cleaner)
    assert ("Back", NINE, FIVE) not in windows(cleaner)


def test_planned_stay_makes_staff_due(cleaner, doors):
    StaffMember.objects.update(plan_at=None)
    planning.apply_stay_plan(make_stay(doors[0].units.get()), NOW, None)
    cleaner.refresh_from_db()
    assert cleaner.plan_at == NOW


def test_next_span_waits_until_last_is_off(cleaner):
    after = FIVE + timedelta(minutes=1)
    assert plan_again(cleaner, after) == []
    assert cleaner.plan_at == after + staff_codes.LOOK_AGAIN
    take_off(cleaner, after)
    fresh = plan_again(cleaner, after)
    assert {(code.starts_at, code.ends_at) for code in fresh} == {(NINE + timedelta(days=1), FIVE + timedelta(days=1))}
    assert {code.pin for code in fresh} == {cleaner.pin}


def test_planning_twice_changes_nothing(cleaner):
    assert plan_again(cleaner, NOW) == []
    assert plan_again(cleaner, NINE + timedelta(hours=1)) == []


def test_plan_is_due_hourly_and_at_span_end(cleaner):
    plan_again(cleaner, FIVE - timedelta(minutes=10))
    assert cleaner.plan_at == FIVE
    plan_again(cleaner, NOW)
    assert cleaner.plan_at == NOW + timedelta(hours=1)
    assert cleaner in StaffMember.objects.due(NOW + timedelta(hours=1))


def test_other_hours_move_codes_and_keep_pin(cleaner, owner, doors):
    pin, cleaner.hours_to = cleaner.pin, time(18)
    changed = staff_codes.save_member(cleaner, doors, NOW, owner)
    assert {code.ends_at for code in changed} == {FIVE + timedelta(hours=1)}
    assert {code.pin for code in AccessCode.objects.occupying()} == {pin}


def test_only_removed_door_loses_its_code(cleaner, owner, doors):
    changed = staff_codes.save_member(cleaner, doors[:1], NOW, owner)
    assert [code.lock.name for code in changed] == ["Back"]
    assert [code.lock.name for code in cleaner.access_codes.standing()] == ["Front"]


def test_paused_lock_keeps_its_code(cleaner, doors):
    doors[0].lock.can_program_codes = False
    doors[0].lock.save(update_fields=["can_program_codes"])
    assert plan_again(cleaner, NOW) == []


def test_deleted_door_is_planned_away(cleaner, doors):
    staff_codes.wake([doors[0]], NOW)
    Door.objects.filter(pk=doors[0].pk).delete()
    cleaner.refresh_from_db()
    assert cleaner.plan_at == NOW
    assert [code.lock.name for code in plan_again(cleaner, NOW)] == ["Front"]


def test_removed_from_every_door_in_one_action(cleaner, owner):
    changed = staff_codes.remove(cleaner, NOW, owner)
    assert sorted(code.lock.name for code in changed) == ["Back", "Front"]
    cleaner.refresh_from_db()
    assert (cleaner.removed_at, cleaner.removed_by, cleaner.plan_at) == (NOW, owner, None)
    assert staff_codes.remove(cleaner, NOW, owner) == []
    assert plan_again(cleaner, NOW + timedelta(days=1)) == []


def test_new_pin_goes_on_every_door_and_old_one_off(cleaner, owner):
    before = cleaner.pin
    staff_codes.renew_pin(cleaner, NOW, owner, "Lost her phone")
    standing = cleaner.access_codes.standing()
    assert {code.pin for code in standing} == {cleaner.pin} != {before}
    assert standing.count() == 2
    assert cleaner.access_codes.exclude(revoked_at=None).count() == 2
    assert before not in "".join(Activity.objects.values_list("text", flat=True))


def test_door_with_same_pin_is_refused(cleaner, owner, organization, doors):
    third = make_door(doors[0].units.first(), make_lock(organization, "Side"), "Side")
    make_code(third.lock, pin=cleaner.pin)
    with pytest.raises(pins.NoPinLeft, match="Give them a new PIN") as refusal:
        staff_codes.save_member(cleaner, [*doors, third], NOW, owner)
    assert cleaner.pin not in str(refusal.value)
    assert cleaner.doors.count() == 2


def test_their_own_past_codes_do_not_stand_in_way(cleaner, owner, doors):
    staff_codes.save_member(cleaner, doors[:1], NOW, owner)
    take_off(cleaner, NOW)
    changed = staff_codes.save_member(cleaner, doors, NOW, owner)
    assert sorted(code.lock.name for code in changed) == ["Back", "Front"]


def test_pure_plan_touches_no_row(cleaner, doors, django_assert_max_num_queries):
    codes = list(cleaner.access_codes.all())
    doors = staff_codes.doors_of(cleaner)
    with django_assert_max_num_queries(0):
        plan = staff_codes.plan_staff(cleaner, doors, codes[:1], NOW)
    assert [span for _, span in plan.create] == [Span(NINE, FIVE)]


@pytest.mark.parametrize(
    ("fields", "codes_left", "state"),
    [
        ({}, 2, StaffState.ACTIVE),
        ({"until_on": date(2026, 5, 1)}, 0, StaffState.ENDED),
        ({"removed_at": NOW}, 1, StaffState.REMOVING),
        ({"removed_at": NOW}, 0, StaffState.REMOVED),
    ],
)
def test_where_somebody_stands(fields, codes_left, state):
    assert StaffMember(**fields).state(NOW, codes_left) is state


@pytest.mark.parametrize(
    ("fields", "unused"),
    [
        ({"created_at": NOW - timedelta(days=59)}, False),
        ({"created_at": NOW - timedelta(days=60)}, True),
        ({"created_at": NOW - timedelta(days=90), "last_used_at": NOW - timedelta(days=3)}, False),
        ({"created_at": NOW - timedelta(days=90), "removed_at": NOW}, False),
    ],
)
def test_unused_for_sixty_days(fields, unused):
    assert StaffMember(**fields).is_unused(NOW) is unused
