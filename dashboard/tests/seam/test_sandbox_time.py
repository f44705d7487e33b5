"""The demo's time control: moves the sandbox's clock and starts the demo afresh; nowhere else does it exist."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from dashboard import demo
from dashboard.tests.pages import words
from properties.codes import staff_codes
from properties.models import AccessCode, ConnectedAccount, Lock, Property, StaffMember
from properties.models.stays import Window
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_unit, make_user

ADVANCE, AFRESH = reverse("sandbox-advance"), reverse("sandbox-afresh")


@pytest.mark.parametrize(
    ("step", "later", "shown"),
    [("PT1H", timedelta(hours=1), "one hour later now"), ("P1D", timedelta(days=1), "one day later now")],
)
def test_clock_moves_for_pages_and_sandbox(seam, owner_client, step, later, shown):
    page = owner_client.post(ADVANCE, {"by": step, "next": reverse("locks")}, follow=True)
    assert page.redirect_chain == [(reverse("locks"), 302)]
    assert f"The sandbox is {shown}." in words(page)
    assert page.context["frame"].now == NOW + later == seam.now_at


def test_what_is_due_by_then_is_done_at_once(seam, owner, owner_client):
    seam.link_for(owner)
    window = Window(seam.now_at + timedelta(hours=2), seam.now_at + timedelta(hours=30))
    code = make_code(seam.lock(), window=window, now=seam.now_at)
    owner_client.post(ADVANCE, {"by": "PT1H"})
    code.refresh_from_db()
    assert code.accepted_at is not None
    assert code.pin in seam.pins_on(seam.lock())
    owner_client.post(ADVANCE, {"by": "PT1H"})
    code.refresh_from_db()
    assert code.on_lock_at is not None


@pytest.mark.parametrize("step", ["", "P1Y", "PT2H", "nonsense"])
def test_other_steps_do_not_exist(seam, owner_client, step):
    assert owner_client.post(ADVANCE, {"by": step}).status_code == 404
    assert seam.now_at == NOW


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_it_leads_back_to_our_pages_only(seam, owner_client, target):
    assert owner_client.post(ADVANCE, {"by": "PT1H", "next": target})["Location"] == reverse("overview")


def test_control_shows_time_on_every_page(seam, owner_client):
    for name in ("overview", "locks", "access-codes", "connections"):
        assert "Sandbox time Mon 1 Jun 2026, 12:00 UTC" in words(owner_client.get(reverse(name)))


def test_without_sandbox_none_of_it_exists(owner_client, organization, now):
    make_lock(organization)
    assert "Sandbox time" not in words(owner_client.get(reverse("overview")))
    assert owner_client.post(ADVANCE, {"by": "PT1H"}).status_code == 404
    assert owner_client.post(AFRESH).status_code == 404
    assert Lock.objects.exists()


def test_page_says_when_sandbox_is_away(owner_client, organization, settings, now):
    settings.SANDBOX_CLOCK, settings.SEAM_ENDPOINT = True, "http://127.0.0.1:1"
    make_lock(organization)
    make_user(demo.EMAIL, organization)
    page = owner_client.post(ADVANCE, {"by": "PT1H"}, follow=True)
    assert "The sandbox does not answer, so its clock could not be moved." in words(page)
    page = owner_client.post(AFRESH, follow=True)
    assert "The sandbox does not answer, so nothing was changed." in words(page)
    assert Lock.objects.exists()


def test_afresh_everything_of_demo_goes_and_people_stay(seam, owner, owner_client, tmp_path, settings):
    settings.VAR_DIR = tmp_path
    make_user(demo.EMAIL, owner.organization)
    seam.link_for(owner)
    make_code(seam.lock(), now=seam.now_at)
    door = make_door(make_unit(make_property(owner.organization)), seam.lock())
    staff_codes.save_member(StaffMember(organization=owner.organization, name="Maria"), [door], seam.now_at, owner)
    seam.advance("P3D")
    page = owner_client.post(AFRESH, follow=True)
    assert page.redirect_chain == [(reverse("overview"), 302)]
    assert "The demo has started afresh. Link a Wyze account to begin." in words(page)
    for model in (AccessCode, StaffMember, Lock, ConnectedAccount):
        assert not model.objects.exists()
    assert seam("/connected_accounts/list")["connected_accounts"] == []
    assert User.objects.filter(email=owner.email).exists()
    assert Property.objects.filter(organization__memberships__user__email=demo.EMAIL).count() == 2


def test_only_demo_itself_can_start_afresh(seam, owner_client, stranger, organization):
    make_user(demo.EMAIL, stranger.organization)
    lock = make_lock(organization)
    assert "Start afresh" not in words(owner_client.get(reverse("locks")))
    assert owner_client.post(AFRESH).status_code == 404
    assert Lock.objects.filter(pk=lock.pk).exists()


@pytest.mark.parametrize("url", [ADVANCE, AFRESH])
def test_address_typed_by_hand_changes_nothing(seam, owner_client, url):
    assert owner_client.get(url).status_code == 405


@pytest.mark.parametrize("url", [ADVANCE, AFRESH])
def test_colleague_who_may_only_look_is_told_so(seam, colleague_client, url):
    assert colleague_client.post(url, {"by": "PT1H"}).status_code == 403
    assert seam.now_at == NOW
    assert "Sandbox time" not in words(colleague_client.get(reverse("overview")))
