"""History: who or what did what, newest first, cut to what one asks for; as a page and as a table to keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.frame.context import page_context
from dashboard.frame.property_filter import PropertyFilter, property_filter
from dashboard.history.csv_export import csv_answer
from dashboard.history.filters import HistoryFilter, authors
from dashboard.middleware import TimedRequest
from properties.models import Activity, Certainty, Subject
from properties.models.activity import ActivityQuerySet

PAGE = 100


@require_GET
def activity(request: TimedRequest) -> HttpResponse:
    asked = _asked(request)
    page, entries = _entries(asked.rows, request.GET.get("page"))
    people = authors(Activity.objects.for_user(request.user))
    context = {
        "page": page,
        "days": _by_day(entries, asked.zone),
        "wanted": asked.wanted,
        "undos": asked.wanted.undos(people),
        "subjects": Subject.choices,
        "certainties": Certainty.choices,
        "people": people.items(),
        "zone": asked.zone,
        "property_filter": asked.properties,
        "export_query": asked.query,
        "now": request.now,
    }
    return render(request, "activity/page.html", context)


@require_GET
def export(request: TimedRequest) -> StreamingHttpResponse:
    """All that the filters let through, not one page of it."""
    asked = _asked(request)
    return csv_answer(asked.rows, f"history-{request.now.astimezone(ZoneInfo(asked.zone)):%Y-%m-%d}")


@dataclass(frozen=True)
class Asked:
    """What the address and the property filter let through."""

    rows: ActivityQuerySet
    wanted: HistoryFilter
    properties: PropertyFilter
    zone: str

    @property
    def query(self) -> str:
        """The whole of it, the property included: a link means the same to whoever opens it."""
        place = urlencode({"property": self.properties.chosen.pk if self.properties.chosen else "all"})
        return "&".join(filter(None, [self.wanted.query, place]))


def _asked(request: TimedRequest) -> Asked:
    wanted, properties = HistoryFilter.of(request.GET.dict()), property_filter(request)
    zone = properties.chosen.time_zone if properties.chosen else page_context(request).zone or "UTC"
    rows = Activity.objects.for_user(request.user)
    if properties.chosen:
        rows = rows.at_properties([properties.chosen])
    return Asked(wanted.apply(rows, zone).newest_first(), wanted, properties, zone)


def _entries(rows: ActivityQuerySet, number: str | None) -> tuple[Page[int], list[Activity]]:
    """A page of numbers first, then its rows: going back far skips numbers, not rows with all that hangs on them."""
    page: Page[int] = Paginator(rows.values_list("pk", flat=True), PAGE).get_page(number)
    return page, list(Activity.objects.filter(pk__in=list(page)).with_places().newest_first())


def _by_day(entries: Iterable[Activity], zone: str) -> list[tuple[date, list[Activity]]]:
    def day_of(entry: Activity) -> date:
        return entry.at.astimezone(ZoneInfo(zone)).date()

    return [(day, list(some)) for day, some in groupby(entries, day_of)]
