"""The mail that invites a person. Its link is a secret: it stands in the mail and nowhere else."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Invitation, Role
from dashboard.wording import local
from outbox import posting
from outbox.models import Content


def post(request: HttpRequest, invitation: Invitation, token: str, now: datetime) -> None:
    """Put it into the outbox."""
    path = reverse("invitation-open", args=[token])
    link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    context: dict[str, object] = {
        "organization": plain_name(str(invitation.organization)),
        "who": plain_name(str(invitation.invited_by)),
        "role": Role(invitation.role),
        "link": link,
        "until": local(invitation.expires_at),
    }
    body = render_to_string("people/invitation_mail.txt", context)
    draft = posting.Draft(
        channel="email",
        address=invitation.email,
        title=_("Invitation"),
        dedupe_key=cause(invitation),
        content=Content(_("[Latchkey] An invitation for you"), body),
        organization_id=invitation.organization_id,
        lasts=invitation.expires_at - now,
    )
    posting.post(draft, now)


def take_back(invitation: Invitation, now: datetime) -> None:
    """Its link works no more: if it has not left yet, it need not."""
    posting.withdraw(cause(invitation), now)


def cause(invitation: Invitation) -> str:
    """One mail for each link."""
    return f"invitation {invitation.pk} {invitation.token_hash[:16]}"


def plain_name(typed: str) -> str:
    """Letters and digits of a name: no address, no link and no line of their own goes out in our mail."""
    kept = "".join(letter if letter.isalnum() or letter in " -'’&" else " " for letter in typed.partition("@")[0])
    return " ".join(kept.split())[:60] or _("A colleague")


def where_mail_goes() -> str:
    """A sentence for installations without a mail server; empty for one that has it."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return _("This installation has no mail server: the mail is written to a file in its folder var/mail.")
    return ""
