"""Rules about people: who may give what, the last owner, joining once, leaving altogether."""

from datetime import timedelta

import pytest

from accounts.models import Invitation, Membership, Right, Role, User
from properties.changes import people
from properties.codes import staff_codes
from properties.models import Activity, Property, Reach, StaffMember
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_proved, make_unit, make_user


def invitation_for(email="new@example.org", role=Role.FRONT_DESK, **fields) -> Invitation:
    return Invitation(email=email, role=role, **fields)


@pytest.fixture
def invited(owner) -> Invitation:
    invitation = invitation_for()
    people.invite(invitation, [], NOW, owner)
    return invitation


@pytest.mark.parametrize(
    ("giver", "wanted", "reason"),
    [
        (Membership(role=Role.OWNER), Membership(role=Role.OWNER), ""),
        (Membership(role=Role.MANAGER, granted=["manage_people"]), Membership(role=Role.MANAGER), ""),
        (
            Membership(role=Role.MANAGER, granted=["manage_people"]),
            Membership(role=Role.OWNER),
            "Only an owner can make another person an owner.",
        ),
        (
            Membership(role=Role.FRONT_DESK, granted=["manage_people"]),
            Membership(role=Role.MANAGER),
            "You cannot give a right that you do not have yourself: change properties, units and doors, "
            "link or unlink accounts.",
        ),
    ],
)
def test_nobody_gives_what_they_do_not_have(giver, wanted, reason):
    assert people.why_not_give(giver, wanted) == reason


def test_only_owner_touches_owner():
    manager = Membership(role=Role.MANAGER, granted=["manage_people"])
    assert people.why_not_touch(manager, Membership(role=Role.OWNER))
    assert not people.why_not_touch(manager, Membership(role=Role.CLEANER))
    assert not people.why_not_touch(Membership(role=Role.OWNER), Membership(role=Role.OWNER))


def test_rights_without_effect_are_named():
    assert set(people.why_senseless(Membership(role=Role.CLEANER, granted=["see_pin"]))) == {Right.SEE_PIN}
    limited = Membership(role=Role.READ_ONLY, granted=["link_accounts"], is_limited=True)
    assert set(people.why_senseless(limited)) == {Right.LINK_ACCOUNTS}
    assert not people.why_senseless(Membership(role=Role.CLEANER, granted=["see_pin", "look_around"]))


def test_member_is_not_invited_and_nobody_twice(owner, colleague, invited):
    with pytest.raises(people.NotAllowed, match="one of your people already"):
        people.invite(invitation_for("Colleague@example.org"), [], NOW, owner)
    with pytest.raises(people.NotAllowed, match="was invited before"):
        people.invite(invitation_for(), [], NOW, owner)
    assert Invitation.objects.count() == 1


def test_who_accepts_gets_what_was_offered(owner, organization):
    place = make_property(organization)
    invitation = invitation_for(is_limited=True, granted=["manage_places"])
    people.invite(invitation, [place], NOW, owner)
    user = make_proved("New@Example.org")
    membership = people.accept(invitation, user, NOW)
    assert (membership.organization, membership.role, membership.granted) == (
        organization,
        Role.FRONT_DESK,
        ["manage_places"],
    )
    assert list(Property.objects.for_user(user)) == [place]
    assert not Reach.objects.exclude(invitation=None).exists()


def test_invitation_works_once(invited):
    people.accept(invited, make_proved("new@example.org"), NOW)
    with pytest.raises(people.NotAllowed, match="accepted before"):
        people.accept(invited, make_proved("other@example.org"), NOW)


@pytest.mark.parametrize(
    ("email", "later", "words"),
    [
        ("new@example.org", timedelta(days=7), "more than seven days old"),
        ("somebody@example.org", timedelta(0), "this invitation is for new@example.org"),
    ],
)
def test_why_somebody_cannot_join(invited, email, later, words):
    with pytest.raises(people.NotAllowed, match=words):
        people.accept(invited, make_proved(email), NOW + later)
    assert Membership.objects.count() == 1


def test_somebody_of_another_organization_is_told_what_to_do(owner, stranger):
    invitation = invitation_for(stranger.email)
    people.invite(invitation, [], NOW, owner)
    reason = people.why_not_join(invitation, stranger, NOW)
    assert "belongs to Elsewhere" in reason
    assert "invite you at another email address" in reason


def test_withdrawn_invitation_lets_nobody_in(owner, invited):
    assert people.withdraw(invited, NOW, owner)
    assert not people.withdraw(invited, NOW, owner)
    with pytest.raises(people.NotAllowed, match="withdrawn"):
        people.accept(invited, make_proved("new@example.org"), NOW)
    with pytest.raises(people.NotAllowed, match="withdrawn"):
        people.resend(invited, NOW, owner)


def test_last_owner_stays_owner_and_stays(owner):
    membership = owner.membership
    membership.role = Role.MANAGER
    with pytest.raises(people.NotAllowed, match="only owner"):
        people.change(membership, [], NOW, owner)
    with pytest.raises(people.NotAllowed, match="only owner"):
        people.remove(membership, NOW, owner)
    assert Membership.objects.get().role == Role.OWNER


def test_one_of_two_owners_may_go(owner, organization):
    other = make_user("second@example.org", organization)
    people.remove(other.membership, NOW, owner)
    assert Membership.objects.get().user == owner


def test_limit_is_written_and_taken_back(owner, colleague, organization):
    place = make_property(organization)
    membership = colleague.membership
    membership.is_limited = True
    people.change(membership, [place], NOW, owner)
    assert membership.reaches.get().property == place
    membership.is_limited = False
    people.change(membership, [place], NOW, owner)
    assert not membership.reaches.exists()


def test_who_is_removed_is_off_every_door(owner, colleague, organization):
    door = make_door(make_unit(make_property(organization)), make_lock(organization))
    staff_codes.save_member(StaffMember(organization=organization, name="Cleo", user=colleague), [door], NOW, owner)
    changed = people.remove(colleague.membership, NOW, owner)
    assert [code.lock for code in changed] == [door.lock]
    assert StaffMember.objects.get().is_removed
    assert User.objects.filter(pk=colleague.pk).exists()


def test_history_says_who_did_what_and_never_link(owner, invited, colleague):
    token = people.resend(invited, NOW, owner)
    people.remove(colleague.membership, NOW, owner)
    told = {(entry.kind, entry.actor_id) for entry in Activity.objects.all()}
    assert told == {("people.invited", owner.pk), ("people.removed", owner.pk)}
    assert token.split(":")[0] not in "".join(Activity.objects.values_list("text", flat=True))
