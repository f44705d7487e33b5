"""The mail that invites a person. Its link is a secret: it stands in the mail and nowhere else."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Invitation, Role
from dashboard.wording import local

logger = logging.getLogger(__name__)


def send(request: HttpRequest, invitation: Invitation, token: str) -> bool:
    """Send it; False when the mail server did not take it."""
    path = reverse("invitation-open", args=[token])
    link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    context: dict[str, object] = {"invitation": invitation, "link": link, "role": Role(invitation.role)}
    context["until"] = local(invitation.expires_at)
    subject = f"[Latchkey] {invitation.invited_by} invites you to {invitation.organization}"
    body = render_to_string("people/invitation_mail.txt", context)
    try:
        EmailMessage(" ".join(subject.split()), body, to=[invitation.email]).send()
    except (OSError, SMTPException) as error:
        logger.warning("invitation %s not mailed: %s", invitation.pk, type(error).__name__)
        return False
    return True


def where_mail_goes() -> str:
    """A sentence for installations without a mail server; empty for one that has it."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return "This installation has no mail server: the mail was written to a file in its folder var/mail."
    return ""
