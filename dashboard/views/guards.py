"""Who may do this: one decorator for rights, one way to find a row of one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Right
from dashboard.middleware import TimedRequest
from properties.models.tenancy import TenantQuerySet

View = Callable[..., HttpResponse]
M = TypeVar("M", bound=Model)


def needs(right: Right) -> Callable[[View], View]:
    """Only for people who have this right, by their role or by themselves; others read why not (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: TimedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.can(right):
                raise PermissionDenied(f"Your role does not allow you to {right.words}. Ask an owner.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def own_or_404(rows: TenantQuerySet[M], request: TimedRequest, **lookup: Any) -> M:
    """The row, if it is this person's organization's; else 404: a stranger learns nothing."""
    found: M = get_object_or_404(rows.for_user(request.user), **lookup)
    return found
