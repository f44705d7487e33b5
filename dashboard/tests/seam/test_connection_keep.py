"""Keeping an account after all: the undo of unlinking, as long as it is not carried out."""

from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import AccessCode
from properties.tests.builders import make_account, make_door, make_property, make_stay, make_unit


def keep(pk: int) -> str:
    return reverse("connection-keep", args=[pk])


def test_stays_get_their_codes_back(seam, owner, owner_client, organization):
    account = seam.link_for(owner)
    unit = make_unit(make_property(organization))
    make_door(unit, seam.lock())
    stay = make_stay(unit, days_ahead=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    seam.work()
    owner_client.post(reverse("connection-unlink", args=[account.pk]))
    page = owner_client.post(keep(account.pk), follow=True)
    assert "jane@example.com stays linked. Codes of stays are planned anew." in words(page)
    assert "Unlinking" not in words(page)
    seam.pass_time("PT2M", times=3)
    account.refresh_from_db()
    assert (account.unlink_requested_at, account.unlinked_at) == (None, None)
    (standing,) = AccessCode.objects.standing()
    assert standing.stay == stay
    assert standing.pin in seam.pins_on(seam.lock())


def test_too_late_says_so(owner_client, organization, now):
    account = make_account(organization, unlink_requested_at=now, unlinked_at=now)
    page = owner_client.post(keep(account.pk), follow=True)
    assert "jane@example.com is unlinked already. Link it again." in words(page)


def test_one_that_nobody_wanted_to_unlink_stays_as_it_is(owner_client, organization):
    account = make_account(organization)
    page = owner_client.post(keep(account.pk), follow=True)
    assert "is unlinked already" not in words(page)
    account.refresh_from_db()
    assert account.unlinked_at is None


def test_stranger_gets_404(stranger_client, organization, now):
    account = make_account(organization, unlink_requested_at=now)
    assert stranger_client.post(keep(account.pk)).status_code == 404
    account.refresh_from_db()
    assert account.unlink_requested_at is not None


def test_address_typed_by_hand_keeps_nothing(owner_client, organization, now):
    assert owner_client.get(keep(make_account(organization).pk)).status_code == 405


def test_colleague_who_may_only_look_is_told_so(colleague_client, organization, now):
    page = colleague_client.post(keep(make_account(organization, unlink_requested_at=now).pk))
    assert page.status_code == 403
    assert "does not allow you to link or unlink accounts" in words(page)
