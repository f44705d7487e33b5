"""Linked accounts: link, come back, reconnect, sync, unlink."""

import logging
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Right
from dashboard.middleware import TimedRequest
from dashboard.views.guards import may_read_anew, needs, own_or_404
from outbox.handing_over import enqueue
from properties.models import ConnectedAccount
from properties.values.encryption import decrypt
from properties.values.wording import LISTED_AT_MOST, listed
from seam_integration.accounts import connect_webviews, unlinking
from seam_integration.api.client import SeamError, SeamTooSlow
from seam_integration.inbox import webhooks
from seam_integration.models import ConnectWebview
from seam_integration.seam import seam_client
from seam_integration.tasks import finish_log_ins, finish_unlinking, open_webview, sync_account

logger = logging.getLogger(__name__)

# A log-in that was left is not spoken of for longer; the sweep goes on asking how it went.
LOG_IN_TAKES = timedelta(minutes=30)
# Seconds that a page waits for Seam; then the worker goes on.
PAGE_WAITS = 5.0


def connections_context(request: TimedRequest) -> dict[str, object]:
    accounts = (
        ConnectedAccount.objects.for_user(request.user)
        .filter(unlinked_at=None)
        .with_tallies()
        .prefetch_related("unreadable")
    )
    pending = ConnectWebview.objects.for_user(request.user).filter(
        status=ConnectWebview.Status.PENDING, launched_at__gt=request.now - LOG_IN_TAKES, seam_id__isnull=False
    )
    lost = ConnectWebview.objects.for_user(request.user).filter(
        status=ConnectWebview.Status.EXPIRED, missing_at__isnull=False, settled_at__gt=request.now - LOG_IN_TAKES
    )
    return {
        "accounts": accounts,
        # Events belong to no organization until they are handled: all hear of the whole feed, and not what is in it.
        "failed_events": webhooks.count_failed_events(),
        "unread_events": webhooks.unread_events(),
        "lost": lost[:5],
        "progress": {each.pk: unlinking.progress(each) for each in accounts if each.unlink_requested_at},
        "pending": pending.select_related("launched_by", "reconnects")[:5],
        "is_settling": any(account.synced_at is None or account.unlink_requested_at for account in accounts),
        "now": request.now,
    }


@require_GET
def connections(request: TimedRequest) -> HttpResponse:
    return render(request, "connections/page.html", connections_context(request) | {"is_refresh": False})


@require_GET
def connections_list(request: TimedRequest) -> HttpResponse:
    """The fragment that fills by itself after linking."""
    return render(request, "connections/_list.html", connections_context(request) | {"is_refresh": True})


@require_POST
@needs(Right.LINK_ACCOUNTS)
def link(request: TimedRequest) -> HttpResponse:
    return _to_webview(request)


@require_POST
@needs(Right.LINK_ACCOUNTS)
def reconnect(request: TimedRequest, pk: int) -> HttpResponse:
    return _to_webview(request, own_or_404(ConnectedAccount.objects, request, pk=pk))


def _to_webview(request: TimedRequest, reconnects: ConnectedAccount | None = None) -> HttpResponse:
    """Seam has some seconds to answer inside the page; then the worker goes on, and a page waits for it."""
    back = request.build_absolute_uri(reverse("connect-webview-return"))
    webview = connect_webviews.prepare(request.user, back, request.now, reconnects)
    try:
        url = connect_webviews.open_page(webview, seam_client(within=PAGE_WAITS))
    except SeamTooSlow:
        enqueue(open_webview, webview.pk)
        return redirect("connection-opening", webview.pk)
    except SeamError as error:
        logger.warning("no webview: %s", error)
        webview.delete()
        messages.error(
            request,
            _("Seam could not open its log-in page: %(message)s. Try again in a minute.") % {"message": error.message},
        )
        return redirect("connections")
    return _to_seam(url)


def _to_seam(url: str) -> HttpResponse:
    # 303: the browser goes on with GET. The address is a secret, and like each page of a person it is kept nowhere.
    return HttpResponseRedirect(url, status=303)


@require_GET
@needs(Right.LINK_ACCOUNTS)
def opening(request: TimedRequest, pk: int) -> HttpResponse:
    """Wait for Seam's log-in page, and go there."""
    webview = _own_launch(request, pk)
    if webview.page_encrypted:
        return _to_seam(decrypt(webview.page_encrypted))
    return render(request, "connections/opening.html", {"webview": webview, "is_waiting": _is_waiting(webview)})


@require_GET
@needs(Right.LINK_ACCOUNTS)
def opening_state(request: TimedRequest, pk: int) -> HttpResponse:
    """The part that asks for itself until Seam has answered."""
    webview = _own_launch(request, pk)
    if webview.page_encrypted:
        return HttpResponseClientRedirect(decrypt(webview.page_encrypted))
    return render(request, "connections/_opening.html", {"webview": webview, "is_waiting": _is_waiting(webview)})


def _own_launch(request: TimedRequest, pk: int) -> ConnectWebview:
    """The address of the log-in page is for the person who asked for it."""
    found: ConnectWebview = own_or_404(ConnectWebview.objects, request, pk=pk, launched_by=request.user)
    return found


def _is_waiting(webview: ConnectWebview) -> bool:
    return webview.status == ConnectWebview.Status.PENDING and webview.seam_id is None


@require_GET
@needs(Right.LINK_ACCOUNTS)
def come_back(request: TimedRequest) -> HttpResponse:
    """Seam sends the browser here. The address proves nothing: the webview is read again."""
    state, webview_id = request.GET.get("state", ""), request.GET.get("connect_webview_id", "")
    outcome = connect_webviews.come_back(request.user, state, webview_id, request.now, seam_client(within=PAGE_WAITS))
    if outcome.account_id is not None:
        enqueue(sync_account, outcome.account_id)
    elif outcome.is_open:
        enqueue(finish_log_ins)
    (messages.success if outcome.is_good else messages.warning)(request, outcome.text)
    return redirect("connections")


@require_POST
@needs(Right.LINK_ACCOUNTS)
def sync(request: TimedRequest, pk: int) -> HttpResponse:
    account = own_or_404(ConnectedAccount.objects.filter(unlinked_at=None), request, pk=pk)
    if not may_read_anew(account):
        messages.info(
            request, _("%(account)s was asked a moment ago. What changed appears by itself.") % {"account": account}
        )
        return redirect("connections")
    enqueue(sync_account, account.pk)
    messages.success(request, _("Reading %(account)s anew. What changed appears by itself.") % {"account": account})
    return redirect("connections")


@require_http_methods(["GET", "POST"])
@needs(Right.LINK_ACCOUNTS)
def unlink(request: TimedRequest, pk: int) -> HttpResponse:
    account = own_or_404(ConnectedAccount.objects.filter(unlinked_at=None), request, pk=pk)
    if request.method == "GET":
        left, on = unlinking.codes_left(account), listed(unlinking.locks_with_codes(account), at_most=LISTED_AT_MOST)
        context = {"account": account, "codes_left": left, "locks_with_codes": on, "now": request.now}
        return render(request, "connections/unlink.html", context)
    unlinking.request(account, request.user, request.now)
    if request.POST.get("at_once") == "yes":
        enqueue(finish_unlinking, account.pk)
    messages.success(
        request, _("%(account)s is being unlinked. Codes come off its locks first.") % {"account": account}
    )
    return redirect("connections")


@require_POST
@needs(Right.LINK_ACCOUNTS)
def keep(request: TimedRequest, pk: int) -> HttpResponse:
    """Undo of `unlink`, as long as it is not carried out."""
    account = own_or_404(ConnectedAccount.objects, request, pk=pk)
    if unlinking.keep_linked(account, request.user, request.now):
        messages.success(
            request, _("%(account)s stays linked. Codes of stays are planned anew.") % {"account": account}
        )
    elif account.unlinked_at is None:
        messages.info(request, _("%(account)s is linked.") % {"account": account})
    else:
        messages.warning(request, _("%(account)s is unlinked already. Link it again.") % {"account": account})
    return redirect("connections")
