"""Where Seam calls us: its webhook."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dashboard.middleware import TimedRequest
from seam_integration import webhooks
from seam_integration.tasks import enqueue, take_in_event


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: TimedRequest) -> HttpResponse:
    """Check, keep, answer: the work is a task's. A delivery that was kept before is as good as a new one."""
    try:
        event = webhooks.receive(request.body, request.headers, request.now)
    except webhooks.NotGenuine:
        return HttpResponse("The signature does not fit.", status=401, content_type="text/plain")
    if event is not None:
        enqueue(take_in_event, event.pk)
    return HttpResponse(status=204)


@login_not_required
def health(request: TimedRequest) -> HttpResponse:
    """For process supervisors: this process answers. What is wrong elsewhere is said on the pages."""
    return HttpResponse(f"ok {timezone.now():%H:%M:%S}", content_type="text/plain")
