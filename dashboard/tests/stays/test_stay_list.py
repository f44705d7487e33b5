"""The list of stays: one tab for each phase, filters, pages, and a price that does not grow with the rows."""

from datetime import datetime, timedelta

import pytest

from dashboard.tests.pages import words
from properties.codes import planning
from properties.models import Guest, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict import storing

URL = "/stays/"


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization), "Front door")
    return unit


@pytest.fixture
def stays(unit, now):
    """One of each phase."""
    return [
        make_stay(unit, "Upcoming Una"),
        make_stay(unit, "Inhouse Ina", days_ahead=-1),
        make_stay(unit, "Past Paul", days_ahead=-20),
        make_stay(unit, "Cancelled Carl", days_ahead=30, cancelled_at=now),
    ]


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("", "Upcoming Una"),
        ("upcoming", "Upcoming Una"),
        ("in-house", "Inhouse Ina"),
        ("past", "Past Paul"),
        ("cancelled", "Cancelled Carl"),
        ("nonsense", "Upcoming Una"),
    ],
)
def test_each_tab_shows_its_stays(owner_client, stays, when, shown):
    page = words(owner_client.get(URL, {"when": when}))
    assert [stay.guest.name for stay in stays if stay.guest.name in page] == [shown]


def test_row_says_who_where_when_and_how_codes_are(owner_client, unit, now):
    planning.apply_stay_plan(make_stay(unit), now, None)
    page = words(owner_client.get(URL))
    assert "Anna Schmidt Whole home Lake House Thu 11 Jun 2026 16:00 Sun 14 Jun 2026 11:00 3 " in page
    assert "Front door Planned" in page


def test_stay_without_code_says_so(owner_client, unit):
    make_stay(unit)
    assert "No code" in words(owner_client.get(URL))


def test_guests_are_found_by_part_of_their_name(owner_client, stays, unit):
    make_stay(unit, "Bo Bergman", days_ahead=50)
    page = words(owner_client.get(URL, {"q": "bergm"}))
    assert "Bo Bergman" in page
    assert "Upcoming Una" not in page


def test_stays_are_filtered_by_property(owner_client, stays, organization):
    harbor = make_property(organization, "Harbor Loft")
    make_stay(make_unit(harbor, "2A"), "Bo Bergman")
    page = words(owner_client.get(URL, {"property": harbor.pk}))
    assert "Bo Bergman" in page
    assert "Upcoming Una" not in page
    assert "Property shown: Harbor Loft" in page
    assert "Only stays of Harbor Loft Show all properties" in page


@pytest.mark.parametrize(
    "query", [{"property": "9" * 30}, {"property": "x"}, {"page": "x"}, {"page": "-1"}, {"q": "\0"}]
)
def test_odd_address_shows_list(owner_client, stays, query):
    assert owner_client.get(URL, query).status_code == 200


def test_nothing_found_says_what_to_try(owner_client, stays):
    page = words(owner_client.get(URL, {"q": "nobody"}))
    assert "No stay matches" in page
    assert "Show all upcoming stays" in page


def test_empty_list_says_what_to_do_next(owner_client, unit):
    assert "No stay to come" in words(owner_client.get(URL))


def test_without_units_way_leads_to_properties(owner_client, now):
    assert "No unit to stay in yet" in words(owner_client.get(URL))


def test_who_may_only_look_gets_no_button(colleague_client, unit):
    assert "Add a stay" not in words(colleague_client.get(URL))


def test_another_organization_sees_nothing(stranger_client, stays):
    page = words(stranger_client.get(URL))
    assert "Upcoming Una" not in page
    assert "Lake House" not in page


def test_fifty_to_page_and_filters_stay_in_address(owner_client, unit):
    many(unit, 51)
    page = owner_client.get(URL, {"q": "Guest"})
    assert "1–50 of 51 stays" in words(page)
    assert "q=Guest&amp;page=2" in page.content.decode()
    assert "51–51 of 51 stays" in words(owner_client.get(URL, {"page": 2}))


def test_more_rows_cost_no_more_queries(owner_client, unit, organization, now, django_assert_max_num_queries):
    plan_all(many(unit, 3), now)
    storing.judge_marked(now, 100)
    owner_client.get(URL)
    with django_assert_max_num_queries(30) as few:
        owner_client.get(URL)
    suite = make_unit(unit.property, "Guest suite")
    make_door(suite, make_lock(organization, "Suite"), "Suite door")
    plan_all(many(suite, 30), now)
    storing.judge_marked(now, 100)
    with django_assert_max_num_queries(len(few)):
        owner_client.get(URL)


def plan_all(stays: list[Stay], now: datetime) -> None:
    for stay in stays:
        planning.apply_stay_plan(stay, now, None)


def many(unit, count: int) -> list[Stay]:
    """Stays in a row, one night each, from tomorrow on."""
    guest = Guest.objects.create(organization=unit.organization, name="Guest")
    place = unit.property
    rows = []
    for number in range(count):
        on = NOW.date() + timedelta(days=1 + number)
        row = Stay(
            organization=unit.organization,
            unit=unit,
            guest=guest,
            check_in_on=on,
            check_in_time=place.check_in_time,
            check_out_on=on + timedelta(days=1),
            check_out_time=place.check_out_time,
            created_at=NOW,
        )
        row.starts_at, row.ends_at = row.window()
        rows.append(row)
    return Stay.objects.bulk_create(rows)


def test_each_row_says_whether_guest_gets_in(owner_client, unit):
    make_stay(unit, days_ahead=1)
    page = words(owner_client.get(URL))
    assert "Can they get in?" in page
    assert "Not ready No code is planned for Front door." in page
    assert "Can they get in?" not in words(owner_client.get(URL, {"when": "past"}))


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ("needs", ["Soon", "Later", "Far away"]),
        ("not-ready", ["Soon"]),
        ("at-risk", ["Later", "Far away"]),
        ("nonsense", ["Soon", "Later", "Far away"]),
    ],
)
def test_list_can_be_cut_to_those_that_need_somebody(owner_client, unit, verdict, shown):
    make_stay(unit, "Soon", days_ahead=0)
    make_stay(unit, "Later", days_ahead=5)
    make_stay(unit, "Far away", days_ahead=20)
    page = owner_client.get(URL, {"verdict": verdict})
    assert [row.stay.guest.name for row in page.context["rows"]] == shown
