"""The first-run checklist: a pure function of facts, on Today until everything is done."""

from datetime import timedelta

import pytest

from accounts.models import Invitation, Organization, Right, Role
from dashboard.frame.checklist import Facts, facts_for, steps
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.changes import people
from properties.models import AccessCode, Property
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_unit

URL = "/first-run/put-away/"
PLACE = Property(pk=3, name="Lake House", time_zone="America/Los_Angeles")
DONE = Facts(PLACE, has_account=True, locks=2, locks_on_doors=2, has_proof=True, colleagues=1)


def state(facts: Facts) -> dict[str, bool]:
    return {step.key: step.is_done for step in steps(facts)}


def the_next(facts: Facts) -> str:
    return next((step.key for step in steps(facts) if step.is_next), "")


@pytest.mark.parametrize(
    ("facts", "done", "upcoming"),
    [
        (Facts(), [], "zone"),
        (Facts(PLACE), ["zone"], "link"),
        (Facts(has_account=True), ["link"], "zone"),
        (Facts(PLACE, has_account=True, locks=2), ["zone", "link"], "doors"),
        (Facts(PLACE, has_account=True, locks=2, locks_on_doors=1), ["zone", "link", "doors"], "proof"),
        (Facts(PLACE, True, 2, 1, has_proof=True), ["zone", "link", "doors", "proof"], "invite"),
        (Facts(invited=1), ["invite"], "zone"),
        (DONE, ["zone", "link", "doors", "proof", "invite"], ""),
    ],
)
def test_what_is_done_and_what_comes_next(facts, done, upcoming):
    assert [key for key, is_done in state(facts).items() if is_done] == done
    assert the_next(facts) == upcoming


def test_step_has_link_when_person_has_right():
    assert all(step.url for step in steps(Facts()))
    without = {step.key: step for step in steps(Facts(rights=frozenset(Right) - {Right.MANAGE_PEOPLE}))}
    assert without["invite"].url == ""
    assert without["invite"].detail.endswith("Ask an owner.")
    assert without["zone"].url


def test_facts_take_same_number_of_queries(owner, organization, django_assert_num_queries):
    assert owner.current_membership is not None
    with django_assert_num_queries(2):
        assert facts_for(owner) == Facts(rights=frozenset(Right))
    unit = make_unit(make_property(organization))
    for n in range(5):
        make_door(unit, make_lock(organization, f"Lock {n}"), f"Door {n}")
    with django_assert_num_queries(2):
        facts = facts_for(owner)
    assert (facts.locks, facts.locks_on_doors) == (5, 5)


def test_it_stands_on_today_with_next_step(owner_client):
    page = words(owner_client.get("/"))
    assert "Getting started 0 of 5 done" in page
    assert "Add a property" in page


def test_code_counts_only_when_it_is_proved(owner, organization):
    make_code(make_lock(organization))
    assert not facts_for(owner).has_proof
    AccessCode.objects.update(on_lock_at=NOW)
    assert facts_for(owner).has_proof


@pytest.fixture
def all_done(organization, owner, colleague, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    make_code(lock, on_lock_at=now - timedelta(hours=1))


def test_it_can_be_put_away_once_everything_is_done(owner_client, all_done, organization):
    assert "Put this list away" in words(owner_client.get("/"))
    owner_client.post(URL)
    assert Organization.objects.get(pk=organization.pk).first_run_put_away_at is not None
    assert "You are set up" not in words(owner_client.get("/"))


def test_not_before(owner_client, organization):
    assert "Put this list away" not in words(owner_client.get("/"))
    page = words(owner_client.post(URL, follow=True))
    assert "Some steps are still open." in page
    assert Organization.objects.get(pk=organization.pk).first_run_put_away_at is None


def test_invitation_that_waits_counts(owner, now):
    people.invite(Invitation(email="new@example.org", role=Role.MANAGER), [], now, owner)
    assert state(facts_for(owner))["invite"]


def test_get_is_refused(owner_client):
    assert owner_client.get(URL).status_code == 405


def test_people_who_cannot_set_up_do_not_see_it(organization, all_done):
    place = Property.objects.get()
    for client in (client_as(organization, Role.FRONT_DESK), client_as(organization, Role.MANAGER, place)):
        assert "set up" not in words(client.get("/"))
    assert "You are set up" in words(client_as(organization, Role.MANAGER).get("/"))


def test_without_right_it_is_refused(colleague_client, organization, all_done):
    assert colleague_client.post(URL).status_code == 403
    assert Organization.objects.get(pk=organization.pk).first_run_put_away_at is None


def test_stranger_puts_away_nothing_of_ours(stranger_client, organization, all_done):
    stranger_client.post(URL)
    assert Organization.objects.get(pk=organization.pk).first_run_put_away_at is None
