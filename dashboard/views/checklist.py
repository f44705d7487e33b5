"""Puts the first-run checklist away, once everything on it is done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Organization, Right
from dashboard.frame.checklist import first_run
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs


@require_POST
@needs(Right.MANAGE_PLACES)
def put_away(request: TimedRequest) -> HttpResponse:
    checklist = first_run(request.user)
    if checklist is None:
        return redirect("overview")
    if not checklist.is_done:
        messages.warning(request, _("Some steps are still open. The list stays until they are done."))
        return redirect("overview")
    Organization.objects.filter(pk=request.user.organization.pk).update(first_run_put_away_at=request.now)
    messages.success(request, _("All set up. The list is put away."))
    return redirect("overview")
