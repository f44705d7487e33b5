"""Invitations: send, send again, withdraw; open the link, and accept."""

from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import proof
from accounts.models import Invitation, InvitationState, Right, Role, User, hash_of_token
from dashboard.entrance import invitation_mail
from dashboard.forms.people import InviteForm, JoinForm
from dashboard.middleware import TimedRequest
from dashboard.views.guards import needs, own_membership, own_or_404
from dashboard.views.people.people import matrix
from dashboard.views.secrets import shows_secret
from properties.changes import people

# What the session keeps between the secret address and the form: the hash, never the secret.
OPENED = "invitation"


@needs(Right.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: TimedRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    invitation = Invitation(role=Role.FRONT_DESK)
    form = InviteForm(typed, giver=own_membership(request), grants=invitation)
    if form.is_valid():
        try:
            with transaction.atomic():
                token = people.invite(invitation, form.cleaned_data["places"], request.now, request.user)
                invitation_mail.post(request, invitation, token, request.now)
        except people.NotAllowed as reason:
            form.add_error("email", str(reason))
        else:
            return _mailed(request, invitation)
    context = {"form": form, "matrix": matrix()}
    return render(request, "people/invite.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.MANAGE_PEOPLE)
def resend(request: TimedRequest, pk: int) -> HttpResponse:
    invitation = own_or_404(Invitation.objects.select_related("organization", "invited_by"), request, pk=pk)
    if reason := people.why_not_give(own_membership(request), invitation):
        messages.error(request, reason)
        return redirect("people")
    try:
        with transaction.atomic():
            invitation_mail.take_back(invitation, request.now)
            token = people.resend(invitation, request.now, request.user)
            invitation.refresh_from_db()
            invitation_mail.post(request, invitation, token, request.now)
    except people.NotAllowed as reason:
        messages.error(request, str(reason))
        return redirect("people")
    return _mailed(request, invitation)


@require_POST
@needs(Right.MANAGE_PEOPLE)
def withdraw(request: TimedRequest, pk: int) -> HttpResponse:
    invitation = own_or_404(Invitation.objects.select_related("organization"), request, pk=pk)
    with transaction.atomic():
        done = people.withdraw(invitation, request.now, request.user)
        if done:
            invitation_mail.take_back(invitation, request.now)
    if done:
        messages.success(
            request,
            _("The invitation of %(email)s is withdrawn. Its link works no more.") % {"email": invitation.email},
        )
    else:
        messages.info(
            request, _("%(email)s accepted, or the invitation was withdrawn before.") % {"email": invitation.email}
        )
    return redirect("people")


def _mailed(request: TimedRequest, invitation: Invitation) -> HttpResponse:
    words = _("%(email)s is invited. The link works for seven days. %(note)s")
    note = invitation_mail.where_mail_goes()
    messages.success(request, (words % {"email": invitation.email, "note": note}).strip())
    return redirect("people")


# --- The other side: a person with a link -------------------------------------------------------------------


@login_not_required
@shows_secret
@require_GET
def open_link(request: TimedRequest, token: str) -> HttpResponse:
    """Away from the secret address at once, so that it is in no log, no referrer and no title."""
    request.session[OPENED] = hash_of_token(token)
    return redirect("invitation")


@login_not_required
@shows_secret
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: TimedRequest) -> HttpResponse:
    """Join: a new person sets a password, one who has an account logs in first."""
    invitation = _opened(request)
    visitor = request.user if request.user.is_authenticated else None
    refusal = people.why_not_join(invitation, visitor, request.now) if invitation else str(UNKNOWN_LINK)
    known = invitation and User.objects.filter(email__iexact=invitation.email).first()
    if known and visitor is None and proof.is_unproved(known):
        # Signed up by whoever typed this address first: only the link proves whose it is.
        known = None
    if not refusal and visitor is None and known:
        # The link proves whose address it is; what stands in the way is better said before they log in.
        refusal = people.why_not_join(invitation, known, request.now)
    if refusal or invitation is None:
        return _refuse(request, invitation, refusal)
    if visitor is not None or known:
        return _accept_as_known(request, invitation, visitor)
    form = JoinForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if form.is_valid() and (user := _join_as_new(invitation, form, request)):
        return _welcome(request, invitation, user)
    context = {"invitation": invitation, "role": Role(invitation.role), "form": form, "visitor": None}
    return render(request, "people/accept.html", context, status=422 if form.is_bound else 200)


UNKNOWN_LINK = gettext_lazy(
    "This link does not work. It was used, sent again since, or cut off: open the newest mail once more."
)


def _opened(request: TimedRequest) -> Invitation | None:
    token_hash = request.session.get(OPENED, "")
    return Invitation.objects.select_related("organization", "invited_by").filter(token_hash=token_hash or "-").first()


def _refuse(request: TimedRequest, invitation: Invitation | None, refusal: str) -> HttpResponse:
    is_open = invitation is not None and invitation.state(request.now) is InvitationState.OPEN
    context = {"invitation": invitation, "refusal": refusal, "can_switch": is_open and request.user.is_authenticated}
    return render(request, "people/not_joined.html", context, status=410)


def _accept_as_known(request: TimedRequest, invitation: Invitation, visitor: User | None) -> HttpResponse:
    if request.method == "POST" and visitor is not None:
        try:
            people.accept(invitation, visitor, request.now)
        except people.NotAllowed as reason:
            return _refuse(request, invitation, str(reason))
        # Their other sessions have ended, this one goes on.
        update_session_auth_hash(request, visitor)
        UserSession.objects.create_from_request(request)
        return _welcome(request, invitation, visitor)
    context = {"invitation": invitation, "role": Role(invitation.role), "form": None, "visitor": visitor}
    return render(request, "people/accept.html", context)


def _join_as_new(invitation: Invitation, form: JoinForm, request: TimedRequest) -> User | None:
    """The new person, with their place; None when either could not be: then the form says why."""
    try:
        with transaction.atomic():
            user = form.save_user()
            if user is not None:
                people.accept(invitation, user, request.now)
    except people.NotAllowed as reason:
        form.add_error(None, str(reason))
        return None
    return user


def _welcome(request: TimedRequest, invitation: Invitation, user: User) -> HttpResponse:
    request.session.pop(OPENED, None)
    messages.success(request, _("Welcome to %(organization)s.") % {"organization": invitation.organization})
    if request.user == user:
        return redirect("overview")
    answer: HttpResponse = perform_login(request, user, redirect_url=reverse("overview"))
    return answer
