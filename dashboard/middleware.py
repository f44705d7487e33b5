"""Gives each request the one instant that everything in it is decided and shown for."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from seam_integration import clock


class TimedRequest(HttpRequest):
    """A request after the middlewares: somebody is logged in (or the view says it needs nobody)."""

    now: datetime
    user: User  # type: ignore[assignment]


class NowMiddleware:
    """Sets `request.now` for pages; a health check must not depend on the sandbox's clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/healthz":
            request.now = clock.now()  # type: ignore[attr-defined]
        return self.get_response(request)
