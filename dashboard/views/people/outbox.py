"""Messages that left or wait to leave: how far each came, and another try for what was lost. No texts, no addresses."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Right
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs, own_or_404
from outbox import posting
from outbox.models import Message

PAGE = 50


@require_GET
@needs(Right.MANAGE_PEOPLE)
def outbox(request: TimedRequest) -> HttpResponse:
    return render(request, "outbox/page.html", _context(request))


@require_GET
@needs(Right.MANAGE_PEOPLE)
def outbox_list(request: TimedRequest) -> HttpResponse:
    """The part that asks for itself while something is on its way."""
    return render(request, "outbox/_list.html", _context(request))


@require_POST
@needs(Right.MANAGE_PEOPLE)
def try_again(request: TimedRequest, pk: int) -> HttpResponse:
    message = own_or_404(Message.objects, request, pk=pk)
    if posting.try_again(message, request.now):
        messages.success(request, _("It is tried again. What comes of it appears here."))
    else:
        messages.info(request, _("Nothing to try again: it was sent, is on its way, or its text was erased."))
    return redirect("outbox")


def _context(request: TimedRequest) -> dict[str, object]:
    page = Paginator(Message.objects.for_user(request.user), PAGE).get_page(request.GET.get("page"))
    return {"page": page, "is_settling": any(message.is_unsettled for message in page), "now": request.now}
