"""Forms about staff: who they are, their doors and their hours; a new PIN."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Right, User
from dashboard.forms.days import DayField
from dashboard.forms.names import NameField
from dashboard.forms.one_use import OneUseMixin
from dashboard.forms.opened_with import OpenedWithMixin
from properties.codes import pins, staff_codes
from properties.models import AccessCode, Door, StaffMember
from properties.values.staff_hours import EVERY_DAY

HOURS, ALWAYS = "hours", "always"
WHEN = [(HOURS, gettext_lazy("At certain hours")), (ALWAYS, gettext_lazy("Round the clock"))]
# Shorter ones are over before a lock has them.
SHORTEST = timedelta(minutes=30)


class DoorsByProperty(ModelChoiceIterator):  # type: ignore[type-arg]
    """Doors under their property."""

    def __iter__(self) -> Any:
        doors: Iterable[Door] = self.queryset
        for place, group in groupby(doors, key=lambda door: door.property):
            yield (str(place), [self.choice(door) for door in group])


class DoorChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    iterator = DoorsByProperty

    def label_from_instance(self, door: Door) -> str:
        if door.lock is None:
            return _("%(door)s (no lock yet)") % {"door": door.name}
        return _("%(door)s (takes no codes)") % {"door": door.name} if door.lock.why_no_codes() else door.name


class StaffForm(OpenedWithMixin, OneUseMixin, forms.ModelForm):  # type: ignore[type-arg]
    doors = DoorChoice(
        queryset=Door.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Doors"),
        error_messages={"required": gettext_lazy("Choose at least one door.")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When may they enter"), choices=WHEN, widget=forms.RadioSelect, initial=HOURS
    )
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=list(WEEKDAYS_ABBR.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = StaffMember
        field_classes = {"name": NameField, "until_on": DayField}
        fields = ["name", "job", "user", "doors", "when", "hours_from", "hours_to", "days", "until_on"]
        labels = {
            "user": gettext_lazy("Who logs in"),
            "hours_from": gettext_lazy("From"),
            "hours_to": gettext_lazy("To"),
            "until_on": gettext_lazy("Last day"),
        }
        help_texts = {
            "job": "Cleaner, plumber, caretaker …",
            "user": gettext_lazy("If they log in, they see their own day and code here."),
            "hours_to": gettext_lazy("Before “From”: until the next morning."),
            "until_on": gettext_lazy("The code stops at the end of this day. Empty: until you remove them."),
        }
        widgets = {
            "hours_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "hours_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, user: User, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        doors: Any = self.fields["doors"]
        doors.queryset = Door.objects.for_user(user).select_related("property", "lock__account")
        people: Any = self.fields["user"]
        colleagues = User.objects.filter(membership__organization=user.organization)
        free = colleagues.filter(staff_member=None) | colleagues.filter(staff_member=self.instance.pk or 0)
        people.queryset, people.empty_label = free.distinct().order_by("email"), _("No login: they have a code only")
        if not user.can(Right.MANAGE_PEOPLE):
            # Whoever logs in as this person reads the PIN.
            people.disabled = True
            people.help_text = _("Only people who manage people may change this.")
        self.initial.update(self._first_values())
        for name in ("hours_from", "hours_to"):
            self.fields[name].required = self["when"].value() != ALWAYS
            self.fields[name].error_messages["required"] = _("Give a time, or choose “Round the clock”.")

    def _first_values(self) -> dict[str, Any]:
        """As saved; for a new person the gap between two stays, as the first property has it."""
        if self.instance.pk is not None:
            return {"when": HOURS if self.instance.rule.has_hours else ALWAYS, "days": self.instance.days}
        values: dict[str, Any] = {"when": HOURS, "days": sorted(EVERY_DAY)}
        doors: Any = self.fields["doors"]
        if (door := doors.queryset.first()) is not None:
            gap = (door.property.check_out_time, door.property.check_in_time)
            values |= dict(zip(("hours_from", "hours_to"), gap, strict=True))
        return values

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("when") == ALWAYS:
            typed["hours_from"] = typed["hours_to"] = None
            typed["days"] = sorted(EVERY_DAY)
        else:
            self._clean_hours(typed)
        until_on, doors = typed.get("until_on"), typed.get("doors")
        zones = {door.property.time_zone for door in doors or []}
        if until_on is not None and any(until_on < self.now.astimezone(ZoneInfo(zone)).date() for zone in zones):
            self.add_error("until_on", _("This day is over. Choose a later one, or leave it empty."))
        return typed

    def _clean_hours(self, typed: dict[str, Any]) -> None:
        if not typed.get("days") and "days" not in self.errors:
            self.add_error("days", _("Choose at least one day."))
        begin, end = typed.get("hours_from"), typed.get("hours_to")
        if begin is None or end is None:
            return
        minutes = (end.hour * 60 + end.minute - begin.hour * 60 - begin.minute) % (24 * 60)
        if timedelta(minutes=minutes) < SHORTEST:
            self.add_error("hours_to", _("Give them at least half an hour."))

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        """The codes that changed; None when no PIN fits all doors: then the form says so and nothing is saved."""
        try:
            return staff_codes.save_member(self.instance, self.cleaned_data["doors"], now, actor)
        except pins.NoPinLeft as reason:
            self.add_error("doors", _("Nothing was saved. %(reason)s") % {"reason": reason})
        return None


class NewPinForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("Kept in the history, for your colleagues.")
    )
