"""Revealing a PIN: one click, recorded, for thirty seconds, kept by no cache."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role
from dashboard.tests.pages import title, words
from properties.models import Activity
from properties.tests.builders import make_code, make_lock

HTMX = {"HX-Request": "true"}


def reveal(code) -> str:
    return reverse("access-code-reveal", args=[code.pk])


@pytest.fixture
def code(organization, now):
    return make_code(make_lock(organization))


def test_it_is_shown_and_recorded(owner_client, owner, code, now):
    page = owner_client.post(reveal(code), headers=HTMX)
    assert "482 917" in words(page)
    assert "Hidden again in 30 seconds. That you saw it is recorded." in words(page)
    told = Activity.objects.get(kind="code.revealed")
    assert (str(told), told.actor, told.at) == ("PIN of Anna Schmidt on Front Door was shown", owner, now)
    code.refresh_from_db()
    assert code.pin_shown_at == now


def test_each_time_is_recorded(owner_client, code):
    for _ in range(2):
        owner_client.post(reveal(code))
    assert Activity.objects.filter(kind="code.revealed").count() == 2


def test_after_thirty_seconds_part_asks_for_masked_one(owner_client, code):
    masked = reverse("access-code-pin", args=[code.pk])
    part = " ".join(owner_client.post(reveal(code), headers=HTMX).content.decode().split())
    assert f'hx-get="{masked}" hx-trigger="load delay:30s" hx-swap="outerHTML"' in part
    assert "482917" not in owner_client.get(masked).content.decode()


def test_without_scripts_it_is_page_that_goes_back_by_itself(owner_client, code):
    page = owner_client.post(reveal(code))
    back = reverse("access-code", args=[code.pk])
    assert f'<meta http-equiv="refresh" content="30;url={back}">' in " ".join(page.content.decode().split())
    assert "482 917" in words(page)
    assert title(page).endswith("PIN · Latchkey")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_no_cache_keeps_it(owner_client, code, headers):
    page = owner_client.post(reveal(code), headers=headers)
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("role", "sentence"),
    [(Role.READ_ONLY, "Your role does not allow you to see PINs. Ask an owner."), (Role.CLEANER, "")],
)
def test_without_right_it_stays_hidden(colleague_client, colleague, code, role, sentence):
    Membership.objects.filter(user=colleague).update(role=role)
    page = colleague_client.post(reveal(code))
    assert page.status_code == 403
    assert sentence in words(page)
    assert "482917" not in page.content.decode()
    assert not Activity.objects.filter(kind="code.revealed").exists()


def test_front_desk_may_see_it(colleague_client, colleague, code):
    Membership.objects.filter(user=colleague).update(role=Role.FRONT_DESK)
    assert "482 917" in words(colleague_client.post(reveal(code)))


def test_stranger_gets_404(stranger_client, code):
    assert stranger_client.post(reveal(code)).status_code == 404
    assert not Activity.objects.filter(kind="code.revealed").exists()


def test_address_typed_by_hand_reveals_nothing(owner_client, code):
    assert owner_client.get(reveal(code)).status_code == 405
    assert not Activity.objects.filter(kind="code.revealed").exists()
