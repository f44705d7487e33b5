"""Today: who arrives and can they get in, who is in house, who leaves, and what needs somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from dashboard.door_chips import Chip, code_chips, door_chips
from dashboard.middleware import TimedRequest
from dashboard.next_steps import NextStep, first_step, next_step
from dashboard.page_frame import frame_of
from dashboard.property_filter import property_filter
from properties import today
from properties.models import AccessCode, Lock, Property, Stay, Unit
from properties.models.stays import StayQuerySet
from properties.readiness import Check, Verdict
from properties.stay_facts import Judged
from properties.today import Arrival, Departure, Span

SPANS = {span.key: span for span in Span}
ARRIVALS_PER_PAGE = 25
ROWS_AT_MOST = 15
OTHERS_AT_MOST = 20


@require_GET
def overview(request: TimedRequest) -> HttpResponse:
    return render(request, "overview/page.html", _day(request))


@require_GET
def day(request: TimedRequest) -> HttpResponse:
    """The part of the page that asks for itself again every half minute, while somebody looks."""
    return render(request, "overview/_day.html", _day(request) | {"is_refresh": True})


def _day(request: TimedRequest) -> dict[str, Any]:
    span = SPANS.get(request.GET.get("when", ""), Span.TODAY)
    chosen = property_filter(request)
    stays = Stay.objects.for_user(request.user)
    if chosen.chosen is not None:
        stays = stays.filter(unit__property=chosen.chosen)
    zones = list(Property.objects.for_user(request.user).order_by().values_list("time_zone", flat=True).distinct())
    shown = {"span": span, "spans": list(Span), "property_filter": chosen, "now": request.now}
    shown |= _arrivals(request, stays, span, zones) | _departures(request, stays, span, zones)
    if span is not Span.TOMORROW:
        shown |= _things(request, chosen.chosen)
    if span is Span.TODAY:
        shown |= _in_house(request, stays, zones)
    return shown


# --- Arrivals -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArrivalRow:
    """One arrival as the table shows it."""

    arrival: Arrival
    check: Check | None
    doors: list[Chip]
    step: NextStep | None

    @property
    def verdict(self) -> Verdict:
        return self.arrival.judged.verdict


def _arrivals(request: TimedRequest, stays: StayQuerySet, span: Span, zones: list[str]) -> dict[str, Any]:
    frame = frame_of(request)
    rows = today.arriving(stays, span, zones, request.now)
    leavers = today.leaving(stays, span, zones, request.now)
    seen_at, asking = frame.worker_seen_at, frame.attention.stays
    found = today.arrivals(rows, leavers, asking, request.now, seen_at)
    page = Paginator(found, ARRIVALS_PER_PAGE).get_page(request.GET.get("page"))
    shown = {arrival.stay.pk for arrival in found}
    return {
        "arrivals": [_arrival_row(arrival, request.user, request.now) for arrival in page],
        "page": page,
        "tally": _tally(found),
        "arrivals_total": rows.count(),
        "strips": [(strip, next_step(strip.check, request.user)) for strip in frame.attention.strips()],
        "elsewhere": [each for each in asking if each.stay.pk not in shown and each.stay.starts_at > request.now],
        "next_arrival": None if found else today.next_arrival(stays, span, zones, request.now, seen_at),
        "has_units": bool(found) or Unit.objects.for_user(request.user).exists(),
    }


def _arrival_row(arrival: Arrival, user: User, now: datetime) -> ArrivalRow:
    readiness = arrival.judged.readiness
    step = first_step(readiness, user) if arrival.judged.verdict.needs_somebody else None
    return ArrivalRow(arrival, readiness.first_to_mend, door_chips(arrival.judged.facts, now), step)


def _tally(found: Iterable[Arrival]) -> list[tuple[Verdict, int]]:
    """How many of each verdict, worst first."""
    verdicts = [arrival.judged.verdict for arrival in found]
    return [(each, verdicts.count(each)) for each in reversed(Verdict) if each in verdicts]


# --- In house and departures --------------------------------------------------------------------------------


@dataclass(frozen=True)
class InHouseRow:
    """A guest who is there. `judged` when something about the stay needs somebody."""

    stay: Stay
    entered: AccessCode | None
    judged: Judged | None = None
    step: NextStep | None = None


def _in_house(request: TimedRequest, stays: StayQuerySet, zones: list[str]) -> dict[str, Any]:
    rows = today.in_house(stays, zones, request.now)
    asking = {each.stay.pk: each for each in frame_of(request).attention.stays}
    codes = AccessCode.objects.filter(used_at__isnull=False).order_by("used_at")
    entries = Prefetch("access_codes", codes, to_attr="uses")
    with_uses = rows.with_places().prefetch_related(entries)
    first = list(with_uses.filter(pk__in=asking)) if asking else []
    rest = with_uses.exclude(pk__in=asking)[: max(0, ROWS_AT_MOST - len(first))]
    found = [_in_house_row(stay, asking.get(stay.pk), request.user) for stay in [*first, *rest]]
    return {"in_house": found, "in_house_total": rows.count(), "shows_in_house": True}


def _in_house_row(stay: Any, judged: Judged | None, user: User) -> InHouseRow:
    entered = stay.uses[0] if stay.uses else None
    return InHouseRow(stay, entered, judged, first_step(judged.readiness, user) if judged else None)


@dataclass(frozen=True)
class DepartureRow:
    """A guest who leaves, and whether each of the codes is proved gone."""

    departure: Departure
    doors: list[Chip]
    has_left: bool


def _departures(request: TimedRequest, stays: StayQuerySet, span: Span, zones: list[str]) -> dict[str, Any]:
    rows = today.leaving(stays, span, zones, request.now)
    found = today.departures(rows, request.now, ROWS_AT_MOST)
    return {
        "departures": [
            DepartureRow(each, code_chips(each.codes, request.now), each.stay.ends_at <= request.now) for each in found
        ],
        "departures_total": rows.count(),
    }


# --- Things -------------------------------------------------------------------------------------------------


def _things(request: TimedRequest, place: Property | None) -> dict[str, Any]:
    """Codes that failed, batteries, and codes that belong to nobody."""
    locks = Lock.objects.for_user(request.user).filter(account__unlinked_at=None)
    codes = frame_of(request).attention.codes.with_places().order_by("ends_at", "pk")
    if place is not None:
        locks, codes = locks.filter(door__property=place), codes.filter(lock__door__property=place)
    foreign = locks.exclude(unmanaged_codes=[]).select_related("door__property").order_by("name", "pk")
    return {
        "codes": [(code, code.state(request.now)) for code in codes[:OTHERS_AT_MOST]],
        "batteries": today.battery_tasks(locks, request.now, OTHERS_AT_MOST),
        "foreign": list(foreign[:OTHERS_AT_MOST]),
    }
