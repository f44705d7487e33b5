"""Forms for properties, units and doors: what a person may type, and what is wrong with it in sentences."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dashboard.forms.names import NameField
from dashboard.forms.one_use import OneUseMixin
from dashboard.forms.opened_with import OpenedWithMixin
from properties.changes import stays_and_places
from properties.models import AccessCode, Door, Lock, Property, Unit
from properties.values.local_time import zone_names
from properties.values.wording import LISTED_AT_MOST, listed


class PlaceForm(OpenedWithMixin, OneUseMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A form on a place that knows whose it is, so that a name can be checked before the database refuses it."""

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if self.siblings().filter(name=name).exclude(pk=self.instance.pk).exists():
            kind = self._meta.model._meta.verbose_name
            if kind == "property":
                words = _("You have a property named “%(name)s” already. Choose another name.")
            else:
                words = _("%(property)s has a %(kind)s named “%(name)s” already. Choose another name.")
            place = getattr(self.instance, "property", None)
            raise forms.ValidationError(words % {"property": place, "kind": kind, "name": name})
        return name

    def siblings(self) -> Any:
        return type(self.instance).objects.filter(property=self.instance.property)


class PropertyForm(PlaceForm):
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("All times of its stays are local to this zone."),
        choices=lambda: [("", _("Choose a zone")), *((name, name.replace("_", " ")) for name in zone_names())],
    )

    class Meta:
        model = Property
        field_classes = {"name": NameField}
        fields = [
            "name",
            "address",
            "time_zone",
            "check_in_time",
            "check_out_time",
            "minutes_before",
            "minutes_after",
        ]
        labels = {
            "check_in_time": gettext_lazy("Usual check-in time"),
            "check_out_time": gettext_lazy("Usual check-out time"),
            "minutes_before": gettext_lazy("Minutes before check-in"),
            "minutes_after": gettext_lazy("Minutes after check-out"),
        }
        help_texts = {
            "minutes_before": gettext_lazy("Codes open the door this much earlier. Guests are not told."),
            "minutes_after": gettext_lazy("Codes close this much later. Guests are not told."),
        }
        widgets = {
            "check_in_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "check_out_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    # A grace longer than this is a stay of its own.
    MOST_MINUTES = 12 * 60

    def siblings(self) -> Any:
        return Property.objects.filter(organization_id=self.instance.organization_id)

    def clean_minutes_before(self) -> int:
        return self._few_minutes("minutes_before")

    def clean_minutes_after(self) -> int:
        return self._few_minutes("minutes_after")

    def _few_minutes(self, field: str) -> int:
        minutes: int = self.cleaned_data[field]
        if minutes > self.MOST_MINUTES:
            raise forms.ValidationError(_("At most 720 minutes (12 hours). For longer, change the usual times."))
        return minutes

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        return _unless_taken(self, lambda: stays_and_places.save_property(self.instance, now, actor))


class UnitForm(PlaceForm):
    class Meta:
        model = Unit
        field_classes = {"name": NameField}
        fields = ["name"]
        help_texts = {"name": gettext_lazy("What a guest books: “Whole home”, “Apt 2”, “Garden room”.")}

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        return _unless_taken(self, lambda: stays_and_places.save_unit(self.instance, now, actor))


class LockChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Locks by name; one that takes no codes says why before it is chosen."""

    def label_from_instance(self, lock: Lock) -> str:
        reason = lock.why_no_codes()
        return (
            _("%(lock)s – no guest codes: %(reason)s") % {"lock": lock.name, "reason": reason} if reason else lock.name
        )


class DoorForm(PlaceForm):
    lock = LockChoice(
        queryset=Lock.objects.none(),
        required=False,
        empty_label=gettext_lazy("No lock yet"),
        help_text=gettext_lazy("Locks on other doors are left out."),
    )
    units = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Units it leads to"),
        help_text=gettext_lazy("A shared entrance leads to several. Guests of these units get a code for this door."),
    )

    revoke_loose = forms.BooleanField(required=False, initial=True)

    class Meta:
        model = Door
        field_classes = {"name": NameField}
        fields = ["name", "lock", "units", "is_required"]
        labels = {"is_required": gettext_lazy("Guests need this door to get in")}
        help_texts = {
            "is_required": gettext_lazy(
                "Untick it for a shed or a cellar: guests get no code for it, and need none to arrive."
            )
        }

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Property = self.instance.property
        units: Any = self.fields["units"]
        lock: Any = self.fields["lock"]
        units.queryset = place.units.all()
        units.label_from_instance = lambda unit: unit.name
        if self.instance.pk is None and len(units.queryset) == 1:
            self.initial["units"] = units.queryset
        lock.queryset = locks_for(self.instance, user)
        self._offer_to_revoke(now)

    def _offer_to_revoke(self, now: datetime) -> None:
        """Codes of no stay go with the lock wherever it goes, unless they are revoked."""
        holders = loose_holders([self.instance.lock_id], now)
        if not holders:
            del self.fields["revoke_loose"]
            return
        self.fields["revoke_loose"].label = _("If the lock changes, revoke its codes that follow no stay")
        self.fields["revoke_loose"].help_text = _("They would stay on it: %(holders)s.") % {"holders": holders}

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        typed = self.cleaned_data
        revoke = typed.get("revoke_loose", True)
        return _unless_taken(
            self, lambda: stays_and_places.save_door(self.instance, typed["units"], now, actor, revoke_loose=revoke)
        )


def loose_holders(lock_ids: Iterable[int | None], now: datetime) -> str:
    """Whose codes on these locks follow no stay and no staff member, with the lock, as part of a sentence."""
    codes = AccessCode.objects.loose(now).filter(lock__in=lock_ids).select_related("lock").order_by("pk")
    names = [f"{code.holder_name} ({code.lock})" for code in codes]
    return listed(names, LISTED_AT_MOST) if names else ""


def locks_for(door: Door, user: User) -> Any:
    """Locks that this person could hang on the door: not on another one, still there; the present one in any case."""
    free = Q(door=None, vanished_at=None, account__unlinked_at=None)
    return Lock.objects.for_user(user).filter(free | Q(pk=door.lock_id)).with_places()


def _unless_taken(form: PlaceForm, save: Callable[[], list[AccessCode]]) -> list[AccessCode] | None:
    """The codes that changed; None when a name or lock was not free: then the form says so, and nothing is saved."""
    try:
        return save()
    except stays_and_places.TakenMeanwhile as reason:
        form.add_error(None, _("Nothing was saved. %(reason)s") % {"reason": reason})
        return None
