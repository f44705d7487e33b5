"""A manager's day: who arrives and can they get in, who is in house, who leaves, and what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property

from django.core.paginator import Page, Paginator

from accounts.models import User
from properties.models import AccessCode, Lock, Property, Stay, Unit
from properties.models.locks import LockQuerySet
from properties.models.stays import StayQuerySet
from properties.reading import day_stays
from properties.reading.attention import Ahead, Attention, Away, Strip, locks_away, strips
from properties.reading.battery_tasks import BatteryTask, battery_tasks
from properties.reading.day_stays import DayStay, Departure, Picked
from properties.reading.doors_and_codes import DoorsAndCodes, load_doors_and_codes
from properties.reading.spans import Span, arriving
from properties.verdict.checks import Readiness, Verdict
from properties.verdict.storing import verdicts_of

ARRIVALS_PER_PAGE = 25
ROWS_AT_MOST = 15
OTHERS_AT_MOST = 20
STRIPS_AT_MOST = 3
# So many who come later in the week are named.
NAMED_AT_MOST = 3


@dataclass(frozen=True)
class Asked:
    """Whose day is shown: for whom, which days, at which properties. `place`: the one that was chosen."""

    user: User
    span: Span
    zones: Collection[str]
    place: Property | None
    now: datetime


@dataclass(frozen=True)
class Arrival:
    """A stay that begins in the span. `leaves_at`: when the guest before checks out that day."""

    stay: DayStay
    readiness: Readiness
    leaves_at: time | None


@dataclass(frozen=True)
class InHouse:
    """A stay that began earlier and goes on. `readiness`: only where it needs attention."""

    stay: DayStay
    readiness: Readiness | None


class Today:
    """The blocks of the day, each worked out on first use.

    The stays of all blocks are loaded in one query and their doors and codes in two. One that was deleted between two
    queries is left out.
    """

    def __init__(self, asked: Asked, attention: Attention, page_number: str | None) -> None:
        self.asked = asked
        self.now = asked.now
        self._attention = attention
        self._page_number = page_number

    @cached_property
    def _stays(self) -> StayQuerySet:
        stays = Stay.objects.for_user(self.asked.user)
        return stays if self.asked.place is None else stays.filter(unit__property=self.asked.place)

    # --- Picked -----------------------------------------------------------------------------------------------------

    @cached_property
    def _ahead(self) -> list[Ahead]:
        """Arrivals of the span, and all other stays that need attention: one query serves both."""
        days = arriving(self.asked.span, self.asked.zones, self.now)
        wanted = self._stays.standing().filter(days, ends_at__gt=self.now)
        return self._attention.look_ahead(wanted, day_stays.leaves_at(self.asked.span, self.now))

    @cached_property
    def _asking(self) -> dict[int, Ahead]:
        return {each.row.pk: each for each in self._ahead if each.is_asking}

    @cached_property
    def expected(self) -> list[Ahead]:
        """All arrivals of the span, the worst first, then same-day turnovers, then in the order of time."""
        return sorted((each for each in self._ahead if each.row.is_wanted), key=_by_verdict)

    @cached_property
    def page(self) -> Page[Ahead]:
        return Paginator(self.expected, ARRIVALS_PER_PAGE).get_page(self._page_number)

    @cached_property
    def _elsewhere(self) -> list[int]:
        return [pk for pk, each in self._asking.items() if each.row.starts_at > self.now and not each.row.is_wanted]

    @cached_property
    def _leaving(self) -> Picked:
        asked = self.asked
        return day_stays.departures(self._stays, asked.span, asked.zones, self.now, ROWS_AT_MOST)

    @cached_property
    def _inside(self) -> Picked:
        if not self.shows_in_house:
            return Picked([], 0)
        return day_stays.in_house(self._stays, self.asked.zones, self._asking, self.now, ROWS_AT_MOST)

    @cached_property
    def _away(self) -> list[Away]:
        return locks_away(list(self._asking.values()))

    # --- Loaded -----------------------------------------------------------------------------------------------------

    @cached_property
    def _loaded(self) -> dict[int, DayStay]:
        first_behind_locks = [each.first for each in self._away[:STRIPS_AT_MOST]]
        named = [*self._elsewhere[:NAMED_AT_MOST], *first_behind_locks]
        return day_stays.load({*(each.row.pk for each in self.page), *self._leaving.pks, *self._inside.pks, *named})

    @cached_property
    def facts(self) -> DoorsAndCodes:
        return load_doors_and_codes(self._loaded.values())

    def _still_there(self, pks: Iterable[int]) -> list[DayStay]:
        return [self._loaded[pk] for pk in pks if pk in self._loaded]

    # --- Stays ------------------------------------------------------------------------------------------------------

    @cached_property
    def arrivals(self) -> list[Arrival]:
        loaded = self._loaded
        return [
            Arrival(loaded[row.pk], readiness, row.leaves_at) for row, readiness, _ in self.page if row.pk in loaded
        ]

    @property
    def tally(self) -> list[tuple[Verdict, int]]:
        """How many of each verdict, worst first."""
        counted = Counter(each.readiness.verdict for each in self.expected)
        return [(verdict, counted[verdict]) for verdict in reversed(Verdict) if counted[verdict]]

    @property
    def shows_in_house(self) -> bool:
        return self.asked.span is Span.TODAY

    @property
    def in_house(self) -> list[InHouse]:
        asking = self._asking
        return [
            InHouse(stay, asking[stay.pk].readiness if stay.pk in asking else None)
            for stay in self._still_there(self._inside.pks)
        ]

    @property
    def in_house_total(self) -> int:
        return self._inside.total

    @property
    def departures(self) -> list[Departure]:
        return day_stays.by_need(self._still_there(self._leaving.pks), self.facts, self.now)

    @property
    def departures_total(self) -> int:
        return self._leaving.total

    @property
    def elsewhere(self) -> list[DayStay]:
        """The first of the arrivals beyond the span that need attention."""
        return self._still_there(self._elsewhere[:NAMED_AT_MOST])

    @property
    def elsewhere_total(self) -> int:
        return len(self._elsewhere)

    @cached_property
    def next_arrival(self) -> tuple[Stay, Verdict] | None:
        """The first stay after the span, for an empty day."""
        asked = self.asked
        stay = day_stays.next_arrival(self._stays, asked.span, asked.zones, self.now)
        if stay is None:
            return None
        return stay, verdicts_of([stay.pk], self.now, self._attention.worker_seen_at)[stay.pk].verdict

    def has_units(self) -> bool:
        return Unit.objects.for_user(self.asked.user).exists()

    # --- Locks and codes --------------------------------------------------------------------------------------------

    @property
    def strips(self) -> list[Strip]:
        """The worst few locks that do not answer: these stand above the arrivals and must not push them away."""
        return strips(self._away[: self._strips_shown], self._loaded)

    @property
    def more_strips(self) -> int:
        return len(self._away) - len(self.strips)

    @property
    def _strips_shown(self) -> int:
        """All, or all but the place of the line that counts the others."""
        return STRIPS_AT_MOST if len(self._away) <= STRIPS_AT_MOST else STRIPS_AT_MOST - 1

    @cached_property
    def failed_codes(self) -> list[AccessCode]:
        """None are asked for where the count says that there are none."""
        if not self._attention.failed_codes:
            return []
        codes = self._attention.codes.with_places().order_by("ends_at", "pk")
        if self.asked.place is not None:
            codes = codes.filter(lock__door__property=self.asked.place)
        return list(codes[:OTHERS_AT_MOST])

    @cached_property
    def _odd_locks(self) -> list[Lock]:
        locks = Lock.objects.for_user(self.asked.user).filter(account__unlinked_at=None)
        return odd_locks(locks if self.asked.place is None else locks.filter(door__property=self.asked.place))

    @property
    def batteries(self) -> list[BatteryTask]:
        return battery_tasks(self._odd_locks, self.now)[:OTHERS_AT_MOST]

    @property
    def with_unrecognized_codes(self) -> list[Lock]:
        return sorted((lock for lock in self._odd_locks if lock.other_codes), key=str)[:OTHERS_AT_MOST]


def _by_verdict(each: Ahead) -> tuple[int, bool]:
    """Not ready, at risk, unknown; then same-day turnovers."""
    return (-max(each.readiness.verdict.rank, Verdict.WORKING.rank), each.row.leaves_at is None)


def odd_locks(locks: LockQuerySet) -> list[Lock]:
    """Locks that run low or hold unrecognized codes. One query while they are few; else one for each kind."""
    # Unsorted, or SQLite walks all locks in their order to find the few.
    rows = locks.filter(needs_visit=True).select_related("account", "door__property").order_by()
    found = list(rows[: 2 * OTHERS_AT_MOST + 1])
    if len(found) <= 2 * OTHERS_AT_MOST:
        return found
    emptiest = rows.filter(has_low_battery=True).order_by("battery_level", "keypad_battery_level", "pk")
    strangers = rows.exclude(other_codes=[]).order_by("name", "pk")
    return list(dict.fromkeys([*emptiest[:OTHERS_AT_MOST], *strangers[:OTHERS_AT_MOST]]))
