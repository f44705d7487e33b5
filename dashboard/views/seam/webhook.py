"""For other programs, in front of all that browsers need (`MachinesMiddleware`): Seam's webhook, the health check."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from seam_integration import clock
from seam_integration.inbox import webhooks
from seam_integration.notify import notify_worker


@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Check, keep, answer: the work is a task's. A delivery that was kept before is as good as a new one."""
    try:
        is_new = webhooks.receive(request.body, request.headers, clock.now())
    except webhooks.NotGenuine:
        return HttpResponse("The signature does not fit.", status=401, content_type="text/plain")
    if is_new:
        notify_worker()
    return HttpResponse(status=204)


def health(request: HttpRequest) -> HttpResponse:
    """For process supervisors: this process answers. What is wrong elsewhere is said on the pages."""
    return HttpResponse(f"ok {timezone.now():%H:%M:%S}", content_type="text/plain")
