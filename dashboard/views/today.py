"""Today: who arrives and can they get in, who is in house, who leaves, and what needs attention."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Right
from dashboard.frame.context import page_context
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.rows.next_steps import next_step
from dashboard.rows.today import arrival_row, departure_rows, in_house_row
from properties.codes.known_pins import count_left_over
from properties.reading.spans import Span
from properties.reading.today import Asked, Today

SPANS = {span.key: span for span in Span}


@require_GET
def overview(request: TimedRequest) -> HttpResponse:
    context = _context(request) | {"is_refresh": False, "left_over_pins": _left_over_pins(request)}
    return render(request, "overview/page.html", context)


def _left_over_pins(request: TimedRequest) -> int:
    """How many PINs are known to people who may not see them any more, for those who can see to it."""
    if not request.user.can(Right.MANAGE_PEOPLE):
        return 0
    return count_left_over(request.user.organization, request.now)


@require_GET
def day(request: TimedRequest) -> HttpResponse:
    """The part of the page that asks for itself again every half minute, while it is open."""
    return render(request, "overview/_day.html", _context(request) | {"is_refresh": True})


def _context(request: TimedRequest) -> dict[str, Any]:
    span = SPANS.get(request.GET.get("when", ""), Span.TODAY)
    properties = property_filter(request)
    asked = Asked(request.user, span, properties.zones, properties.chosen, request.now)
    today = Today(asked, page_context(request).attention, request.GET.get("page"))
    shown = {"span": span, "spans": list(Span), "property_filter": properties, "now": request.now}
    return shown | _stay_blocks(today) | _empty_day(today) | _lock_blocks(today)


def _stay_blocks(today: Today) -> dict[str, Any]:
    user, now, facts = today.asked.user, today.now, today.facts
    return {
        "page": today.page,
        "arrivals": [arrival_row(each, facts, user, now) for each in today.arrivals],
        "arrivals_total": len(today.expected),
        "tally": today.tally,
        "strips": [(strip, next_step(strip.check, user)) for strip in today.strips],
        "more_strips": today.more_strips,
        "elsewhere": today.elsewhere,
        "elsewhere_total": today.elsewhere_total,
        "departures": departure_rows(today.departures, facts, now),
        "departures_total": today.departures_total,
        "in_house": [in_house_row(each, user) for each in today.in_house],
        "in_house_total": today.in_house_total,
        "shows_in_house": today.shows_in_house,
    }


def _empty_day(today: Today) -> dict[str, Any]:
    """What stands in the place of arrivals where there are none."""
    if today.arrivals:
        return {"has_units": True, "next_arrival": None, "next_verdict": None}
    stay, verdict = today.next_arrival or (None, None)
    return {"has_units": today.has_units(), "next_arrival": stay, "next_verdict": verdict}


def _lock_blocks(today: Today) -> dict[str, Any]:
    """Tomorrow leaves them out: they are to be seen to today or within the week."""
    if today.asked.span is Span.TOMORROW:
        return {"codes": [], "batteries": [], "foreign": []}
    return {
        "codes": [(code, code.state(today.now)) for code in today.failed_codes],
        "batteries": today.batteries,
        "foreign": today.with_unrecognized_codes,
    }
