"""The form that moves a stay to another unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dashboard.forms.one_use import OneUseMixin
from dashboard.forms.stays import UnitChoice
from properties.changes import moving
from properties.changes.stays_and_places import StayIsOver, StaysOverlap
from properties.codes import capacity, pins, planning
from properties.models import AccessCode, Stay, Unit
from properties.models.stays import window_of


class MoveForm(OneUseMixin, forms.Form):
    unit = UnitChoice(
        queryset=Unit.objects.none(),
        label=gettext_lazy("Unit"),
        error_messages={"required": gettext_lazy("Choose the unit where the guest goes on staying.")},
    )
    new_pin = forms.BooleanField(
        label=gettext_lazy("Give a new PIN if the present one is taken there"),
        required=False,
        help_text=gettext_lazy("Otherwise the stay moves only where the guest can keep the PIN."),
    )

    def __init__(self, *args: Any, stay: Stay, user: User, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stay, self.now = stay, now
        unit: Any = self.fields["unit"]
        unit.queryset = Unit.objects.for_user(user).exclude(pk=stay.unit_id).with_places()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        unit: Unit | None = typed.get("unit")
        if unit is None:
            return typed
        stay = self.stay
        locks = planning.locks_that_take_codes(unit.doors.select_related("lock__account", "property"))
        window = window_of(unit.property, *stay.check_in, *stay.check_out)
        if full := capacity.why_no_room(list(locks.values()), window, self.now, stay):
            self.add_error("unit", full)
        if not typed.get("new_pin") and not planning.keeps_pin(stay, locks.values(), self.now):
            text = _("The guest's PIN cannot be used on the doors there. Tick this to give a new one; tell the guest.")
            self.add_error("new_pin", text)
        return typed

    def save_at(self, now: datetime, actor: User) -> list[AccessCode] | None:
        """The codes that changed; None when the stay cannot move: then the form says why and nothing is saved."""
        try:
            return moving.move_stay(self.stay, self.cleaned_data["unit"], now, actor)
        except (StayIsOver, StaysOverlap, pins.NoPinLeft) as reason:
            self.add_error("unit", str(reason))
        return None
