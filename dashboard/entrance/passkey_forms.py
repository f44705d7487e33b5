"""allauth's forms for passkeys, which an answer that was made up must not break."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms

# What the parser raises for JSON of another shape.
MADE_UP = (AttributeError, KeyError, TypeError, ValueError)


class AddForm(forms.AddWebAuthnForm):  # type: ignore[misc]
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except MADE_UP as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return cleaned


class CheckedCredential:
    """For the forms by which a person proves who they are."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except MADE_UP as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AuthenticateForm(CheckedCredential, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class LoginForm(CheckedCredential, forms.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(CheckedCredential, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
