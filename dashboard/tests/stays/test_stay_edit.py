"""Changing a stay: new times move its codes; once it has begun, only the end moves."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import Stay
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


@pytest.fixture
def stay(unit, now):
    """Thu 11 Jun 16:00 to Sun 14 Jun 11:00, with its code since yesterday."""
    stay = make_stay(unit, phone="+49 170 123")
    planning.apply_stay_plan(stay, now - timedelta(days=1), None)
    return stay


@pytest.fixture
def in_house(unit, now):
    stay = make_stay(unit, "Ina House", days_ahead=-1)
    planning.apply_stay_plan(stay, now, None)
    return stay


def url(stay) -> str:
    return reverse("stay-edit", args=[stay.pk])


def typed(stay, /, **fields) -> dict[str, str]:
    return {
        "unit": str(stay.unit_id),
        "guest_name": stay.guest.name,
        "check_in_on": stay.check_in_on.isoformat(),
        "check_in_time": f"{stay.check_in_time:%H:%M}",
        "check_out_on": stay.check_out_on.isoformat(),
        "check_out_time": f"{stay.check_out_time:%H:%M}",
    } | fields


def test_new_dates_move_code_and_keep_its_pin(owner_client, stay):
    before = stay.access_codes.get()
    page = owner_client.post(url(stay), typed(stay, check_out_on="2026-06-16"), follow=True)
    assert "Stay saved. 1 code is being changed to the new times on Front Door." in words(page)
    stay.refresh_from_db()
    code = stay.access_codes.get()
    assert stay.check_out_on == date(2026, 6, 16)
    assert (code.pk, code.pin, code.ends_at) == (before.pk, before.pin, stay.ends_at)


def test_form_shows_what_is_there(owner_client, stay):
    page = owner_client.get(url(stay)).content.decode()
    for shown in ('value="Anna Schmidt"', 'value="+49 170 123"', 'value="2026-06-11"', 'value="16:00"'):
        assert shown in page


def test_guest_can_move_to_another_unit_before_stay(owner_client, stay, organization):
    suite = make_unit(stay.unit.property, "Guest suite")
    make_door(suite, make_lock(organization, "Suite"), "Suite door")
    page = words(owner_client.post(url(stay), typed(stay, unit=str(suite.pk)), follow=True))
    assert "1 code is being put on Suite. 1 code is being removed from Front Door." in page


def test_once_begun_only_end_moves_whatever_is_sent(owner_client, in_house):
    suite = make_unit(in_house.unit.property, "Guest suite")
    sent = typed(in_house, unit=str(suite.pk), check_in_on="2026-05-20", check_in_time="09:00", check_out_time="13:00")
    assert owner_client.post(url(in_house), sent).status_code == 302
    before = in_house.starts_at
    in_house.refresh_from_db()
    assert (in_house.unit.name, in_house.starts_at) == ("Whole home", before)
    assert in_house.check_out_time == time(13)


def test_once_begun_form_says_what_is_fixed(owner_client, in_house):
    page = owner_client.get(url(in_house))
    assert words(page).count("Fixed, because the stay has begun.") == 3
    assert page.content.decode().count(" disabled") == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"check_out_on": "2026-06-10"}, "Check-out must come after check-in."),
        ({"check_in_on": "2026-05-01", "check_out_on": "2026-05-03"}, "This check-out has passed"),
        ({"guest_name": ""}, "Type the guest's name."),
        ({"check_in_on": "2027-03-14", "check_in_time": "02:15", "check_out_on": "2027-03-20"}, "02:15 does not exist"),
    ],
)
def test_bad_input_says_why_and_changes_nothing(owner_client, stay, fields, sentence):
    answer = owner_client.post(url(stay), typed(stay, **fields))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert Stay.objects.get().window() == stay.window() == stay.access_codes.get().window


def test_stay_cannot_be_moved_onto_another(owner_client, stay, unit):
    make_stay(unit, "Bo Bergman", days_ahead=20)
    answer = owner_client.post(url(stay), typed(stay, check_out_on="2026-06-25"))
    assert answer.status_code == 422
    assert "Bo Bergman stays in Lake House · Whole home" in words(answer)
    assert "Anna Schmidt in Lake House · Whole home" in words(answer)


@pytest.mark.parametrize("fields", [{"days_ahead": -20}, {"days_ahead": 40, "cancelled": True}])
def test_stay_that_is_history_is_not_changed(owner_client, unit, now, fields):
    is_cancelled = fields.pop("cancelled", False)
    stay = make_stay(unit, cancelled_at=now if is_cancelled else None, **fields)
    page = owner_client.post(url(stay), typed(stay, guest_name="Somebody else"), follow=True)
    assert "This stay is over, so it cannot be changed. Add a new stay instead." in words(page)
    stay.guest.refresh_from_db()
    assert stay.guest.name == "Anna Schmidt"


def test_extension_by_day_in_residence_reaches_lock(owner_client, in_house):
    owner_client.post(url(in_house), typed(in_house, check_out_on=str(in_house.check_out_on + timedelta(days=1))))
    in_house.refresh_from_db()
    assert in_house.access_codes.get().ends_at == in_house.ends_at


def test_stranger_gets_404(stranger_client, stay):
    assert stranger_client.get(url(stay)).status_code == 404
    assert stranger_client.post(url(stay), typed(stay, guest_name="Mine")).status_code == 404
    stay.guest.refresh_from_db()
    assert stay.guest.name == "Anna Schmidt"


def test_colleague_who_may_only_look_is_refused(colleague_client, stay):
    assert colleague_client.post(url(stay), typed(stay)).status_code == 403


def test_reading_changes_nothing(owner_client, stay):
    assert owner_client.get(url(stay), typed(stay, guest_name="New")).status_code == 200
    assert owner_client.delete(url(stay)).status_code == 405
    assert Stay.objects.get().guest.name == "Anna Schmidt"
