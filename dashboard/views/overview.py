"""The first page: who arrives, can they get in, and what needs somebody."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from dashboard.middleware import TimedRequest
from properties.models import AccessCode, ConnectedAccount, Lock, Stay

AHEAD = timedelta(days=7)


def overview(request: TimedRequest) -> HttpResponse:
    user, now = request.user, request.now
    stays = Stay.objects.for_user(user).standing().with_places().prefetch_related("access_codes__lock")
    context = {
        "arrivals": stays.filter(starts_at__gt=now, starts_at__lte=now + AHEAD).order_by("starts_at")[:50],
        "in_house": stays.filter(starts_at__lte=now, ends_at__gt=now).order_by("ends_at")[:50],
        "next_arrival": stays.filter(starts_at__gt=now + AHEAD).order_by("starts_at").first(),
        "codes": AccessCode.objects.for_user(user).needs_attention(now).with_places()[:20],
        "locks": Lock.objects.for_user(user).needs_attention().with_places()[:20],
        "has_account": ConnectedAccount.objects.for_user(user).filter(unlinked_at=None).exists(),
        "has_stays": Stay.objects.for_user(user).exists(),
    }
    return render(request, "overview/page.html", context | {"now": now})
