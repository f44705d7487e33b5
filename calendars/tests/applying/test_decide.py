"""What people decide: let through, ignore, undo, say what an event is; each holds against the next answers."""

from datetime import timedelta

import pytest

from calendars.applying.decide import accept, decide, ignore, undo
from calendars.deciding.channels import Channel
from calendars.deciding.known import Decision
from calendars.models import ChangeSet
from calendars.tests.applying.scene import Scene, code_of, make_feed
from calendars.tests.samples import event
from properties.changes.stays_and_places import cancel_stay, make_automatic, save_stay
from properties.models import AccessCode, SetField
from properties.tests.builders import NOW, make_stay

ROBIN = event("a", "20260610", "20260613", "Reserved - Robin")
OTHER = event("z", "20260801", "20260805", "Reserved - Zoe")
CLOSED = event("c", "20260620", "20260622", "CLOSED - Not available")


@pytest.fixture
def scene(organization):
    return Scene(make_feed(organization))


def pins_of(scene):
    return {code.pk: code.pin for code in AccessCode.objects.filter(stay__unit=scene.feed.unit)}


def test_accepted_cancellation(scene, owner):
    scene.says(ROBIN, OTHER)
    scene.after(hours=1).says()
    for item in scene.items("waiting"):
        assert accept(item, scene.now, owner) is None
        assert accept(item, scene.now, owner) is None
    assert all(stay.is_cancelled for stay in scene.stays)
    assert not scene.items("waiting")


def test_ignored_change_is_not_asked_again(scene, owner):
    scene.says(ROBIN, OTHER)
    scene.after(hours=1).says()
    for item in scene.items("waiting"):
        assert ignore(item, scene.now, owner)
        assert not ignore(item, scene.now, owner)
    for _ in range(3):
        scene.after(hours=30).says()
    assert not scene.items("waiting")
    assert all(code_of(stay) for stay in scene.stays)


def test_another_home_waits_until_accepted(scene, owner):
    scene.says(ROBIN, OTHER)
    for _ in range(3):
        scene.after(hours=30).says(event("x", "20260901", "20260903", "Reserved - Sam"))
    assert len(scene.stays) == 2
    (item,) = scene.items("waiting")
    assert accept(item, scene.now, owner) is None
    assert [stay.guest.name for stay in scene.stays] == ["Robin", "Zoe", "Sam"]
    scene.after(hours=1).says(ROBIN, OTHER, event("x", "20260901", "20260903", "Reserved - Sam"))
    assert len(scene.stays) == 3


def test_undone_arrival_stays_away(scene, owner):
    scene.says(ROBIN, OTHER)
    assert undo(ChangeSet.objects.get(), scene.now, owner) == []
    assert all(stay.is_cancelled for stay in scene.stays)
    scene.after(hours=2).says(ROBIN, OTHER)
    assert all(stay.is_cancelled for stay in scene.stays)
    assert len(scene.stays) == 2


def test_undone_move_stays_put(scene, owner):
    scene.says(ROBIN, OTHER)
    pins = pins_of(scene)
    scene.after(hours=1).says(ROBIN.replace("20260613", "20260620"), OTHER)
    undo(ChangeSet.objects.first(), scene.now, owner)
    scene.after(hours=1).says(ROBIN.replace("20260613", "20260620"), OTHER)
    assert str(scene.stays[0].check_out_on) == "2026-06-13"
    assert pins_of(scene) == pins
    assert SetField.objects.get().field == "check_out_on"


@pytest.mark.parametrize("is_off_the_lock", [False, True])
def test_undone_cancellation_restores_pin(scene, owner, is_off_the_lock):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    pin = code_of(stay).pin
    scene.after(hours=1).says(OTHER)
    scene.after(hours=24).says(OTHER)
    if is_off_the_lock:
        AccessCode.objects.filter(stay=stay).update(removed_at=scene.now)
    undo(ChangeSet.objects.first(), scene.now, owner)
    assert code_of(stay).pin == pin
    for _ in range(3):
        scene.after(hours=24).says(OTHER)
    assert code_of(stay).pin == pin
    assert scene.told()[-1] == ("cancel", "waiting")


def test_undo_is_done_once(scene, owner):
    scene.says(ROBIN)
    change_set = ChangeSet.objects.get()
    undo(change_set, scene.now, owner)
    stay = scene.stay
    cancelled_at = stay.cancelled_at
    assert undo(change_set, scene.now + timedelta(hours=1), owner) == []
    stay.refresh_from_db()
    assert stay.cancelled_at == cancelled_at


def test_unclear_event_becomes_stay(organization, owner):
    scene = Scene(make_feed(organization, Channel.BOOKING))
    scene.says(CLOSED)
    assert (scene.stays, scene.booking.outcome) == ([], "unclear")
    assert decide(scene.booking, Decision.STAY, scene.now, owner) is None
    assert decide(scene.booking, Decision.STAY, scene.now, owner) is None
    assert code_of(scene.stay)
    # Its id and its end change; what the person said is remembered.
    scene.after(hours=2).says(event("d", "20260620", "20260624", "CLOSED - Not available"))
    assert str(scene.stay.check_out_on) == "2026-06-24"


def test_ignored_event_stays_ignored_under_new_id(organization, owner):
    scene = Scene(make_feed(organization, Channel.BOOKING))
    scene.says(CLOSED)
    decide(scene.booking, Decision.IGNORE, scene.now, owner)
    scene.feed.closures_up_to = 14
    scene.feed.save(update_fields=["closures_up_to"])
    scene.after(hours=2).says(event("d", "20260620", "20260622", "CLOSED - Not available"))
    assert scene.stays == []
    assert not scene.feed.bookings.unclear()


def test_double_booking_is_told_to_who_decides(organization, owner):
    scene = Scene(make_feed(organization, Channel.BOOKING))
    make_stay(scene.feed.unit, check_in_on=NOW.date() + timedelta(days=18), nights=3)
    scene.says(CLOSED)
    failure = decide(scene.booking, Decision.STAY, scene.now, owner)
    assert failure.text.startswith("Anna Schmidt stays in")
    assert len(scene.stays) == 1


def test_stay_cancelled_by_person_is_not_revived(scene, owner):
    scene.says(ROBIN, OTHER)
    cancel_stay(scene.stays[0], scene.now, owner)
    scene.after(hours=2).says(ROBIN, OTHER)
    scene.after(hours=2).says(ROBIN.replace("20260613", "20260614"), OTHER)
    assert scene.stays[0].is_cancelled
    assert len(scene.stays) == 2


def test_set_field_is_kept_until_automatic(scene, owner):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    stay.check_out_on += timedelta(days=1)
    stay.guest.name = "Robin Sample"
    save_stay(stay, scene.now, owner)
    moved = event("a", "20260611", "20260613", "Reserved - Robin B")
    scene.after(hours=2).says(moved, OTHER)
    stay.refresh_from_db()
    assert (str(stay.check_in_on), str(stay.check_out_on)) == ("2026-06-11", "2026-06-14")
    assert stay.guest.name == "Robin Sample"
    assert make_automatic(stay, "check_out_on")
    assert not make_automatic(stay, "check_out_on")
    scene.after(hours=2).says(moved, OTHER)
    stay.refresh_from_db()
    assert str(stay.check_out_on) == "2026-06-13"


def test_changes_of_feed_set_no_fields(scene, owner):
    scene.says(ROBIN, OTHER)
    scene.after(hours=1).says(ROBIN.replace("20260613", "20260620"), OTHER)
    assert not SetField.objects.exists()
