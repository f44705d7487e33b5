"""A field for a name: it is kept as one sees it, and one that shows nothing is empty."""

from typing import Any

from django import forms

from properties.values.names import clean_name


class NameField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean_name(super().to_python(value) or "")
