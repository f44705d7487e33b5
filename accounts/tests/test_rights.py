"""The rights of each role, and those that an owner grants or withholds."""

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


def test_right_is_granted_to_one_person():
    member = Membership(role=Role.READ_ONLY, granted=["see_pin"])
    assert member.can(Right.SEE_PIN)
    assert not member.can(Right.OPERATE_LOCKS)


def test_right_is_withheld_from_one_person():
    member = Membership(role=Role.FRONT_DESK, withheld=["reissue_codes"])
    assert not member.can("reissue_codes")
    assert member.can(Right.ISSUE_CODES)


def test_owner_has_every_right_despite_withholding():
    assert Membership(role=Role.OWNER, withheld=["manage_people"], is_limited=True).rights == ALL


def test_limited_person_has_no_organization_wide_right():
    member = Membership(role=Role.MANAGER, granted=["manage_people"], is_limited=True)
    assert member.rights == ALL - {Right.LINK_ACCOUNTS, Right.MANAGE_PEOPLE}


def test_unknown_right_is_ignored():
    assert Membership(role=Role.READ_ONLY, granted=["fly"], withheld=["sing"]).rights == {Right.LOOK_AROUND}


def test_only_differences_from_role_are_stored():
    member = Membership()
    choices = {Right.SEE_PIN: True, Right.LOOK_AROUND: True, Right.OPERATE_LOCKS: False}
    member.set_rights(Role.READ_ONLY, choices)
    assert (member.granted, member.withheld) == (["see_pin"], [])


def test_person_without_organization_has_no_rights(django_user_model, db):
    user = django_user_model.objects.create_user("alone@example.org")
    assert not any(user.can(right) for right in Right)
