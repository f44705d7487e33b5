"""Stays that a calendar brings: who is named in the history, what a person sets, and a cancelled one that returns."""

from datetime import timedelta

import pytest

from properties.changes.stays_and_places import (
    StayIsOver,
    StaysOverlap,
    cancel_stay,
    make_automatic,
    revive_stay,
    save_stay,
)
from properties.codes import planning
from properties.models import AccessCode, Activity, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit

SOURCE = "Vrbo calendar"


@pytest.fixture
def stay(organization):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    stay = make_stay(unit, channel="vrbo")
    planning.apply_stay_plan(stay, NOW, None)
    return stay


def pin(stay):
    return stay.access_codes.standing().get().pin


def sources(stay, kind):
    return list(Activity.objects.filter(stay=stay, kind=kind).values_list("source", flat=True))


@pytest.mark.parametrize("is_off_the_lock", [False, True])
def test_revived_stay_has_its_pin(stay, is_off_the_lock):
    before = pin(stay)
    cancel_stay(stay, NOW, None, source=SOURCE)
    if is_off_the_lock:
        AccessCode.objects.filter(stay=stay).update(removed_at=NOW)
    revive_stay(stay, NOW, None, source=SOURCE)
    assert revive_stay(stay, NOW, None, source=SOURCE) == []
    assert pin(stay) == before
    assert sources(stay, "stay.cancelled") == sources(stay, "stay.revived") == [SOURCE]


def test_revived_stay_must_have_its_unit(stay):
    cancel_stay(stay, NOW, None)
    make_stay(stay.unit, "Bo")
    with pytest.raises(StaysOverlap, match="Bo stays"):
        revive_stay(stay, NOW, None)
    assert Stay.objects.get(pk=stay.pk).is_cancelled


def test_stay_that_is_over_is_not_revived(stay):
    cancel_stay(stay, NOW, None)
    with pytest.raises(StayIsOver):
        revive_stay(stay, stay.ends_at, None)


def test_person_sets_what_they_change(stay, owner):
    stay.check_out_on += timedelta(days=1)
    stay.guest.name = "Anna S."
    save_stay(stay, NOW, owner)
    assert {(one.field, one.set_by) for one in stay.set_fields.all()} == {("check_out_on", owner), ("guest", owner)}
    assert make_automatic(stay, "guest")
    assert [one.field for one in stay.set_fields.all()] == ["check_out_on"]


def test_last_person_to_set_field_is_kept(stay, owner, colleague):
    for person in (owner, colleague):
        stay.check_out_on += timedelta(days=1)
        save_stay(stay, NOW, person)
    assert stay.set_fields.get().set_by == colleague


@pytest.mark.parametrize(("channel", "source"), [("", ""), ("vrbo", SOURCE)])
def test_nothing_is_set_by_hand_entries_and_calendars(stay, owner, channel, source):
    Stay.objects.filter(pk=stay.pk).update(channel=channel)
    stay.check_out_on += timedelta(days=1)
    save_stay(stay, NOW, owner, source=source)
    assert not stay.set_fields.exists()


def test_stay_that_just_ended_may_go_on(stay):
    stay.check_out_on += timedelta(days=2)
    late = stay.ends_at + timedelta(hours=1)
    with pytest.raises(StayIsOver):
        save_stay(stay, late, None)
    save_stay(stay, late, None, source=SOURCE, may_have_ended=timedelta(hours=48))
    assert Stay.objects.get(pk=stay.pk).ends_at > late
    assert sources(stay, "stay.changed") == [SOURCE]
