"""Who may do this, and how often: rights, rows of one's own, forms that are sent once."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership, Right, User
from dashboard.forms.one_use import FORM_KEY
from dashboard.middleware import TimedRequest
from dashboard.models import SentForm

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


def held_or_404(rows: Owned[M], request: TimedRequest, **lookup: Any) -> M:
    """As `own_or_404`; a row that is about to change is held against other writers until the transaction ends."""
    found = rows.for_user(request.user)
    return get_object_or_404(found.select_for_update(of=("self",)) if request.method == "POST" else found, **lookup)


def form_page(view: View) -> View:
    """A page with a form. What is sent is read, compared and written in one transaction."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answered(request: TimedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return answered


# A key is remembered for as long as a person might go back to the page and send it again.
KEY_LASTS = timedelta(days=2)


def once(view: View) -> View:
    """A form page that creates something: the same form sent twice, at once or later, creates it once."""

    @wraps(view)
    def answered(request: TimedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key_of(request)
        if key is None:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            SentForm.objects.filter(sent_at__lt=request.now - KEY_LASTS).delete()
            # The second of two waits here until the first is through.
            mine = {"user": request.user, "key": key}
            sent, is_first = SentForm.objects.get_or_create(**mine, defaults={"sent_at": request.now})
            if not is_first:
                messages.info(request, _("This form was sent twice. It was saved once."))
                return redirect(sent.answer_url)
            answer = view(request, *args, **kwargs)
            if isinstance(answer, HttpResponseRedirect):
                SentForm.objects.filter(pk=sent.pk).update(answer_url=answer.url)
            else:
                sent.delete()
            return answer

    return answered


def _key_of(request: TimedRequest) -> UUID | None:
    """Of the form and of what was typed: who goes back and types something else means another row.

    Hashed with our secret, because a PIN may be among it.
    """
    try:
        form_key = UUID(request.POST.get(FORM_KEY, "")) if request.method == "POST" else None
    except ValueError:
        return None
    if form_key is None:
        return None
    typed = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return UUID(bytes=salted_hmac("sent form", repr(typed), algorithm="sha256").digest()[:16])


# What is read anew at Seam is not asked again for so long, whoever asks.
READ_ONCE_IN = timedelta(seconds=15)


def may_read_anew(row: Model) -> bool:
    """Whether this lock or account may be asked at Seam once more; each asking costs calls that all share."""
    return cache.add(f"read-anew.{row._meta.label_lower}.{row.pk}", True, READ_ONCE_IN.total_seconds())


def own_membership(request: TimedRequest) -> Membership:
    """The person's place in their organization. Only for views behind `needs`: others may have none."""
    membership = request.user.current_membership
    if membership is None:
        raise PermissionDenied
    return membership
