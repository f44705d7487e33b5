"""Today: who arrives and can they get in, who is in house, who leaves, and what needs somebody."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.frame.context import frame_of
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.rows.next_steps import next_step
from dashboard.rows.today import ArrivalRow, departure_rows, in_house_row, judged_arrival, vouched_arrival
from properties.models import AccessCode, Lock, Property, Stay, Unit
from properties.models.locks import LockQuerySet
from properties.models.stays import StayQuerySet
from properties.reading import today
from properties.reading.today import Expected, Picked, Span
from properties.verdict.checks import Verdict
from properties.verdict.glance import Ahead, Glance
from properties.verdict.loading import Judged, Reading, read

SPANS = {span.key: span for span in Span}
ARRIVALS_PER_PAGE = 25
# More arrivals than this are not looked at one by one before they are shown: those that need somebody are anyway.
JUDGED_AT_MOST = 400
ROWS_AT_MOST = 15
OTHERS_AT_MOST = 20
STRIPS_AT_MOST = 3


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
    shown = {"span": span, "spans": list(Span), "property_filter": chosen, "now": request.now, "has_units": True}
    shown |= _stays(request, ahead, stays, span, chosen.zones)
    if not shown["arrivals"]:
        shown |= _instead_of_arrivals(request, stays, span, chosen.zones)
    if span is not Span.TOMORROW:
        shown |= _things(request, chosen.chosen)
    return shown


# --- Stays --------------------------------------------------------------------------------------------------


def _stays(
    request: TimedRequest, ahead: list[Ahead], stays: StayQuerySet, span: Span, zones: list[str]
) -> dict[str, Any]:
    """Arrivals, departures and who is in house: picked each by itself, then loaded and read together."""
    attention, now = frame_of(request).attention, request.now
    asking = {each.stay.pk: each for each in attention.stays}
    leaving = today.departures(stays, span, zones, now, ROWS_AT_MOST)
    inside = today.in_house(stays, zones, asking, now, ROWS_AT_MOST) if span is Span.TODAY else Picked([], 0)
    unclear = [each.pk for each in ahead if each.is_wanted and each.glance is Glance.LOOK_CLOSER]
    judged = attention.judged | attention.judge(today.load(unclear[:JUDGED_AT_MOST]).values())
    expected = today.expected(ahead, judged)
    page = Paginator(expected, ARRIVALS_PER_PAGE).get_page(request.GET.get("page"))
    loaded = today.load({*(each.pk for each in page), *leaving.pks, *inside.pks})
    # What the database vouches for needs no checks, and so nothing of locks.
    unsure = [each.pk for each in page if each.verdict is not Verdict.READY and each.pk not in judged]
    reading = read(loaded.values(), with_locks=bool(unsure))
    judged |= attention.judge((loaded[pk] for pk in unsure if pk in loaded), reading)
    leavers = [loaded[pk] for pk in leaving.pks if pk in loaded]
    return {
        "page": page,
        "arrivals": _arrivals(page, judged, loaded, reading, request),
        "arrivals_total": len(expected),
        "tally": _tally(each.verdict for each in expected),
        **_strips(request),
        "elsewhere": _elsewhere(asking.values(), expected, now),
        "departures": departure_rows(today.by_need(leavers, reading, now), reading, now),
        "departures_total": leaving.total,
        "in_house": [in_house_row(loaded[pk], asking.get(pk), request.user) for pk in inside.pks if pk in loaded],
        "in_house_total": inside.total,
        "shows_in_house": span is Span.TODAY,
    }


def _strips(request: TimedRequest) -> dict[str, Any]:
    """The worst few, and how many more: they stand above the arrivals and must not push them off the screen."""
    found = frame_of(request).attention.strips()
    shown = found if len(found) <= STRIPS_AT_MOST else found[: STRIPS_AT_MOST - 1]
    return {
        "strips": [(strip, next_step(strip.check, request.user)) for strip in shown],
        "more_strips": len(found) - len(shown),
    }


def _arrivals(
    page: Iterable[Expected],
    judged: Mapping[int, Judged],
    loaded: Mapping[int, Stay],
    reading: Reading,
    request: TimedRequest,
) -> list[ArrivalRow]:
    """One that was deleted between two questions is not shown."""
    return [
        judged_arrival(judged[each.pk], each.leaves_at, request.user, request.now)
        if each.pk in judged
        else vouched_arrival(loaded[each.pk], each.leaves_at, reading, request.now)
        for each in page
        if each.pk in judged or each.pk in loaded
    ]


def _elsewhere(asking: Iterable[Judged], expected: Iterable[Expected], now: datetime) -> list[Judged]:
    """Who comes within the week, needs somebody, and is not in the list."""
    listed = {each.pk for each in expected}
    return [each for each in asking if each.stay.starts_at > now and each.stay.pk not in listed]


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
        "foreign": sorted((lock for lock in odd if lock.other_codes), key=str)[:OTHERS_AT_MOST],
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
    rows = locks.filter(needs_visit=True).select_related("account", "door__property").order_by()
    found = list(rows[: 2 * OTHERS_AT_MOST + 1])
    if len(found) <= 2 * OTHERS_AT_MOST:
        return found
    emptiest = rows.filter(has_low_battery=True).order_by("battery_level", "keypad_battery_level", "pk")
    strangers = rows.exclude(other_codes=[]).order_by("name", "pk")
    return list(dict.fromkeys([*emptiest[:OTHERS_AT_MOST], *strangers[:OTHERS_AT_MOST]]))
