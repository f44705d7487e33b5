"""Calendars of channels: the list, one calendar with its reasons, connect, rules, check now, stop."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Right
from calendars.applying import feeds
from calendars.models import ChangeItem, ChangeSet, Feed, FeedBooking
from calendars.tasks import check_feed
from dashboard.forms.feeds import FeedForm, FeedRulesForm
from dashboard.middleware import TimedRequest
from dashboard.rows.calendars import event_rows, health_of, item_row, reasons_in, result_words
from dashboard.views.guards import form_page, may_read_anew, needs, own_or_404
from dashboard.views.secrets import shows_secret
from outbox.handing_over import enqueue

SETS_SHOWN = 20
ROWS_SHOWN = 200


@require_GET
def calendars(request: TimedRequest) -> HttpResponse:
    unclear = Q(
        bookings__outcome="unclear", bookings__decision="", bookings__state="active", bookings__stay__isnull=True
    )
    rows = Feed.objects.for_user(request.user).in_use().with_places()
    rows = rows.annotate(unclear_count=Count("bookings", filter=unclear)).order_by(
        "unit__property__sort_key", "unit__sort_key", "channel", "pk"
    )
    shown = [(feed, health_of(feed, request.now), result_words(feed.counts)) for feed in rows]
    waiting = ChangeItem.objects.for_user(request.user).waiting().count()
    return render(request, "calendars/page.html", {"rows": shown, "waiting": waiting})


@require_GET
def calendar(request: TimedRequest, pk: int) -> HttpResponse:
    feed = own_or_404(Feed.objects.with_places(), request, pk=pk)
    bookings = FeedBooking.objects.for_user(request.user).filter(feed=feed)
    waiting = ChangeItem.objects.for_user(request.user).waiting().filter(change_set__feed=feed)
    sets = ChangeSet.objects.for_user(request.user).filter(feed=feed)[:SETS_SHOWN]
    related = "items__booking", "items__stay__guest"
    context = {
        "feed": feed,
        "health": health_of(feed, request.now),
        "result": result_words(feed.counts),
        "notes": reasons_in(feed.notes),
        "waiting": [item_row(item) for item in waiting.select_related("booking", "stay__guest")[:ROWS_SHOWN]],
        "unclear": [(one, reasons_in([one.reason])) for one in bookings.unclear().order_by("starts_on")[:ROWS_SHOWN]],
        "conflicts": bookings.filter(conflict_with__isnull=False, conflict_with__cancelled_at=None, stay=None)
        .select_related("conflict_with__guest")
        .order_by("starts_on")[:ROWS_SHOWN],
        "missing": bookings.filter(state="missing").select_related("stay__guest").order_by("starts_on")[:ROWS_SHOWN],
        "sets": [(one, [item_row(item) for item in one.items.all()]) for one in sets.prefetch_related(*related)],
        "events": event_rows(feed.events),
    }
    return render(request, "calendars/calendar.html", context)


@needs(Right.MANAGE_PLACES)
@require_http_methods(["GET", "HEAD", "POST"])
@shows_secret
def add(request: TimedRequest) -> HttpResponse:
    """Two steps on one page: what the address would bring, then save. No transaction is open while it is fetched.

    The address is a secret, and stands in the form until it is saved.
    """
    typed = request.POST if request.method == "POST" else None
    form = FeedForm(typed, user=request.user, initial={"unit": request.GET.get("unit")})
    trial, seal = None, ""
    if form.is_valid():
        feed, seal = form.instance, _seal(form)
        if request.POST.get("checked") == seal:
            feeds.add_feed(feed, request.now, request.user)
            enqueue(check_feed, feed.pk)
            messages.success(request, _("Calendar connected. Its stays appear within a minute."))
            return redirect("calendar", feed.pk)
        trial = feeds.try_feed(feed, request.now)
    context = {
        "form": form,
        "trial": trial,
        "seal": seal,
        "result": result_words(trial.counts) if trial else "",
        "problem": str(trial.problem) if trial and trial.problem else "",
        "warnings": [str(one) for one in trial.warnings] if trial else [],
        "meanings": trial.meanings[:ROWS_SHOWN] if trial else [],
    }
    return render(request, "calendars/add.html", context, status=422 if form.errors else 200)


def _seal(form: FeedForm) -> str:
    """What was checked is what is saved."""
    typed = {name: value for name, value in form.cleaned_data.items() if name != "address"}
    return salted_hmac("calendar", f"{form.cleaned_data['address'].whole} {sorted(typed.items())!r}").hexdigest()


@needs(Right.MANAGE_PLACES)
@form_page
def edit(request: TimedRequest, pk: int) -> HttpResponse:
    feed = own_or_404(Feed.objects.in_use().with_places(), request, pk=pk)
    form = FeedRulesForm(request.POST if request.method == "POST" else None, instance=feed)
    if form.is_valid():
        feeds.change_rules(feed, request.now, request.user)
        enqueue(check_feed, feed.pk)
        messages.success(request, _("Rules saved. The calendar is compared again."))
        return redirect("calendar", feed.pk)
    return render(request, "calendars/edit.html", {"form": form, "feed": feed}, status=422 if form.errors else 200)


@needs(Right.ISSUE_CODES)
@require_POST
def check(request: TimedRequest, pk: int) -> HttpResponse:
    feed = own_or_404(Feed.objects.in_use(), request, pk=pk)
    if may_read_anew(feed):
        enqueue(check_feed, feed.pk)
    messages.info(request, _("The calendar is being checked. Load this page again in a few seconds."))
    return redirect("calendar", feed.pk)


@needs(Right.MANAGE_PLACES)
@form_page
def remove(request: TimedRequest, pk: int) -> HttpResponse:
    feed = own_or_404(Feed.objects.in_use().with_places(), request, pk=pk)
    if request.method == "POST":
        feeds.remove_feed(feed, request.now, request.user)
        messages.success(request, _("The calendar is not checked any more. Its stays remain."))
        return redirect("calendars")
    return render(request, "calendars/remove.html", {"feed": feed})
