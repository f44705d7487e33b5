"""The demo's time control: only where the sandbox's clock is the clock."""

import logging

import requests
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Right
from dashboard import demo
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs
from outbox.handing_over import enqueue
from seam_integration import clock
from seam_integration.tasks import catch_up_events, sweep, sync_all

logger = logging.getLogger(__name__)

STEPS = {"PT1H": "one hour", "P1D": "one day"}


@require_POST
@needs(Right.LINK_ACCOUNTS)
def advance(request: TimedRequest) -> HttpResponse:
    """Move the sandbox's clock, and have done at once what is due by then."""
    step = request.POST.get("by", "")
    if not settings.SANDBOX_CLOCK or step not in STEPS:
        raise Http404
    try:
        clock.advance(step)
    except requests.RequestException as error:
        logger.warning("sandbox clock not moved: %s", type(error).__name__)
        messages.error(request, _("The sandbox does not answer, so its clock could not be moved. Is it running?"))
    else:
        for task in (catch_up_events, sync_all, sweep):
            enqueue(task)
        messages.success(request, _("The sandbox is %(STEPS)s later now.") % {"STEPS": STEPS[step]})
    return redirect(_back(request))


@require_POST
@needs(Right.LINK_ACCOUNTS)
def afresh(request: TimedRequest) -> HttpResponse:
    """Throw away the demo's content, here and in the sandbox, and start again."""
    if not demo.is_on() or not demo.is_of_demo(request.user):
        raise Http404
    try:
        demo.start_afresh()
    except requests.RequestException as error:
        logger.warning("sandbox not reset: %s", type(error).__name__)
        messages.error(request, _("The sandbox does not answer, so nothing was changed. Is it running?"))
    else:
        # The sandbox forgot our webhook too.
        enqueue(sync_all)
        messages.success(request, _("The demo has started afresh. Link a Wyze account to begin."))
    return redirect("overview")


def _back(request: TimedRequest) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "overview"
