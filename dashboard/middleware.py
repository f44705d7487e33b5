"""What happens around a page: programs are answered at once; pages are compressed, timed and kept to whose they are."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from accounts.models import Right, User
from dashboard import demo
from dashboard.entrance.mfa_adapter import lacks_second_factor
from seam_integration import clock


class TimedRequest(HttpRequest):
    """A request after the middlewares: a person is logged in, unless the view needs none."""

    now: datetime
    user: User
    htmx: HtmxDetails


class MachinesMiddleware:
    """The first of all: sessions, log-ins, tokens and the headers of pages are for browsers, not for other programs.

    The views behind these names ask for no person and read no host name. They look after themselves: the webhook by
    its signature, the health check by telling nothing.
    """

    NAMES = ("seam-webhook", "health")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.paths = frozenset(map(reverse, self.NAMES))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in self.paths:
            return self.get_response(request)
        answer: HttpResponse = resolve(request.path_info).func(request)
        return answer


# Set on an answer that shows a secret (`dashboard.views.secrets.shows_secret`).
NOT_COMPRESSED = "is_not_compressed"


class CompressMiddleware(GZipMiddleware):
    """Compresses pages; one that shows a secret, a PIN above all, is left as it is.

    From the length of a compressed answer one could guess at what is secret in it (BREACH). Django pads it against
    that; a PIN is too short to rely on padding.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, NOT_COMPRESSED, False):
            return response
        return super().process_response(request, response)


class NowMiddleware:
    """Sets `request.now` for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class PrivatePagesMiddleware:
    """No browser or proxy keeps a page of a person who is logged in: Back after the log-out shows nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.user.is_authenticated:
            answer.setdefault("Cache-Control", "no-store, private")
        return answer


# For whoever is logged in: their own account, an invitation, and for the server's staff the admin.
EVERYBODYS = ("/accounts/", "/invitation/", "/invitations/", "/admin/", "/sandbox/outbox/")
CLEANING_DAY = "/my-day/"


class OwnPagesMiddleware:
    """People without an organization read why there is nothing; those who may not look around have their own day.

    Their rows are kept from them by `for_user` in any case; this says so instead of showing empty pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: TimedRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if demo.is_over_for(request.user):
            logout(request)
            return redirect("account_login")
        if request.path.startswith(EVERYBODYS) or not request.user.is_authenticated:
            return None
        membership = request.user.current_membership
        if membership is None:
            return render(request, "people/nowhere.html", status=403)
        membership.see(request.now)
        if lacks_second_factor(request.user):
            messages.warning(request, _("Your organization asks for two-factor login. Set it up to go on."))
            return redirect("mfa_index")
        if membership.can(Right.LOOK_AROUND) or request.path.startswith(CLEANING_DAY):
            return None
        if request.path == "/":
            return redirect("cleaning-day")
        raise PermissionDenied(_("Your role shows you your own day and your own code, and nothing else."))
