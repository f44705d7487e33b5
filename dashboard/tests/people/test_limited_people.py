"""A person limited to some properties: every list, every number and every form knows only these."""

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import words
from properties.models import AccessCode, Property, Stay
from properties.tests.builders import make_account, make_code, make_door, make_lock, make_property, make_stay, make_unit

LISTS = ["/", "/?when=week", "/stays/", "/locks/", "/access-codes/", "/properties/", "/connections/", "/activity/"]


def make_home(organization, name: str) -> Stay:
    account = make_account(organization, display_name=f"{name} account")
    unit = make_unit(make_property(organization, f"{name} House"), f"{name} Suite")
    lock = make_lock(organization, f"{name} Lock", account=account)
    make_door(unit, lock, f"{name} Door")
    stay = make_stay(unit, f"{name} Guest", days_ahead=2)
    make_code(lock, f"{name} Guest", {"Hill": "482917", "Dune": "739164"}[name], stay=stay)
    return stay


@pytest.fixture
def mine(organization, now) -> Stay:
    return make_home(organization, "Hill")


@pytest.fixture
def other(organization, now) -> Stay:
    return make_home(organization, "Dune")


@pytest.fixture
def client(organization, mine, other):
    return client_as(organization, Role.MANAGER, mine.unit.property)


@pytest.mark.parametrize("address", LISTS)
def test_lists_show_what_is_theirs_and_nothing_else(client, owner_client, address):
    page = words(client.get(address))
    assert "Dune" not in page
    assert "Dune" in words(owner_client.get(address)) or address == "/"
    assert "Hill" in page or address == "/"


def numbered(stay: Stay) -> list[str]:
    lock = stay.unit.doors.get().lock
    return [
        reverse("stay", args=[stay.pk]),
        reverse("stay-edit", args=[stay.pk]),
        reverse("property", args=[stay.unit.property_id]),
        reverse("unit-edit", args=[stay.unit_id]),
        reverse("door-edit", args=[stay.unit.doors.get().pk]),
        reverse("lock", args=[lock.pk]),
        reverse("lock-unlock", args=[lock.pk]),
        reverse("access-code", args=[AccessCode.objects.get(lock=lock).pk]),
    ]


def test_numbers_of_theirs_open_and_those_of_others_are_404(client, mine, other):
    assert {client.get(address).status_code for address in numbered(mine)} == {200}
    assert {client.get(address).status_code for address in numbered(other)} == {404}


def test_stay_is_added_in_their_units_alone(client, mine, other):
    typed = {"guest_name": "Robin", "check_in_on": "2026-07-01", "check_out_on": "2026-07-03"}
    assert client.post(reverse("stay-add"), typed | {"unit": other.unit_id}).status_code == 422
    assert client.post(reverse("stay-add"), typed | {"unit": mine.unit_id}).status_code == 302


def test_code_is_issued_on_their_locks_alone(client, mine, other):
    address, typed = reverse("access-code-issue"), {"holder_name": "Robin"}
    assert client.post(address, typed | {"lock": other.unit.doors.get().lock_id}).status_code == 422
    assert client.post(address, typed | {"lock": mine.unit.doors.get().lock_id}).status_code == 302


def test_what_concerns_everything_is_refused(client):
    assert client.post(reverse("connection-link")).status_code == 403
    assert client.get("/people/").status_code == 403


def test_property_that_they_add_is_theirs_to_see(client):
    typed = {"name": "New House", "time_zone": "Europe/Berlin", "check_in_time": "16:00", "check_out_time": "11:00"}
    client.post(reverse("property-add"), typed | {"minutes_before": 0, "minutes_after": 0})
    place = Property.objects.get(name="New House")
    assert client.get(reverse("property", args=[place.pk])).status_code == 200


def test_it_costs_no_query_per_row(client, organization, mine, django_assert_max_num_queries):
    for n in range(8):
        make_stay(mine.unit, f"Guest {n}", days_ahead=10 + 4 * n)
    # The first look judges what is new.
    client.get("/stays/")
    with django_assert_max_num_queries(16):
        client.get("/stays/")
