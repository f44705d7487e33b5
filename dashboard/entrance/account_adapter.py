"""What differs from allauth for people's accounts: mail by the outbox, counts by client, no demo where it is live."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from dashboard import demo
from dashboard.entrance.client_address import client_address
from dashboard.sign_up import can_sign_up, make_room_for
from outbox import clock
from outbox.models import Content
from outbox.posting import Draft, post

# The last part of allauth's template prefix → what the mail is, in lists.
TITLES = {
    "account_already_exists": gettext_noop("Sign-up with a known address"),
    "email_confirm": gettext_noop("Notice: email address confirmed"),
    "email_changed": gettext_noop("Notice: email address changed"),
    "email_confirmation": gettext_noop("Confirmation of an email address"),
    "email_confirmation_signup": gettext_noop("Confirmation of an email address"),
    "email_deleted": gettext_noop("Notice: email address removed"),
    "password_changed": gettext_noop("Notice: password changed"),
    "password_reset": gettext_noop("Notice: password reset"),
    "password_reset_key": gettext_noop("Password reset"),
    "password_set": gettext_noop("Notice: password set"),
    "recovery_codes_generated": gettext_noop("Notice: new recovery codes"),
    "totp_activated": gettext_noop("Notice: authenticator app added"),
    "totp_deactivated": gettext_noop("Notice: authenticator app removed"),
    "unknown_account": gettext_noop("Password reset for an unknown address"),
    "webauthn_added": gettext_noop("Notice: passkey added"),
    "webauthn_removed": gettext_noop("Notice: passkey removed"),
}
# Of no use for longer: a person who waits for it asks again.
LASTS = timedelta(hours=12)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return can_sign_up()

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        saved: User = super().save_user(request, user, form, commit)
        make_room_for(saved)
        return saved

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_login(self, request: HttpRequest, user: User, **hooks: Any) -> HttpResponse | None:
        if demo.is_over_for(user):
            return redirect("account_inactive")
        answer: HttpResponse | None = super().pre_login(request, user, **hooks)
        return answer

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong log-ins count by account and address together: a person cannot be locked out from elsewhere."""
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{client_address(request)} {account}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Post it; each call is a cause of its own. The page goes on at once, whatever the mail server does."""
        request = allauth_context.request
        known = {"request": request, "email": email, "current_site": get_current_site(request)}
        mail = self.render_mail(template_prefix, email, known | context)
        name = template_prefix.rpartition("/")[2]
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        draft = Draft(
            channel="email",
            address=email,
            title=_(TITLES.get(name, gettext_noop("Account"))),
            dedupe_key=f"account {name} {uuid4()}",
            content=Content(mail.subject, mail.body),
            organization_id=user.organization_id if isinstance(user, User) else None,
            lasts=LASTS,
        )
        post(draft, clock.now())
