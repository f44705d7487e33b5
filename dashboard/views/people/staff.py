"""Staff codes: the list, one person with every door's proof, and what people do with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Right
from dashboard.forms.staff import NewPinForm, StaffForm
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.rows.messages import code_news
from dashboard.views.guards import form_page, held_or_404, needs, once, own_or_404
from dashboard.views.secrets import reveals_pins, shows_secret
from dashboard.wording import zone_name
from properties.codes import pins, staff_codes
from properties.models import AccessCode, CodeState, Door, StaffMember, StaffState, Step
from properties.values.staff_hours import Span, next_spans
from properties.values.wording import LISTED_AT_MOST, clock, listed, moment

PER_PAGE = 50
REVEAL_SECONDS = 30
SOON = gettext_lazy("The code for the next hours is planned within a minute.")


@require_GET
def staff(request: TimedRequest) -> HttpResponse:
    show = "removed" if request.GET.get("show") == "removed" else ""
    properties = property_filter(request)
    rows = StaffMember.objects.for_user(request.user).filter(removed_at__isnull=not show)
    if properties.chosen:
        rows = rows.opening_doors_of(properties.chosen)
    rows = rows.annotate(codes_left=Count("access_codes", filter=Q(access_codes__removed_at=None)))
    page = Paginator(rows.order_by("name", "pk").prefetch_related("doors__property"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [_staff_row(one, request.now) for one in page],
        "show": show,
        "has_doors": Door.objects.for_user(request.user).exists(),
        "property_filter": properties,
        "now": request.now,
    }
    return render(request, "staff/page.html", context)


@require_GET
def member(request: TimedRequest, pk: int) -> HttpResponse:
    return render(request, "staff/member.html", _member_context(request, _member(request, pk)))


@require_GET
def member_doors(request: TimedRequest, pk: int) -> HttpResponse:
    """The part of the page that asks for itself again while a code is under way."""
    return render(request, "staff/_doors.html", _member_context(request, _member(request, pk)))


@needs(Right.ISSUE_CODES)
@form_page
@once
def add(request: TimedRequest) -> HttpResponse:
    fresh = StaffMember(organization=request.user.organization)
    return _edit(request, fresh, {"member": None, "has_doors": Door.objects.for_user(request.user).exists()})


@needs(Right.ISSUE_CODES)
@form_page
def edit(request: TimedRequest, pk: int) -> HttpResponse:
    person = held_or_404(StaffMember.objects.select_related("user"), request, pk=pk)
    if person.is_removed:
        messages.warning(request, _("%(person)s was removed. Add them again to give them a code.") % {"person": person})
        return redirect("staff-member", person.pk)
    return _edit(request, person, {"member": person, "title": str(person), "has_doors": True})


def _edit(request: TimedRequest, person: StaffMember, context: dict[str, Any]) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = StaffForm(typed, instance=person, user=request.user, now=request.now)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        messages.success(
            request,
            (_("%(person)s saved. %(news)s") % {"person": person, "news": code_news(changed, request.now)}).strip(),
        )
        return redirect("staff-member", person.pk)
    return render(request, "staff/form.html", context | {"form": form}, status=422 if form.is_bound else 200)


@needs(Right.ISSUE_CODES)
@form_page
def remove(request: TimedRequest, pk: int) -> HttpResponse:
    person = _member(request, pk)
    if person.is_removed:
        messages.info(request, _("%(person)s was removed before.") % {"person": person})
        return redirect("staff-member", person.pk)
    if request.method == "POST":
        changed = staff_codes.remove(person, request.now, request.user)
        messages.success(
            request,
            (
                _("%(person)s is removed. %(news)s") % {"person": person, "news": code_news(changed, request.now)}
            ).strip(),
        )
        return redirect("staff-member", person.pk)
    locks = [str(code.lock) for code in person.access_codes.standing().select_related("lock")]
    return render(
        request,
        "staff/remove.html",
        {"member": person, "count": len(locks), "locks": locks and listed(locks, LISTED_AT_MOST)},
    )


@needs(Right.REISSUE_CODES)
@form_page
def new_pin(request: TimedRequest, pk: int) -> HttpResponse:
    person = _member(request, pk)
    if person.is_removed:
        messages.warning(request, _("%(person)s was removed, so there is no PIN to change.") % {"person": person})
        return redirect("staff-member", person.pk)
    form = NewPinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            staff_codes.renew_pin(person, request.now, request.user, form.cleaned_data["reason"])
        except pins.NoPinLeft as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(
                request, _("A new PIN for %(person)s. Tell them: the old one stops working.") % {"person": person}
            )
            return redirect("staff-member", person.pk)
    context = {"member": person, "form": form}
    return render(request, "staff/new_pin.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.SEE_PIN)
@shows_secret
@reveals_pins
def reveal(request: TimedRequest, pk: int) -> HttpResponse:
    """The PIN, for thirty seconds. Recorded."""
    person = _member(request, pk)
    if person.is_removed:
        messages.info(request, _("%(person)s was removed: the PIN opens nothing.") % {"person": person})
        return redirect("staff-member", person.pk)
    digits = staff_codes.reveal_pin(person, request.now, request.user)
    context = {"member": person, "pin_digits": digits, "seconds": REVEAL_SECONDS}
    return render(request, "staff/_pin.html" if request.htmx else "staff/pin.html", context)


@require_GET
def pin(request: TimedRequest, pk: int) -> HttpResponse:
    """The masked PIN: what the revealed one turns back into."""
    return render(request, "staff/_pin.html", {"member": _member(request, pk), "pin_digits": ""})


# --- What the pages show --------------------------------------------------------------------------------------


def _staff_row(person: Any, now: datetime) -> tuple[StaffMember, StaffState, bool]:
    """A person of the list, annotated with `codes_left`."""
    return person, person.state(now, person.codes_left), person.is_unused(now)


def _member(request: TimedRequest, pk: int) -> StaffMember:
    return own_or_404(StaffMember.objects.select_related("user", "created_by", "removed_by"), request, pk=pk)


@dataclass(frozen=True)
class DoorRow:
    """A door of a staff member: how far their code has come, or why there is none."""

    name: str
    zone: str
    code: AccessCode | None = None
    state: CodeState | None = None
    steps: tuple[Step, ...] = ()
    reason: str = ""

    @property
    def opens(self) -> str:
        """From when to when, on the door's clock."""
        if self.code is None or self.code.starts_at is None or self.code.ends_at is None:
            return _("Round the clock")
        return span_words(self.code.starts_at, self.code.ends_at, self.zone)


def span_words(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "Tue 24 Nov, 11:00 to 16:00 PST"; the second day is named where it is another one."""
    info = ZoneInfo(zone)
    first, last = starts_at.astimezone(info), ends_at.astimezone(info)
    until = clock(last) if last.date() == first.date() else moment(last)
    return _("%(start)s to %(end)s %(zone)s") % {"start": moment(first), "end": until, "zone": zone_name(last)}


def door_rows(person: StaffMember, now: datetime) -> list[DoorRow]:
    """Their doors, then locks that are not theirs any more and still hold a code."""
    codes: dict[int, AccessCode] = {}
    for shown in staff_codes.codes_to_show(person):
        codes.setdefault(shown.lock_id, shown)
    doors = staff_codes.doors_of(person)
    taken = staff_codes.taken_by_others(person, [door.lock for door in doors if door.lock], now)
    rows = []
    for door in doors:
        code = codes.pop(door.lock_id) if door.lock_id in codes else None
        is_over = code is None or (code.removed_at is not None and not person.is_removed)
        reason = staff_codes.why_no_code(person, door, now, taken) or str(SOON) if is_over else ""
        rows.append(_door_row(f"{door.property} · {door}", door.property.time_zone, code, reason, now))
    left = [held for held in codes.values() if held.removed_at is None or person.is_removed]
    return rows + [_door_row(str(held.lock), held.lock.zone, held, "", now) for held in left]


def _door_row(name: str, zone: str, code: AccessCode | None, reason: str, now: datetime) -> DoorRow:
    if code is None:
        return DoorRow(name, zone, reason=reason)
    return DoorRow(name, zone, code, code.state(now), tuple(code.ladder(now)), reason or code.rejection)


def _member_context(request: TimedRequest, person: StaffMember) -> dict[str, Any]:
    rows, now = door_rows(person, request.now), request.now
    left = sum(row.code is not None and row.code.removed_at is None for row in rows)
    return {
        "member": person,
        "state": person.state(now, left),
        "rows": rows,
        "left": left,
        "removed_last": max((row.code.removed_at for row in rows if row.code and row.code.removed_at), default=None),
        "is_settled": all(row.code is None or row.code.is_settled(now) for row in rows),
        "spans": spans_by_zone(person, now),
        "is_unused": person.is_unused(now),
        "pin_digits": "",
        "now": now,
    }


@dataclass(frozen=True)
class Coming:
    """A span to come, in words."""

    when: str
    words: str


def spans_by_zone(person: StaffMember, now: datetime) -> list[list[Coming]]:
    """The coming spans, once for each zone in which they have doors."""
    zones = dict.fromkeys(person.doors.values_list("property__time_zone", flat=True))
    return [_coming(spans, zone, now) for zone in zones if (spans := next_spans(person.rule, zone, now, count=3))]


def _coming(spans: list[Span], zone: str, now: datetime) -> list[Coming]:
    found: list[Coming] = []
    for span in spans:
        if span.starts_at is not None and span.ends_at is not None:
            when = "Now" if span.starts_at <= now else "Then" if found else "Next"
            found.append(Coming(when, span_words(span.starts_at, span.ends_at, zone)))
    return found
