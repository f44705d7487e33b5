"""The demo's Outbox: every message as its receiver would see it. Nowhere else does it exist."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from dashboard import demo
from dashboard.views.secrets import shows_secret
from outbox.models import Content, Message

NEWEST = 100


@login_not_required
@require_GET
@shows_secret
def outbox(request: HttpRequest) -> HttpResponse:
    _only_in_demo(request)
    rows = [(message, message.content) for message in Message.objects.all()[:NEWEST]]
    return render(request, "sandbox/outbox.html", {"rows": rows})


@login_not_required
@csp_update({"frame-src": [SELF]})
@require_GET
@shows_secret
def message(request: HttpRequest, pk: int) -> HttpResponse:
    _only_in_demo(request)
    found, content = _message(pk)
    return render(request, "sandbox/message.html", {"message": found, "content": content})


# In a frame without scripts; mails bring styles of their own.
@login_not_required
@xframe_options_sameorigin
@csp_replace({"script-src": [NONE], "style-src": [SELF, UNSAFE_INLINE], "frame-ancestors": [SELF]})
@require_GET
@shows_secret
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written, alone: the receiver's own page is not ours."""
    _only_in_demo(request)
    return render(request, "sandbox/message_body.html", {"content": _message(pk)[1]})


def _only_in_demo(request: HttpRequest) -> None:
    if not demo.shows_outbox_to(request.user):
        raise Http404


def _message(pk: int) -> tuple[Message, Content]:
    found = get_object_or_404(Message, pk=pk)
    if found.content is None:
        raise Http404
    return found, found.content
