"""Columns that several tables share: the forms that names are found and sorted by, and a PIN."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from properties.values.encryption import decrypt, encrypt, keyed_hash
from properties.values.names import search_form, search_words, sort_key

MOST_WORDS = 6
# The forms of a word, of which one must be found.
Word = Sequence[str]


class DerivedText(models.TextField):  # type: ignore[type-arg]
    """Worked out when its row is written. To a migration it is plain text."""

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options


class SearchText(DerivedText):
    """The normal form of the columns that its model names in SEARCHED."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if isinstance(model_instance, Searchable):
            model_instance.search_text = model_instance.work_out_search_text()
        return super().pre_save(model_instance, add)


class SortKey(DerivedText):
    """What rows are sorted by in place of `name`."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if isinstance(model_instance, Named):
            model_instance.sort_key = sort_key(model_instance.name)
        return super().pre_save(model_instance, add)


class Searchable(models.Model):
    """Found by words. `save` and `bulk_create` keep the form true; a write by `update` names it itself."""

    SEARCHED: ClassVar[tuple[str, ...]] = ("name",)
    DERIVED: ClassVar[tuple[str, ...]] = ("search_text",)

    search_text = SearchText(editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        if update_fields is not None:
            written = set(update_fields)
            update_fields = written if written.isdisjoint(self.SEARCHED) else written.union(self.DERIVED)
        super().save(*args, update_fields=update_fields, **options)

    def work_out_search_text(self) -> str:
        return search_form(*(getattr(self, name) for name in self.SEARCHED))


class Named(Searchable):
    """Found by words and sorted by name."""

    DERIVED = ("search_text", "sort_key")

    name: Any
    sort_key = SortKey(editable=False, default="")

    class Meta:
        abstract = True


def has_words(query: str, *paths: str) -> Q:
    """Every word of the query is in one of these rows' names: "" is the row itself, "door" what it points to."""
    found = Q()
    for forms in search_words(query, MOST_WORDS):
        found &= has_word(forms, *paths)
    return found


def has_word(forms: Word, *paths: str) -> Q:
    found = Q()
    for path in paths:
        column = f"{path}__search_text" if path else "search_text"
        for form in forms:
            found |= Q(**{f"{column}__contains": form})
    return found


class HeldPin(models.Model):
    """The two columns of a row that holds a PIN."""

    pin_encrypted = models.TextField()
    pin_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    @property
    def pin(self) -> str:
        """The PIN in plain digits. Decrypted at each call and kept nowhere."""
        return decrypt(self.pin_encrypted)

    def set_pin(self, pin: str) -> None:
        """Set the PIN of a row that is not saved yet."""
        self.pin_encrypted = encrypt(pin)
        self.pin_hash = keyed_hash(pin)
