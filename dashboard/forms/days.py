"""Fields for days: none so far off that no clock and no time zone knows it."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from properties.values.local_time import YEARS


def validate_year(value: date | datetime) -> None:
    if value.year not in YEARS:
        raise ValidationError(
            _("Choose a year from %(first)s to %(last)s."), params={"first": YEARS[0], "last": YEARS[-1]}
        )


class DayField(forms.DateField):
    """A day on the wall calendar of a place."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[validate_year], **options)
