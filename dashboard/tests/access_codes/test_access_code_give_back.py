"""Giving a guest's code back that a person had revoked: the stay asks for it again."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import pins, planning
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit


def give_back(code) -> str:
    return reverse("access-code-give-back", args=[code.pk])


@pytest.fixture
def withheld(organization, owner, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    stay = make_stay(unit)
    (code,) = planning.apply_stay_plan(stay, now, owner)
    planning.withhold(code, now, owner, "Not paid")
    return code


def test_stay_has_code_again(owner_client, withheld, now):
    assert not withheld.stay.access_codes.standing().exists()
    assert give_back(withheld) in owner_client.get(reverse("access-code", args=[withheld.pk])).content.decode()
    page = owner_client.post(give_back(withheld), follow=True)
    assert "Anna Schmidt gets a code for Front Door again." in words(page)
    fresh = withheld.stay.access_codes.standing().get()
    assert page.redirect_chain == [(reverse("access-code", args=[fresh.pk]), 302)]
    assert fresh.lock.work.reconcile_at == now


def test_code_that_is_still_on_lock_just_stays_there(owner_client, withheld):
    type(withheld).objects.update(removed_at=None, removed_source="", seam_id="11111111-1111-4111-8111-111111111111")
    page = owner_client.post(give_back(withheld), follow=True)
    assert "Anna Schmidt gets a code for Front Door again." in words(page)
    assert withheld.stay.access_codes.get().pin == withheld.pin


def test_second_time_there_is_nothing_to_give(owner_client, withheld):
    owner_client.post(give_back(withheld))
    page = owner_client.post(give_back(withheld), follow=True)
    assert "There is nothing to give back: the stay is over, or has its code." in words(page)
    assert withheld.stay.access_codes.standing().count() == 1


def test_code_without_stay_has_nothing_to_come_back_to(owner_client, organization, now):
    code = make_code(make_lock(organization), revoked_at=now)
    page = owner_client.post(give_back(code), follow=True)
    assert "There is nothing to give back" in words(page)


def test_when_no_pin_is_left_it_says_so(owner_client, withheld, monkeypatch):
    monkeypatch.setattr(planning, "_pin_for", lambda *_: (_ for _ in ()).throw(pins.NoPinLeft("No free PIN.")))
    page = owner_client.post(give_back(withheld), follow=True)
    assert "No free PIN." in words(page)
    withheld.refresh_from_db()
    assert withheld.is_withheld


def test_stranger_gets_404(stranger_client, withheld):
    assert stranger_client.post(give_back(withheld)).status_code == 404
    assert not withheld.stay.access_codes.standing().exists()


def test_address_typed_by_hand_gives_nothing(owner_client, withheld):
    assert owner_client.get(give_back(withheld)).status_code == 405


def test_colleague_who_may_only_look_is_told_so(colleague_client, withheld):
    page = colleague_client.post(give_back(withheld))
    assert page.status_code == 403
    assert "does not allow you to make or change stays and codes" in words(page)
