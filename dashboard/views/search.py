"""Search over guests, units, locks and properties: of all of them, those of the chosen property first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.frame.context import page_context
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.search import looks_like_pin
from dashboard.search import search as find
from properties.verdict.storing import verdicts_of

LONGEST = 100


@require_GET
def search(request: TimedRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    properties = property_filter(request)
    found = find(request.user, query, request.now, first=properties.chosen)
    open_ids = [stay.pk for stay in found.stays if not stay.is_over(request.now)]
    verdicts = verdicts_of(open_ids, request.now, page_context(request).worker_seen_at)
    context = {
        "query": query,
        "found": found,
        # With the verdict, while the stay is not over.
        "stays": [(stay, verdicts[stay.pk].verdict if stay.pk in verdicts else None) for stay in found.stays],
        "property_filter": properties,
        "looks_like_pin": looks_like_pin(query),
        "now": request.now,
    }
    return render(request, "search/page.html", context)
