"""Who may do this: one decorator for rights, one way to find a row of one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Membership, Right, User
from dashboard.middleware import TimedRequest

View = Callable[..., HttpResponse]
M = TypeVar("M", bound=Model, covariant=True)


def needs(right: Right) -> Callable[[View], View]:
    """Only for people who have this right, by their role or by themselves; others read why not (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: TimedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.can(right):
                raise PermissionDenied(
                    _("Your role does not allow you to %(words)s. Ask an owner.") % {"words": right.words}
                )
            return view(request, *args, **kwargs)

        # So that a test can try every guarded view from both sides.
        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


class Owned(Protocol[M]):
    """Rows that know whose they are: of `properties`, or about the people of an organization."""

    def for_user(self, user: User) -> QuerySet[M]: ...


def own_or_404(rows: Owned[M], request: TimedRequest, **lookup: Any) -> M:
    """The row, if this person may see it; else 404: a stranger learns nothing."""
    return get_object_or_404(rows.for_user(request.user), **lookup)


def own_membership(request: TimedRequest) -> Membership:
    """The person's place in their organization. Only for views behind `needs`: others may have none."""
    membership = request.user.current_membership
    if membership is None:
        raise PermissionDenied
    return membership
