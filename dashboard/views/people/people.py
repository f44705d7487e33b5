"""People of the organization: the list, and changing or removing one of them."""

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Invitation, Membership, Right, Role
from dashboard.forms.people import GrantsForm, SecondFactorForm
from dashboard.middleware import TimedRequest
from dashboard.rows.messages import code_news
from dashboard.views.guards import form_page, needs, own_membership, own_or_404
from properties.changes import people as rules
from properties.codes import pins
from properties.codes.known_pins import is_in_use, left_over, settle
from properties.models import KnownPin, StaffMember


@require_GET
@needs(Right.MANAGE_PEOPLE)
def people(request: TimedRequest) -> HttpResponse:
    members = Membership.objects.for_user(request.user).select_related("user").prefetch_related("reaches__property")
    waiting = Invitation.objects.for_user(request.user).filter(accepted_at=None, withdrawn_at=None)
    context = {
        "members": [(one, differences(one)) for one in sorted(members, key=_by_role)],
        "invitations": [
            (one, one.state(request.now), differences(one))
            for one in waiting.select_related("invited_by").prefetch_related("reaches__property")
        ],
        "matrix": matrix(),
        "second_factor": SecondFactorForm(initial={"roles": request.user.organization.second_factor_roles}),
        "is_owner": own_membership(request).is_owner,
        "now": request.now,
    }
    return render(request, "people/page.html", context)


@require_POST
@needs(Right.MANAGE_PEOPLE)
def second_factor(request: TimedRequest) -> HttpResponse:
    """Of which roles two-factor login is demanded: for owners, because it can shut people out."""
    if not own_membership(request).is_owner:
        raise PermissionDenied(_("Only an owner can change this."))
    form = SecondFactorForm(request.POST)
    if form.is_valid():
        rules.demand_second_factor(request.user.organization, form.cleaned_data["roles"], request.now, request.user)
        messages.success(request, _("Saved. It holds from everybody's next click."))
    return redirect("people")


@needs(Right.MANAGE_PEOPLE)
@form_page
def change(request: TimedRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    if reason := rules.why_not_touch(own_membership(request), member):
        messages.error(request, reason)
        return redirect("people")
    typed = request.POST if request.method == "POST" else None
    form = GrantsForm(typed, giver=own_membership(request), grants=member)
    if form.is_valid():
        try:
            rules.change(member, form.cleaned_data["places"], request.now, request.user)
        except rules.NotAllowed as reason:
            form.add_error("role", str(reason))
        else:
            messages.success(
                request,
                _("%(user)s is %(lower)s now.") % {"user": member.user, "lower": Role(member.role).label.lower()},
            )
            return redirect("known-pins" if known_pins_left(request) else "people")
    context = {"form": form, "person": member.user, "matrix": matrix()}
    return render(request, "people/change.html", context, status=422 if form.is_bound else 200)


@needs(Right.MANAGE_PEOPLE)
@form_page
def remove(request: TimedRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    refusal = rules.why_not_touch(own_membership(request), member)
    if request.method == "POST" and not refusal:
        try:
            changed = rules.remove(member, request.now, request.user)
        except rules.NotAllowed as reason:
            refusal = str(reason)
        else:
            news = code_news(changed, request.now)
            messages.success(
                request,
                (
                    _("%(user)s is removed and logged out everywhere. %(news)s") % {"user": member.user, "news": news}
                ).strip(),
            )
            if member.user == request.user:
                return redirect("overview")
            return redirect("known-pins" if known_pins_left(request) else "people")
    staff = StaffMember.objects.current().filter(user=member.user).prefetch_related("doors").first()
    context = {"person": member.user, "refusal": refusal, "staff": staff}
    return render(request, "people/remove.html", context, status=422 if request.method == "POST" else 200)


def known_pins_left(request: TimedRequest) -> list[KnownPin]:
    return left_over(request.user.organization, request.now)


@needs(Right.MANAGE_PEOPLE)
@form_page
def known_pins(request: TimedRequest) -> HttpResponse:
    """PINs that open doors and are known to people who may not see them any more: ticked ones become worthless."""
    rows = known_pins_left(request)
    error = ""
    if request.method == "POST" and rows:
        shown = [row for row in rows if str(row.pk) in request.POST.getlist("shown")]
        worthless = {row.pk for row in shown if str(row.pk) in request.POST.getlist("worthless")}
        try:
            changed = settle(shown, worthless, request.now, request.user)
        except pins.NoPinLeft as reason:
            error = str(reason)
        else:
            messages.success(request, (_("Done. %(news)s") % {"news": code_news(changed, request.now)}).strip())
            return redirect("known-pins" if len(shown) < len(rows) else "people")
    by_person = [(person, list(group)) for person, group in groupby(rows, key=lambda row: row.user)]
    context = {
        "by_person": [(person, [(row, is_in_use(row, request.now)) for row in group]) for person, group in by_person],
        "error": error,
    }
    return render(request, "people/known_pins.html", context, status=422 if error else 200)


def _member(request: TimedRequest, pk: int) -> Membership:
    return own_or_404(Membership.objects.select_related("user", "organization"), request, pk=pk)


def _by_role(member: Membership) -> tuple[int, str]:
    return list(Role).index(Role(member.role)), str(member.user).lower()


def differences(grants: Membership | Invitation) -> list[tuple[bool, str]]:
    """What differs from the role for this person: (given or withheld, the right in words)."""
    return [(is_given, right.words) for right, is_given in rules.exceptions_of(grants).items()]


def matrix() -> list[tuple[Right, list[tuple[Role, bool]]]]:
    """What each role may do: right by right, role by role."""
    return [(right, [(role, right in role.rights) for role in Role]) for right in Right]
