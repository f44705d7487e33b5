"""What each role may do, and what an owner gives or takes beyond it."""

import pytest

from accounts.models import Membership, Right, Role

ALL = set(Right)
TABLE = {
    Role.OWNER: ALL,
    Role.MANAGER: ALL - {Right.MANAGE_PEOPLE},
    Role.FRONT_DESK: {
        Right.LOOK_AROUND,
        Right.SEE_PIN,
        Right.OPERATE_LOCKS,
        Right.ISSUE_CODES,
        Right.REISSUE_CODES,
    },
    Role.CLEANER: set(),
    Role.READ_ONLY: {Right.LOOK_AROUND},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_exactly_its_rights(role):
    assert Membership(role=role).rights == TABLE[role]


def test_a_right_can_be_given_to_one_person():
    member = Membership(role=Role.READ_ONLY, granted=["see_pin"])
    assert member.can(Right.SEE_PIN)
    assert not member.can(Right.OPERATE_LOCKS)


def test_a_right_can_be_withheld_from_one_person():
    member = Membership(role=Role.FRONT_DESK, withheld=["reissue_codes"])
    assert not member.can("reissue_codes")
    assert member.can(Right.ISSUE_CODES)


def test_an_owner_has_every_right_whatever_is_written():
    assert Membership(role=Role.OWNER, withheld=["manage_people"], is_limited=True).rights == ALL


def test_what_concerns_everything_is_not_for_somebody_limited_to_some_properties():
    member = Membership(role=Role.MANAGER, granted=["manage_people"], is_limited=True)
    assert member.rights == ALL - {Right.LINK_ACCOUNTS, Right.MANAGE_PEOPLE}


def test_a_right_that_is_no_longer_known_is_passed_over():
    assert Membership(role=Role.READ_ONLY, granted=["fly"], withheld=["sing"]).rights == {Right.LOOK_AROUND}


def test_only_what_differs_from_the_role_is_kept():
    member = Membership()
    wishes = {Right.SEE_PIN: True, Right.LOOK_AROUND: True, Right.OPERATE_LOCKS: False}
    member.set_rights(Role.READ_ONLY, wishes)
    assert (member.granted, member.withheld) == (["see_pin"], [])


def test_somebody_without_an_organization_may_do_nothing(django_user_model, db):
    user = django_user_model.objects.create_user("alone@example.org")
    assert not any(user.can(right) for right in Right)
