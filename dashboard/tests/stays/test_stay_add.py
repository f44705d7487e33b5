"""Adding a stay: the form, what it refuses, and the codes that follow."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from dashboard.tests.pages import title, words
from properties.models import AccessCode, Activity, Lock, Stay
from properties.models.stays import Window
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_stay, make_unit
from seam_integration.models import LockWork

URL = "/stays/add/"


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization, "Front Door"), "Front door")
    make_door(unit, make_lock(organization, "Entrance"), "Entrance")
    return unit


def typed(unit, /, **fields) -> dict[str, str]:
    return {
        "unit": str(unit.pk),
        "guest_name": "Anna Schmidt",
        "check_in_on": "2026-06-10",
        "check_in_time": "16:00",
        "check_out_on": "2026-06-13",
        "check_out_time": "11:00",
        "guest_email": "",
        "guest_phone": "",
        "notes": "",
    } | fields


def test_stay_is_saved_and_code_planned_for_each_door(owner_client, unit, owner, now):
    answer = owner_client.post(URL, typed(unit, guest_email="anna@example.org", guest_phone="+49 170 123"))
    stay = Stay.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("stay", args=[stay.pk])
    assert (stay.check_in_on, stay.check_in_time, stay.created_by) == (date(2026, 6, 10), time(16), owner)
    assert (stay.guest.name, stay.guest.email, stay.guest.phone) == ("Anna Schmidt", "anna@example.org", "+49 170 123")
    assert {code.window for code in stay.access_codes.all()} == {stay.window()}
    assert set(LockWork.objects.due(now).values_list("lock__name", flat=True)) == {"Front Door", "Entrance"}
    assert Activity.objects.filter(kind="stay.created", stay=stay, actor=owner).exists()


def test_next_page_says_what_happens_to_which_doors(owner_client, unit):
    page = owner_client.post(URL, typed(unit), follow=True)
    assert "Stay saved. 2 codes are being put on Entrance and Front Door." in words(page)


def test_pin_is_in_no_page_title_or_message(owner_client, unit):
    page = owner_client.post(URL, typed(unit), follow=True)
    pin = AccessCode.objects.first().pin
    assert pin not in page.content.decode()
    assert "Anna Schmidt" in title(page)


def test_empty_time_is_usual_time_of_property(owner_client, unit):
    owner_client.post(URL, typed(unit, check_in_time="", check_out_time=""))
    stay = Stay.objects.get()
    assert (stay.check_in_time, stay.check_out_time) == (time(16), time(11))


def test_form_knows_unit_of_its_address_and_its_zone(owner_client, unit):
    make_unit(unit.property, "Guest suite")
    page = owner_client.get(URL, {"unit": unit.pk})
    assert "Times are local to Lake House, America/Los_Angeles." in words(page)
    assert 'value="16:00"' in page.content.decode()


def test_units_stand_under_their_property_with_zone_and_times(owner_client, unit, organization):
    make_unit(make_property(organization, "Harbor Loft", time_zone="America/New_York"), "2A")
    page = owner_client.get(URL).content.decode()
    assert '<optgroup label="Harbor Loft (America/New York, in 16:00, out 11:00)">' in page
    assert '<optgroup label="Lake House (America/Los Angeles, in 16:00, out 11:00)">' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"unit": ""}, "Choose the unit where the guest stays."),
        ({"guest_name": " "}, "Type the guest's name."),
        ({"guest_name": "x" * 201}, "at most 200 characters"),
        ({"guest_email": "anna@"}, "valid email address"),
        ({"check_in_on": "tomorrow"}, "valid date"),
        ({"check_out_time": "25:00"}, "valid time"),
        ({"check_out_on": "2026-06-09"}, "Check-out must come after check-in."),
        ({"check_out_on": "2026-06-10", "check_out_time": "16:00"}, "Check-out must come after check-in."),
        ({"check_in_on": "2026-05-01", "check_out_on": "2026-05-04"}, "This check-out has passed"),
        ({"check_in_on": "0001-01-01", "check_out_on": "0001-01-02"}, "Choose a year from 1976 to 2076."),
        ({"check_in_on": "9999-12-30", "check_out_on": "9999-12-31"}, "Choose a year from 1976 to 2076."),
        ({"check_in_on": "2070-12-30", "check_out_on": "2070-12-31"}, "more than five years ahead"),
        ({"check_out_on": "2030-06-13"}, "two years at most"),
        (
            {"check_in_on": "2027-03-14", "check_in_time": "02:30", "check_out_on": "2027-03-16"},
            "02:30 does not exist on Sun 14 Mar 2027 at Lake House: the clocks go forward. "
            "Choose another time, such as 03:30.",
        ),
        (
            {"check_in_on": "2027-03-12", "check_out_on": "2027-03-14", "check_out_time": "02:00"},
            "02:00 does not exist on Sun 14 Mar 2027",
        ),
    ],
)
def test_bad_input_says_why_and_saves_nothing(owner_client, unit, fields, sentence):
    answer = owner_client.post(URL, typed(unit, **fields))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not Stay.objects.exists()
    assert not AccessCode.objects.exists()


def test_what_was_typed_is_kept(owner_client, unit):
    answer = owner_client.post(URL, typed(unit, check_out_on="2026-06-01", notes="Late flight", check_in_time="18:45"))
    source = answer.content.decode()
    for kept in ('value="Anna Schmidt"', 'value="2026-06-01"', 'value="18:45"', "Late flight"):
        assert kept in source


def test_stay_that_overlaps_names_other_one(owner_client, unit):
    make_stay(unit, "Bo Bergman")
    answer = owner_client.post(URL, typed(unit))
    assert answer.status_code == 422
    assert (
        "Bo Bergman stays in Lake House · Whole home from Thu 11 Jun 2026, 16:00 to Sun 14 Jun 2026, 11:00. "
        "Choose other times or another unit, or change that stay first." in words(answer)
    )
    assert Stay.objects.count() == 1


def test_turnover_on_same_day_is_no_overlap(owner_client, unit):
    make_stay(unit, "Bo Bergman")
    assert owner_client.post(URL, typed(unit, check_out_on="2026-06-11")).status_code == 302


def test_repeated_hour_is_read_as_longer_stay(owner_client, unit):
    owner_client.post(URL, typed(unit, check_in_on="2026-10-30", check_out_on="2026-11-01", check_out_time="01:30"))
    assert Stay.objects.get().ends_at.isoformat() == "2026-11-01T09:30:00+00:00"


@pytest.mark.parametrize(
    "name", ["🏖️ Anna 👩‍👩‍👧", "سارة الأحمد", "x" * 200, "<script>alert(1)</script>", "O'Neill & Söhne"]
)
def test_odd_names_work_from_form_to_page(owner_client, unit, name):
    page = owner_client.post(URL, typed(unit, guest_name=name), follow=True)
    assert Stay.objects.get().guest.name == name
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_guest_who_is_there_already_can_be_entered(owner_client, unit):
    assert owner_client.post(URL, typed(unit, check_in_on="2026-05-30")).status_code == 302


def test_form_says_why_when_no_pin_is_left(owner_client, unit):
    Lock.objects.filter(name="Front Door").update(code_lengths=[4])
    Lock.objects.filter(name="Entrance").update(code_lengths=[8])
    answer = owner_client.post(URL, typed(unit))
    assert answer.status_code == 422
    assert "The stay was not saved. Entrance and Front Door share no PIN length" in words(answer)
    assert not Stay.objects.exists()


@pytest.mark.parametrize(
    ("lock", "sentence"),
    [
        ({"has_keypad": False, "can_program_codes": False}, "Side: No keypad is connected."),
        ({"can_program_codes": None}, "Side: This lock takes no codes over the air."),
        (None, "Side: No lock is on this door yet."),
    ],
)
def test_without_code_stay_is_saved_and_page_says_why(owner_client, unit, organization, lock, sentence):
    suite = make_unit(unit.property, "Guest suite")
    make_door(suite, make_lock(organization, "Side", **lock) if lock else None, "Side")
    page = words(owner_client.post(URL, typed(suite), follow=True))
    assert "Stay saved." in page
    assert f"No code could be planned. {sentence}" in page


def test_unit_without_door_says_so(owner_client, unit):
    suite = make_unit(unit.property, "Guest suite")
    page = words(owner_client.post(URL, typed(suite), follow=True))
    assert "Lake House · Guest suite has no door yet. Add one that leads to it." in page


def test_without_any_unit_page_says_what_to_do_first(owner_client, now):
    assert "Add a property and what guests book in it first." in words(owner_client.get(URL))


def test_strangers_unit_cannot_be_chosen(stranger_client, unit):
    answer = stranger_client.post(URL, typed(unit))
    assert answer.status_code == 422
    assert not Stay.objects.exists()
    assert "Lake House" not in words(stranger_client.get(URL, {"unit": unit.pk}))


def test_colleague_who_may_only_look_reads_why_not(colleague_client, unit):
    answer = colleague_client.post(URL, typed(unit))
    assert answer.status_code == 403
    assert "Your role does not allow you to make or change stays and codes." in words(answer)
    assert not Stay.objects.exists()


def test_get_saves_nothing_and_other_verbs_fail(owner_client, unit):
    assert owner_client.get(URL, typed(unit)).status_code == 200
    assert owner_client.put(URL, typed(unit)).status_code == 405
    assert not Stay.objects.exists()


def test_engine_hears_of_each_lock_once_stay_is_written(
    owner_client, unit, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr("seam_integration.notify.send", lambda task, *args: told.append((task.name, *args)))
    with django_capture_on_commit_callbacks(execute=True):
        owner_client.post(URL, typed(unit))
    assert sorted(told) == [
        ("seam_integration.tasks.reconcile_lock", pk) for pk in sorted(Lock.objects.values_list("pk", flat=True))
    ]


def test_stay_of_one_day_has_no_night(owner_client, unit):
    page = owner_client.post(
        URL, typed(unit, check_in_time="09:00", check_out_on="2026-06-10", check_out_time="17:00"), follow=True
    )
    assert "0 nights" in words(page)
    assert Stay.objects.get().window().ends_at - Stay.objects.get().starts_at == timedelta(hours=8)


def test_full_lock_is_named_with_its_times_and_nothing_is_lost(owner_client, unit, organization):
    lock = Lock.objects.get(name="Entrance")
    Lock.objects.filter(pk=lock.pk).update(code_capacity=1)
    make_code(lock, "Plumber", window=Window(NOW, NOW + timedelta(days=8)))
    page = owner_client.post(URL, typed(unit, guest_name="Robin"))
    assert page.status_code == 422
    assert "Entrance is full from Sun 7 Jun 2026, 16:00 to Tue 9 Jun 2026, 05:00" in words(page)
    assert "Revoke a code that is not needed then, or choose other times." in words(page)
    assert 'value="Robin"' in page.content.decode()
    assert not Stay.objects.exists()
    assert owner_client.post(URL, typed(unit, check_in_on="2026-06-13", check_out_on="2026-06-15")).status_code == 302
