"""The stays of Today's blocks: each block picks ids by itself, then all stays are loaded together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from django.db.models import Case, Count, OuterRef, Subquery, When, Window
from django.db.models.functions import Coalesce

from properties.models import AccessCode, CodeState, Stay
from properties.models.places import unit_title
from properties.models.stays import StayQuerySet
from properties.reading.doors_and_codes import DoorsAndCodes
from properties.reading.spans import Span, leaving, near, on_days


class DayStay(NamedTuple):
    """What the day's tables say of a stay, as plain values: four models for each stay cost more than its query.

    `next_starts_at` in the same unit; `entered_at` and `entered_source` of the first use of a code.
    """

    pk: int
    unit_id: int
    guest: str
    unit_name: str
    property_name: str
    zone: str
    check_in_on: date
    check_in_time: time
    check_out_on: date
    check_out_time: time
    starts_at: datetime
    ends_at: datetime
    next_starts_at: datetime | None
    entered_at: datetime | None
    entered_source: str | None

    @property
    def unit(self) -> str:
        return unit_title(self.unit_name, self.property_name)


# In the order of `DayStay`; the last three are added by `load`.
COLUMNS = (
    *("pk", "unit_id", "guest__name", "unit__name", "unit__property__name", "unit__property__time_zone"),
    *("check_in_on", "check_in_time", "check_out_on", "check_out_time", "starts_at", "ends_at"),
    *("next_starts_at", "entered_at", "entered_source"),
)


@dataclass(frozen=True)
class Departure:
    """A stay that ends in the span, and the codes that have to go."""

    stay: DayStay
    codes: tuple[AccessCode, ...]

    def need(self, now: datetime) -> tuple[bool, datetime, int]:
        return (not self.is_overdue(now), self.stay.ends_at, self.stay.pk)

    def is_overdue(self, now: datetime) -> bool:
        """A guest who left may still open a door."""
        return any(code.state(now) is CodeState.NOT_REMOVED for code in self.codes)


def leaves_at(span: Span, now: datetime) -> Subquery:
    """Of a stay's row: when who was in the unit before leaves, if that is on the day of its check-in."""
    leaving = Stay.objects.standing().filter(
        near("ends_at", span, now), unit=OuterRef("unit"), check_out_on=OuterRef("stay__check_in_on")
    )
    return Subquery(leaving.exclude(pk=OuterRef("pk")).order_by("check_out_time").values("check_out_time")[:1])


def next_arrival(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime) -> Stay | None:
    """The first one after the span: what an empty day names."""
    days = on_days("check_in_on", span, zones, now)
    after = stays.standing().filter(starts_at__gt=now).exclude(days).order_by("starts_at", "pk")
    return after.with_places().first()


class Picked(NamedTuple):
    """The first stays of a list, in its order, and how many there are in all."""

    pks: list[int]
    total: int


def in_house(
    stays: StayQuerySet, zones: Collection[str], first: Collection[int], now: datetime, at_most: int
) -> Picked:
    """Who came before today and stays on; who comes today is among the arrivals until the day is over.

    Those in `first` lead.
    """
    today = on_days("check_in_on", Span.TODAY, zones, now)
    # Coalesce keeps SQLite off the index of starts: behind that lie all stays there ever were.
    begun = stays.standing().alias(begun_at=Coalesce("starts_at", "ends_at")).filter(begun_at__lte=now)
    rows = begun.filter(ends_at__gt=now).exclude(today)
    if first:
        return _picked(rows.order_by(Case(When(pk__in=first, then=0), default=1), "ends_at", "pk"), at_most)
    return _picked(rows.order_by("ends_at", "pk"), at_most)


def departures(stays: StayQuerySet, span: Span, zones: Collection[str], now: datetime, at_most: int) -> Picked:
    """Who leaves, in the order of time."""
    return _picked(stays.standing().filter(leaving(span, zones, now)).order_by("ends_at", "pk"), at_most)


def _picked(rows: StayQuerySet, at_most: int) -> Picked:
    found = list(rows.annotate(total=Window(Count("pk"))).values_list("pk", "total")[:at_most])
    return Picked([pk for pk, _ in found], found[0][1] if found else 0)


def load(pks: Collection[int]) -> dict[int, DayStay]:
    """All that the day's tables say of these stays, by id, in one query."""
    if not pks:
        return {}
    after = Stay.objects.standing().filter(unit=OuterRef("unit"), starts_at__gt=OuterRef("starts_at"))
    uses = AccessCode.objects.filter(stay=OuterRef("pk"), used_at__isnull=False).order_by("used_at")
    rows = Stay.objects.filter(pk__in=pks).order_by()
    rows = rows.annotate(
        next_starts_at=Subquery(after.order_by("starts_at").values("starts_at")[:1]),
        entered_at=Subquery(uses.values("used_at")[:1]),
        entered_source=Subquery(uses.values("used_source")[:1]),
    )
    return {row[0]: DayStay(*row) for row in rows.values_list(*COLUMNS)}


def by_need(stays: Iterable[DayStay], loaded: DoorsAndCodes, now: datetime) -> list[Departure]:
    """Guests who leave, with their codes, those whose codes should be gone and are not first."""
    found = [Departure(stay, _codes_to_go(loaded.codes.get(stay.pk, ()))) for stay in stays]
    return sorted(found, key=lambda departure: departure.need(now))


def _codes_to_go(codes: Iterable[AccessCode]) -> tuple[AccessCode, ...]:
    return tuple(code for code in codes if code.revoked_at is None or code.removed_at is None)
