"""Stays by unit over thirty days: where each bar lies, what is marked, whose stays are drawn, and at what price."""

from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.drawings.timeline import DAY, DAYS, LEFT, Bar, Lane, clock_changes, stay_timeline, turnovers, x
from dashboard.tests.pages import words
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.values.local_time import LocalTime
from properties.verdict import storing
from properties.verdict.checks import Verdict

URL = reverse("stay-timeline")
FIRST = date(2026, 6, 1)
ZONE = "America/Los_Angeles"


def a_bar(first: int, nights: int, guest: str = "Anna", verdict: Verdict | None = Verdict.READY) -> Bar:
    begin = FIRST + timedelta(days=first)
    end = begin + timedelta(days=nights)
    return Bar(guest, LocalTime(begin, time(16)), LocalTime(end, time(11)), "/stays/1/", verdict)


def drawn(*bars: Bar, zone: str = ZONE, first: date = FIRST) -> str:
    return unescape(stay_timeline([Lane("Suite", "Lake House", zone, bars)], first, NOW))


def test_moment_lies_at_its_share_of_day():
    assert x(LocalTime(FIRST, time(0)), FIRST) == LEFT
    assert x(LocalTime(FIRST + timedelta(days=2), time(12)), FIRST) == LEFT + 2.5 * DAY


def test_what_is_outside_is_cut_at_edge():
    assert x(LocalTime(date(2026, 5, 1), time(12)), FIRST) == LEFT
    assert x(LocalTime(date(2026, 9, 1), time(12)), FIRST) == LEFT + DAYS * DAY


def test_bar_is_link_that_says_who_when_and_verdict():
    source = drawn(a_bar(1, 3, "Anna Schmidt"))
    assert 'href="/stays/1/"' in source
    assert 'aria-label="Anna Schmidt, Tue 2 Jun 2026, 16:00 to Fri 5 Jun 2026, 11:00: Ready"' in source
    assert 'class="tone-ok"' in source


@pytest.mark.parametrize(
    ("verdict", "mark"), [(Verdict.NOT_READY, "✕ Anna"), (Verdict.AT_RISK, "⚠ Anna"), (Verdict.UNKNOWN, "? Anna")]
)
def test_trouble_is_marked_by_more_than_colour(verdict, mark):
    assert f">{mark}</text>" in drawn(a_bar(1, 5, verdict=verdict))


def test_turnover_is_marked_once_on_its_day():
    bars = [a_bar(1, 2), a_bar(3, 2), a_bar(6, 2)]
    assert turnovers(bars) == [date(2026, 6, 4)]
    assert drawn(*bars).count("Turnover, Thu 4 Jun") == 1


@pytest.mark.parametrize(
    ("zone", "first", "found"),
    [
        (ZONE, date(2026, 10, 20), [date(2026, 11, 1)]),
        ("Europe/Berlin", date(2026, 10, 20), [date(2026, 10, 25)]),
        ("Europe/Berlin", date(2026, 10, 25), [date(2026, 10, 25)]),
        ("Europe/Berlin", date(2026, 10, 26), []),
        ("Asia/Tokyo", date(2026, 10, 20), []),
    ],
)
def test_day_on_which_clocks_change_is_marked(zone, first, found):
    assert clock_changes(zone, first) == found
    assert ("The clocks change in" in drawn(zone=zone, first=first)) is bool(found)


def test_no_part_is_styled_in_line():
    assert "style=" not in drawn(a_bar(1, 3), a_bar(4, 2))


def test_now_is_drawn_only_when_it_is_among_days():
    assert 'class="now"' in drawn()
    assert 'class="now"' not in drawn(first=date(2026, 8, 1))


def test_names_are_escaped_and_cut_to_their_bar():
    assert "<b>" not in stay_timeline([Lane("S", "L", ZONE, [a_bar(1, 9, "<b>Anna</b>")])], FIRST, NOW)
    assert ">A ver…</text>" in drawn(a_bar(1, 2, "A very long name"))


def test_bar_too_short_for_name_still_carries_its_mark():
    assert ">⚠</text>" in drawn(a_bar(1, 1, "A very long name", Verdict.AT_RISK))
    assert "A very" not in drawn(a_bar(1, 1, "A very long name")).split("</title>")[-1]


# --- The page ---------------------------------------------------------------------------------------------


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


def test_page_draws_stays_of_next_thirty_days(owner_client, unit):
    make_stay(unit, "Inside", days_ahead=-2, nights=4)
    make_stay(unit, "Soon", days_ahead=5)
    make_stay(unit, "Cancelled", days_ahead=9, cancelled_at=NOW)
    make_stay(unit, "Far", days_ahead=31)
    page = owner_client.get(URL)
    source = page.content.decode()
    assert [name for name in ("Inside", "Soon", "Cancelled", "Far") if name in source] == ["Inside", "Soon"]
    assert "Mon 1 Jun to Tue 30 Jun 2026" in words(page)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-07-01", "Wed 1 Jul to Thu 30 Jul 2026"),
        ("nonsense", "Mon 1 Jun to Tue 30 Jun 2026"),
        ("0001-01-01", "Mon 1 Jun to Tue 30 Jun 2026"),
        ("9999-12-31", "Mon 1 Jun to Tue 30 Jun 2026"),
    ],
)
def test_first_day_can_be_chosen_within_reason(owner_client, unit, asked, shown):
    assert shown in words(owner_client.get(URL, {"from": asked}))


def test_earlier_and_later_move_by_half_page(owner_client, unit):
    source = owner_client.get(URL).content.decode()
    assert "from=2026-05-17" in source
    assert "from=2026-06-16" in source


def test_only_chosen_property_is_drawn(owner_client, organization, unit):
    other = make_unit(make_property(organization, "Harbor"), "Loft")
    page = owner_client.get(URL, {"property": other.property_id}).content.decode()
    assert "Loft" in page
    assert "Whole home" not in page


def test_before_there_is_any_unit_it_says_what_to_do_next(owner_client):
    assert "No unit to stay in yet" in words(owner_client.get(URL))


def test_stranger_sees_none_of_it(stranger_client, unit):
    make_stay(unit)
    source = stranger_client.get(URL).content.decode()
    assert "Anna" not in source
    assert "Whole home" not in source


def test_more_units_and_stays_cost_no_more_queries(owner_client, unit, organization):
    make_stay(unit, days_ahead=1)
    storing.judge_marked(NOW, 100)
    owner_client.get(URL)
    with CaptureQueriesContext(connection) as few:
        owner_client.get(URL)
    for number in range(5):
        other = make_unit(unit.property, f"U{number}")
        make_door(other, make_lock(organization, f"L{number}"), f"D{number}")
        for days in (1, 4, 9):
            make_stay(other, f"G{number}", days_ahead=days)
    storing.judge_marked(NOW, 100)
    with CaptureQueriesContext(connection) as many:
        owner_client.get(URL)
    assert len(many) <= len(few) <= 12


def test_nothing_is_written_here(owner_client):
    assert owner_client.post(URL).status_code == 405


def test_edge_of_days_is_unit_s_own(owner_client, organization, now):
    """It is 2 June on Kiritimati already: its only zone decides what today is."""
    assert datetime(2026, 6, 1, 12, tzinfo=UTC) == NOW
    make_unit(make_property(organization, "Atoll", time_zone="Pacific/Kiritimati"))
    assert "Tue 2 Jun to Wed 1 Jul 2026" in words(owner_client.get(URL))
