"""Today: who arrives and can they get in, who is in house, who leaves, and what needs somebody."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.frame.attention import locks_away, strips
from dashboard.frame.context import page_context
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.rows.next_steps import next_step
from dashboard.rows.today import arrival_row, departure_rows, in_house_row
from properties.models import AccessCode, Lock, Property, Stay, Unit
from properties.models.locks import LockQuerySet
from properties.models.stays import StayQuerySet
from properties.reading import today
from properties.reading.today import Picked, Span
from properties.verdict.checks import Verdict
from properties.verdict.loading import load_facts
from properties.verdict.storing import verdicts_of

SPANS = {span.key: span for span in Span}
ARRIVALS_PER_PAGE = 25
ROWS_AT_MOST = 15
OTHERS_AT_MOST = 20
STRIPS_AT_MOST = 3
# So many who come later in the week are named.
NAMED_AT_MOST = 3


@require_GET
def overview(request: TimedRequest) -> HttpResponse:
    return render(request, "overview/page.html", _day(request) | {"is_refresh": False})


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
    shown = {"span": span, "spans": list(Span), "property_filter": chosen, "now": request.now, "has_units": True}
    shown |= {"next_arrival": None, "next_verdict": None, "codes": [], "batteries": [], "foreign": []}
    shown |= _stays(request, stays, span, chosen.zones)
    if not shown["arrivals"]:
        shown |= _instead_of_arrivals(request, stays, span, chosen.zones)
    if span is not Span.TOMORROW:
        shown |= _things(request, chosen.chosen)
    return shown


# --- Stays --------------------------------------------------------------------------------------------------


def _stays(request: TimedRequest, stays: StayQuerySet, span: Span, zones: list[str]) -> dict[str, Any]:
    """Arrivals, departures and who is in house: picked each by itself, then loaded and read together."""
    attention, now = page_context(request).attention, request.now
    arriving = stays.standing().filter(today.arriving(span, zones, now), ends_at__gt=now)
    ahead = attention.look_ahead(arriving, today.leaves_at(span, now))
    asking = {each.row.pk: each for each in ahead if each.is_asking}
    away = locks_away(list(asking.values()))
    expected = [each for each in ahead if each.row.is_wanted]
    expected.sort(key=lambda each: today.by_verdict(each.readiness.verdict, each.row.leaves_at))
    elsewhere = [pk for pk, each in asking.items() if each.row.starts_at > now and not each.row.is_wanted]
    leaving = today.departures(stays, span, zones, now, ROWS_AT_MOST)
    inside = today.in_house(stays, zones, asking, now, ROWS_AT_MOST) if span is Span.TODAY else Picked([], 0)
    page = Paginator(expected, ARRIVALS_PER_PAGE).get_page(request.GET.get("page"))
    firsts = [*elsewhere[:NAMED_AT_MOST], *(each.first for each in away[:STRIPS_AT_MOST])]
    loaded = today.load({*(each.row.pk for each in page), *leaving.pks, *inside.pks, *firsts})
    facts = load_facts(loaded.values(), with_locks=False)
    shown_strips = strips(away if len(away) <= STRIPS_AT_MOST else away[: STRIPS_AT_MOST - 1], loaded)
    leavers = [loaded[pk] for pk in leaving.pks if pk in loaded]
    return {
        "page": page,
        # One that was deleted between two queries is not shown.
        "arrivals": [
            arrival_row(loaded[row.pk], readiness, row.leaves_at, facts, request.user, now)
            for row, readiness, _ in page
            if row.pk in loaded
        ],
        "arrivals_total": len(expected),
        "tally": _tally(each.readiness.verdict for each in expected),
        # The worst few, and how many more: they stand above the arrivals and must not push them off the screen.
        "strips": [(strip, next_step(strip.check, request.user)) for strip in shown_strips],
        "more_strips": len(away) - len(shown_strips),
        "elsewhere": [loaded[pk] for pk in elsewhere[:NAMED_AT_MOST] if pk in loaded],
        "elsewhere_total": len(elsewhere),
        "departures": departure_rows(today.by_need(leavers, facts, now), facts, now),
        "departures_total": leaving.total,
        "in_house": [
            in_house_row(loaded[pk], asking[pk].readiness if pk in asking else None, request.user)
            for pk in inside.pks
            if pk in loaded
        ],
        "in_house_total": inside.total,
        "shows_in_house": span is Span.TODAY,
    }


def _tally(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, int]]:
    """How many of each verdict, worst first."""
    counted = Counter(verdicts)
    return [(each, counted[each]) for each in reversed(Verdict) if counted[each]]


def _instead_of_arrivals(request: TimedRequest, stays: StayQuerySet, span: Span, zones: list[str]) -> dict[str, Any]:
    arrival = today.next_arrival(stays, span, zones, request.now)
    seen_at = page_context(request).worker_seen_at
    return {
        "next_arrival": arrival,
        "next_verdict": verdicts_of([arrival.pk], request.now, seen_at)[arrival.pk].verdict if arrival else None,
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
    attention = page_context(request).attention
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
