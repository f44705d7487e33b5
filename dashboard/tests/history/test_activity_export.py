"""The history as a table to keep: what is filtered, how we know it, never a PIN, nothing that is run."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from dashboard.history import csv_export
from dashboard.history.csv_export import safe
from dashboard.tests.cast import client_as
from dashboard.tests.pages import body
from properties.codes import planning
from properties.models import AccessCode, Activity
from properties.tests.builders import make_door, make_lock, make_property, make_stay, make_unit

EXPORT = reverse("activity-export")


def lines(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(answer).removeprefix("\ufeff"))))


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


def test_line_tells_when_twice_what_who_and_how_we_know(owner_client, organization, unit, now):
    event, stay, lock = str(uuid.uuid4()), make_stay(unit), unit.doors.get().lock
    seam = {"source": "Seam", "certainty": "reported", "seam_event_id": event, "lock": lock, "stay": stay}
    Activity.record(organization.pk, now, "code.on_lock", "Code for Anna Schmidt is on Front Door", **seam)
    answer = owner_client.get(EXPORT)
    assert lines(answer) == [
        {
            "Time (UTC)": "2026-06-01 12:00:00",
            "Local time": "2026-06-01 05:00:00",
            "Time zone": "America/Los_Angeles",
            "What happened": "Code for Anna Schmidt is on Front Door",
            "About": "Codes",
            "Who": "",
            "Source": "Seam",
            "Certainty": "Reported by Seam",
            "Property": "Lake House",
            "Unit": "Whole home",
            "Lock": "Front Door",
            "Guest": "Anna Schmidt",
            "Seam event": str(event),
        }
    ]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="history-2026-06-01.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_what_belongs_to_no_property_has_no_local_time(owner_client, owner, organization, now):
    Activity.record(organization.pk, now, "people.joined", "Colleague joined", actor=owner)
    line = lines(owner_client.get(EXPORT))[0]
    assert (line["Who"], line["Source"]) == ("owner@example.org", "Person")
    assert (line["Local time"], line["Time zone"]) == ("", "")


def test_it_is_cut_as_page_is_and_goes_beyond_one_page_of_it(owner_client, organization, now):
    for n in range(101):
        Activity.record(organization.pk, now - timedelta(minutes=n), "lock.locked", f"Event {n}")
        Activity.record(organization.pk, now - timedelta(minutes=n), "code.planned", f"Code {n}")
    found = lines(owner_client.get(EXPORT, {"about": "locks", "page": "2"}))
    assert [line["What happened"] for line in found] == [f"Event {n}" for n in range(101)]


def test_page_leads_to_table_of_what_it_shows(owner_client, organization, unit, now):
    Activity.record(organization.pk, now, "lock.locked", "Locked", lock=unit.doors.get().lock)
    make_property(organization, "Harbor Loft")
    page = owner_client.get(reverse("activity"), {"about": "locks", "property": unit.property_id}).content.decode()
    assert f'href="{EXPORT}?about=locks&amp;property={unit.property_id}" download' in " ".join(page.split())


def test_link_ignores_chosen_property(owner_client, organization, unit, now):
    Activity.record(organization.pk, now, "people.joined", "Colleague joined")
    owner_client.get(reverse("activity"), {"property": unit.property_id})
    assert lines(owner_client.get(EXPORT)) == []
    assert len(lines(owner_client.get(EXPORT, {"property": "all"}))) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001
def test_cell_never_starts_formula(start):
    assert safe(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "Anna", "1 + 1 = 2", " =1"])
def test_other_cells_stay_as_they_are(cell):
    assert safe(cell) == cell


def test_every_cell_is_guarded(owner_client, organization, unit, now):
    """Whatever people may name: a guest, a lock, a property, a unit."""
    stay, lock = make_stay(unit, "=HYPERLINK(0)"), unit.doors.get().lock
    type(lock).objects.update(name="@lock")
    unit.property.__class__.objects.update(name="+property")
    unit.__class__.objects.update(name="-unit")
    Activity.record(organization.pk, now, "stay.created", "=cmd|' /C calc'!A0", lock=lock, stay=stay)
    line = lines(owner_client.get(EXPORT))[0]
    assert (line["What happened"], line["Guest"], line["Lock"], line["Property"], line["Unit"]) == (
        "'=cmd|' /C calc'!A0",
        "'=HYPERLINK(0)",
        "'@lock",
        "'+property",
        "'-unit",
    )


def test_special_characters_survive_export(owner_client, organization, now):
    text = 'Zoë, "the boss"\nليلى 🏡'
    Activity.record(organization.pk, now, "code.revoked", text)
    answer = owner_client.get(EXPORT)
    assert lines(answer)[0]["What happened"] == text
    assert body(answer).startswith("\ufeff")


def test_no_pin_is_in_it(owner_client, owner, unit, now):
    stay = make_stay(unit)
    planning.apply_stay_plan(stay, now, owner)
    code = AccessCode.objects.get()
    planning.reveal(code, now, owner)
    assert "PIN of Anna Schmidt on Front Door was shown" in body(owner_client.get(EXPORT))
    assert code.pin not in body(owner_client.get(EXPORT))


def test_who_may_not_look_around_gets_none(organization, now):
    Activity.record(organization.pk, now, "lock.locked", "Front Door was locked")
    assert client_as(organization, Role.CLEANER).get(EXPORT).status_code == 403
    assert len(lines(client_as(organization, Role.READ_ONLY).get(EXPORT))) == 1


def test_somebody_limited_gets_their_properties_alone(organization, unit, now):
    elsewhere = make_property(organization, "Harbor Loft")
    Activity.record(organization.pk, now, "property.changed", "Property Harbor Loft", property=elsewhere)
    Activity.record(organization.pk, now, "lock.locked", "Locked", lock=unit.doors.get().lock)
    Activity.record(organization.pk, now, "people.joined", "Colleague joined")
    found = lines(client_as(organization, Role.MANAGER, elsewhere).get(EXPORT, {"property": unit.property_id}))
    assert [line["What happened"] for line in found] == ["Property Harbor Loft"]


def test_stranger_gets_none_of_it(stranger_client, organization, now):
    Activity.record(organization.pk, now, "lock.locked", "Front Door was locked")
    assert lines(stranger_client.get(EXPORT)) == []


def test_it_is_there_to_be_read(owner_client):
    assert owner_client.post(EXPORT).status_code == 405


def test_it_is_read_in_one_question_and_sent_bit_by_bit(owner_client, organization, unit, now, monkeypatch):
    monkeypatch.setattr(csv_export, "LINES", 10)
    for n in range(35):
        about = {"stay": make_stay(unit, f"Guest {n}", days_ahead=4 * n), "lock": unit.doors.get().lock}
        Activity.record(organization.pk, now, "code.planned", f"Code {n}", **about)
    answer = owner_client.get(EXPORT)
    with CaptureQueriesContext(connection) as asked:
        parts = list(answer.streaming_content)
    assert len(asked) == 1
    assert len(parts) == 4
