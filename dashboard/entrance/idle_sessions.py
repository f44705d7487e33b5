"""A session that was not used for long ends; of each it is noted when it was used last, and from where."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

SEEN = "seen_at"
# Seconds. Noted no more often than this.
NOTED_EVERY = 300


class IdleSessionsMiddleware:
    """In real time, for it is about a browser. A page that asks for itself is no use of a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            idle = now - request.session.get(SEEN, now)
            if idle > settings.SESSION_IDLE_HOURS * 3600:
                return _ended(request)
            is_used = request.method == "POST" or request.headers.get("HX-Request") != "true"
            if is_used and (idle > NOTED_EVERY or SEEN not in request.session):
                request.session[SEEN] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _ended(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.info(request, _("You were logged out, because you were away for long."))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())
