"""Issuing a code from the form: what it makes, and for each bad input a sentence that changes nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import pins
from properties.models import AccessCode, Lock
from properties.tests.builders import (
    make_account,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_unit,
    other_code,
)

ISSUE = reverse("access-code-issue")
# It is 12:00 UTC on the first of June there: 05:00 in Los Angeles, where the lock hangs.
TIMES = {"starts_on": "2026-06-01T16:00", "ends_on": "2026-06-04T11:00"}


@pytest.fixture
def lock(organization, now):
    lock = make_lock(organization)
    make_door(make_unit(make_property(organization)), lock)
    return lock


def typed(chosen, **fields) -> dict[str, str]:
    return {"holder_name": "Anna Schmidt", "lock": str(chosen.pk), "starts_on": "", "ends_on": "", "pin": ""} | fields


def errors_of(page) -> dict[str, str]:
    return {name: " ".join(found) for name, found in page.context["form"].errors.items()}


def test_it_is_planned_for_local_times_and_lock_is_due(owner_client, owner, lock, now):
    page = owner_client.post(ISSUE, typed(lock, **TIMES), follow=True)
    code = AccessCode.objects.get()
    assert page.redirect_chain == [(reverse("access-code", args=[code.pk]), 302)]
    assert "Code for Anna Schmidt is being put on Front Door." in words(page)
    assert code.starts_at == datetime(2026, 6, 1, 23, 0, tzinfo=UTC)
    assert code.ends_at == datetime(2026, 6, 4, 18, 0, tzinfo=UTC)
    assert (code.holder_name, code.lock, code.created_by) == ("Anna Schmidt", lock, owner)
    assert len(code.pin) == 6
    assert not pins.weakness(code.pin)
    assert not code.pin_is_own_choice
    assert Lock.objects.get().work.reconcile_at == now


def test_it_goes_on_to_lock(seam, owner, owner_client):
    seam.link_for(owner)
    owner_client.post(ISSUE, typed(seam.lock()))
    assert list(seam.pins_on(seam.lock())) == [AccessCode.objects.get().pin]


def test_both_times_empty_is_ongoing_code(owner_client, lock):
    page = owner_client.post(ISSUE, typed(lock), follow=True)
    assert AccessCode.objects.get().window is None
    assert "No end: it works until it is revoked" in words(page)


def test_only_end_means_from_now_on(owner_client, lock, now):
    owner_client.post(ISSUE, typed(lock, ends_on="2026-06-04T11:00"))
    assert AccessCode.objects.get().starts_at == now


def test_own_pin_is_taken_as_it_is(owner_client, lock):
    owner_client.post(ISSUE, typed(lock, pin=" 4829 "))
    code = AccessCode.objects.get()
    assert (code.pin, code.pin_is_own_choice) == ("4829", True)


def test_name_is_kept_as_people_write_it(owner_client, lock):
    owner_client.post(ISSUE, typed(lock, holder_name="  Zoë   O’Neill 😀 "))
    code = AccessCode.objects.get()
    assert code.holder_name == "Zoë O’Neill 😀"
    assert re.fullmatch(r"[ -~]+", code.seam_name)


BAD = [
    ("holder_name", {"holder_name": ""}, "This field is required."),
    ("holder_name", {"holder_name": "x" * 201}, "at most 200 characters"),
    ("lock", {"lock": ""}, "This field is required."),
    ("lock", {"lock": "999999"}, "not one of the available choices"),
    ("ends_on", {"starts_on": "2026-06-04T11:00", "ends_on": "2026-06-01T16:00"}, "The end must be after the start."),
    ("ends_on", {"starts_on": "2026-06-04T11:00", "ends_on": "2026-06-04T11:00"}, "The end must be after the start."),
    ("ends_on", {"starts_on": "2026-05-01T11:00", "ends_on": "2026-05-04T11:00"}, "This end is in the past."),
    ("ends_on", {"ends_on": "2026-06-01T04:59"}, "This end is in the past."),
    ("ends_on", {"ends_on": "2026-06-01T05:02"}, "A code needs at least five minutes."),
    ("ends_on", {"starts_on": "2026-06-04T11:00"}, "Give an end too, or leave both times empty"),
    ("starts_on", {"starts_on": "soon", "ends_on": "2026-06-04T11:00"}, "Give a date and a time, such as"),
    ("ends_on", {"starts_on": "2026-06-04T11:00", "ends_on": "2026-06-31T11:00"}, "Give a date and a time, such as"),
    # The clocks of Los Angeles skip from 02:00 to 03:00 on 14 March 2027.
    (
        "starts_on",
        {"starts_on": "2027-03-14T02:30", "ends_on": "2027-03-16T11:00"},
        "02:30 does not exist on Sun 14 Mar 2027 in America/Los_Angeles: the clocks skip it.",
    ),
    (
        "ends_on",
        {"starts_on": "2027-03-12T16:00", "ends_on": "2027-03-14T02:30"},
        "02:30 does not exist on Sun 14 Mar 2027 in America/Los_Angeles: the clocks skip it.",
    ),
    ("pin", {"pin": "123"}, "Front Door takes PINs of 4, 5, 6, 7 or 8 digits; this one has 3."),
    ("pin", {"pin": "482917365"}, "this one has 9."),
    ("pin", {"pin": "12ab56"}, "A PIN has digits only."),
    ("pin", {"pin": "٤٨٢٩١٧"}, "A PIN has digits only."),
    ("pin", {"pin": "111111"}, "has too few different digits, so it would be guessed"),
    ("pin", {"pin": "234567"}, "is a run of digits, so it would be guessed"),
]


@pytest.mark.parametrize(("field", "fields", "sentence"), BAD)
def test_bad_input_gets_sentence_and_changes_nothing(owner_client, lock, field, fields, sentence):
    given = typed(lock, **fields)
    page = owner_client.post(ISSUE, given)
    assert page.status_code == 422
    assert list(errors_of(page)) == [field]
    assert sentence in errors_of(page)[field]
    assert sentence in words(page)
    assert 'aria-invalid="true"' in page.content.decode()
    assert not AccessCode.objects.exists()


@pytest.mark.parametrize(("field", "fields", "sentence"), BAD)
def test_everything_typed_is_kept(owner_client, lock, field, fields, sentence):
    given = typed(lock, **({"pin": "482917"} | TIMES | fields))
    form = owner_client.post(ISSUE, given).context["form"]
    assert {name: form[name].value() or "" for name in given} == given


def test_empty_form_asks_for_what_it_needs(owner_client, lock):
    page = owner_client.post(ISSUE, {})
    assert page.status_code == 422
    assert list(errors_of(page)) == ["holder_name", "lock"]


def test_several_mistakes_are_said_at_once(owner_client, lock):
    page = owner_client.post(ISSUE, typed(lock, holder_name="", pin="12", starts_on="2026-06-04T11:00"))
    assert list(errors_of(page)) == ["holder_name", "ends_on", "pin"]


def test_time_that_comes_twice_is_one_that_lasts_longer(owner_client, lock):
    """01:30 on 1 November 2026 comes twice in Los Angeles: in from the first, out at the second."""
    owner_client.post(ISSUE, typed(lock, starts_on="2026-11-01T01:30", ends_on="2026-11-01T01:30"))
    code = AccessCode.objects.get()
    assert (code.starts_at.hour, code.ends_at.hour) == (8, 9)


REFUSED = "This PIN cannot be used here. Choose another one, or leave the field empty."


# There; the beginning of one; begun by one; there until last week.
@pytest.mark.parametrize("pin", ["482917", "4829", "48291736", "739184"])
def test_refusal_does_not_tell_which_pin_there_is(owner_client, lock, now, pin):
    make_code(lock, "Ben Ito", pin="482917")
    make_code(lock, "Gone last week", pin="739184", removed_at=now - timedelta(days=7))
    page = owner_client.post(ISSUE, typed(lock, pin=pin))
    assert page.status_code == 422
    assert errors_of(page)["pin"] == REFUSED
    assert AccessCode.objects.count() == 2


def test_two_who_choose_same_pin_at_once_get_one_code(owner_client, lock, monkeypatch):
    """The other's row came in after the form had looked: the database decides."""
    make_code(lock, "Ben Ito", pin="482917")
    monkeypatch.setattr(pins, "is_free", lambda *_: True)
    page = owner_client.post(ISSUE, typed(lock, pin="482917"))
    assert page.status_code == 422
    assert errors_of(page)["pin"] == REFUSED
    assert AccessCode.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"can_program_codes": None, "has_keypad": None},
            "This lock takes no codes over the air. A Wyze Lock Bolt has Bluetooth only: make codes for it in the Wyze "
            "app.",
        ),
        (
            {"can_program_codes": False, "has_keypad": False},
            "No keypad is connected. Pair a Wyze keypad with this lock",
        ),
        (
            {"can_program_codes": False, "errors": [{"error_code": "x", "message": "The gateway is offline."}]},
            "Codes cannot be put on this lock right now. The gateway is offline.",
        ),
        ({"is_managed": False}, "This lock is not managed through Seam."),
    ],
)
def test_lock_that_cannot_hold_codes_says_why(owner_client, organization, now, fields, reason):
    lock = make_lock(organization, **fields)
    form = owner_client.get(ISSUE)
    assert "Front Door (takes no codes)" in words(form)
    page = owner_client.post(ISSUE, typed(lock))
    assert page.status_code == 422
    assert reason in errors_of(page)["lock"]
    assert not AccessCode.objects.exists()


def test_full_lock_says_so(owner_client, organization, now):
    lock = make_lock(organization, code_capacity=2, other_codes=[other_code("Cleaner")])
    make_code(lock)
    page = owner_client.post(ISSUE, typed(lock))
    assert page.status_code == 422
    assert ": all its 2 places for codes are taken." in str(errors_of(page)["lock"])


@pytest.mark.parametrize("fields", [{"vanished_at": "2026-05-01T00:00Z"}, {"account": "unlinked"}])
def test_lock_that_is_gone_is_not_offered(owner_client, organization, now, fields):
    if fields.get("account"):
        fields = {"account": make_account(organization, unlinked_at=now)}
    lock = make_lock(organization, **fields)
    assert "Front Door" not in words(owner_client.get(ISSUE))
    assert owner_client.post(ISSUE, typed(lock)).status_code == 422
    assert not AccessCode.objects.exists()


def test_lock_that_leaves_no_free_pin_says_so(owner_client, lock, monkeypatch):
    monkeypatch.setattr(pins, "weakness", lambda *_: "is never good")
    page = owner_client.post(ISSUE, typed(lock))
    assert page.status_code == 422
    assert "No free PIN of 6 digits was found" in errors_of(page)["pin"]


def test_lock_of_address_is_chosen_already(owner_client, lock):
    assert f'value="{lock.pk}" selected' in owner_client.get(ISSUE, {"lock": lock.pk}).content.decode()


@pytest.mark.parametrize("nonsense", ["x", "-1", "99999999999999999999", "a\0b"])
def test_lock_of_address_that_is_none_does_no_harm(owner_client, lock, nonsense):
    assert owner_client.get(ISSUE, {"lock": nonsense}).status_code == 200


def test_lock_of_other_organization_is_refused(stranger_client, lock):
    assert "Front Door" not in words(stranger_client.get(ISSUE, {"lock": lock.pk}))
    page = stranger_client.post(ISSUE, typed(lock))
    assert page.status_code == 422
    assert "not one of the available choices" in errors_of(page)["lock"]
    assert not AccessCode.objects.exists()


def test_colleague_who_may_only_look_is_told_so(colleague_client, lock):
    for page in (colleague_client.get(ISSUE), colleague_client.post(ISSUE, typed(lock))):
        assert page.status_code == 403
        assert "Your role does not allow you to make or change stays and codes. Ask an owner." in words(page)
    assert not AccessCode.objects.exists()
