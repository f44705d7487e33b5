"""A feed's answers become stays with codes, step by step, and bad answers change nothing."""

from datetime import timedelta

import pytest

from calendars.applying.check import check_feed
from calendars.deciding.channels import Channel
from calendars.deciding.known import BookingState
from calendars.fetching.addresses import parse_address
from calendars.fetching.http import Answer, Fetched
from calendars.models import ChangeSet, Feed
from calendars.reasons import Why
from calendars.tests.applying.scene import SECRET, Scene, code_of, make_feed, why_of
from calendars.tests.samples import airbnb_link, calendar, event
from properties.changes import leaving
from properties.codes import pins
from properties.codes.pins import NoPinLeft
from properties.models import AccessCode, Activity, Stay
from properties.tests.builders import NOW, make_stay

# NOW is 1 June 2026, 06:00 in Denver.
ROBIN = event("a", "20260610", "20260613", "Reserved - Robin")
OTHER = event("z", "20260801", "20260805", "Reserved - Zoe")


@pytest.fixture
def scene(organization):
    return Scene(make_feed(organization))


def test_booking_becomes_stay_with_code(scene):
    checked = scene.says(ROBIN)
    assert checked.changed
    stay = scene.stay
    assert (str(stay.check_in_on), str(stay.check_out_on), stay.guest.name) == ("2026-06-10", "2026-06-13", "Robin")
    assert (stay.channel, stay.check_in_time, stay.created_by) == ("vrbo", scene.feed.unit.property.check_in_time, None)
    assert code_of(stay).window.starts_at == stay.starts_at
    assert Activity.objects.get(stay=stay, kind="stay.created").source == "Vrbo calendar"
    assert (scene.feed.counts, scene.feed.changed_at, scene.feed.fetched_at) == ({"stay": 1}, NOW, NOW)


def test_name_is_kept_as_one_sees_it(scene):
    scene.says(event("a", "20260610", "20260613", "Reserved - \u202eRo\u200bbin"))
    assert scene.stay.guest.name == "Robin"


def test_fault_of_ours_is_shown_and_tried_later(scene, monkeypatch):
    scene.says(ROBIN)
    monkeypatch.setattr("calendars.applying.check.plan_changes", lambda *arguments: 1 / 0)
    scene.now += timedelta(hours=2)
    checked = scene.says(ROBIN, OTHER)
    assert checked.problem.why is Why.UNEXPECTED
    assert scene.feed.failures == 1
    assert scene.feed.next_at > scene.now
    assert scene.feed.lease_until is None
    assert not scene.stay.is_cancelled


def test_guest_who_left_early_is_not_let_in_again(scene, owner):
    """The channel goes on saying the booked nights; only a person lets the guest in again."""
    scene.says(ROBIN)
    scene.now = scene.stay.starts_at + timedelta(hours=5)
    leaving.end_now(scene.stay, scene.now, owner)
    for _ in range(3):
        scene.after(hours=2).says(ROBIN)
        assert scene.stay.is_over(scene.now)
    assert not AccessCode.objects.standing_ahead(scene.now).exists()


@pytest.mark.parametrize("gap", [timedelta(0), timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)])
def test_same_answer_again_changes_nothing(scene, gap):
    scene.says(ROBIN, OTHER)
    scene.now += gap
    told, codes = Activity.objects.count(), list(AccessCode.objects.values("pk", "pin_encrypted", "starts_at"))
    checked = scene.says(ROBIN.replace("BEGIN:VEVENT", "BEGIN:VEVENT\nDTSTAMP:20260601T000000Z"), OTHER)
    assert not checked.changed
    assert ChangeSet.objects.count() == 1
    assert Activity.objects.count() == told
    assert list(AccessCode.objects.values("pk", "pin_encrypted", "starts_at")) == codes


@pytest.mark.parametrize("uid", ["a", "new-id"])
def test_extension_keeps_code_and_pin(scene, uid):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    before = code_of(stay)
    scene.after(minutes=10).says(event(uid, "20260611", "20260615", "Reserved - Robin"), OTHER)
    stay.refresh_from_db()
    after = code_of(stay)
    assert (str(stay.check_in_on), str(stay.check_out_on)) == ("2026-06-11", "2026-06-15")
    assert (after.pk, after.pin) == (before.pk, before.pin)
    assert after.window.ends_at == stay.ends_at
    assert set(scene.feed.bookings.first().aliases.values_list("uid", flat=True)) == {"a", uid}


def test_missing_booking_is_cancelled_after_day(scene):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    scene.after(minutes=10).says(OTHER)
    assert scene.feed.bookings.get(stay=stay).state == BookingState.MISSING
    scene.after(hours=23).says(OTHER)
    assert code_of(stay)
    scene.after(hours=1).says(OTHER)
    stay.refresh_from_db()
    assert stay.is_cancelled
    assert not stay.access_codes.standing()
    assert Activity.objects.get(stay=stay, kind="stay.cancelled").source == "Vrbo calendar"


def test_missing_booking_that_comes_back(scene):
    scene.says(ROBIN, OTHER)
    scene.after(minutes=10).says(OTHER)
    scene.after(hours=30).says(ROBIN, OTHER)
    booking = scene.feed.bookings.get(stay=scene.stays[0])
    assert (booking.state, booking.missing_since, booking.misses) == (BookingState.ACTIVE, None, 0)
    scene.after(minutes=10).says(OTHER)
    assert code_of(scene.stays[0])


@pytest.mark.parametrize("is_off_the_lock", [False, True])
def test_revived_booking_has_its_pin(scene, is_off_the_lock):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    pin = code_of(stay).pin
    scene.after(minutes=10).says(ROBIN.replace("END:VEVENT", "STATUS:CANCELLED\nEND:VEVENT"), OTHER)
    stay.refresh_from_db()
    assert stay.is_cancelled
    if is_off_the_lock:
        AccessCode.objects.filter(stay=stay).update(removed_at=scene.now)
    scene.after(days=3).says(ROBIN.replace("20260613", "20260614"), OTHER)
    stay.refresh_from_db()
    assert (stay.is_cancelled, str(stay.check_out_on)) == (False, "2026-06-14")
    assert code_of(stay).pin == pin
    assert len(scene.stays) == 2


@pytest.mark.parametrize("events", [[], [OTHER]])
def test_guest_in_residence_keeps_code(scene, events):
    scene.says(ROBIN)
    scene.now = scene.stay.starts_at + timedelta(hours=1)
    for _ in range(60):
        scene.after(hours=1).says(*events)
        if scene.now < scene.stays[0].ends_at:
            assert code_of(scene.stays[0])
    assert not scene.stays[0].is_cancelled


def test_empty_calendar_asks_once(scene):
    scene.says(ROBIN, OTHER)
    for _ in range(5):
        scene.after(hours=12).says()
    assert scene.told() == [("add", "applied")] * 2 + [("cancel", "waiting")] * 2
    assert all(code_of(stay) for stay in scene.stays)
    scene.after(minutes=10).says(ROBIN, OTHER)
    assert scene.items("waiting") == []


@pytest.mark.parametrize(
    ("fetched", "why"),
    [
        (Fetched(Answer.BODY, b""), Why.EMPTY_BODY),
        (Fetched(Answer.BODY, b"<html>Log in</html>"), Why.WEB_PAGE),
        (Fetched(Answer.BODY, calendar(ROBIN)[:-20]), Why.CUT_SHORT),
    ],
)
def test_bad_answer_is_no_news(scene, fetched, why):
    scene.says(ROBIN, OTHER)
    for failures in (1, 2, 3):
        checked = scene.after(hours=20).answers(fetched)
        assert why_of(checked.problem) is why
        assert (scene.feed.failures, scene.feed.fetched_at, scene.feed.failed_since) == (
            failures,
            NOW,
            NOW + timedelta(hours=20),
        )
    assert all(code_of(stay) for stay in scene.stays)
    scene.after(minutes=10).says(ROBIN, OTHER)
    assert (scene.feed.failures, scene.feed.failed_since, scene.feed.problem) == (0, None, {})


def test_validators_are_sent_unless_doubt(scene):
    scene.says(ROBIN, OTHER, etag='"1"', last_modified="Mon")
    scene.after(minutes=10).answers(Fetched(Answer.NOT_MODIFIED))
    scene.after(hours=1).says(OTHER, etag='"2"')
    # One is missing: a second whole look is needed.
    scene.after(minutes=10).says(OTHER, etag='"2"')
    assert scene.asked == [("", ""), ('"1"', "Mon"), ("", ""), ("", "")]


def test_address_that_operator_no_longer_allows(scene):
    scene.feed.set_address(parse_address("http://127.0.0.1:1/a.ics", {"127.0.0.1"}))
    scene.feed.save(update_fields=["address_encrypted"])
    assert why_of(check_feed(scene.feed.pk, NOW).problem) is Why.NOT_HTTPS


def test_leased_feed_is_left_alone(scene):
    with_lease = []

    def nested(feed, *_):
        with_lease.append(check_feed(feed.pk, NOW))
        return Fetched(Answer.BODY, calendar(ROBIN))

    assert check_feed(scene.feed.pk, NOW, nested).changed
    assert with_lease == [None]
    scene.feed.refresh_from_db()
    assert scene.feed.lease_until is None


def test_removed_feed_is_not_checked(scene):
    Feed.objects.filter(pk=scene.feed.pk).update(removed_at=NOW)
    assert scene.says(ROBIN) is None
    assert scene.stays == []


def test_double_booking_gets_no_code(scene):
    other = make_stay(scene.feed.unit, check_in_on=NOW.date() + timedelta(days=10), nights=3)
    for _ in range(3):
        scene.after(hours=2).says(ROBIN, OTHER)
    assert sorted(scene.told()) == [("add", "applied"), ("add", "failed")]
    booking = scene.feed.bookings.get(conflict_with=other)
    assert booking.stay is None
    assert scene.items("failed")[0].problem.startswith("Anna Schmidt stays in")
    Stay.objects.filter(pk=other.pk).update(cancelled_at=scene.now)
    scene.after(hours=2).says(ROBIN, OTHER)
    booking.refresh_from_db()
    assert code_of(booking.stay)


def test_two_stays_change_places(scene):
    """What one leaves the other takes, in whichever order the calendar lists them."""
    scene.says(event("a", "20260610", "20260613"), event("b", "20260613", "20260616"))
    scene.after(hours=1).says(event("a", "20260612", "20260616"), event("b", "20260616", "20260618"))
    assert [(str(stay.check_in_on), str(stay.check_out_on)) for stay in scene.stays] == [
        ("2026-06-12", "2026-06-16"),
        ("2026-06-16", "2026-06-18"),
    ]


def test_stay_without_pin_costs_only_itself(scene, monkeypatch):
    choose, left = pins.choose_pin, [NoPinLeft("No PIN is left.")]

    def choose_or_fail(*args, **options):
        if left:
            raise left.pop()
        return choose(*args, **options)

    monkeypatch.setattr(pins, "choose_pin", choose_or_fail)
    scene.says(ROBIN, OTHER)
    assert [(item.state, item.problem) for item in scene.items()] == [("failed", "No PIN is left."), ("applied", "")]
    # Tried again at the next look.
    scene.after(hours=1).says(ROBIN, OTHER)
    assert all(code_of(stay) for stay in scene.stays)
    assert len(scene.stays) == 2


@pytest.mark.parametrize("closures", [None, 14])
def test_block_never_gets_code(organization, closures):
    scene = Scene(make_feed(organization, Channel.AIRBNB, closures_up_to=closures))
    scene.says(event("b", "20260610", "20260613", "Airbnb (Not available)"))
    assert (scene.stays, scene.feed.counts) == ([], {"block": 1})


def test_reservation_code_survives_new_id(organization):
    scene = Scene(make_feed(organization, Channel.AIRBNB))
    scene.says(event("a", "20260610", "20260613", description=airbnb_link("HMEXAMPL01")))
    scene.after(hours=1).says(event("b", "20260710", "20260713", description=airbnb_link("HMEXAMPL01")))
    assert (scene.stay.reservation_code, str(scene.stay.check_in_on)) == ("HMEXAMPL01", "2026-07-10")
    assert scene.stay.guest.name == "Airbnb guest"


def test_echo_of_another_feed_is_attached(organization):
    scene = Scene(make_feed(organization, Channel.AIRBNB))
    scene.says(event("a", "20260610", "20260613", description=airbnb_link("HMEXAMPL01")))
    other = Scene(make_feed(organization, Channel.BOOKING, unit=scene.feed.unit))
    other.says(event("c", "20260610", "20260613", "CLOSED - Not available"))
    assert len(scene.stays) == 1
    assert (other.feed.counts, other.booking.stay) == ({"echo": 1}, None)


def test_late_extension_goes_on_with_same_pin(scene):
    scene.says(ROBIN, OTHER)
    stay = scene.stays[0]
    pin = code_of(stay).pin
    scene.now = stay.ends_at + timedelta(hours=1)
    AccessCode.objects.filter(stay=stay).update(removed_at=scene.now)
    scene.says(ROBIN.replace("20260613", "20260615"), OTHER)
    stay.refresh_from_db()
    assert str(stay.check_out_on) == "2026-06-15"
    assert code_of(stay).pin == pin


def test_address_stays_secret(scene, caplog):
    scene.fails(Why.CANNOT_REACH)
    scene.says(ROBIN)
    shown = [repr(scene.feed), str(scene.feed), scene.feed.host, repr(scene.feed.address()), caplog.text]
    shown += list(Activity.objects.values_list("text", flat=True))
    shown += [scene.feed.address_encrypted, *map(str, Feed.objects.values())]
    assert scene.feed.address().whole == SECRET
    assert not [text for text in shown if "secret-token" in text]
