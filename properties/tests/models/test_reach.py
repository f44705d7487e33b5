"""Who sees which rows: organization, properties, and nothing for people who may not look around."""

import pytest

from accounts.models import Membership, Right, Role, User
from properties.codes import planning
from properties.models import (
    AccessCode,
    Activity,
    ConnectedAccount,
    Door,
    Guest,
    Lock,
    LockCommand,
    Property,
    Reach,
    StaffMember,
    Stay,
    Unit,
)
from properties.tests.builders import (
    NOW,
    make_account,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
    make_user,
)

MODELS = [Property, Unit, Door, Lock, Stay, Guest, AccessCode, Activity, ConnectedAccount, LockCommand, StaffMember]


def make_home(organization, name):
    """A property with one of everything, each named after it."""
    account = make_account(organization, display_name=name)
    unit = make_unit(make_property(organization, name), name)
    lock = make_lock(organization, name, account=account)
    door = make_door(unit, lock, name)
    stay = make_stay(unit, name)
    code = planning.issue(lock, name, None, {"Mine": "482917", "Other": "739164"}[name], NOW, None, stay=stay)
    LockCommand.objects.create(organization=organization, lock=lock, action="lock", requested_at=NOW)
    person = StaffMember.objects.create(
        organization=organization, name=name, created_at=NOW, pin_encrypted="x", pin_hash=name
    )
    person.doors.add(door)
    return {
        row._meta.model: row.pk for row in (unit.property, unit, door, lock, stay, stay.guest, code, account, person)
    }


@pytest.fixture
def mine(organization):
    return make_home(organization, "Mine")


@pytest.fixture
def other(organization):
    return make_home(organization, "Other")


@pytest.fixture
def limited(organization, mine, other) -> User:
    user = make_user("limited@example.org", organization, Role.MANAGER)
    Membership.objects.filter(user=user).update(is_limited=True)
    Reach.objects.create(membership=user.membership, property_id=mine[Property])
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("model", MODELS)
def test_limited_person_sees_only_rows_of_own_property(model, limited, owner, mine):
    seen = set(model.objects.for_user(limited).values_list("pk", flat=True))
    everything = set(model.objects.for_user(owner).values_list("pk", flat=True))
    assert seen
    assert len(everything) == 2 * len(seen)
    if model in mine:
        assert seen == {mine[model]}


@pytest.mark.parametrize("model", MODELS)
def test_it_costs_one_query_and_no_row_comes_twice(model, limited, mine, django_assert_max_num_queries):
    unit = Unit.objects.get(pk=mine[Unit])
    Door.objects.get(pk=mine[Door]).units.add(make_unit(unit.property, "Second"))
    assert limited.current_membership is not None
    with django_assert_max_num_queries(1):
        seen = list(model.objects.for_user(limited).values_list("pk", flat=True))
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("model", MODELS)
def test_cleaner_and_stranger_see_nothing(model, organization, mine, stranger):
    cleaner = make_user("cleaner@example.org", organization, Role.CLEANER)
    assert not model.objects.for_user(cleaner).exists()
    assert not model.objects.for_user(stranger).exists()


def test_cleaner_who_was_given_right_looks_around(organization, mine):
    cleaner = make_user("cleaner@example.org", organization, Role.CLEANER)
    Membership.objects.filter(user=cleaner).update(granted=[Right.LOOK_AROUND])
    assert Stay.objects.for_user(User.objects.get(pk=cleaner.pk)).count() == 1


def test_limited_person_sees_nothing_when_property_is_deleted(limited, mine):
    Reach.objects.filter(property_id=mine[Property]).delete()
    assert not Lock.objects.for_user(limited).exists()
    assert not Property.objects.for_user(limited).exists()


def test_lock_on_no_door_is_for_people_who_are_not_limited(limited, owner, organization):
    loose = make_lock(organization, "Loose")
    assert loose not in Lock.objects.for_user(limited)
    assert loose in Lock.objects.for_user(owner)


def test_limited_person_cannot_change_staff_of_other_doors(limited, mine, other):
    StaffMember.objects.get(pk=mine[StaffMember]).doors.add(other[Door])
    assert not StaffMember.objects.for_user(limited).exists()


def test_history_of_whole_organization_is_kept_from_them(limited, owner, organization):
    Activity.record(organization.pk, NOW, "people.invited", "Somebody invited")
    texts = {entry.text for entry in Activity.objects.for_user(limited)}
    assert "Somebody invited" not in texts
    assert "Somebody invited" in {entry.text for entry in Activity.objects.for_user(owner)}
