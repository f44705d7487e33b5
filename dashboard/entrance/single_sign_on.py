"""Single sign-on (OIDC_… in the environment): known people log in with it; it makes no accounts."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from accounts import proof
from accounts.models import User


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """People come by invitation; the provider only tells who they are."""
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """Only as a person who has proved this very address here, too."""
        known = User.objects.filter(email__iexact=email).first()
        return known is not None and proof.has_proved(known, email)
