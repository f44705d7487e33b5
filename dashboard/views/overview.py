"""Today: who arrives and can they get in, who is in house, who leaves, and what needs somebody."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
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
from properties.glance import Ahead, Glance
from properties.models import AccessCode, Lock, Property, Stay, Unit
from properties.models.locks import LockQuerySet
from properties.models.stays import StayQuerySet
from properties.readiness import Check, Verdict
from properties.stay_facts import Judged, Reading, read
from properties.today import Departure, Span

SPANS = {span.key: span for span in Span}
ARRIVALS_PER_PAGE = 25
# More arrivals than this are not looked at one by one before they are shown: those that need somebody are anyway.
JUDGED_AT_MOST = 400
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
    arriving = today.arriving(span, chosen.zones, request.now)
    if chosen.chosen is not None:
        stays = stays.filter(unit__property=chosen.chosen)
        arriving &= Q(unit__property=chosen.chosen)
    # What needs somebody, on every page's mind, and who arrives: one question for both.
    ahead = frame_of(request).attention.look_ahead(arriving, today.near("ends_at", span, request.now))
    leaving = list(today.departures(stays, span, chosen.zones, request.now)[:ROWS_AT_MOST])
    shown = {"span": span, "spans": list(Span), "property_filter": chosen, "now": request.now}
    shown |= _arrivals_and_departures(request, ahead, leaving)
    if not shown["arrivals"]:
        shown |= _instead_of_arrivals(request, stays, span, chosen.zones)
    if span is not Span.TOMORROW:
        shown |= _things(request, chosen.chosen)
    if span is Span.TODAY:
        shown |= _in_house(request, stays, chosen.zones)
    return shown


# --- Arrivals -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArrivalRow:
    """One arrival as the table shows it. `leaves_at`: when somebody leaves the same unit that day."""

    stay: Stay
    verdict: Verdict
    check: Check | None
    doors: list[Chip]
    step: NextStep | None
    leaves_at: time | None


def _arrivals_and_departures(request: TimedRequest, ahead: list[Ahead], leaving: list[Stay]) -> dict[str, Any]:
    """The page's arrivals, judged, and all of them counted. Doors and codes are read for both at once."""
    attention = frame_of(request).attention
    unclear = [each.pk for each in ahead if each.is_wanted and each.glance is Glance.LOOK_CLOSER]
    judged = attention.judged | attention.judge(attention.stays_by_id(unclear[:JUDGED_AT_MOST]))
    found = today.expected(ahead, judged)
    page = Paginator(found, ARRIVALS_PER_PAGE).get_page(request.GET.get("page"))
    vouched_for = attention.stays_by_id([each.pk for each in page if each.pk not in judged])
    reading = read([*vouched_for, *leaving])
    judged |= attention.judge(vouched_for, reading)
    listed = {each.pk for each in found}
    return {
        "arrivals": [_arrival_row(judged[each.pk], each.leaves_at, request) for each in page if each.pk in judged],
        "page": page,
        "tally": _tally(each.verdict for each in found),
        "arrivals_total": len(found),
        "strips": [(strip, next_step(strip.check, request.user)) for strip in attention.strips()],
        "elsewhere": [each for each in attention.stays if _comes(each.stay, request) and each.stay.pk not in listed],
        "has_units": True,
    } | _departures(request, leaving, reading)


def _comes(stay: Stay, request: TimedRequest) -> bool:
    return stay.starts_at > request.now


def _arrival_row(judged: Judged, leaves_at: time | None, request: TimedRequest) -> ArrivalRow:
    readiness = judged.readiness
    step = first_step(readiness, request.user) if judged.verdict.needs_somebody else None
    chips = door_chips(judged.facts, request.now)
    return ArrivalRow(judged.stay, judged.verdict, readiness.first_to_mend, chips, step, leaves_at)


def _tally(verdicts: Iterable[Verdict | None]) -> list[tuple[Verdict, int]]:
    """How many of each verdict, worst first."""
    counted = Counter(verdicts)
    return [(each, counted[each]) for each in reversed(Verdict) if counted[each]]


def _instead_of_arrivals(request: TimedRequest, stays: StayQuerySet, span: Span, zones: list[str]) -> dict[str, Any]:
    seen_at = frame_of(request).worker_seen_at
    return {
        "next_arrival": today.next_arrival(stays, span, zones, request.now, seen_at),
        "has_units": Unit.objects.for_user(request.user).exists(),
    }


# --- In house and departures --------------------------------------------------------------------------------


@dataclass(frozen=True)
class InHouseRow:
    """A guest who is there. `judged` when something about the stay needs somebody."""

    stay: Stay
    judged: Judged | None = None
    step: NextStep | None = None


def _in_house(request: TimedRequest, stays: StayQuerySet, zones: list[str]) -> dict[str, Any]:
    asking = {each.stay.pk: each for each in frame_of(request).attention.stays}
    rows = list(today.in_house(stays, zones, asking, request.now)[:ROWS_AT_MOST])
    found = [_in_house_row(stay, asking.get(stay.pk), request.user) for stay in rows]
    return {"in_house": found, "in_house_total": _total(rows), "shows_in_house": True}


def _in_house_row(stay: Stay, judged: Judged | None, user: User) -> InHouseRow:
    return InHouseRow(stay, judged, first_step(judged.readiness, user) if judged else None)


@dataclass(frozen=True)
class DepartureRow:
    """A guest who leaves, and whether each of the codes is proved gone."""

    departure: Departure
    doors: list[Chip]
    has_left: bool


def _departures(request: TimedRequest, leaving: list[Stay], reading: Reading) -> dict[str, Any]:
    found = today.by_need(leaving, reading, request.now)
    return {
        "departures": [
            DepartureRow(each, code_chips(each.codes, request.now), each.stay.ends_at <= request.now) for each in found
        ],
        "departures_total": _total(leaving),
    }


def _total(rows: list[Stay]) -> int:
    """Of all rows that a list was cut from."""
    return getattr(rows[0], "total", len(rows)) if rows else 0


# --- Things -------------------------------------------------------------------------------------------------


def _things(request: TimedRequest, place: Property | None) -> dict[str, Any]:
    """Codes that failed, batteries, and codes that belong to nobody."""
    locks = Lock.objects.for_user(request.user).filter(account__unlinked_at=None)
    if place is not None:
        locks = locks.filter(door__property=place)
    odd = _odd_locks(locks)
    return {
        "codes": [(code, code.state(request.now)) for code in _failed_codes(request, place)],
        "batteries": today.battery_tasks(odd, request.now)[:OTHERS_AT_MOST],
        "foreign": sorted((lock for lock in odd if lock.has_strangers_codes), key=str)[:OTHERS_AT_MOST],
    }


def _failed_codes(request: TimedRequest, place: Property | None) -> list[AccessCode]:
    """None are asked for where the count says that there are none."""
    attention = frame_of(request).attention
    if not attention.failed_codes:
        return []
    codes = attention.codes.with_places().order_by("ends_at", "pk")
    if place is not None:
        codes = codes.filter(lock__door__property=place)
    return list(codes[:OTHERS_AT_MOST])


def _odd_locks(locks: LockQuerySet) -> list[Lock]:
    """Locks that run low or hold codes of nobody. One question while they are few; else one for each kind."""
    # Unsorted, or SQLite walks all locks in their order to find the few.
    rows = locks.select_related("account", "door__property").order_by()
    low, strangers = Q(has_low_battery=True, vanished_at=None), Q(has_strangers_codes=True)
    found = list(rows.filter(low | strangers)[: 2 * OTHERS_AT_MOST + 1])
    if len(found) <= 2 * OTHERS_AT_MOST:
        return found
    emptiest = rows.filter(low).order_by("battery_level", "keypad_battery_level", "pk")[:OTHERS_AT_MOST]
    return list(dict.fromkeys([*emptiest, *rows.filter(strangers).order_by("name", "pk")[:OTHERS_AT_MOST]]))
