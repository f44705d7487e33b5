"""Extending and shortening a code: other times, the same PIN."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.models import AccessCode
from properties.models.stays import Window
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit

# The builders' code runs from 11 June 05:00 to 18 June 05:00 in Los Angeles; it is 05:00 on 1 June there.
TIMES = {"starts_on": "2026-06-11T05:00", "ends_on": "2026-06-18T05:00"}


def change(code) -> str:
    return reverse("access-code-change", args=[code.pk])


@pytest.fixture
def lock(organization, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    return lock


def window(code) -> tuple[str, ...]:
    code.refresh_from_db()
    return tuple(f"{at:%d %H:%M}" for at in code.window)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ends_on": "2026-06-20T05:00"}, ("11 12:00", "20 12:00")),
        ({"ends_on": "2026-06-12T05:00"}, ("11 12:00", "12 12:00")),
        ({"starts_on": "2026-06-10T05:00"}, ("10 12:00", "18 12:00")),
    ],
)
def test_new_times_keep_pin(owner_client, lock, now, fields, expected):
    code = make_code(lock)
    page = owner_client.post(change(code), TIMES | fields, follow=True)
    assert page.redirect_chain == [(reverse("access-code", args=[code.pk]), 302)]
    assert "New times for Anna Schmidt. The PIN stays the same." in words(page)
    assert window(code) == expected
    assert code.pin == "482917"
    lock.refresh_from_db()
    assert lock.work.reconcile_at == now


def test_seam_gets_new_times(seam, owner, owner_client):
    seam.link_for(owner)
    start = seam.now_at + timedelta(hours=2)
    code = make_code(seam.lock(), window=Window(start, start + timedelta(hours=2)), now=seam.now_at)
    seam.work()
    # 12:00 UTC is 05:00 there.
    owner_client.post(change(code), {"starts_on": "2026-06-01T07:00", "ends_on": "2026-06-01T12:00"})
    (remote,) = seam("/access_codes/list", device_id=str(seam.lock().seam_id))["access_codes"]
    assert remote["ends_at"].startswith("2026-06-01T19:00:00")
    assert remote["code"] == code.pin


def test_both_times_empty_makes_it_ongoing(owner_client, lock):
    code = make_code(lock)
    owner_client.post(change(code), {"starts_on": "", "ends_on": ""})
    code.refresh_from_db()
    assert code.window is None


def test_form_shows_times_as_they_are_on_lock(owner_client, lock):
    page = owner_client.get(change(make_code(lock)))
    html = page.content.decode()
    assert 'value="2026-06-11T05:00"' in html
    assert 'value="2026-06-18T05:00"' in html
    assert "keeps its PIN. Times are local to America/Los_Angeles." in words(page)


def test_once_it_has_begun_only_end_can_move(owner_client, lock, now):
    code = make_code(lock, window=Window(now - timedelta(hours=5), now + timedelta(hours=5)))
    page = owner_client.get(change(code))
    assert "It has begun, so only the end can move." in words(page)
    owner_client.post(change(code), {"starts_on": "2026-06-01T04:00", "ends_on": "2026-06-02T05:00"})
    assert window(code) == ("01 07:00", "02 12:00")


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"ends_on": "2026-06-10T05:00"}, "ends_on", "The end must be after the start."),
        ({"starts_on": "2026-05-01T05:00", "ends_on": "2026-05-02T05:00"}, "ends_on", "This end is in the past."),
        ({"ends_on": ""}, "ends_on", "Give an end too"),
        ({"ends_on": "whenever"}, "ends_on", "Give a date and a time"),
        ({"starts_on": "2027-03-14T02:30", "ends_on": "2027-03-15T05:00"}, "starts_on", "the clocks skip it"),
    ],
)
def test_bad_input_gets_sentence_and_changes_nothing(owner_client, lock, fields, field, sentence):
    code = make_code(lock)
    page = owner_client.post(change(code), TIMES | fields)
    assert page.status_code == 422
    assert sentence in " ".join(page.context["form"].errors[field])
    assert sentence in words(page)
    assert {name: page.context["form"][name].value() for name in TIMES} == TIMES | fields
    assert window(code) == ("11 12:00", "18 12:00")


@pytest.mark.parametrize("fields", [{"revoked_at": "now"}, {"ends_at": "now"}, {"removed_at": "now"}])
def test_code_that_has_ended_cannot_be_changed(owner_client, lock, now, fields):
    code = make_code(
        lock, window=Window(now - timedelta(days=1), now + timedelta(days=1)), **dict.fromkeys(fields, now)
    )
    page = owner_client.post(change(code), TIMES, follow=True)
    assert "This code has ended. Issue a new one." in words(page)
    before = code.window
    code.refresh_from_db()
    assert code.window == before


def test_code_of_stay_is_changed_with_its_stay(owner_client, lock):
    stay = make_stay(lock.door.units.get())
    code = make_code(lock, stay=stay)
    for answer in (owner_client.get(change(code)), owner_client.post(change(code), TIMES)):
        assert answer.status_code == 302
        assert answer["Location"] == reverse("stay-edit", args=[stay.pk])
    assert window(code) == ("11 12:00", "18 12:00")


def test_stranger_gets_404(stranger_client, lock):
    code = make_code(lock)
    assert stranger_client.get(change(code)).status_code == 404
    assert stranger_client.post(change(code), TIMES | {"ends_on": "2026-06-20T05:00"}).status_code == 404
    assert window(code) == ("11 12:00", "18 12:00")


def test_colleague_who_may_only_look_is_told_so(colleague_client, lock):
    page = colleague_client.post(change(make_code(lock)), TIMES)
    assert page.status_code == 403
    assert "does not allow you to make or change stays and codes" in words(page)
    assert AccessCode.objects.get().ends_at.day == 18
