"""Removing a person: asked first, logged out everywhere, off every door; the last owner stays."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, User
from dashboard.tests.cast import client_as, client_of
from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import StaffMember
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_unit, make_user


def url(member) -> str:
    return reverse("person-remove", args=[member.pk])


@pytest.fixture
def member(colleague) -> Membership:
    return colleague.membership


def test_question_comes_first(owner_client, member):
    assert "Logs them out everywhere, at once." in words(owner_client.get(url(member)))
    assert Membership.objects.filter(pk=member.pk).exists()


def test_their_sessions_end_and_they_can_log_in_only_to_read_why(owner_client, member, colleague):
    client = client_of(colleague)
    assert client.get("/stays/").status_code == 200
    page = words(owner_client.post(url(member), follow=True))
    assert "colleague@example.org is removed and logged out everywhere." in page
    assert client.get("/stays/").headers["Location"].startswith("/accounts/login/")
    answer = client_of(User.objects.get(pk=colleague.pk)).get("/stays/")
    assert answer.status_code == 403
    assert "You belong to no organization" in words(answer)


def test_their_staff_code_comes_off_with_them(owner_client, owner, member, colleague, organization):
    door = make_door(make_unit(make_property(organization)), make_lock(organization))
    staff_codes.save_member(StaffMember(organization=organization, name="Cleo", user=colleague), [door], NOW, owner)
    assert "off 1 door." in words(owner_client.get(url(member)))
    assert "removed from Front Door" in words(owner_client.post(url(member), follow=True))
    assert StaffMember.objects.get().is_removed


def test_last_owner_cannot_be_removed(owner_client, owner):
    answer = owner_client.post(url(owner.membership))
    assert answer.status_code == 422
    assert "the only owner" in words(answer)
    assert Membership.objects.filter(user=owner).exists()


def test_owner_may_leave_when_another_stays(owner_client, owner, organization):
    make_user("second@example.org", organization)
    owner_client.post(url(owner.membership))
    assert not Membership.objects.filter(user=owner).exists()
    assert owner_client.get("/people/").status_code == 302


def test_who_is_no_owner_cannot_remove_one(organization, owner):
    make_user("second@example.org", organization)
    client = client_as(organization, Role.MANAGER, granted=["manage_people"])
    assert client.post(url(owner.membership)).status_code == 422
    assert Membership.objects.filter(user=owner).exists()


def test_stranger_finds_nobody(stranger_client, member):
    assert stranger_client.post(url(member)).status_code == 404
    assert Membership.objects.filter(pk=member.pk).exists()


def test_without_right_it_is_refused(colleague_client, owner):
    assert colleague_client.post(url(owner.membership)).status_code == 403
