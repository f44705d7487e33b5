"""Locks: the list, one lock, and what can be done with it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Right
from dashboard.drawings.charts import Series, battery_history, capacity_gauge, legend
from dashboard.frame.context import page_context
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.rows.locks import ListedLock, LockColumns, guests_here, is_nearly_full, lock_rows
from dashboard.views.guards import may_read_anew, needs, own_or_404
from outbox.handing_over import enqueue
from properties.codes import pins
from properties.codes.lock_test import last_report, start_lock_test
from properties.models import AccessCode, BatteryReading, Lock, LockCommand
from properties.models.locks import LockQuerySet
from properties.models.shared_columns import has_words
from properties.reading import audit
from properties.reading.battery_outlook import outlooks
from seam_integration.api.problems import explain
from seam_integration.locks import commands
from seam_integration.tasks import operate_lock, refresh_lock

PAGE = 100
EVENTS = 50
BATTERY_HISTORY = timedelta(days=90)


LockFilter = Callable[[LockQuerySet], LockQuerySet]
FILTERS: dict[str, tuple[Promise, LockFilter]] = {
    "": (gettext_lazy("All locks"), lambda rows: rows),
    "attention": (gettext_lazy("Needs attention"), lambda rows: rows.needs_attention()),
    "offline": (gettext_lazy("Offline or unknown"), lambda rows: rows.exclude(is_online=True)),
    "battery": (gettext_lazy("Battery low"), lambda rows: rows.filter(has_low_battery=True)),
    "no-door": (gettext_lazy("On no door"), lambda rows: rows.filter(door=None)),
}


@require_GET
def locks(request: TimedRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()
    show = request.GET.get("show", "") if request.GET.get("show", "") in FILTERS else ""
    properties = property_filter(request)
    accounts = {account.pk: account for account in page_context(request).accounts}
    linked = Lock.objects.for_user(request.user).filter(account__in=accounts)
    rows = FILTERS[show][1](linked)
    if properties.chosen:
        rows = rows.filter(door__property=properties.chosen)
    if query:
        rows = rows.filter(has_words(query, "", "door", "door__property"))
    page = Paginator(rows.values_list(*LockColumns._fields), PAGE).get_page(request.GET.get("page"))
    listed = [ListedLock.of(row, accounts) for row in page.object_list]
    context = {
        "page": page,
        "rows": lock_rows(listed, properties.by_id, request.now),
        "query": query,
        "show": show,
        "filters": [(key, label) for key, (label, _) in FILTERS.items()],
        "has_locks": bool(page.paginator.count) or linked.exists(),
        "property_filter": properties,
        "now": request.now,
    }
    return render(request, "locks/page.html", context)


def _lock(request: TimedRequest, pk: int) -> Lock:
    return own_or_404(Lock.objects.with_places(), request, pk=pk)


def state_context(request: TimedRequest, lock: Lock) -> dict[str, object]:
    command = LockCommand.objects.filter(lock=lock).select_related("requested_by").order_by("-requested_at").first()
    is_recent = command is not None and request.now - command.requested_at < timedelta(hours=1)
    return {
        "lock": lock,
        "zone": lock.zone,
        "command": command if is_recent else None,
        "steps": command.steps() if command is not None and is_recent else [],
        "why_no_lock": lock.why_no_command("lock"),
        "why_no_unlock": lock.why_no_command("unlock"),
        "now": request.now,
    }


@require_GET
def lock(request: TimedRequest, pk: int) -> HttpResponse:
    found = _lock(request, pk)
    problems = [(explain(p), "bad") for p in found.errors] + [(explain(p), "warn") for p in found.warnings]
    context = state_context(request, found) | _codes_context(request, found) | _battery_context(found, request.now)
    context |= _events_context(found) | {
        "guests": guests_here(found, request.now),
        "trial": last_report(found, request.now),
        "problems": problems,
        "attention": found.attention(request.now),
        "capabilities": found.capabilities(),
    }
    return render(request, "locks/lock.html", context)


def _battery_context(lock: Lock, now: datetime) -> dict[str, object]:
    """The chart with its wedge, and what is foretold of each battery in words."""
    readings = list(lock.battery_readings.filter(at__gt=now - BATTERY_HISTORY, at__lte=now).order_by("at"))
    series = [Series(part.label, [(r.at, r.level) for r in readings if r.part == part]) for part in BatteryReading.Part]
    series = [one for one in series if one.points]
    parts = outlooks([lock], now)[lock.pk]
    wedge = next((one.forecast.span for one in parts if series and one.part.label == series[0].name), None)
    is_near = wedge is not None and wedge[1] - now < BATTERY_HISTORY
    return {
        "chart": battery_history(series, now, lock.zone_info, forecast=wedge if is_near else None),
        "legend": legend([one.name for one in series]),
        "readings": readings[:-21:-1],
        "outlooks": parts,
    }


@require_GET
def lock_guests(request: TimedRequest, pk: int) -> HttpResponse:
    found = _lock(request, pk)
    context = {"lock": found, "zone": found.zone, "guests": guests_here(found, request.now), "now": request.now}
    return render(request, "locks/_guests.html", context)


@require_GET
def lock_test(request: TimedRequest, pk: int) -> HttpResponse:
    found = _lock(request, pk)
    context = {"lock": found, "zone": found.zone, "trial": last_report(found, request.now)}
    context |= {"why_no_codes": found.why_no_codes(), "now": request.now}
    return render(request, "locks/_test.html", context)


@require_POST
@needs(Right.ISSUE_CODES)
def lock_test_start(request: TimedRequest, pk: int) -> HttpResponse:
    """Put a test code on the lock; everything after that happens by itself."""
    found = _lock(request, pk)
    reason = found.why_no_codes()
    try:
        if reason:
            messages.error(request, reason)
        elif start_lock_test(found, request.now, request.user) is None:
            messages.info(request, _("A test of %(found)s is under way already.") % {"found": found})
        else:
            messages.success(
                request, _("Testing %(found)s: each step appears by itself, within a few minutes.") % {"found": found}
            )
    except pins.NoPinLeft as no_pin:
        messages.error(request, str(no_pin))
    return redirect(f"{reverse('lock', args=[found.pk])}#lock-test")


@require_GET
def lock_state(request: TimedRequest, pk: int) -> HttpResponse:
    return render(request, "locks/_state.html", state_context(request, _lock(request, pk)))


@require_GET
def lock_codes(request: TimedRequest, pk: int) -> HttpResponse:
    return render(request, "locks/_codes.html", _codes_context(request, _lock(request, pk)))


def _codes_context(request: TimedRequest, lock: Lock) -> dict[str, object]:
    shares = audit.census(lock, request.now)
    used = sum(share.count for share in shares)
    capacity = lock.code_capacity
    gauge = capacity_gauge([(s.key, s.label, s.count) for s in shares], capacity) if capacity else ""
    return {
        "lock": lock,
        "codes": _codes(request, lock),
        "nobodys": list(audit.unrecognized_codes(lock)),
        "shares": shares,
        "used": used,
        "free": max(0, capacity - used) if capacity else None,
        "gauge": gauge,
        "is_nearly_full": is_nearly_full(lock.code_capacity, used),
        "why_no_codes": lock.why_no_codes(),
        "now": request.now,
    }


@require_GET
def lock_events(request: TimedRequest, pk: int) -> HttpResponse:
    """Asked for every two seconds, so a page that has the newest is told that there is nothing (204), and no more."""
    found = own_or_404(Lock.objects.all(), request, pk=pk)
    if request.GET.get("newest") == str(_newest_event(found)):
        return HttpResponse(status=204)
    return render(request, "locks/_events.html", _events_context(_lock(request, pk)) | {"now": request.now})


def _events_context(lock: Lock) -> dict[str, object]:
    # The newest first: one that comes between the two is then sent again, not missed.
    newest = _newest_event(lock)
    events = list(lock.activities.newest_first().select_related("actor")[:EVENTS])
    return {"lock": lock, "events": events, "newest_event": newest}


def _newest_event(lock: Lock) -> int:
    """The id of what was told last, which need not be what happened last."""
    return lock.activities.aggregate(newest=Max("pk"))["newest"] or 0


def _codes(request: TimedRequest, lock: Lock) -> list[AccessCode]:
    recent = Q(removed_at=None) | Q(removed_at__gt=request.now - timedelta(days=7))
    rows = lock.access_codes.filter(recent).with_places()
    # Those that hold a place first, as the lock will meet them.
    return list(rows.order_by(F("removed_at").desc(nulls_first=True), "starts_at")[:100])


@require_POST
@needs(Right.OPERATE_LOCKS)
def lock_door(request: TimedRequest, pk: int) -> HttpResponse:
    return _operate(request, _lock(request, pk), "lock")


@require_http_methods(["GET", "POST"])
@needs(Right.OPERATE_LOCKS)
def unlock_door(request: TimedRequest, pk: int) -> HttpResponse:
    """Asks once: without the confirmation in the form, the question comes back as a page."""
    found = _lock(request, pk)
    if request.method == "GET" or request.POST.get("confirmed") != "yes":
        context = state_context(request, found) | {"guests": guests_here(found, request.now)}
        return render(request, "locks/unlock.html", context)
    return _operate(request, found, "unlock")


def _operate(request: TimedRequest, found: Lock, action: str) -> HttpResponse:
    reason = found.why_no_command(action)
    if reason:
        messages.error(request, reason)
        return redirect("lock", found.pk)
    command = commands.request(found, action, request.user, request.now)
    if command.action != action:
        messages.warning(
            request,
            _("“%(get_action_display)s” is still under way. Wait for its outcome.")
            % {"get_action_display": command.get_action_display()},
        )
    else:
        enqueue(operate_lock, command.pk)
    return redirect("lock", found.pk)


@require_POST
@needs(Right.OPERATE_LOCKS)
def refresh(request: TimedRequest, pk: int) -> HttpResponse:
    """Read the lock and its codes anew, now."""
    found = _lock(request, pk)
    if not may_read_anew(found):
        messages.info(
            request, _("%(found)s was asked a moment ago. What changed appears by itself.") % {"found": found}
        )
        return redirect("lock", found.pk)
    enqueue(refresh_lock, found.pk)
    Lock.objects.filter(pk=found.pk).wake(request.now)
    messages.success(request, _("Reading %(found)s anew. What changed appears by itself.") % {"found": found})
    return redirect("lock", found.pk)


@require_POST
@needs(Right.ISSUE_CODES)
def resume(request: TimedRequest, pk: int) -> HttpResponse:
    """End the pause after repeated failures, and try again."""
    found = _lock(request, pk)
    Lock.objects.filter(pk=found.pk).resume(request.now)
    messages.success(request, _("Trying %(found)s again.") % {"found": found})
    return redirect("lock", found.pk)
