"""Two people, one row: a form carries what it was opened with, so that only what its person changed is taken over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from properties.reading.history import last_changed_by
from properties.values.wording import listed

OPENED_WITH = "opened_with"
TAKE_THEIRS = "take_theirs"

# A field as its page shows it: a text, several (choices), yes or no, nothing.
Shown = str | list[str] | bool | None


class OpenedWithMixin(forms.BaseForm):
    """Stands first among the bases of a form that changes a row.

    A field that its person left alone keeps what the row holds by now. One that both changed is an error with both
    values: saving again keeps one's own, the button beside it takes the colleague's. Without the hidden field (an old
    page, another program) the form is taken as typed.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[OPENED_WITH] = forms.CharField(required=False, widget=forms.HiddenInput)
        # Field → the colleague's value in words, where both changed it.
        self.conflicts: dict[str, str] = {}

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == OPENED_WITH:
            return json.dumps(self._current())
        return super().get_initial_for_field(field, field_name)

    def full_clean(self) -> None:
        if self.is_bound:
            self._merge()
        super().full_clean()
        if self.is_bound:
            self.cleaned_data.pop(OPENED_WITH, None)
            for name, theirs in self.conflicts.items():
                self.fields[name].theirs = theirs  # type: ignore[attr-defined]
                who = self._colleague()
                text = _("%(who)s changed this to “%(theirs)s” meanwhile. Save again to keep yours.")
                self.add_error(name, text % {"who": who, "theirs": theirs})

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != OPENED_WITH]

    # --- The three values of a field: opened with, current, typed ---------------------------------------------------

    def _merge(self) -> None:
        """Put the row's present values in place of those that this person did not change."""
        key = self.add_prefix(OPENED_WITH)
        opened, current = _parsed(self.data.get(key)), self._current()
        if opened is None:
            return
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        taken = set(data.getlist(TAKE_THEIRS))
        for name in self._own_names():
            theirs, mine = current[name], self._typed(name)
            if name in taken or (name in opened and mine == opened[name]):
                _put(data, self.add_prefix(name), theirs)
            elif name in opened and theirs not in (opened[name], mine):
                self.conflicts[name] = self._in_words(name, theirs)
        data[key] = json.dumps(current)
        self.data = data

    def _own_names(self) -> list[str]:
        return [name for name, field in self.fields.items() if not (field.widget.is_hidden or field.disabled)]

    def _current(self) -> dict[str, Shown]:
        return {
            name: _shown(self.fields[name], self.get_initial_for_field(self.fields[name], name))
            for name in self._own_names()
        }

    def _typed(self, name: str) -> Shown:
        field = self.fields[name]
        raw = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        try:
            return _shown(field, field.to_python(raw))
        except ValidationError:
            # Not readable: certainly something that this person typed.
            return raw if isinstance(raw, str) else str(raw)

    def _colleague(self) -> str:
        """Who changed the row last, as a message names them."""
        row = getattr(self, "instance", None) or getattr(self, "code", None)
        return (last_changed_by(row) if row is not None else "") or _("A colleague")

    def _in_words(self, name: str, shown: Shown) -> str:
        field: Any = self.fields[name]
        if isinstance(shown, bool):
            return _("yes") if shown else _("no")
        labels = {str(value): str(label) for value, label in _flat(getattr(field, "choices", []))}
        texts = shown if isinstance(shown, list) else [shown or ""]
        return listed(labels.get(text, text) for text in texts) or _("nothing")


def _shown(field: forms.Field, value: Any) -> Shown:
    """A value as the field's control holds it, comparable whether it came from the row or from a person."""
    if isinstance(field, forms.BooleanField):
        return bool(value)
    held = field.widget.format_value(field.prepare_value(value))
    if isinstance(held, list | tuple):
        return sorted(str(each) for each in held if each not in (None, ""))
    return str(held) if held is not None else ""


def _put(data: Any, key: str, shown: Shown) -> None:
    if isinstance(shown, list):
        data.setlist(key, shown)
    elif isinstance(shown, bool):
        data.setlist(key, ["on"] if shown else [])
    else:
        data[key] = shown or ""


def _parsed(text: str | None) -> dict[str, Any] | None:
    """What the hidden field holds; None for none or for what no form of ours wrote."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label
