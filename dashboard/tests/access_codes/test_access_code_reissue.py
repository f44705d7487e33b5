"""Reissuing: a new PIN for the same person and window, with a reason; the old one stops working."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import pins
from properties.models import AccessCode
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit


def reissue(code) -> str:
    return reverse("access-code-reissue", args=[code.pk])


@pytest.fixture
def lock(organization, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    return lock


def test_new_code_takes_place_of_old_one(owner_client, lock, now):
    old = make_code(lock)
    page = owner_client.post(reissue(old), {"reason": "Shared with others", "pin": ""}, follow=True)
    new = AccessCode.objects.exclude(pk=old.pk).get()
    assert page.redirect_chain == [(reverse("access-code", args=[new.pk]), 302)]
    assert "A new PIN for Anna Schmidt. Tell them: the old one stops working." in words(page)
    old.refresh_from_db()
    assert (old.revoked_at, old.revoke_reason) == (now, "Reissued: Shared with others")
    assert (new.replaces, new.window, new.holder_name, new.lock) == (old, old.window, old.holder_name, lock)
    assert new.pin != old.pin
    assert "the code before" in words(page)


def test_own_pin_is_taken(owner_client, lock):
    old = make_code(lock)
    owner_client.post(reissue(old), {"reason": "Wanted", "pin": "739184"})
    assert AccessCode.objects.exclude(pk=old.pk).get().pin == "739184"


def test_code_of_stay_stays_with_its_stay(owner_client, lock):
    stay = make_stay(lock.door.units.get())
    old = make_code(lock, stay=stay)
    owner_client.post(reissue(old), {"reason": "Lost"})
    assert stay.access_codes.standing().get().replaces == old


def test_on_lock_new_pin_opens_and_old_one_does_not(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    old = make_code(lock, window=None, now=seam.now_at)
    seam.work()
    owner_client.post(reissue(old), {"reason": "Lost"})
    seam.pass_time("PT2M", times=3)
    new = AccessCode.objects.standing().get()
    assert seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=new.pin)["opened"]
    assert not seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=old.pin)["opened"]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, "reason", "This field is required."),
        ({"reason": "  "}, "reason", "This field is required."),
        ({"reason": "Lost", "pin": "482917"}, "pin", "This PIN cannot be used here."),
        ({"reason": "Lost", "pin": "12"}, "pin", "this one has 2."),
        ({"reason": "Lost", "pin": "000000"}, "pin", "so it would be guessed"),
    ],
)
def test_bad_input_gets_sentence_and_changes_nothing(owner_client, lock, typed, field, sentence):
    old = make_code(lock)
    page = owner_client.post(reissue(old), typed)
    assert page.status_code == 422
    assert sentence in " ".join(page.context["form"].errors[field])
    assert sentence in words(page)
    assert {name: page.context["form"][name].value() for name in typed} == typed
    old.refresh_from_db()
    assert old.revoked_at is None
    assert AccessCode.objects.count() == 1


@pytest.fixture
def two_doors(lock, organization):
    """A stay with the same PIN on two locks; the second takes only four digits and has another person's code."""
    unit = lock.door.units.get()
    second = make_lock(organization, "Back Door", code_lengths=[4])
    make_door(unit, second, "Back door")
    make_code(second, "Ben Ito", pin="7391")
    stay = make_stay(unit)
    make_code(second, stay=stay, pin="4829")
    return make_code(lock, stay=stay, pin="4829")


def test_guest_gets_new_pin_on_all_doors(owner_client, two_doors):
    owner_client.post(reissue(two_doors), {"reason": "Lost", "pin": "5172"})
    standing = two_doors.stay.access_codes.standing()
    assert {(str(code.lock), code.pin) for code in standing} == {("Front Door", "5172"), ("Back Door", "5172")}


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        ("517294", "Back Door takes PINs of 4 digits; this one has 6."),
        ("7391", "This PIN cannot be used here."),
    ],
)
def test_own_pin_has_to_fit_all_doors_of_guest(owner_client, two_doors, pin, sentence):
    page = owner_client.post(reissue(two_doors), {"reason": "Lost", "pin": pin})
    assert page.status_code == 422
    assert sentence in words(page)
    assert {code.pin for code in two_doors.stay.access_codes.standing()} == {"4829"}


def test_when_no_pin_is_left_old_code_stays(owner_client, lock, monkeypatch):
    old = make_code(lock)
    monkeypatch.setattr(pins, "weakness", lambda *_: "is never good")
    page = owner_client.post(reissue(old), {"reason": "Lost"})
    assert page.status_code == 422
    assert "No free PIN of 6 digits was found" in words(page)
    old.refresh_from_db()
    assert old.revoked_at is None


def test_pin_just_taken_leaves_old_code(owner_client, lock, monkeypatch):
    old = make_code(lock)
    make_code(lock, "Ben Ito", pin="739184")
    monkeypatch.setattr(pins, "is_free", lambda *_: True)
    page = owner_client.post(reissue(old), {"reason": "Lost", "pin": "739184"})
    assert page.status_code == 422
    assert "This PIN cannot be used here." in words(page)
    old.refresh_from_db()
    assert old.revoked_at is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_code_that_has_ended_cannot_get_new_pin(owner_client, lock, now, method):
    code = make_code(lock, revoked_at=now)
    page = getattr(owner_client, method)(reissue(code), {"reason": "Lost"}, follow=True)
    assert "This code has ended, so it cannot get a new PIN. Issue a new one." in words(page)
    assert AccessCode.objects.count() == 1


def test_stranger_gets_404(stranger_client, lock):
    code = make_code(lock)
    assert stranger_client.get(reissue(code)).status_code == 404
    assert stranger_client.post(reissue(code), {"reason": "Lost"}).status_code == 404
    assert AccessCode.objects.count() == 1


def test_colleague_who_may_only_look_is_told_so(colleague_client, lock):
    page = colleague_client.post(reissue(make_code(lock)), {"reason": "Lost"})
    assert page.status_code == 403
    assert "does not allow you to give a code a new PIN" in words(page)
    assert AccessCode.objects.count() == 1
