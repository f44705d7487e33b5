"""What people decide about a calendar: let a change through, ignore it, undo a set, say what an event is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import Right
from calendars.applying import decide
from calendars.applying.apply import Failure
from calendars.deciding.known import Decision
from calendars.models import ChangeItem, ChangeSet, FeedBooking
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs, own_or_404


@needs(Right.ISSUE_CODES)
@require_POST
def accept(request: TimedRequest, pk: int) -> HttpResponse:
    item = own_or_404(ChangeItem.objects, request, pk=pk)
    failure = decide.accept(item, request.now, request.user)
    _tell(request, _("Done."), failure)
    return redirect("calendar", item.change_set.feed_id)


@needs(Right.ISSUE_CODES)
@require_POST
def ignore(request: TimedRequest, pk: int) -> HttpResponse:
    item = own_or_404(ChangeItem.objects, request, pk=pk)
    decide.ignore(item, request.now, request.user)
    messages.success(request, _("Ignored, as long as the calendar says the same."))
    return redirect("calendar", item.change_set.feed_id)


@needs(Right.ISSUE_CODES)
@require_POST
def undo(request: TimedRequest, pk: int) -> HttpResponse:
    change_set = own_or_404(ChangeSet.objects.all(), request, pk=pk)
    failures = decide.undo(change_set, request.now, request.user)
    if failures:
        number = len(failures)
        text = ngettext("%(count)s change could not be undone.", "%(count)s changes could not be undone.", number)
        why = " ".join(failure.text for failure in failures[:3])
        messages.error(request, f"{text % {'count': number}} {why}")
    else:
        messages.success(request, _("Undone: stays, codes and PINs are as before."))
    return redirect("calendar", change_set.feed_id)


@needs(Right.ISSUE_CODES)
@require_POST
def booking(request: TimedRequest, pk: int) -> HttpResponse:
    """An unclear event is a stay, or is ignored."""
    row = own_or_404(FeedBooking.objects, request, pk=pk)
    is_stay = request.POST.get("decision") == Decision.STAY
    failure = decide.decide(row, Decision.STAY if is_stay else Decision.IGNORE, request.now, request.user)
    _tell(request, _("It is a stay now.") if is_stay else _("Ignored from now on."), failure)
    return redirect("calendar", row.feed_id)


def _tell(request: TimedRequest, text: str, failure: Failure | None) -> None:
    if failure is None:
        messages.success(request, text)
    else:
        messages.error(request, failure.text)
