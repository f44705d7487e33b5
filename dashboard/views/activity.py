"""History: who or what did what, newest first."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.middleware import TimedRequest
from properties.models import Activity

PAGE = 100


@require_GET
def activity(request: TimedRequest) -> HttpResponse:
    rows = Activity.objects.for_user(request.user).newest_first().select_related("actor", "lock", "stay__guest")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "activity/page.html", {"page": page, "now": request.now})
