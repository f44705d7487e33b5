"""Stays: the list, one stay with its doors and codes, and what people do with it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Right
from calendars.applying.feeds import compare_again
from calendars.tasks import check_feed
from dashboard.drawings.timeline import DAYS, Bar, Lane, clock_changes, stay_timeline
from dashboard.forms.move import MoveForm
from dashboard.forms.stays import StayForm
from dashboard.frame.context import page_context
from dashboard.frame.property_filter import property_filter
from dashboard.history.csv_export import csv_answer
from dashboard.middleware import TimedRequest
from dashboard.rows.calendars import booked
from dashboard.rows.doors import Chip, code_chips, door_chips
from dashboard.rows.messages import code_news
from dashboard.rows.stays import proof_of
from dashboard.views.guards import form_page, held_or_404, needs, once, own_or_404
from outbox.handing_over import enqueue
from properties.changes import leaving, stays_and_places
from properties.codes import pins, planning, secrecy
from properties.models import AccessCode, Certainty, Stay, StayPhase, StayVerdict, Unit
from properties.models.activity import ActivityQuerySet
from properties.models.shared_columns import has_words
from properties.models.stays import StayQuerySet
from properties.reading.doors_and_codes import load_doors_and_codes
from properties.reading.history import set_by, story
from properties.values.local_time import clocks_change_between
from properties.values.wording import LISTED_AT_MOST, listed
from properties.verdict import storing
from properties.verdict.checks import Readiness, Verdict

PER_PAGE = 50
UNITS_PER_PAGE = 15
# How far from today the timeline goes.
FARTHEST = timedelta(days=5 * 366)
HISTORY_AT_MOST = 60
PHASES = {phase.key: phase for phase in StayPhase}
# The story of a stay, by how we know.
STORY_TABS = {
    "": "All",
    "done": gettext_lazy("Done here"),
    "reported": "Reported",
    "read_back": gettext_lazy("Read back"),
    "inferred": "Inferred",
}
JUDGED_PHASES = (StayPhase.UPCOMING, StayPhase.IN_HOUSE)
# None: whatever needs attention, also what is out of date.
VERDICT_FILTERS = {"needs": None, "not-ready": Verdict.NOT_READY, "at-risk": Verdict.AT_RISK}


@require_GET
def stays(request: TimedRequest) -> HttpResponse:
    phase = PHASES.get(request.GET.get("when", ""), StayPhase.UPCOMING)
    properties = property_filter(request)
    search, wanted = _search(request), request.GET.get("verdict", "")
    rows = Stay.objects.for_user(request.user).in_phase(phase, request.now)
    if search:
        rows = rows.filter(has_words(search, "guest"))
    if properties.chosen:
        rows = rows.filter(unit__property=properties.chosen)
    if wanted in VERDICT_FILTERS and phase in JUDGED_PHASES:
        rows = _saying(wanted, rows, request)
    page = Paginator(rows.with_places(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _list_rows(request, list(page), phase),
        "phase": phase,
        "phases": list(StayPhase),
        "search": search,
        "verdict": wanted if wanted in VERDICT_FILTERS else "",
        "property_filter": properties,
        "has_units": Unit.objects.for_user(request.user).exists(),
    }
    return render(request, "stays/page.html", context)


@require_GET
def timeline(request: TimedRequest) -> HttpResponse:
    """Stays by unit over thirty days, from today or from the day in the address."""
    properties = property_filter(request)
    units = Unit.objects.for_user(request.user).with_places()
    if properties.chosen:
        units = units.filter(property=properties.chosen)
    page = Paginator(units, UNITS_PER_PAGE).get_page(request.GET.get("page"))
    first = _first_day(request, properties.zones)
    lanes = _lanes(request, list(page), first)
    context = {
        "page": page,
        "chart": stay_timeline(lanes, first, request.now) if lanes else "",
        "first": first,
        "last": first + timedelta(days=DAYS - 1),
        "earlier": first - timedelta(days=DAYS // 2),
        "later": first + timedelta(days=DAYS // 2),
        "clock_zones": [zone for zone in sorted({lane.zone for lane in lanes}) if clock_changes(zone, first)],
        "property_filter": properties,
    }
    return render(request, "stays/timeline.html", context)


@needs(Right.ISSUE_CODES)
@form_page
@once
def add(request: TimedRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = StayForm(typed, user=request.user, now=request.now, initial=_first_values(request))
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, form.instance, changed)
    units = Unit.objects.for_user(request.user).exists()
    status = 422 if form.is_bound else 200
    return render(request, "stays/form.html", {"form": form, "stay": None, "has_units": units}, status=status)


@require_GET
def stay(request: TimedRequest, stay_id: int) -> HttpResponse:
    row = own_or_404(
        Stay.objects.with_places().select_related("created_by", "cancelled_by", "ended_by", "new_pin_sent_by"),
        request,
        pk=stay_id,
    )
    told = list(_told(request, row)[: HISTORY_AT_MOST + 1])
    code = _one_pin(row)
    context = _code_context(request, row) | {
        "history": told[:HISTORY_AT_MOST],
        "history_is_cut": len(told) > HISTORY_AT_MOST,
        "certainties": STORY_TABS,
        "how": _how(request),
        "set_by": set_by(row),
        "booked": booked(row),
        "clocks_change": clocks_change_between(row.starts_at, row.ends_at, row.unit.property.time_zone),
        "pin_code": code,
        "opens_doors_of_others": code is not None and secrecy.opens_doors_of_others(code, request.user),
        "pin_digits": "",
    }
    return render(request, "stays/stay.html", context)


@needs(Right.ISSUE_CODES)
@require_POST
def automatic(request: TimedRequest, stay_id: int) -> HttpResponse:
    """A field that a person set takes its calendar's value again, at the check that follows."""
    row = own_or_404(Stay.objects.all(), request, pk=stay_id)
    if stays_and_places.make_automatic(row, request.POST.get("field", "")):
        for feed_id in compare_again(row, request.now):
            enqueue(check_feed, feed_id)
        messages.success(request, _("Automatic again: the calendar's value is taken at its next check."))
    return redirect("stay", row.pk)


@require_GET
def export(request: TimedRequest, stay_id: int) -> StreamingHttpResponse:
    """The stay's story as a table, cut as the page is, but never to its newest entries."""
    row = own_or_404(Stay.objects.all(), request, pk=stay_id)
    return csv_answer(_told(request, row), f"stay-{row.pk}")


@require_GET
def access_codes(request: TimedRequest, stay_id: int) -> HttpResponse:
    """The part of the page that asks for itself again: soon while a code is under way, else now and then."""
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    return render(request, "stays/_access_codes.html", _code_context(request, stay))


@needs(Right.ISSUE_CODES)
@form_page
def edit(request: TimedRequest, stay_id: int) -> HttpResponse:
    stay = held_or_404(Stay.objects.with_places(), request, pk=stay_id)
    if stay.is_over(request.now):
        messages.warning(request, _("This stay is over, so it cannot be changed. Add a new stay instead."))
        return redirect("stay", stay.pk)
    title = str(stay)
    typed = request.POST if request.method == "POST" else None
    form = StayForm(typed, instance=stay, user=request.user, now=request.now)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, stay, changed)
    context = {"form": form, "stay": stay, "title": title, "has_units": True}
    return render(request, "stays/form.html", context, status=422 if form.is_bound else 200)


@needs(Right.ISSUE_CODES)
@form_page
def cancel(request: TimedRequest, stay_id: int) -> HttpResponse:
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    if stay.phase(request.now) is StayPhase.IN_HOUSE:
        return redirect("stay-end", stay.pk)
    if request.method == "POST" and not stay.is_over(request.now):
        try:
            changed = stays_and_places.cancel_stay(stay, request.now, request.user)
        except stays_and_places.StayIsOver as reason:
            messages.warning(request, str(reason))
        else:
            messages.success(
                request, (_("Stay cancelled. %(news)s") % {"news": code_news(changed, request.now)}).strip()
            )
        return redirect("stay", stay.pk)
    if stay.is_over(request.now):
        messages.warning(request, _("This stay is over already. Nothing was changed."))
        return redirect("stay", stay.pk)
    context = {"stay": stay, "phase": stay.phase(request.now), "effects": _effects_of_cancelling(stay)}
    return render(request, "stays/cancel.html", context)


@needs(Right.ISSUE_CODES)
@form_page
@once
def move(request: TimedRequest, stay_id: int) -> HttpResponse:
    """To another unit, in residence or before."""
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    if stay.is_over(request.now):
        messages.warning(request, _("This stay is over, so it cannot move."))
        return redirect("stay", stay.pk)
    typed = request.POST if request.method == "POST" else None
    form = MoveForm(typed, stay=stay, user=request.user, now=request.now)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        news = {"unit": form.cleaned_data["unit"], "news": code_news(changed, request.now)}
        messages.success(request, (_("The stay moved to %(unit)s. %(news)s") % news).strip())
        return redirect("stay", stay.pk)
    context = {"form": form, "stay": stay, "title": str(stay)}
    return render(request, "stays/move.html", context, status=422 if form.is_bound else 200)


@needs(Right.ISSUE_CODES)
@form_page
def end(request: TimedRequest, stay_id: int) -> HttpResponse:
    """The guest leaves now: the stay is over, not cancelled."""
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    if request.method == "POST":
        try:
            changed = leaving.end_now(stay, request.now, request.user)
        except stays_and_places.StayIsOver as reason:
            messages.warning(request, str(reason))
        else:
            text = _("The stay ended now. %(news)s You can take that back for 15 minutes.")
            messages.success(request, text % {"news": _removed_from(changed)})
        return redirect("stay", stay.pk)
    if stay.phase(request.now) is not StayPhase.IN_HOUSE:
        messages.warning(request, _("Only a stay in residence can end now."))
        return redirect("stay", stay.pk)
    return render(request, "stays/end.html", {"stay": stay, "effects": _effects_of_cancelling(stay)})


@require_POST
@needs(Right.ISSUE_CODES)
def go_on(request: TimedRequest, stay_id: int) -> HttpResponse:
    """Undo of `end`."""
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    try:
        changed = leaving.go_on(stay, request.now, request.user)
    except (stays_and_places.StayIsOver, stays_and_places.StaysOverlap, pins.NoPinLeft) as reason:
        messages.error(request, str(reason))
    else:
        news = {"news": code_news(changed, request.now)}
        messages.success(request, (_("The stay goes on as planned. %(news)s") % news).strip())
    return redirect("stay", stay_id)


@require_POST
@needs(Right.ISSUE_CODES)
def new_code_sent(request: TimedRequest, stay_id: int) -> HttpResponse:
    """A person says that the guest was told the new PIN."""
    stay = own_or_404(Stay.objects.with_places(), request, pk=stay_id)
    if stays_and_places.note_new_pin_sent(stay, request.now, request.user):
        messages.success(request, _("Noted: %(guest)s has the new PIN.") % {"guest": stay.guest})
    else:
        messages.info(request, _("There is no new PIN that the guest waits for."))
    return redirect("stay", stay.pk)


# --- What the pages show ------------------------------------------------------------------------------------


def _search(request: TimedRequest) -> str:
    """What was typed into the search; PostgreSQL takes no NUL."""
    return request.GET.get("q", "").replace("\0", "").strip()


def _saying(wanted: str, stays: StayQuerySet, request: TimedRequest) -> StayQuerySet:
    """Stays with the wanted verdict, however far ahead; the few that are out of date are judged first."""
    now, seen_at = request.now, page_context(request).worker_seen_at
    rows = StayVerdict.objects.for_user(request.user).filter(is_open=True)
    storing.judge_few(rows.filter(stay__in=stays.order_by()), now)
    verdict = VERDICT_FILTERS[wanted]
    if verdict is None:
        return stays.filter(judgement__in=storing.asking(rows, now, seen_at))
    return stays.filter(judgement__in=rows.filter(storing.says(verdict, now, seen_at)))


def _how(request: TimedRequest) -> str:
    """The certainty that the story is cut to; empty for all of it."""
    asked = request.GET.get("how", "")
    return asked if asked in Certainty.values else ""


def _told(request: TimedRequest, stay: Stay) -> ActivityQuerySet:
    how = _how(request)
    return story(stay).filter(certainty=how) if how else story(stay)


def _code_context(request: TimedRequest, stay: Stay) -> dict[str, Any]:
    proof = proof_of(stay, request.now, page_context(request).worker_seen_at, request.user)
    return {
        "stay": stay,
        "phase": stay.phase(request.now),
        "zone": stay.unit.property.time_zone,
        "proof": proof,
        "is_open": not stay.is_over(request.now),
        "can_go_on": leaving.can_go_on(stay, request.now),
        "is_settled": proof.is_settled(request.now),
    }


def _one_pin(stay: Stay) -> AccessCode | None:
    """A code whose PIN opens every door of the stay; None when there is no code, or when their PINs differ."""
    codes = list(stay.access_codes.standing())
    return codes[0] if len({code.pin_hash for code in codes}) == 1 else None


@dataclass(frozen=True)
class ListRow:
    """A stay in the list; `readiness` while it is not over."""

    stay: Stay
    doors: list[Chip]
    readiness: Readiness | None = None


def _list_rows(request: TimedRequest, stays: list[Stay], phase: StayPhase) -> list[ListRow]:
    """Before and during a stay the question is whether the guest gets in; afterwards, whether the codes are gone."""
    if phase in JUDGED_PHASES:
        facts = load_doors_and_codes(stays)
        verdicts = storing.verdicts_of([stay.pk for stay in stays], request.now, page_context(request).worker_seen_at)
        return [ListRow(stay, door_chips(stay, facts, request.now), verdicts[stay.pk]) for stay in stays]
    codes = AccessCode.objects.filter(Q(revoked_at=None) | Q(removed_at=None)).select_related("lock__door")
    prefetch_related_objects(stays, Prefetch("access_codes", codes.order_by("pk")))
    return [ListRow(stay, code_chips(stay.access_codes.all(), request.now)) for stay in stays]


def _first_day(request: TimedRequest, zones: list[str]) -> date:
    """The day asked for in the address, within reason; else today, where all properties agree on it, or in UTC."""
    today = request.now.astimezone(ZoneInfo(zones[0] if len(zones) == 1 else "UTC")).date()
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return today
    return asked if abs(asked - today) <= FARTHEST else today


def _lanes(request: TimedRequest, units: list[Unit], first: date) -> list[Lane]:
    last = first + timedelta(days=DAYS)
    rows = Stay.objects.standing().filter(unit__in=units, check_in_on__lt=last, check_out_on__gte=first)
    # The margin is for the index, which knows instants only.
    margin = {
        "starts_at__lt": datetime.combine(last + timedelta(days=2), time(), UTC),
        "ends_at__gt": datetime.combine(first - timedelta(days=2), time(), UTC),
    }
    stays = list(rows.filter(**margin).with_places().order_by("starts_at", "pk"))
    open_ids = [stay.pk for stay in stays if not stay.is_over(request.now)]
    verdicts = storing.verdicts_of(open_ids, request.now, page_context(request).worker_seen_at)
    bars = defaultdict(list)
    for stay in stays:
        url = reverse("stay", args=[stay.pk])
        verdict = verdicts[stay.pk].verdict if not stay.is_over(request.now) else None
        bars[stay.unit_id].append(Bar(stay.guest.name, stay.check_in, stay.check_out, url, verdict))
    return [Lane(unit.name, unit.property.name, unit.property.time_zone, bars[unit.pk]) for unit in units]


def _effects_of_cancelling(stay: Stay) -> list[str]:
    codes = list(stay.access_codes.standing().select_related("lock"))
    if not codes:
        return [_("No code was made for it, so none is removed.")]
    number = len(codes)
    locks = listed(dict.fromkeys(str(code.lock) for code in codes), LISTED_AT_MOST)
    return [
        ngettext(
            "Removes %(count)s code from %(count)s lock: %(locks)s.",
            "Removes %(count)s codes from %(count)s locks: %(locks)s.",
            number,
        )
        % {"count": number, "locks": locks}
    ]


def _removed_from(codes: list[AccessCode]) -> str:
    """ "2 codes are being removed from Front Door and Entrance." Empty where there is none."""
    if not codes:
        return ""
    locks = listed(dict.fromkeys(str(code.lock) for code in codes), LISTED_AT_MOST)
    text = ngettext(
        "%(count)s code is being removed from %(locks)s.",
        "%(count)s codes are being removed from %(locks)s.",
        len(codes),
    )
    return text % {"count": len(codes), "locks": locks}


def _first_values(request: TimedRequest) -> dict[str, Any]:
    """The unit named in the address, or the only one there is, with its property's usual times."""
    units = Unit.objects.for_user(request.user).with_places()
    asked = request.GET.get("unit", "")
    found = list(units.filter(pk=int(asked)) if asked.isdecimal() else units[:2])
    if len(found) != 1:
        return {}
    place = found[0].property
    return {"unit": found[0].pk, "check_in_time": place.check_in_time, "check_out_time": place.check_out_time}


def _saved(request: TimedRequest, stay: Stay, changed: list[AccessCode]) -> HttpResponse:
    """To the stay's page, saying what happens to codes now, and why where nothing does."""
    messages.success(request, (_("Stay saved. %(news)s") % {"news": code_news(changed, request.now)}).strip())
    if not stay.access_codes.standing().exists():
        messages.warning(
            request,
            _("No code could be planned. %(why)s") % {"why": _why_no_codes(stay, request.now)},
        )
    return redirect("stay", stay.pk)


def _why_no_codes(stay: Stay, now: datetime) -> str:
    doors = stay.unit.doors.select_related("lock__account")
    reasons = [f"{door}: {planning.why_no_code(stay, door, now)}" for door in doors]
    return " ".join(reasons) or _("%(unit)s has no door yet. Add one that leads to it.") % {"unit": stay.unit}
