"""What answers tell a browser, and what logs keep out: headers, far-off years, secret addresses, cells of tables."""

import logging

import pytest
from django.urls import reverse

from dashboard.history.csv_export import safe
from latchkey.logs import HideSecrets
from properties.tests.builders import make_door, make_lock, make_property, make_unit


def test_pages_ask_browser_for_nothing(owner_client, now):
    policy = owner_client.get("/")["Permissions-Policy"]
    assert all(f"{feature}=()" in policy for feature in ("camera", "microphone", "geolocation", "usb"))


@pytest.mark.parametrize("year", ["0001", "1900", "2200", "9999"])
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("stay-add", {"guest_name": "A", "check_in_on": "{}-01-01", "check_out_on": "{}-12-31"}),
        ("access-code-issue", {"holder_name": "A", "starts_on": "{}-01-01T00:00", "ends_on": "{}-12-31T23:59"}),
        ("staff-add", {"name": "A", "when": "always", "until_on": "{}-12-31"}),
    ],
)
def test_far_off_year_is_refused(owner_client, organization, now, name, fields, year):
    unit, lock = make_unit(make_property(organization)), make_lock(organization)
    make_door(unit, lock)
    typed = {key: value.format(year) for key, value in fields.items()} | {"unit": unit.pk, "lock": lock.pk}
    answer = owner_client.post(reverse(name), typed)
    assert answer.status_code == 422
    assert "Choose a year from" in answer.content.decode()


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("address", ["/stays/timeline/?from={}-12-31", "/activity/?since={0}-01-01&until={0}-12-31"])
def test_far_off_year_in_address_is_no_error(owner_client, now, address, year):
    assert owner_client.get(address.format(year)).status_code == 200


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/invitations/AbC-123_x:y/", "AbC-123_x:y"),
        ("/accounts/confirm-email/MQ:1xyz:abc-_/", "MQ:1xyz:abc-_"),
        ("/accounts/password/reset/key/4-abc123-def/", "4-abc123-def"),
    ],
)
def test_no_secret_address_is_logged(path, secret):
    record = logging.LogRecord("django.request", 30, "", 0, "Method Not Allowed (%s): %s", ("HEAD", path), None)
    assert HideSecrets().filter(record)
    assert secret not in record.getMessage()
    assert "Method Not Allowed (HEAD)" in record.getMessage()


@pytest.mark.parametrize("cell", ["A;=1+2", "A,+1", 'A"=1', "A|@x", "A\t-1", "A; =1", "A;＝1"])  # noqa: RUF001
def test_no_formula_begins_inside_cell(cell):
    assert safe(cell) != cell
    assert "'" in safe(cell)
