"""Addresses that pages need again and again: Django's `reverse` looks the name up each time."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=1024)
def address(name: str, *args: object) -> str:
    """As `reverse(name, args=args)`; kept, for it stays the same while the program runs."""
    return reverse(name, args=args)


def address_of(name: str, pk: int) -> str:
    """As `reverse(name, args=[pk])`, for an address with one number in it."""
    before, after = _around(name)
    return f"{before}{pk}{after}"


@lru_cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[0]).partition("0")
    return before, after
