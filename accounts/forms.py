"""The sign-up form's extra field, and the organization that sign-up creates."""

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Organization, Role, User


class SignupForm(forms.Form):
    """Fields added to allauth's sign-up (setting ACCOUNT_SIGNUP_FORM_CLASS)."""

    organization = forms.CharField(
        label=gettext_lazy("Business name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("How your colleagues will know this account. You can leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    @transaction.atomic
    def signup(self, request: HttpRequest, user: User) -> None:
        """Create an organization that the new user owns (called by allauth)."""
        name = self.cleaned_data["organization"] or f"{user.email.split('@')[0]}'s homes"
        organization = Organization.objects.create(name=name)
        Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
