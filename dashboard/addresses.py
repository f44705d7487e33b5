"""Addresses of rows, for lists of hundreds: Django's `reverse` looks the name up each time."""

from functools import lru_cache

from django.urls import reverse


def address_of(name: str, pk: int) -> str:
    """As `reverse(name, args=[pk])`, for an address with one number in it."""
    before, after = _around(name)
    return f"{before}{pk}{after}"


@lru_cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[0]).partition("0")
    return before, after
