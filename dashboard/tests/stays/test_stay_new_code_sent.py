"""After a reissue the guest holds an old PIN, until a person says that the new one was sent."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import Activity
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict.checks import Subject, Verdict
from properties.verdict.loading import assess


@pytest.fixture
def stay(organization, owner, now):
    unit = make_unit(make_property(organization))
    for name in ("Front Door", "Gate", "Attic", "Cellar"):
        make_door(unit, make_lock(organization, name), name)
    stay = make_stay(unit)
    planning.apply_stay_plan(stay, now, None)
    return stay


def reissue(stay, owner, now):
    planning.reissue(stay.access_codes.standing().first(), now, owner, "Lost")
    stay.refresh_from_db()


def url(stay) -> str:
    return reverse("stay-new-code-sent", args=[stay.pk])


def test_reissue_changes_all_doors_and_warns(owner_client, stay, owner, now):
    page = words(owner_client.get(reverse("access-code-reissue", args=[stay.access_codes.first().pk])))
    assert "These doors change" in page
    assert all(name in page for name in ("Front Door", "Gate", "Attic", "Cellar"))
    reissue(stay, owner, now)
    assert len({code.pin for code in stay.access_codes.standing()}) == 1
    checks = assess([stay], now, now)[0].readiness.checks
    [check] = [check for check in checks if check.subject is Subject.GUEST_KNOWS]
    assert (check.verdict, check.what) == (Verdict.AT_RISK, "The guest holds an old PIN since Mon 1 Jun, 05:00.")
    assert "New code was sent to the guest" in words(owner_client.get(reverse("stay", args=[stay.pk])))


def test_pin_that_no_person_changed_is_no_old_pin(stay, now):
    planning.reissue(stay.access_codes.standing().first(), now, None, "taken on the lock")
    stay.refresh_from_db()
    assert stay.old_pin_since is None


def test_who_said_that_it_was_sent_is_kept(owner_client, stay, owner, now):
    reissue(stay, owner, now)
    assert "has the new PIN" in words(owner_client.post(url(stay), follow=True))
    stay.refresh_from_db()
    assert (stay.old_pin_since, stay.new_pin_sent_at, stay.new_pin_sent_by) == (None, now, owner)
    assert Activity.objects.filter(kind="stay.new_pin_sent", actor=owner, stay=stay).exists()


def test_restored_door_gets_the_new_pin(stay, owner, now):
    away = stay.access_codes.get(lock__name="Attic")
    type(away).objects.filter(pk=away.pk).update(create_sent_at=now)
    planning.withhold(away, now, owner, "Broken")
    reissue(stay, owner, now)
    planning.give_back(away, now, owner)
    assert {code.pin for code in stay.access_codes.standing()} != {away.pin}
    assert len({code.pin for code in stay.access_codes.standing()}) == 1
    assert stay.access_codes.standing().count() == 4


def test_nothing_new_says_so(owner_client, stay):
    assert "no new PIN that the guest waits for" in words(owner_client.post(url(stay), follow=True))


def test_get_is_refused(owner_client, stay):
    assert owner_client.get(url(stay)).status_code == 405


def test_stranger_gets_404(stranger_client, stay, owner, now):
    reissue(stay, owner, now)
    assert stranger_client.post(url(stay)).status_code == 404
    stay.refresh_from_db()
    assert stay.old_pin_since is not None
