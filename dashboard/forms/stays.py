"""The form of a stay: who, where, and when on the wall clock of the property."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dashboard.forms.days import DayField
from dashboard.forms.names import NameField
from dashboard.forms.one_use import OneUseMixin
from dashboard.forms.opened_with import OpenedWithMixin
from properties.changes import stay_times, stays_and_places
from properties.codes import capacity, pins, planning
from properties.models import AccessCode, Guest, Property, Stay, StayPhase, Unit
from properties.models.stays import Window, window_of
from properties.values.local_time import LocalTime
from properties.values.wording import clock


class UnitsByProperty(ModelChoiceIterator):  # type: ignore[type-arg]
    """Units under their property, whose name, zone and usual times head the group."""

    def __iter__(self) -> Any:
        yield ("", _("Choose a unit"))
        units: Iterable[Unit] = self.queryset
        for place, group in groupby(units, key=lambda unit: unit.property):
            yield (describe(place), [(unit.pk, unit.name) for unit in group])


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = UnitsByProperty


def describe(place: Property) -> str:
    zone = place.time_zone.replace("_", " ")
    return _("%(place)s (%(zone)s, in %(check_in)s, out %(check_out)s)") % {
        "place": place,
        "zone": zone,
        "check_in": clock(place.check_in_time),
        "check_out": clock(place.check_out_time),
    }


def _date(label: Any) -> DayField:
    return DayField(label=label)


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        help_text=_("Empty: the property's usual time."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class StayForm(OpenedWithMixin, OneUseMixin, forms.ModelForm):  # type: ignore[type-arg]
    unit = UnitChoice(
        queryset=Unit.objects.none(),
        error_messages={"required": gettext_lazy("Choose the unit where the guest stays.")},
    )
    guest_name = NameField(
        label=gettext_lazy("Guest"), max_length=200, error_messages={"required": gettext_lazy("Type the guest's name.")}
    )
    check_in_on = _date(gettext_lazy("Check-in date"))
    check_in_time = _time(gettext_lazy("Check-in time"))
    check_out_on = _date(gettext_lazy("Check-out date"))
    check_out_time = _time(gettext_lazy("Check-out time"))
    guest_email = forms.EmailField(label=gettext_lazy("Email"), required=False)
    guest_phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Its last digits never become the PIN."),
    )
    notes = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Stay
        fields = ["unit", "check_in_on", "check_in_time", "check_out_on", "check_out_time", "notes"]

    field_order = [
        "unit",
        "guest_name",
        "check_in_on",
        "check_in_time",
        "check_out_on",
        "check_out_time",
        "guest_email",
        "guest_phone",
        "notes",
    ]

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.has_started = self.instance.pk is not None and self.instance.phase(now) is not StayPhase.UPCOMING
        unit: Any = self.fields["unit"]
        unit.queryset = Unit.objects.for_user(user).with_places()
        if self.instance.pk is not None:
            guest = self.instance.guest
            self.initial.update(guest_name=guest.name, guest_email=guest.email, guest_phone=guest.phone)
        if self.has_started:
            # The guest may be inside: only the end can still move.
            for name in ("unit", "check_in_on", "check_in_time"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Fixed, because the stay has begun.")

    @property
    def place(self) -> Property | None:
        """The property whose wall clock the times are read on, as far as the form knows it."""
        try:
            unit: Unit = self.fields["unit"].clean(self["unit"].value())
        except forms.ValidationError:
            return None
        return unit.property

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        unit: Unit | None = typed.get("unit")
        if unit is None:
            return typed
        for name in ("check_in_time", "check_out_time"):
            if name not in self.errors and typed.get(name) is None:
                typed[name] = getattr(unit.property, name)
        if not self.errors:
            check_in = LocalTime(typed["check_in_on"], typed["check_in_time"])
            check_out = LocalTime(typed["check_out_on"], typed["check_out_time"])
            found = stay_times.problems(unit.property, check_in, check_out, self.now, has_started=self.has_started)
            for name, sentence in found.items():
                self.add_error(name, sentence)
            if not found and (full := self._why_no_room(unit, check_in, check_out)):
                self.add_error(None, full)
        return typed

    def _why_no_room(self, unit: Unit, check_in: LocalTime, check_out: LocalTime) -> str:
        """Whether the locks of the unit have a place for the stay's codes, unless it needs no more than it has."""
        before = self.instance
        window = window_of(unit.property, *check_in, *check_out)
        if (
            before.pk is not None
            and before.unit_id == unit.pk
            and Window(before.starts_at, before.ends_at).covers(window)
        ):
            return ""
        locks = planning.locks_that_take_codes(unit.doors.select_related("lock__account", "property"))
        return capacity.why_no_room(list(locks.values()), window, self.now, before)

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        """The codes that changed; None when the stay cannot be: then the form says why and nothing is saved."""
        stay, typed = self.instance, self.cleaned_data
        stay.organization_id = stay.unit.organization_id
        if stay.guest_id is None:
            stay.guest = Guest(organization_id=stay.organization_id)
        stay.guest.name, stay.guest.email = typed["guest_name"], typed["guest_email"]
        stay.guest.phone = typed["guest_phone"]
        try:
            return stays_and_places.save_stay(stay, now, actor)
        except (stays_and_places.StaysOverlap, stays_and_places.StayIsOver) as reason:
            self.add_error(None, str(reason))
        except pins.NoPinLeft as reason:
            self.add_error(None, _("The stay was not saved. %(reason)s") % {"reason": reason})
        return None
