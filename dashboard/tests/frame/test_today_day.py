"""The days shown on the first page: arrivals by need, in house, departures, and what needs attention."""

import uuid
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.tests.pages import title, words
from properties.codes import planning
from properties.models import AccessCode, ConnectedAccount, Lock, Stay
from properties.tests.builders import (
    NOW,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
    other_code,
)
from properties.verdict import storing
from seam_integration.models import Heartbeat

TODAY = reverse("overview")
PART = reverse("overview-day")
TOMORROW, WEEK = f"{TODAY}?when=tomorrow", f"{TODAY}?when=week"


@pytest.fixture
def unit(organization, now):
    Heartbeat.objects.create(name="worker", beat_at=now)
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


def another_unit(unit, name: str):
    other = make_unit(unit.property, name)
    make_door(other, make_lock(unit.organization, f"{name} lock"), f"{name} door")
    return other


def proved(stay: Stay, **fields) -> Stay:
    """Its codes were planned a day ago and are on the lock, but for what is told here."""
    planning.apply_stay_plan(stay, NOW - timedelta(days=1), None)
    for code in stay.access_codes.all():
        values = {
            "seam_id": str(uuid.uuid4()),
            "accepted_at": NOW,
            "on_lock_at": NOW,
            "live_at": stay.starts_at if stay.starts_at <= NOW else None,
            "seam_starts_at": code.starts_at,
            "seam_ends_at": code.ends_at,
        }
        AccessCode.objects.filter(pk=code.pk).update(**(values | fields))
    return stay


def long_gone(unit) -> Stay:
    """A stay of last week whose codes were never proved to be off the lock."""
    stay = proved(make_stay(unit, "Long gone", days_ahead=-1, nights=2))
    week = timedelta(days=9)
    Stay.objects.filter(pk=stay.pk).update(
        check_in_on=stay.check_in_on - week,
        check_out_on=stay.check_out_on - week,
        starts_at=stay.starts_at - week,
        ends_at=stay.ends_at - week,
    )
    stay.access_codes.update(starts_at=stay.starts_at - week, ends_at=stay.ends_at - week)
    return stay


def guests(page, what="arrivals") -> list[str]:
    return [row["guest"] for row in page.context[what]]


# --- Arrivals ---------------------------------------------------------------------------------------------


def test_good_arrival_is_ready_with_chip_of_door(owner_client, unit):
    proved(make_stay(unit, days_ahead=0))
    page = owner_client.get(TODAY)
    assert title(page) == "Today · Latchkey"
    for said in ("1 arrives today 1 ready", "Anna Schmidt Lake House · Whole home", "16:00 PDT in 11 h"):
        assert said in words(page)
    assert "Front door On the lock" in words(page)


def test_one_that_is_not_ready_says_why_and_offers_one_next_step(owner_client, unit):
    code = proved(make_stay(unit, days_ahead=0), on_lock_at=None).access_codes.get()
    page = owner_client.get(TODAY)
    assert title(page) == "(1) Today · Latchkey"
    assert "1 at risk" in words(page)
    assert "The code for Front door is accepted, not on the lock yet. Try again: it is sent at once." in words(page)
    assert page.content.decode().count(f'action="{reverse("access-code-retry", args=[code.pk])}"') == 1


def test_who_may_only_look_reads_why_and_gets_no_button(colleague_client, unit):
    proved(make_stay(unit, days_ahead=0), on_lock_at=None)
    page = colleague_client.get(TODAY)
    assert "At risk The code for Front door is accepted" in words(page)
    assert "/retry/" not in page.content.decode()


def test_arrivals_are_sorted_by_need_then_turnovers_then_time(owner_client, unit):
    proved(make_stay(unit, "Early", days_ahead=0, check_in_time=time(10)))
    turnover = another_unit(unit, "B")
    proved(make_stay(turnover, "Leaves", days_ahead=-2, nights=2))
    proved(make_stay(turnover, "Turnover", days_ahead=0))
    proved(make_stay(another_unit(unit, "C"), "Risky", days_ahead=0), on_lock_at=None)
    proved(make_stay(another_unit(unit, "D"), "Refused", days_ahead=0), rejected_at=NOW)
    page = owner_client.get(TODAY)
    assert guests(page) == ["Refused", "Risky", "Turnover", "Early"]
    assert "Turnover: 11:00 out" in words(page)


def test_today_is_each_property_s_own(owner_client, organization, unit):
    """At noon UTC on 1 June it is still 1 June in Los Angeles, and 2 June on Kiritimati."""
    ahead = make_unit(make_property(organization, "Kiritimati", time_zone="Pacific/Kiritimati"))
    make_stay(ahead, "Islander", check_in_on=NOW.date() + timedelta(days=1))
    make_stay(ahead, "Islander tomorrow", check_in_on=NOW.date() + timedelta(days=2), check_in_time=time(1))
    make_stay(unit, "Angeleno", check_in_on=NOW.date())
    make_stay(unit, "Angeleno tomorrow", check_in_on=NOW.date() + timedelta(days=1))
    assert sorted(guests(owner_client.get(TODAY))) == ["Angeleno", "Islander"]
    assert sorted(guests(owner_client.get(TOMORROW))) == ["Angeleno tomorrow", "Islander tomorrow"]


def test_switch_shows_tomorrow_and_seven_days(owner_client, unit):
    for number, days in enumerate([0, 1, 6, 7]):
        make_stay(another_unit(unit, f"U{number}"), f"In {days}", days_ahead=days)
    assert guests(owner_client.get(TODAY)) == ["In 0"]
    assert guests(owner_client.get(TOMORROW)) == ["In 1"]
    assert sorted(guests(owner_client.get(WEEK))) == ["In 0", "In 1", "In 6"]
    assert title(owner_client.get(TOMORROW)).endswith("Tomorrow · Latchkey")
    assert guests(owner_client.get(f"{TODAY}?when=nonsense")) == ["In 0"]


def test_what_asks_for_somebody_later_in_week_is_named_today(owner_client, unit):
    proved(make_stay(unit, days_ahead=3))
    Lock.objects.update(battery_level=0.1)
    page = owner_client.get(TODAY)
    assert title(page).startswith("(1) ")
    assert "1 arrival in the next 7 days needs attention: Anna Schmidt, Thu 4 Jun" in words(page)


def test_empty_day_names_next_arrival_with_its_verdict(owner_client, unit):
    proved(make_stay(unit, days_ahead=2))
    next_one = "Next: Anna Schmidt, Lake House · Whole home, Wed 3 Jun, 16:00 Ready"
    assert f"Nobody arrives today. {next_one}" in words(owner_client.get(TODAY))


def test_when_all_stays_are_over_it_says_so(owner_client, unit):
    make_stay(unit, days_ahead=-9)
    assert "Nobody arrives today. No later stay is planned." in words(owner_client.get(TODAY))


def test_before_there_is_any_home_it_says_what_to_do_next(owner_client):
    page = words(owner_client.get(TODAY))
    assert "No home yet" in page
    assert "Link a Wyze account" in page


def test_cancelled_stays_are_nowhere(owner_client, unit, now):
    make_stay(unit, "Cancelled", days_ahead=0, cancelled_at=now)
    make_stay(unit, "Cancelled", days_ahead=-3, cancelled_at=now)
    for address in (TODAY, TOMORROW, WEEK):
        assert "Cancelled" not in words(owner_client.get(address))


# --- In house, departures -------------------------------------------------------------------------------------


def test_in_house_shows_check_out_and_first_entry(owner_client, unit):
    proved(make_stay(unit, "Inside", days_ahead=-2, nights=5), used_at=NOW, used_source="inferred: our only live code")
    page = owner_client.get(TODAY)
    assert guests(page, "in_house") == ["Inside"]
    assert "Inside Lake House · Whole home Thu 4 Jun 11:00 1 Jun, 05:00 inferred: our only live code" in words(page)


def test_guest_in_house_whose_battery_runs_low_comes_first(owner_client, unit):
    proved(make_stay(unit, "Fine", days_ahead=-2, nights=5))
    low = another_unit(unit, "B")
    Lock.objects.filter(door__units=low).update(battery_level=0.1)
    proved(make_stay(low, "Dim", days_ahead=-2, nights=6))
    page = owner_client.get(TODAY)
    assert guests(page, "in_house") == ["Dim", "Fine"]
    assert "The battery of B lock is critical, 10%." in words(page)


def test_who_came_today_is_arrival_until_day_is_over(owner_client, unit):
    proved(make_stay(unit, "Early bird", days_ahead=0, check_in_time=time(1)))
    page = owner_client.get(TODAY)
    assert guests(page) == ["Early bird"]
    assert guests(page, "in_house") == []
    assert "may enter since 4 h" in words(page)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [({"removed_at": NOW}, "Front door Removed"), ({}, "Front door Ended, removal not proved")],
)
def test_departure_shows_whether_code_is_proved_gone(owner_client, unit, fields, shown):
    proved(make_stay(unit, "Leaver", days_ahead=-2, nights=2, check_out_time=time(3)), **fields)
    page = owner_client.get(TODAY)
    assert guests(page, "departures") == ["Leaver"]
    assert shown in words(page)


def test_departure_whose_code_should_be_gone_comes_first(owner_client, unit):
    proved(make_stay(unit, "Clean", days_ahead=-2, nights=2, check_out_time=time(1)), removed_at=NOW)
    proved(make_stay(another_unit(unit, "B"), "Lingers", days_ahead=-2, nights=2, check_out_time=time(3)))
    assert guests(owner_client.get(TODAY), "departures") == ["Lingers", "Clean"]


def test_departure_names_who_comes_next(owner_client, unit):
    proved(make_stay(unit, "Leaver", days_ahead=-2, nights=2))
    make_stay(unit, "Next", days_ahead=3)
    assert "Front door Live Thu 4 Jun 16:00" in words(owner_client.get(TODAY))


# --- What needs attention -------------------------------------------------------------------------------------


def test_code_that_was_never_removed_is_shown_and_counted(owner_client, unit):
    long_gone(unit)
    page = owner_client.get(TODAY)
    assert title(page) == "(1) Today · Latchkey"
    assert "Codes to look at" in words(page)
    assert "Long gone Front Door Ended, removal not proved" in words(page)


def test_code_of_stay_at_risk_counts_once(owner_client, unit):
    proved(make_stay(unit, days_ahead=0), rejected_at=NOW)
    page = owner_client.get(TODAY)
    assert title(page) == "(1) Today · Latchkey"
    assert "Codes to look at" not in words(page)


def test_every_page_counts_what_today_says(owner_client, unit):
    proved(make_stay(unit, days_ahead=0), on_lock_at=None)
    make_code(make_lock(unit.organization, "Side"), "Trades", pin="730514", rejected_at=NOW)
    assert title(owner_client.get(TODAY)).startswith("(2) ")
    assert title(owner_client.get(reverse("properties"))).startswith("(2) ")


def test_low_battery_gets_day_without_guests(owner_client, unit):
    proved(make_stay(unit, "Inside", days_ahead=-2, nights=4))
    Lock.objects.update(keypad_battery_level=0.1, keypad_battery_at=NOW)
    page = words(owner_client.get(TODAY))
    assert "Batteries to change" in page
    assert "Wed 3 Jun no guest" in page


def test_offline_lock_is_strip_with_its_arrivals(owner_client, unit):
    proved(make_stay(unit, "First", days_ahead=0))
    Lock.objects.update(is_online=False)
    page = words(owner_client.get(TODAY))
    assert "Front Door is offline. Affects 1 stay: check-in Mon 1 Jun, 16:00." in page


def test_many_locks_that_are_away_leave_room_for_arrivals(owner_client, unit):
    for number in range(5):
        proved(make_stay(another_unit(unit, f"U{number}"), f"Guest {number}", days_ahead=0))
    Lock.objects.update(is_online=False)
    page = owner_client.get(TODAY)
    assert len(page.context["strips"]) == 2
    assert "3 more locks on which stays depend do not answer." in words(page)
    assert f"{reverse('locks')}?show=offline" in page.content.decode()


def test_arrival_asks_to_relink_dropped_account(owner_client, unit):
    proved(make_stay(unit, "First", days_ahead=0))
    ConnectedAccount.objects.update(errors=[{"error_code": "account_disconnected"}])
    page = owner_client.get(TODAY)
    assert title(page).startswith("(2) ")
    assert "Affects 1 stay" in words(page)
    assert "Reconnect : First" in words(page)


def test_codes_of_nobody_are_listed_by_lock(owner_client, unit):
    Lock.objects.update(other_codes=[other_code("Old cleaner")], unmanaged_read_at=NOW)
    page = words(owner_client.get(TODAY))
    assert "Codes not created in Latchkey" in page
    assert "Front Door 1 Old cleaner" in page


def test_when_nothing_is_wrong_nothing_is_said_of_trouble(owner_client, unit):
    proved(make_stay(unit, days_ahead=0))
    page = words(owner_client.get(TODAY))
    for heading in ("Codes to look at", "Batteries to change", "Codes not created in Latchkey", "depends on it"):
        assert heading not in page


# --- The part that refreshes itself, and whose it is ----------------------------------------------------------


def test_part_asks_for_itself_again_with_same_days(owner_client, unit):
    source = " ".join(owner_client.get(WEEK).content.decode().split())
    assert f'id="day" hx-get="{PART}?when=week" hx-trigger="every 30s, refresh"' in source
    assert "hx-swap-oob" not in source


def test_part_brings_count_banners_and_pulse_along(owner_client, unit):
    proved(make_stay(unit, days_ahead=0), on_lock_at=None)
    source = " ".join(owner_client.get(f"{PART}?when=week").content.decode().split())
    assert "<html" not in source
    assert f'hx-get="{PART}?when=week"' in source
    for part in ('id="attention-count" data-count="1"', 'id="banners"', 'id="worker"'):
        assert part in source
    assert source.count('hx-swap-oob="true"') == 3


def test_only_chosen_property_is_shown(owner_client, organization, unit):
    proved(make_stay(unit, "Lake", days_ahead=0))
    other = make_property(organization, "Harbor")
    make_stay(make_unit(other), "Harbor guest", days_ahead=0)
    assert guests(owner_client.get(f"{TODAY}?property={other.pk}")) == ["Harbor guest"]
    assert guests(owner_client.get(PART)) == ["Harbor guest"]


def test_more_rows_cost_no_more_queries(owner_client, unit):
    def fill(number: int) -> None:
        place = another_unit(unit, f"U{number}")
        proved(make_stay(place, "Leaver", days_ahead=-2, nights=2))
        proved(make_stay(place, "Comer", days_ahead=0), on_lock_at=None)
        proved(make_stay(another_unit(unit, f"V{number}"), "Inside", days_ahead=-2, nights=5))
        long_gone(another_unit(unit, f"W{number}"))
        Lock.objects.filter(door__units=place).update(
            battery_level=0.1, is_online=False, other_codes=[other_code("X")], unmanaged_read_at=NOW
        )

    def price(address: str) -> int:
        storing.judge_marked(NOW, 1000)
        with CaptureQueriesContext(connection) as queries:
            owner_client.get(address)
        return len(queries)

    fill(0)
    owner_client.get(TODAY)
    before = {address: price(address) for address in (TODAY, TOMORROW, WEEK, PART, reverse("properties"))}
    for number in range(1, 7):
        fill(number)
    assert {address: price(address) for address in before} == before
    assert max(before.values()) <= 42


def test_arrivals_needing_attention_are_on_first_page(owner_client, unit, monkeypatch):
    monkeypatch.setattr("properties.reading.today.ARRIVALS_PER_PAGE", 2)
    for number in range(5):
        proved(make_stay(another_unit(unit, f"U{number}"), f"Fine {number}", days_ahead=0, check_in_time=time(10)))
    proved(make_stay(unit, "Late and refused", days_ahead=0), rejected_at=NOW)
    page = owner_client.get(TODAY)
    assert guests(page)[0] == "Late and refused"
    assert "6 arrive today" in words(page)
    assert "Page 1 of 3" in words(page)
    assert [(each.label, count) for each, count in page.context["tally"]] == [("Not ready", 1), ("Ready", 5)]


def test_stranger_sees_none_of_it(stranger_client, unit, now):
    make_stay(unit, days_ahead=0)
    make_code(unit.doors.get().lock, "Ben Ito", rejected_at=now)
    Lock.objects.update(battery_level=0.1, other_codes=[other_code("X")])
    for address in (WEEK, PART):
        page = words(stranger_client.get(address))
        assert not [name for name in ("Anna Schmidt", "Ben Ito", "Front Door") if name in page]


def test_nothing_is_written_here(owner_client):
    assert owner_client.post(TODAY).status_code == 405
    assert owner_client.post(PART).status_code == 405
