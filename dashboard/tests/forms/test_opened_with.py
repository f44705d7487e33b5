"""Two people change one row: nothing that one of them did is lost, and where both changed a field, both read so."""

import re
from datetime import date, time
from html import unescape

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import planning, staff_codes
from properties.models import Door, Property, StaffMember, Stay
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit, make_user

CONTROL = re.compile(r"<(input|select|textarea)\b[^>]*\bname=\"(\w+)\"[^>]*>")


def fields_of(page) -> dict[str, str | list[str]]:
    """What a browser would send for the form of a page, left as it was opened."""
    main = page.content.decode().split("<main", 1)[1]
    found: dict[str, str | list[str]] = {}
    for match in CONTROL.finditer(main):
        kind, name, tag = match[1], match[2], match[0]
        if kind == "select":
            options = main[match.end() : main.index("</select>", match.end())]
            chosen = re.search(r'value="([^"]*)" selected', options)
            found[name] = chosen[1] if chosen else ""
        elif kind == "textarea":
            found[name] = unescape(main[match.end() : main.index("</textarea>", match.end())]).strip()
        elif 'type="checkbox"' in tag or 'type="radio"' in tag:
            if " checked" in tag:
                value = re.search(r'value="([^"]*)"', tag)
                found.setdefault(name, []).append(value[1] if value else "on")
        else:
            value = re.search(r'value="([^"]*)"', tag)
            found[name] = unescape(value[1]) if value else ""
    return found


@pytest.fixture
def stay(organization, now) -> Stay:
    """Thu 11 Jun 16:00 to Sun 14 Jun 11:00."""
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    stay = make_stay(unit)
    planning.apply_stay_plan(stay, now, None)
    return stay


@pytest.fixture
def url(stay) -> str:
    return reverse("stay-edit", args=[stay.pk])


def test_notes_saved_on_older_page_keep_new_end(owner_client, stay, url):
    opened = fields_of(owner_client.get(url))
    owner_client.post(url, opened | {"check_out_on": "2026-06-16"})
    owner_client.post(url, opened | {"notes": "Late flight"})
    stay.refresh_from_db()
    assert (stay.check_out_on, stay.notes) == (date(2026, 6, 16), "Late flight")
    assert stay.access_codes.get().ends_at == stay.ends_at


def test_both_changed_same_field(owner_client, owner, stay, url):
    opened = fields_of(owner_client.get(url))
    owner_client.post(url, opened | {"check_out_on": "2026-06-16"})
    page = owner_client.post(url, opened | {"check_out_on": "2026-06-15", "notes": "Late flight"})
    assert page.status_code == 422
    assert f"{owner} changed this to “2026-06-16” meanwhile. Save again to keep yours." in words(page)
    stay.refresh_from_db()
    assert (stay.check_out_on, stay.notes) == (date(2026, 6, 16), "")
    assert fields_of(page)["check_out_on"] == "2026-06-15"


def test_saving_again_keeps_ones_own_value(owner_client, stay, url):
    opened = fields_of(owner_client.get(url))
    owner_client.post(url, opened | {"check_out_on": "2026-06-16"})
    page = owner_client.post(url, opened | {"check_out_on": "2026-06-15"})
    owner_client.post(url, fields_of(page))
    stay.refresh_from_db()
    assert stay.check_out_on == date(2026, 6, 15)


def test_one_click_takes_colleagues_value(owner_client, stay, url):
    opened = fields_of(owner_client.get(url))
    owner_client.post(url, opened | {"check_out_on": "2026-06-16"})
    page = owner_client.post(url, opened | {"check_out_on": "2026-06-15", "notes": "Late flight"})
    # The page was opened anew with the present values: what differs is one's own.
    answer = owner_client.post(
        url, opened | {"check_out_on": "2026-06-15", "notes": "Late", "take_theirs": "check_out_on"}
    )
    assert page.status_code == 422
    assert answer.status_code == 302
    stay.refresh_from_db()
    assert (stay.check_out_on, stay.notes) == (date(2026, 6, 16), "Late")


def test_button_sends_page_that_shows_it(owner_client, stay, url):
    opened = fields_of(owner_client.get(url))
    owner_client.post(url, opened | {"check_out_on": "2026-06-16"})
    page = owner_client.post(url, opened | {"check_out_on": "2026-06-15"})
    assert b'name="take_theirs" value="check_out_on"' in page.content
    owner_client.post(url, fields_of(page) | {"take_theirs": "check_out_on"})
    stay.refresh_from_db()
    assert stay.check_out_on == date(2026, 6, 16)


def test_same_change_by_both_is_no_conflict(owner_client, stay, url):
    opened = fields_of(owner_client.get(url))
    for _ in range(2):
        assert owner_client.post(url, opened | {"check_out_on": "2026-06-16"}).status_code == 302


@pytest.mark.parametrize("nonsense", ["", "{", "[1]", '{"check_out_on": 7}', '{"unknown": "x"}'])
def test_form_without_its_first_values_is_taken_as_typed(owner_client, stay, url, nonsense):
    opened = fields_of(owner_client.get(url))
    answer = owner_client.post(url, opened | {"check_out_on": "2026-06-16", "opened_with": nonsense})
    assert answer.status_code in (302, 422)


def test_door_keeps_unit_that_colleague_added(owner_client, stay):
    door, cottage = Door.objects.get(), make_unit(stay.unit.property, "Cottage")
    address = reverse("door-edit", args=[door.pk])
    opened = fields_of(owner_client.get(address))
    owner_client.post(address, opened | {"units": [stay.unit_id, cottage.pk]})
    owner_client.post(address, opened | {"name": "Gate"})
    door.refresh_from_db()
    assert (door.name, door.units.count()) == ("Gate", 2)


def test_untick_stays_when_colleague_renames(owner_client, stay):
    door = Door.objects.get()
    address = reverse("door-edit", args=[door.pk])
    opened = fields_of(owner_client.get(address))
    owner_client.post(address, {name: value for name, value in opened.items() if name != "is_required"})
    owner_client.post(address, opened | {"name": "Gate"})
    door.refresh_from_db()
    assert (door.name, door.is_required) == ("Gate", False)


def test_property_keeps_colleagues_buffer(owner_client, stay):
    address = reverse("property-edit", args=[stay.unit.property_id])
    opened = fields_of(owner_client.get(address))
    owner_client.post(address, opened | {"minutes_after": "30"})
    owner_client.post(address, opened | {"check_in_time": "15:00"})
    place = Property.objects.get()
    assert (place.minutes_after, place.check_in_time) == (30, time(15))


def test_staff_keep_door_that_colleague_added(owner_client, organization, stay, now, owner):
    garage = make_door(stay.unit, make_lock(organization, "Garage"), "Garage")
    member = StaffMember(organization=organization, name="Carla", hours_from=time(8), hours_to=time(12))
    staff_codes.save_member(member, Door.objects.all()[:1], now, owner)
    address = reverse("staff-edit", args=[member.pk])
    opened = fields_of(owner_client.get(address))
    owner_client.post(address, opened | {"doors": [*opened["doors"], str(garage.pk)]})
    owner_client.post(address, opened | {"job": "Cleaner"})
    member.refresh_from_db()
    assert (member.job, member.doors.count()) == ("Cleaner", 2)


def test_code_keeps_colleagues_start(owner_client, organization, stay, now):
    code = make_code(make_lock(organization, "Shed"), "Ben")
    address = reverse("access-code-change", args=[code.pk])
    opened = fields_of(owner_client.get(address))
    begins = opened["starts_on"].replace("T", "T")
    owner_client.post(address, opened | {"ends_on": "2026-08-01T10:00"})
    page = owner_client.post(address, opened | {"ends_on": "2026-08-02T10:00"})
    assert page.status_code == 422
    assert "meanwhile" in words(page)
    code.refresh_from_db()
    assert begins == fields_of(owner_client.get(address))["starts_on"]


def test_colleague_is_named(owner_client, organization, stay, url, client):
    other = make_user("ana@example.org", organization)
    client.force_login(other)
    opened = fields_of(owner_client.get(url))
    client.post(url, opened | {"check_out_on": "2026-06-16"})
    page = owner_client.post(url, opened | {"check_out_on": "2026-06-15"})
    assert "ana@example.org changed this to “2026-06-16” meanwhile" in words(page)


def test_each_page_that_changes_row_carries_its_first_values(owner_client, organization, colleague, stay, now, owner):
    member = StaffMember(organization=organization, name="Carla", hours_from=time(8), hours_to=time(12))
    staff_codes.save_member(member, [Door.objects.get()], now, owner)
    pages = {
        "stay-edit": stay.pk,
        "property-edit": stay.unit.property_id,
        "unit-edit": stay.unit_id,
        "door-edit": Door.objects.get().pk,
        "staff-edit": member.pk,
        "access-code-change": make_code(make_lock(organization, "Shed"), "Ben").pk,
        "person-change": colleague.membership.pk,
    }
    for name, pk in pages.items():
        assert fields_of(owner_client.get(reverse(name, args=[pk]))).get("opened_with"), name
