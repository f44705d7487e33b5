"""Chooses PINs: hard to guess, and free on every lock that they must open."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from properties.models import AccessCode, Lock, Stay
from properties.values.encryption import decrypt, keyed_hash
from properties.values.wording import listed

# Where every lock takes it. Longer is no safer at a keypad that locks itself after five tries, and harder to type.
USUAL_LENGTH = 6
# What Seam's documents give for a keypad whose lengths are not known.
COMMON_LENGTHS = (4, 5, 6, 7, 8)
# A removed PIN stays reserved this long: its former holder still knows it (field study P3).
COOLING = timedelta(days=30)
ATTEMPTS = 500


class NoPinLeft(Exception):
    """Says in a sentence why no PIN could be chosen."""


def common_lengths(locks: Iterable[Lock]) -> list[int]:
    """PIN lengths that every one of these locks accepts, ascending."""
    common = set(range(4, 13))
    for lock in locks:
        common &= set(lock.code_lengths or COMMON_LENGTHS)
    return sorted(common)


def choose_pin(locks: Sequence[Lock], now: datetime, avoid: Collection[str] = ()) -> str:
    """A random PIN for all these locks. `avoid` holds digits it must not contain (the guest's phone).

    Raises NoPinLeft with a sentence for people.
    """
    lengths = common_lengths(locks)
    if not lengths:
        words = _("%(locks)s share no PIN length, so one PIN cannot open them all.")
        raise NoPinLeft(words % {"locks": listed(locks)})
    length = USUAL_LENGTH if USUAL_LENGTH in lengths else min(lengths, key=lambda n: (abs(n - USUAL_LENGTH), -n))
    taken = taken_pins(locks, now)
    for _attempt in range(ATTEMPTS):
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        if not weakness(pin, avoid) and not clash(pin, taken) and not any(constraint_broken(pin, lk) for lk in locks):
            return pin
    words = _("No free PIN of %(length)s digits was found in %(tries)s tries. Remove codes that are no longer needed.")
    raise NoPinLeft(words % {"length": length, "tries": ATTEMPTS})


def taken_pins(locks: Iterable[Lock], now: datetime, other_than: Stay | None = None) -> set[str]:
    """PINs that are on these locks, will be, or were until not long ago; not counting one stay's own."""
    lock_ids = [lock.pk for lock in locks]
    held = AccessCode.objects.filter(lock_id__in=lock_ids).exclude(removed_at__lt=now - COOLING)
    if other_than is not None:
        held = held.exclude(stay=other_than)
    return {decrypt(cipher) for cipher in held.values_list("pin_encrypted", flat=True)}


def clash(pin: str, taken: Iterable[str]) -> bool:
    """Equal to another PIN, or one the beginning of the other: a keypad that needs no end key opens too early."""
    return any(pin.startswith(other) or other.startswith(pin) for other in taken)


def weakness(pin: str, avoid: Collection[str] = ()) -> str:
    """Why a PIN would be guessed, as part of a sentence; empty when it is good."""
    if len(set(pin)) < 3:
        return "has too few different digits"
    if pin in "01234567890123456789" or pin in "98765432109876543210":
        return "is a run of digits"
    if re.search(r"(\d)\1\1", pin):
        return "repeats a digit three times"
    if len(pin) % 2 == 0 and pin[: len(pin) // 2] == pin[len(pin) // 2 :]:
        return "repeats itself"
    if re.search(r"(19|20)\d\d$|^(19|20)\d\d", pin) and len(pin) <= 6:
        return "looks like a year"
    if any(digits and digits in pin for digits in avoid):
        return "contains the end of the guest's phone number"
    return ""


def phone_ends(phone: str) -> list[str]:
    """The digits of a phone that a stranger would try first."""
    digits = re.sub(r"\D", "", phone)
    return [digits[-4:]] if len(digits) >= 4 else []


# Constraint types as Seam's schema names them. One that is not listed here is left to Seam, which says so itself.
_CONSTRAINTS: dict[str, Any] = {
    "no_zeros": lambda p: "0" in p,
    "cannot_start_with_12": lambda p: p.startswith("12"),
    "no_triple_consecutive_ints": lambda p: any(
        p[i : i + 3] in "0123456789" or p[i : i + 3] in "9876543210" for i in range(len(p) - 2)
    ),
    "no_ascending_or_descending_sequence": lambda p: p in "0123456789" or p in "9876543210",
    "at_least_three_unique_digits": lambda p: len(set(p)) < 3,
    "cannot_contain_089": lambda p: bool(set(p) & set("089")),
    "cannot_contain_0789": lambda p: bool(set(p) & set("0789")),
    "no_all_same_digits": lambda p: len(set(p)) == 1,
}


def constraint_broken(pin: str, lock: Lock) -> str:
    """The rule of this lock that the PIN breaks (Seam's name for it); empty when it fits."""
    for constraint in lock.code_constraints:
        kind = str(constraint.get("constraint_type", ""))
        breaks = _CONSTRAINTS.get(kind)
        if breaks is not None and breaks(pin):
            return kind
    return ""


def problem_with_own_pin(pin: str, lock: Lock) -> str:
    """Why no lock of its kind, or no keypad at all, should have this PIN, as a sentence; empty when it may.

    It tells nothing about the PINs that there are: `is_free` does.
    """
    if not re.fullmatch(r"[0-9]+", pin):
        return _("A PIN has digits only.")
    lengths = common_lengths([lock])
    if len(pin) not in lengths:
        allowed = _either([str(n) for n in lengths])
        return _("%(lock)s takes PINs of %(allowed)s digits; this one has %(pin)s.") % {
            "lock": lock,
            "allowed": allowed,
            "pin": len(pin),
        }
    if broken := constraint_broken(pin, lock):
        return _("%(lock)s does not take this PIN (%(value)s).") % {"lock": lock, "value": broken.replace("_", " ")}
    if reason := weakness(pin):
        return _("This PIN %(reason)s, so it would be guessed. Choose another one, or leave the field empty.") % {
            "reason": reason
        }
    return ""


def is_free(pin: str, lock: Lock, now: datetime) -> bool:
    """Whether this lock has no such PIN, none so close that one would open for the other, and had none lately."""
    return not is_taken(pin, lock) and not clash(pin, taken_pins([lock], now))


def is_taken(pin: str, lock: Lock) -> bool:
    """The very same PIN holds a place on this lock (the database's constraint, asked beforehand)."""
    return AccessCode.objects.occupying().filter(lock=lock, pin_hash=keyed_hash(pin)).exists()


def _either(words: list[str]) -> str:
    return (
        words[0]
        if len(words) == 1
        else _("%(words)s or %(words2)s") % {"words": ", ".join(words[:-1]), "words2": words[-1]}
    )
