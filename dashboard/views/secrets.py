"""Pages that show a secret: kept by no browser and no proxy; many PINs in a row ask who one is."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from dashboard.middleware import NOT_COMPRESSED, TimedRequest
from properties.codes import secrecy

View = Callable[..., HttpResponse]
# In the session: since when PINs are counted, and the proof of identity that let the count begin anew.
COUNTED_FROM, PROOF = "pins_counted_from", "pins_proof"


def shows_secret(view: View) -> View:
    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(*args, **kwargs)
        setattr(answer, NOT_COMPRESSED, True)
        add_never_cache_headers(answer)
        return answer

    return answered


def reveals_pins(view: View) -> View:
    """After many PINs within an hour a person proves once more who they are: a stolen session empties no safe."""

    @wraps(view)
    def answered(request: TimedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if secrecy.has_revealed_many(request.user, request.now, _counted_from(request)) and not _proved_anew(request):
            messages.info(
                request, _("You have seen many PINs within an hour. Confirm that it is you, then reveal it again.")
            )
            return _to_proof(request)
        return view(request, *args, **kwargs)

    return answered


def _counted_from(request: TimedRequest) -> datetime | None:
    kept = request.session.get(COUNTED_FROM)
    return datetime.fromisoformat(kept) if kept else None


def _proved_anew(request: TimedRequest) -> bool:
    """Whether this person proved who they are since PINs were last counted. The log-in itself does not count."""
    records = get_authentication_records(request, request.user)
    proofs = [record["at"] for record in records if record.get("reauthenticated")]
    if not proofs or proofs[-1] == request.session.get(PROOF) or not did_recently_reauthenticate(request):
        return False
    request.session[PROOF], request.session[COUNTED_FROM] = proofs[-1], request.now.isoformat()
    return True


def _to_proof(request: TimedRequest) -> HttpResponse:
    back = request.htmx.current_url_abs_path if request.htmx else request.path.removesuffix("reveal/")
    address = f"{reverse('account_reauthenticate')}?{urlencode({'next': back or '/'})}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
