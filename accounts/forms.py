"""What sign-up asks beyond e-mail and password, and the organization it creates."""

from django import forms
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Membership, Organization, Role, User


class SignupForm(forms.Form):
    """Added to allauth's sign-up (setting ACCOUNT_SIGNUP_FORM_CLASS)."""

    organization = forms.CharField(
        label="Business name",
        max_length=200,
        required=False,
        help_text="How your colleagues will know this account. You can leave it empty.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    @transaction.atomic
    def signup(self, request: HttpRequest, user: User) -> None:
        """Everybody who signs up owns a new organization (called by allauth)."""
        name = self.cleaned_data["organization"] or f"{user.email.split('@')[0]}'s homes"
        organization = Organization.objects.create(name=name)
        Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
