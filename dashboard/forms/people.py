"""Forms about people: their role, rights and properties; an invitation; and what an invited person types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import proof
from accounts.models import Grants, Invitation, Membership, Right, Role, User
from dashboard.forms.opened_with import OpenedWithMixin
from properties.changes import people
from properties.models import Property

AS_ROLE, YES, NO = "", "yes", "no"
DECISIONS = [(AS_ROLE, gettext_lazy("As the role")), (YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))]
WHERE = [("all", gettext_lazy("All properties")), ("some", gettext_lazy("Only some"))]


class GrantsForm(OpenedWithMixin, forms.Form):
    """A role, what differs from it for this person, and where it holds. `clean()` leaves it on `grants`."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    where = forms.ChoiceField(label=gettext_lazy("Where"), choices=WHERE, widget=forms.RadioSelect, initial="all")
    places = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Properties"),
        queryset=Property.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Their stays, doors, locks, codes and history; nothing of the others."),
    )

    def __init__(self, *args: Any, giver: Membership, grants: Grants, **options: Any) -> None:
        super().__init__(*args, **options)
        self.giver, self.grants = giver, grants
        places: Any = self.fields["places"]
        places.queryset = Property.objects.for_user(giver.user)
        for right in Right:
            self.fields[_name(right)] = forms.ChoiceField(label=right.label, choices=DECISIONS, required=False)
        self.initial.update(self._first_values())

    def _first_values(self) -> dict[str, Any]:
        values: dict[str, Any] = {"role": self.grants.role, "where": "some" if self.grants.is_limited else "all"}
        if isinstance(self.grants, Membership | Invitation) and self.grants.pk is not None:
            values["places"] = list(self.grants.reaches.values_list("property", flat=True))
        for right, is_given in people.exceptions_of(self.grants).items():
            values[_name(right)] = YES if is_given else NO
        return values

    @property
    def decisions(self) -> list[Any]:
        """The fields of single rights, for the template."""
        return [self[_name(right)] for right in Right]

    @property
    def has_decisions(self) -> bool:
        """Something differs from the role, or is wrong: then the page shows these fields at once."""
        return any(field.value() or field.errors for field in self.decisions)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if {"role", "where"} & set(self.errors):
            return typed
        self._write(Role(typed["role"]), typed)
        if typed["where"] == "all":
            typed["places"] = []
        elif self.grants.role == Role.OWNER:
            self.add_error("where", _("An owner sees every property. Choose all, or another role."))
        elif not typed.get("places") and "places" not in self.errors:
            self.add_error("places", _("Choose at least one property."))
        for right, reason in people.why_senseless(self.grants).items():
            self.add_error(_name(right), reason)
        if reason := people.why_not_give(self.giver, self.grants):
            self.add_error("role", reason)
        return typed

    def _write(self, role: Role, typed: Mapping[str, Any]) -> None:
        chosen = {right: typed.get(_name(right)) for right in Right}
        wishes = {right: word == YES for right, word in chosen.items() if word in (YES, NO)}
        self.grants.set_rights(role, {} if role == Role.OWNER else wishes)
        self.grants.is_limited = typed["where"] == "some"


def _name(right: Right) -> str:
    return f"right_{right.value}"


class SecondFactorForm(forms.Form):
    """The roles that must log in with a second factor."""

    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Ask it of"),
        choices=Role.choices,
        coerce=Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Who has none yet is asked to set it up at their next click."),
    )


class InviteForm(GrantsForm):
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy("They get a link that works once, for seven days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        self.grants.email = typed.get("email", "")  # type: ignore[attr-defined]
        return typed


def _text(autocomplete: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": autocomplete})


class JoinForm(forms.Form):
    """What a person new to Latchkey types to accept an invitation. Their email address is proved by its link."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, widget=_text("given-name"))
    last_name = forms.CharField(
        label=gettext_lazy("Last name"), max_length=150, required=False, widget=_text("family-name")
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy("At least ten characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password"):
            draft = User(email=self.email, first_name=typed.get("first_name", ""), last_name=typed.get("last_name", ""))
            try:
                validate_password(typed["password"], draft)
            except forms.ValidationError as reasons:
                self.add_error("password", reasons)
        return typed

    def save_user(self) -> User | None:
        """The new person; None when another person signed up with this address a moment ago: then the form says so."""
        typed = self.cleaned_data
        names = {"first_name": typed["first_name"], "last_name": typed["last_name"]}
        try:
            with transaction.atomic():
                for squatter in filter(proof.is_unproved, User.objects.filter(email__iexact=self.email)):
                    proof.forget_unproved(squatter)
                user = User.objects.create_user(self.email, typed["password"], **names)
                proof.prove(user)
        except IntegrityError:
            self.add_error(
                None,
                _("%(email)s has an account meanwhile. Log in with it, then open the link again.")
                % {"email": self.email},
            )
            return None
        return user
