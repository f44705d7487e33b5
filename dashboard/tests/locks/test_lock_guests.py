"""Who is behind a lock: in house and next come first on its page, with how far each code has come on this lock."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.tests.builders import make_code, make_door, make_lock, make_property, make_stay, make_unit, other_code


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization), "Guest Suite")
    make_door(unit, make_lock(organization))
    return unit


def lock_of(unit):
    return unit.doors.get().lock


def guests(client, lock) -> str:
    return words(client.get(reverse("lock-guests", args=[lock.pk])))


def test_current_and_next_guest_with_code_state(owner_client, unit):
    make_stay(unit, "Here Kim", days_ahead=-1)
    coming = make_stay(unit, "Next Lee", days_ahead=4)
    make_stay(unit, "Past Ann", days_ahead=-9)
    make_code(lock_of(unit), stay=coming)
    shown = guests(owner_client, lock_of(unit))
    assert "Staying now Here Kim No code here Guest Suite · until" in shown
    assert "Next Next Lee Planned Guest Suite · from Fri 5 Jun 2026, 16:00 PDT" in shown
    assert "Past Ann" not in shown


def test_they_come_before_everything_else_on_page(owner_client, unit):
    make_stay(unit, "Here Kim", days_ahead=-1)
    page = owner_client.get(reverse("lock", args=[lock_of(unit).pk])).content.decode()
    assert page.index("Here Kim") < page.index('id="lock-state"') < page.index('id="lock-codes"')


def test_vacant_unit_says_for_how_long(owner_client, unit):
    make_stay(unit, days_ahead=4)
    assert "Nobody: vacant for 4 d 11 h." in guests(owner_client, lock_of(unit))


def test_cancelled_stay_and_another_units_stay_are_not_there(owner_client, unit, now):
    make_stay(unit, "Gone Ann", days_ahead=2, cancelled_at=now)
    make_stay(make_unit(unit.property, "Other"), "Other Bob", days_ahead=-1)
    shown = guests(owner_client, lock_of(unit))
    assert "Gone Ann" not in shown
    assert "Other Bob" not in shown
    assert "No stay to come is entered." in shown


def test_shared_entrance_shows_some_and_counts_others(owner_client, unit):
    door = unit.doors.get()
    for n in range(8):
        other = make_unit(unit.property, f"Room {n}")
        door.units.add(other)
        make_stay(other, f"Guest {n}", days_ahead=-1)
    assert "and 2 more in the units behind this door" in guests(owner_client, door.lock)


def test_lock_on_no_door_says_what_to_do(owner_client, organization, now):
    assert "This lock is on no door yet" in guests(owner_client, make_lock(organization))


def test_who_is_in_unit_is_named_before_its_door_is_opened(owner_client, unit):
    make_stay(unit, "Here Kim", days_ahead=-1)
    page = words(owner_client.get(reverse("lock-unlock", args=[lock_of(unit).pk])))
    assert "Here Kim is staying in Guest Suite until" in page


def test_list_of_locks_tells_codes_and_next_arrival(owner_client, unit):
    make_stay(unit, days_ahead=4)
    make_code(lock_of(unit))
    [row] = owner_client.get(reverse("locks")).context["rows"]
    assert (row["codes"], row["is_nearly_full"], row["next_at"][:5]) == ("1 / 50", False, "5 Jun")


def test_lock_that_is_nearly_full_is_marked(owner_client, organization, now):
    lock = make_lock(organization, code_capacity=5, other_codes=[other_code("x")] * 3)
    make_code(lock)
    assert "The lock is nearly full." in words(owner_client.get(reverse("lock", args=[lock.pk])))
    [row] = owner_client.get(reverse("locks")).context["rows"]
    assert row["is_nearly_full"]
