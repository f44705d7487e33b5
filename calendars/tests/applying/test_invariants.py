"""No order of good, bad, partial, late and repeated answers, people's acts and time can hurt a guest."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from calendars.applying.decide import accept, ignore, undo
from calendars.deciding.channels import Channel
from calendars.fetching.http import Answer, Fetched
from calendars.models import ChangeItem, ChangeSet
from calendars.reasons import Why, reason
from calendars.tests.applying.scene import Scene, make_feed
from calendars.tests.samples import airbnb_link, calendar, event
from properties.changes.stays_and_places import StayIsOver, cancel_stay
from properties.models import AccessCode, Activity, Stay
from properties.tests.builders import NOW, make_door, make_lock, make_organization, make_property, make_unit, make_user

ZONES = ["Pacific/Auckland", "America/Denver", "UTC"]
# All steps together stay within the 14 days after which a number may be another booking.
STEPS, LONGEST_STEP = 9, 26
BLOCKS = [event("block", "20260604", "20260606", "Airbnb (Not available)")]
FOREIGN = [event(f"f{n}", f"202607{n}0", f"202607{n}3", description=airbnb_link(f"HMFOREIGN{n}")) for n in (1, 2)]


@dataclass
class World:
    """What the channel really holds, and what was seen of each stay."""

    scene: Scene
    person: User
    nights: dict[str, tuple[date, date]] = field(default_factory=dict)
    uids: int = 0
    earlier: list[bytes] = field(default_factory=list)
    pins: dict[int, str] = field(default_factory=dict)
    # Stays that a person ended, or let end.
    given_up: set[int] = field(default_factory=set)

    def events(self, left_out: int = -1, cancelled: int = -1) -> list[str]:
        return [
            event(
                f"{code}-{self.uids}",
                *nights,
                description=airbnb_link(code),
                extra="STATUS:CANCELLED" if number == cancelled else "",
            )
            for number, (code, nights) in enumerate(self.nights.items())
            if number != left_out
        ]

    def body(self, *events: str) -> bytes:
        self.earlier.append(calendar(*events, *BLOCKS))
        return self.earlier[-1]


def whole(world: World, number: int) -> bytes:
    return world.body(*world.events())


def partial(world: World, number: int) -> bytes:
    return world.body(*world.events(left_out=number % 4))


def half(world: World, number: int) -> bytes:
    return world.body(*world.events()[::2])


def only_blocks(world: World, number: int) -> bytes:
    return world.body()


def nothing(world: World, number: int) -> bytes:
    return calendar()


def foreign(world: World, number: int) -> bytes:
    return calendar(*FOREIGN)


def late(world: World, number: int) -> bytes:
    return world.earlier[number % len(world.earlier)] if world.earlier else calendar()


def other_ids(world: World, number: int) -> bytes:
    world.uids += 1
    return world.body(*world.events())


def one_cancelled(world: World, number: int) -> bytes:
    return world.body(*world.events(cancelled=number % 4))


def one_moved(world: World, number: int) -> bytes:
    code = list(world.nights)[number % 4]
    starts_on, ends_on = world.nights[code]
    world.nights[code] = starts_on, ends_on + timedelta(days=number % 3 - 1 or 1)
    return world.body(*world.events())


def cut(world: World, number: int) -> bytes:
    return calendar(*world.events())[:-20]


def page(world: World, number: int) -> bytes:
    return b"<html>Log in</html>"


ANSWERS = [whole, partial, half, only_blocks, nothing, foreign, late, other_ids, one_cancelled, one_moved, cut, page]


def refuse(world: World, number: int) -> None:
    world.scene.answers(Fetched(Answer.FAILED, problem=reason(Why.REFUSED, status=403)))


def undo_last(world: World, number: int) -> None:
    change_set = ChangeSet.objects.filter(undone_at=None).first()
    if change_set is not None:
        added = change_set.items.filter(act__in=["add", "revive"], state="applied")
        world.given_up |= set(added.values_list("stay_id", flat=True))
        undo(change_set, world.scene.now, world.person)


def let_through(world: World, number: int) -> None:
    item = ChangeItem.objects.filter(state="waiting").first()
    if item is not None:
        if item.booking is not None and item.booking.stay_id is not None:
            world.given_up.add(item.booking.stay_id)
        accept(item, world.scene.now, world.person)


def put_off(world: World, number: int) -> None:
    item = ChangeItem.objects.filter(state="waiting").first()
    if item is not None:
        ignore(item, world.scene.now, world.person)


def cancel_one(world: World, number: int) -> None:
    stays = world.scene.stays
    if stays:
        stay = stays[number % len(stays)]
        world.given_up.add(stay.pk)
        with suppress(StayIsOver):
            cancel_stay(stay, world.scene.now, world.person)


ACTS = [refuse, undo_last, let_through, put_off, cancel_one]
steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 13, 25, LONGEST_STEP]),
        # Good answers are the ordinary case.
        st.sampled_from([*ANSWERS, whole, whole, whole, *ACTS]),
        st.integers(0, 11),
    ),
    max_size=STEPS,
)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
@given(plan=steps)
# A guest in residence whom the channel cancels, or forgets for a day.
@example(plan=[(13, one_cancelled, 0)])
@example(plan=[(13, partial, 0), (25, partial, 0), (1, partial, 0)])
# Whatever a person let through, undone.
@example(plan=[(1, one_moved, 3), (1, undo_last, 0), (1, whole, 0)])
@settings(max_examples=8)
def test_no_order_of_answers_hurts_guest(zone, plan):
    with transaction.atomic():
        world = make_world(zone)
        for hours, step, number in [(0, whole, 0), *plan]:
            world.scene.after(hours=hours)
            before = with_codes(world)
            if step in ACTS:
                step(world, number)
            else:
                body = step(world, number)
                world.scene.says_fetched(body)
                twice_is_once(world, body)
            check(world, before)
        transaction.set_rollback(True)


def make_world(zone: str) -> World:
    organization = make_organization()
    unit = make_unit(make_property(organization, time_zone=zone))
    make_door(unit, make_lock(organization))
    world = World(Scene(make_feed(organization, Channel.AIRBNB, unit=unit)), make_user(organization=organization))
    for number, days in enumerate((0, 3, 7, 20)):
        starts_on = NOW.date() + timedelta(days=days)
        world.nights[f"HMEXAMPL0{number}"] = starts_on, starts_on + timedelta(days=3)
    return world


def with_codes(world: World) -> set[int]:
    """Stays in residence whose guests can get in."""
    now = world.scene.now
    codes = AccessCode.objects.standing().filter(stay__starts_at__lte=now, stay__ends_at__gt=now)
    return {code.stay_id for code in codes if code.window is not None and code.window.ends_at > now}


def twice_is_once(world: World, body: bytes) -> None:
    known = ChangeSet.objects.count(), Activity.objects.count(), Stay.objects.count()
    world.scene.says_fetched(body)
    assert (ChangeSet.objects.count(), Activity.objects.count(), Stay.objects.count()) == known


def check(world: World, before: set[int]) -> None:
    stays = world.scene.stays
    in_residence = {stay.pk for stay in stays if stay.starts_at <= world.scene.now < stay.ends_at}
    assert before - world.given_up <= with_codes(world) & in_residence, "a guest in residence lost the code"
    codes = [stay.reservation_code for stay in stays]
    assert len(codes) == len(set(codes)), "one booking became two stays"
    assert all(codes), "a block became a stay"
    for code in AccessCode.objects.standing().filter(stay__isnull=False):
        assert world.pins.setdefault(code.stay_id, code.pin) == code.pin, "a PIN changed"
