"""Access codes: the list, one code, and what people do with it."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Right, User
from dashboard.forms.access_codes import PIN_REFUSED, ChangeWindowForm, IssueAccessCodeForm, ReissueForm
from dashboard.frame.property_filter import property_filter
from dashboard.middleware import TimedRequest
from dashboard.views.guards import form_page, held_or_404, needs, once, own_or_404
from dashboard.views.secrets import reveals_pins, shows_secret
from properties.codes import pins, planning, secrecy
from properties.models import AccessCode, Lock, Property
from properties.models.access_codes import AccessCodeQuerySet
from properties.models.shared_columns import has_words
from properties.reading import audit
from seam_integration.api.problems import explain

PAGE = 50
REVEAL_SECONDS = 30
FILTERS = {
    "current": "Current",
    "failed": "Failed",
    "waiting": "Waiting",
    "remove": gettext_lazy("To remove"),
    "nobodys": "Unrecognized",
    "expiring": "Expiring",
    "ended": "Ended",
    "all": "All",
}
# What other pages call the failed ones.
ALIASES = {"attention": "failed"}
WITH_NOBODYS = ("current", "nobodys", "all")


@require_GET
def access_codes(request: TimedRequest) -> HttpResponse:
    """Every code on every lock, created in Latchkey or not."""
    now, query = request.now, request.GET.get("q", "").replace("\0", "").strip()
    show = ALIASES.get(request.GET.get("show", ""), request.GET.get("show", ""))
    show = show if show in FILTERS else "current"
    properties = property_filter(request)
    codes, nobodys = _audited(request, query, properties.chosen)
    tallies = audit.tallies(codes, now) | {"nobodys": len(nobodys)}
    ours = None if show == "nobodys" else audit.select(codes, show, now)
    rows = audit.AuditRows(ours, nobodys if show in WITH_NOBODYS else [], tallies.get(show))
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "filters": [(key, label, tallies.get(key)) for key, label in FILTERS.items()],
        "show": show,
        "query": query,
        "property_filter": properties,
        "now": now,
    }
    return render(request, "access_codes/page.html", context)


def _audited(
    request: TimedRequest, query: str, place: Property | None
) -> tuple[AccessCodeQuerySet, list[tuple[int, int]]]:
    """Our codes, and where unrecognized ones are, of this property and with these letters. Never by PIN."""
    codes, locks = AccessCode.objects.for_user(request.user), Lock.objects.for_user(request.user)
    if place is not None:
        codes, locks = codes.filter(lock__door__property=place), locks.filter(door__property=place)
    if query:
        codes = codes.filter(has_words(query, "", "lock"))
    return codes, audit.find_unrecognized_codes(locks, query)


def _code(request: TimedRequest, pk: int) -> AccessCode:
    return own_or_404(AccessCode.objects.with_places(), request, pk=pk)


def _own_secret(request: TimedRequest, pk: int) -> AccessCode:
    """A code whose PIN is all this person's to see and to change."""
    code = _code(request, pk)
    if secrecy.opens_doors_of_others(code, request.user):
        raise PermissionDenied(
            _("This PIN opens doors at other properties too. Ask a colleague who manages all of them.")
        )
    return code


def code_context(code: AccessCode, user: User, now: datetime) -> dict[str, object]:
    return {
        "code": code,
        "state": code.state(now),
        "is_settled": code.is_settled(now),
        "steps": code.ladder(now),
        "zone": code.lock.zone,
        "problems": [explain(problem) for problem in [*code.errors, *code.warnings]],
        "is_over": not code.is_wanted(now),
        "opens_doors_of_others": secrecy.opens_doors_of_others(code, user),
        "pin_digits": "",
        "now": now,
    }


@require_GET
def access_code(request: TimedRequest, pk: int) -> HttpResponse:
    code = _code(request, pk)
    events = code.activities.newest_first().select_related("actor")[:50]
    return render(
        request, "access_codes/access_code.html", code_context(code, request.user, request.now) | {"events": events}
    )


@require_GET
def access_code_state(request: TimedRequest, pk: int) -> HttpResponse:
    return render(request, "access_codes/_state.html", code_context(_code(request, pk), request.user, request.now))


@form_page
@needs(Right.ISSUE_CODES)
@once
def issue(request: TimedRequest) -> HttpResponse:
    initial = {"lock": request.GET.get("lock")}
    typed = request.POST if request.method == "POST" else None
    form = IssueAccessCodeForm(typed, user=request.user, now=request.now, initial=initial)
    if request.method == "POST" and form.is_valid() and (code := _issue(request, form)):
        messages.success(
            request,
            _("Code for %(holder_name)s is being put on %(lock)s.")
            % {"holder_name": code.holder_name, "lock": code.lock},
        )
        return redirect("access-code", code.pk)
    status = 422 if form.errors else 200
    return render(request, "access_codes/issue.html", {"form": form, "now": request.now}, status=status)


def _issue(request: TimedRequest, form: IssueAccessCodeForm) -> AccessCode | None:
    """The row, or None with the reason on the form."""
    given, lock = form.cleaned_data.get("pin", ""), form.cleaned_data["lock"]
    try:
        pin = given or pins.choose_pin([lock], request.now)
        code = planning.issue(
            lock,
            form.cleaned_data["holder_name"],
            form.window,
            pin,
            request.now,
            request.user,
            pin_is_own_choice=bool(given),
        )
    except pins.NoPinLeft as reason:
        form.add_error("pin", str(reason))
    except IntegrityError:
        form.add_error("pin", PIN_REFUSED)
    else:
        return code
    return None


@form_page
@needs(Right.ISSUE_CODES)
def change(request: TimedRequest, pk: int) -> HttpResponse:
    """Extend or shorten. A stay's code follows its stay, a staff code the hours of its person."""
    code = held_or_404(AccessCode.objects.with_places(), request, pk=pk)
    if code.stay_id is not None:
        return redirect("stay-edit", code.stay_id)
    if code.staff_id is not None:
        return redirect("staff-edit", code.staff_id)
    if not code.is_wanted(request.now):
        messages.error(request, _("This code has ended. Issue a new one."))
        return redirect("access-code", code.pk)
    typed = request.POST if request.method == "POST" else None
    form = ChangeWindowForm(typed, code=code, now=request.now, initial=code.local_window(code.lock.zone))
    if request.method == "POST" and form.is_valid():
        planning.move(code, form.window, request.now, request.user)
        messages.success(
            request, _("New times for %(holder_name)s. The PIN stays the same.") % {"holder_name": code.holder_name}
        )
        return redirect("access-code", code.pk)
    status = 422 if form.errors else 200
    context = code_context(code, request.user, request.now) | {"form": form}
    return render(request, "access_codes/change.html", context, status=status)


@form_page
@needs(Right.ISSUE_CODES)
def revoke(request: TimedRequest, pk: int) -> HttpResponse:
    code = _own_secret(request, pk)
    if code.staff_id is not None:
        messages.info(
            request,
            _("%(lock)s is one of the doors of %(holder_name)s: take it off their list.")
            % {"lock": code.lock, "holder_name": code.holder_name},
        )
        return redirect("staff-edit", code.staff_id)
    if code.removed_at is not None:
        messages.info(request, _("This code is off the lock already."))
        return redirect("access-code", code.pk)
    if request.method == "GET":
        return render(request, "access_codes/revoke.html", code_context(code, request.user, request.now))
    if planning.withhold(code, request.now, request.user, request.POST.get("reason", "").replace("\0", "").strip()):
        messages.success(
            request,
            _("Code for %(holder_name)s is revoked. It is being taken off %(lock)s.")
            % {"holder_name": code.holder_name, "lock": code.lock},
        )
    else:
        messages.info(request, _("This code was revoked before."))
    return redirect("access-code", code.pk)


@require_POST
@needs(Right.ISSUE_CODES)
def give_back(request: TimedRequest, pk: int) -> HttpResponse:
    """Undo of `revoke` for a code of a stay."""
    code = _code(request, pk)
    try:
        fresh = planning.give_back(code, request.now, request.user)
    except pins.NoPinLeft as reason:
        messages.error(request, str(reason))
        return redirect("access-code", code.pk)
    if not fresh:
        messages.warning(request, _("There is nothing to give back: the stay is over, or has its code."))
        return redirect("access-code", code.pk)
    messages.success(
        request,
        _("%(holder_name)s gets a code for %(lock)s again.") % {"holder_name": code.holder_name, "lock": code.lock},
    )
    return redirect("access-code", fresh[0].pk)


@require_POST
@needs(Right.ISSUE_CODES)
def retry(request: TimedRequest, pk: int) -> HttpResponse:
    code = _code(request, pk)
    if code.removed_at is not None:
        messages.info(request, _("This code is off the lock already."))
        return redirect("access-code", code.pk)
    planning.retry(code, request.now, request.user)
    messages.success(
        request,
        _("Trying again to put the code for %(holder_name)s right on %(lock)s.")
        % {"holder_name": code.holder_name, "lock": code.lock},
    )
    return redirect("access-code", code.pk)


@form_page
@needs(Right.REISSUE_CODES)
@once
def reissue(request: TimedRequest, pk: int) -> HttpResponse:
    code = _own_secret(request, pk)
    if code.staff_id is not None:
        return redirect("staff-new-pin", code.staff_id)
    if not code.is_wanted(request.now) or code.leaves_by is not None:
        messages.error(request, _("This code has ended, so it cannot get a new PIN. Issue a new one."))
        return redirect("access-code", code.pk)
    typed = request.POST if request.method == "POST" else None
    form = ReissueForm(typed, code=code, user=request.user, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            fresh = planning.reissue(
                code, request.now, request.user, form.cleaned_data["reason"], form.cleaned_data.get("pin", "")
            )
        except pins.NoPinLeft as reason:
            form.add_error("pin", str(reason))
        except IntegrityError:
            form.add_error("pin", PIN_REFUSED)
        else:
            messages.success(
                request,
                _("A new PIN for %(holder_name)s. Tell them: the old one stops working.")
                % {"holder_name": code.holder_name},
            )
            return redirect("stay", fresh.stay_id) if fresh.stay_id else redirect("access-code", fresh.pk)
    status = 422 if form.errors else 200
    group = planning.same_pin_group(code)
    context = code_context(code, request.user, request.now) | {"form": form, "group": group}
    return render(request, "access_codes/reissue.html", context, status=status)


@require_POST
@needs(Right.SEE_PIN)
@shows_secret
@reveals_pins
def reveal(request: TimedRequest, pk: int) -> HttpResponse:
    """The PIN, for thirty seconds. Recorded."""
    code = _own_secret(request, pk)
    if code.removed_at is not None:
        messages.info(request, _("This code is off the lock, so its PIN is not shown any more."))
        return redirect("access-code", code.pk)
    context = {
        "code": code,
        "pin_digits": planning.reveal(code, request.now, request.user),
        "seconds": REVEAL_SECONDS,
        "now": request.now,
    }
    template = "access_codes/_pin.html" if request.htmx else "access_codes/pin.html"
    return render(request, template, context)


@require_GET
def pin(request: TimedRequest, pk: int) -> HttpResponse:
    """The masked PIN: what the revealed one turns back into."""
    return render(request, "access_codes/_pin.html", code_context(_code(request, pk), request.user, request.now))
