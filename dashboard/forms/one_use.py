"""A form that creates something carries a key, by which the same form sent twice is known (views/guards.py, `once`)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

FORM_KEY = "form_key"


class OneUseMixin(forms.BaseForm):
    """Stands first among the bases of a form that creates a row."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[FORM_KEY] = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)
