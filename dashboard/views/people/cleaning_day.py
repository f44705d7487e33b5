"""A cleaner's own page: today's units, the doors that their code opens, and the code. No guest beyond a first name."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dashboard.middleware import TimedRequest
from dashboard.views.people.staff import REVEAL_SECONDS, door_rows, spans_by_zone
from dashboard.views.secrets import shows_secret
from properties.codes import staff_codes
from properties.models import StaffMember, Stay, Unit
from properties.reading.cleaning_day import unit_days

# Departures and arrivals of today, in whatever zone.
AROUND = timedelta(days=2)
LATER = timedelta(days=30)


@require_GET
def cleaning_day(request: TimedRequest) -> HttpResponse:
    return render(request, "cleaning_day/page.html", _context(request))


@require_POST
@shows_secret
def own_pin(request: TimedRequest) -> HttpResponse:
    """One's own PIN needs no right: it is theirs. Recorded all the same."""
    person = _me(request)
    if person is None:
        return redirect("cleaning-day")
    context = _context(request)
    digits = staff_codes.reveal_pin(person, request.now, request.user)
    return render(request, "cleaning_day/page.html", context | {"pin_digits": digits, "seconds": REVEAL_SECONDS})


def _me(request: TimedRequest) -> StaffMember | None:
    mine = StaffMember.objects.current().filter(organization=request.user.organization)
    return mine.filter(user=request.user).first()


def _context(request: TimedRequest) -> dict[str, Any]:
    person, now = _me(request), request.now
    if person is None:
        return {"member": None, "now": now}
    units = list(Unit.objects.filter(doors__staff=person).with_places().distinct())
    stays = Stay.objects.standing().filter(unit__in=units).select_related("guest", "unit__property")
    around = stays.filter(ends_at__gte=now - AROUND, starts_at__lte=now + AROUND)
    days = unit_days(units, around, now)
    return {
        "member": person,
        "days": [(day, day.is_free(now)) for day in days],
        "rows": door_rows(person, now),
        "spans": spans_by_zone(person, now),
        "next_out": stays.filter(ends_at__gt=now, ends_at__lte=now + LATER).order_by("ends_at").first(),
        "zone": units[0].property.time_zone if units else "",
        "pin_digits": "",
        "now": now,
    }
