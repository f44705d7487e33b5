"""Locks: the list, one lock, and what can be done with it."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Right
from dashboard.charts import Series, battery_history, legend
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs, own_or_404
from properties.models import AccessCode, Activity, BatteryReading, Lock, LockCommand
from seam_integration import commands
from seam_integration.problems import explain
from seam_integration.tasks import enqueue, operate_lock, reconcile_soon, refresh_lock

PAGE = 50
EVENTS = 50
BATTERY_HISTORY = timedelta(days=90)


@require_GET
def locks(request: TimedRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()
    linked = Lock.objects.for_user(request.user).filter(account__unlinked_at=None)
    rows = linked.with_places()
    if query:
        rows = rows.filter(
            Q(name__icontains=query) | Q(door__name__icontains=query) | Q(door__property__name__icontains=query)
        )
    only_attention = request.GET.get("show") == "attention"
    if only_attention:
        rows = rows.needs_attention()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(lock, lock.attention(request.now)) for lock in page],
        "query": query,
        "only_attention": only_attention,
        "has_locks": bool(page.paginator.count) or linked.exists(),
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
    readings = list(found.battery_readings.filter(at__gt=request.now - BATTERY_HISTORY).order_by("at"))
    series = [Series(part.label, [(r.at, r.level) for r in readings if r.part == part]) for part in BatteryReading.Part]
    problems = [(explain(p), "bad") for p in found.errors] + [(explain(p), "warn") for p in found.warnings]
    context = state_context(request, found) | {
        "codes": _codes(request, found),
        "events": _events(found),
        "chart": battery_history(series, request.now, found.zone_info),
        "legend": legend(series),
        "readings": readings[:-21:-1],
        "problems": problems,
        "attention": found.attention(request.now),
        "why_no_codes": found.why_no_codes(),
        "capabilities": found.capabilities(),
    }
    return render(request, "locks/lock.html", context)


@require_GET
def lock_state(request: TimedRequest, pk: int) -> HttpResponse:
    return render(request, "locks/_state.html", state_context(request, _lock(request, pk)))


@require_GET
def lock_codes(request: TimedRequest, pk: int) -> HttpResponse:
    found = _lock(request, pk)
    context = {
        "lock": found,
        "codes": _codes(request, found),
        "why_no_codes": found.why_no_codes(),
        "now": request.now,
    }
    return render(request, "locks/_codes.html", context)


@require_GET
def lock_events(request: TimedRequest, pk: int) -> HttpResponse:
    found = _lock(request, pk)
    return render(request, "locks/_events.html", {"lock": found, "events": _events(found), "now": request.now})


def _events(lock: Lock) -> list[Activity]:
    return list(lock.activities.newest_first().select_related("actor")[:EVENTS])


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
        return render(request, "locks/unlock.html", state_context(request, found))
    return _operate(request, found, "unlock")


def _operate(request: TimedRequest, found: Lock, action: str) -> HttpResponse:
    reason = found.why_no_command(action)
    if reason:
        messages.error(request, reason)
        return redirect("lock", found.pk)
    command = commands.request(found, action, request.user, request.now)
    if command.action != action:
        messages.warning(request, f"“{command.get_action_display()}” is still under way. Wait for its outcome.")
    else:
        enqueue(operate_lock, command.pk)
    return redirect("lock", found.pk)


@require_POST
def refresh(request: TimedRequest, pk: int) -> HttpResponse:
    """Read the lock and its codes anew, now."""
    found = _lock(request, pk)
    enqueue(refresh_lock, found.pk)
    Lock.objects.filter(pk=found.pk).wake(request.now)
    reconcile_soon([found.pk])
    messages.success(request, f"Reading {found} anew. What changed appears by itself.")
    return redirect("lock", found.pk)


@require_POST
@needs(Right.ISSUE_CODES)
def resume(request: TimedRequest, pk: int) -> HttpResponse:
    """End the pause after repeated failures, and try again."""
    found = _lock(request, pk)
    Lock.objects.filter(pk=found.pk).resume(request.now)
    reconcile_soon([found.pk])
    messages.success(request, f"Trying {found} again.")
    return redirect("lock", found.pk)
