"""Where a person is logged in: each session can be ended by itself."""

from allauth.usersessions.internal import flows
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.middleware import TimedRequest


@require_POST
def end(request: TimedRequest, pk: int) -> HttpResponse:
    """The list is allauth's own page (usersessions/usersession_list.html)."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    flows.sessions.end_sessions(request, [session])
    messages.success(request, _("That browser is logged out."))
    return redirect("usersessions_list")
