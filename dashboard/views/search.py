"""Search over guests, units, locks and properties: of all of them, those of the chosen property first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.search import looks_like_pin
from dashboard.search import search as find

LONGEST = 100


@require_GET
def search(request: TimedRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    place = property_filter(request)
    context = {
        "query": query,
        "found": find(request.user, query, request.now, first=place.chosen),
        "property_filter": place,
        "looks_like_pin": looks_like_pin(query),
        "now": request.now,
    }
    return render(request, "search/page.html", context)
