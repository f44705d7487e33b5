"""What people change about places and stays, with the codes and the history that follow."""

from datetime import time, timedelta

import pytest

from properties.changes import stays_and_places
from properties.models import Activity, Door, Guest, Property, Stay, Unit
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.values.local_time import LocalTime


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization))


@pytest.fixture
def lock(unit):
    lock = make_lock(unit.organization)
    make_door(unit, lock)
    return lock


def a_stay(unit, days_ahead=10, nights=3, guest="Anna Schmidt") -> Stay:
    """Filled in, not saved."""
    on = NOW.date() + timedelta(days=days_ahead)
    return Stay(
        organization=unit.organization,
        unit=unit,
        guest=Guest(organization=unit.organization, name=guest),
        check_in_on=on,
        check_in_time=time(16),
        check_out_on=on + timedelta(days=nights),
        check_out_time=time(11),
    )


def test_new_stay_has_guest_window_and_code(unit, lock, owner):
    stay = a_stay(unit)
    [code] = stays_and_places.save_stay(stay, NOW, owner)
    stay.refresh_from_db()
    assert (stay.guest.name, stay.created_by, stay.created_at) == ("Anna Schmidt", owner, NOW)
    assert (stay.starts_at, stay.ends_at) == stay.window() == code.window
    told = Activity.objects.get(kind="stay.created")
    assert told.text == "Anna Schmidt in Lake House · Whole home: Thu 11 Jun 2026, 16:00 to Sun 14 Jun 2026, 11:00"
    assert (told.actor, told.stay) == (owner, stay)


def test_overlapping_stay_leaves_nothing_behind(unit, lock):
    stays_and_places.save_stay(a_stay(unit), NOW, None)
    with pytest.raises(
        stays_and_places.StaysOverlap, match="Anna Schmidt stays in Lake House · Whole home from Thu 11 Jun"
    ):
        stays_and_places.save_stay(a_stay(unit, days_ahead=12, guest="Bo Bergman"), NOW, None)
    assert Stay.objects.count() == Guest.objects.count() == lock.access_codes.count() == 1


def test_stay_does_not_overlap_itself(unit, lock):
    stay = a_stay(unit)
    stays_and_places.save_stay(stay, NOW, None)
    stay.check_out_on += timedelta(days=1)
    [code] = stays_and_places.save_stay(stay, NOW, None)
    assert code.ends_at == stay.ends_at


def test_change_is_told_in_words_and_renames_holder(unit, lock, owner):
    stay = a_stay(unit)
    stays_and_places.save_stay(stay, NOW, owner)
    stay.guest.name = "Anna Schulz"
    stay.check_out_on += timedelta(days=1)
    stays_and_places.save_stay(stay, NOW, owner)
    text = Activity.objects.get(kind="stay.changed").text
    assert "guest Anna Schmidt → Anna Schulz" in text
    assert "check-out Sun 14 Jun 2026, 11:00 → Mon 15 Jun 2026, 11:00" in text
    assert lock.access_codes.get().holder_name == "Anna Schulz"


def test_guest_who_moves_to_another_unit_takes_pin_along(unit, lock):
    stay = a_stay(unit)
    [old] = stays_and_places.save_stay(stay, NOW, None)
    suite = make_unit(unit.property, "Guest suite")
    make_door(suite, make_lock(unit.organization, "Suite"), "Suite door")
    stay.unit = suite
    stays_and_places.save_stay(stay, NOW, None)
    old.refresh_from_db()
    assert old.revoked_at == NOW
    assert stay.access_codes.standing().get().pin == old.pin


@pytest.mark.parametrize(
    ("fields", "words"), [({"cancelled_at": NOW}, "was cancelled"), ({"days_ahead": -20}, "is over")]
)
def test_history_is_not_changed(unit, fields, words):
    stay = make_stay(unit, **fields)
    for change in (stays_and_places.save_stay, stays_and_places.cancel_stay):
        with pytest.raises(stays_and_places.StayIsOver, match=words):
            change(stay, NOW, None)


def test_old_page_does_not_restore_cancelled_stay(unit, lock):
    stay = a_stay(unit)
    stays_and_places.save_stay(stay, NOW, None)
    stays_and_places.cancel_stay(Stay.objects.get(), NOW, None)
    stay.check_out_on += timedelta(days=1)
    with pytest.raises(stays_and_places.StayIsOver):
        stays_and_places.save_stay(stay, NOW, None)
    assert not lock.access_codes.standing().exists()


def test_cancelling_takes_back_codes_and_says_so(unit, lock, owner):
    stay = a_stay(unit)
    stays_and_places.save_stay(stay, NOW, owner)
    [code] = stays_and_places.cancel_stay(stay, NOW, owner)
    stay.refresh_from_db()
    assert (stay.cancelled_at, stay.cancelled_by, code.revoke_reason) == (NOW, owner, "Stay cancelled")
    assert Activity.objects.get(kind="stay.cancelled").text.endswith("cancelled (upcoming)")


def test_unit_of_cancelled_stay_is_free(unit, lock):
    stays_and_places.save_stay(first := a_stay(unit), NOW, None)
    stays_and_places.cancel_stay(first, NOW, None)
    stays_and_places.save_stay(a_stay(unit, guest="Bo Bergman"), NOW, None)
    assert Stay.objects.standing().get().guest.name == "Bo Bergman"


def test_new_buffers_move_codes_of_stays_to_come(unit, lock):
    stays_and_places.save_stay(a_stay(unit), NOW, None)
    unit.property.minutes_before = 60
    [code] = stays_and_places.save_property(unit.property, NOW, None)
    stay = Stay.objects.get()
    assert stay.starts_at == code.starts_at
    assert LocalTime(code.starts_at.date(), code.starts_at.time()) == (stay.check_in_on, time(22))


def test_putting_lock_on_door_gives_its_stays_their_codes(unit):
    stay = make_stay(unit)
    door = make_door(unit)
    door.lock = make_lock(unit.organization)
    [code] = stays_and_places.save_door(door, [unit], NOW, None)
    assert (code.stay, code.lock) == (stay, door.lock)
    assert Activity.objects.get(kind="door.changed").text == "Door Front door of Lake House: lock Front Door"


def test_unit_taken_off_door_loses_its_code(unit, lock):
    stays_and_places.save_stay(a_stay(unit), NOW, None)
    [code] = stays_and_places.save_door(Door.objects.get(), [], NOW, None)
    assert code.revoke_reason == "No longer a required door of the unit"


def test_deleting_door_frees_its_lock_and_takes_back_its_codes(unit, lock):
    stays_and_places.save_stay(a_stay(unit), NOW, None)
    [code] = stays_and_places.delete_door(Door.objects.get(), NOW, None)
    lock.refresh_from_db()
    assert code.revoked_at == NOW
    assert not hasattr(lock, "door")


def test_name_just_taken_is_refused(unit):
    twin = Unit(organization=unit.organization, property=unit.property, name=unit.name)
    with pytest.raises(stays_and_places.TakenMeanwhile, match="Look again"):
        stays_and_places.save_unit(twin, NOW, None)
    assert not Activity.objects.exists()


def test_place_with_stays_is_kept_and_one_without_goes(unit, lock):
    make_stay(unit, days_ahead=-20)
    for delete, row in ((stays_and_places.delete_unit, unit), (stays_and_places.delete_property, unit.property)):
        with pytest.raises(stays_and_places.StillInUse, match="has 1 stay, past and cancelled ones included"):
            delete(row, NOW, None)
    empty = make_unit(unit.property, "Attic room")
    stays_and_places.delete_unit(empty, NOW, None)
    assert list(Unit.objects.all()) == [unit]


def test_property_takes_its_units_and_doors_with_it(unit, lock):
    stays_and_places.delete_property(unit.property, NOW, None)
    assert not Property.objects.exists()
    assert not Unit.objects.exists()
    assert not Door.objects.exists()
    lock.refresh_from_db()


def test_new_buffers_keep_start_of_stay_in_house(unit, lock):
    stay = make_stay(unit, days_ahead=-1)
    before = stay.starts_at
    unit.property.minutes_before = 60
    unit.property.save()
    stay.check_out_on += timedelta(days=1)
    stays_and_places.save_stay(stay, NOW, None)
    assert stay.starts_at == before


def test_save_keeps_column_that_no_form_shows(unit):
    place = Property.objects.get()
    Property.objects.update(created_at=NOW - timedelta(days=400))
    place.name = "Lake Cabin"
    stays_and_places.save_property(place, NOW, None)
    place.refresh_from_db()
    assert (place.name, place.created_at) == ("Lake Cabin", NOW - timedelta(days=400))


def test_save_writes_search_form_of_changed_guest(unit, lock):
    stay = a_stay(unit)
    stays_and_places.save_stay(stay, NOW, None)
    stay.guest.name = "Bo Bergman"
    stays_and_places.save_stay(stay, NOW, None)
    assert "bergman" in Guest.objects.get().search_text
