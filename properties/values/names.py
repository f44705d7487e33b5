"""How names are kept, found and sorted: what one sees of them, without regard to case and accents, numbers by value."""

import re
import unicodedata
from collections.abc import Sequence

from anyascii import anyascii

# Letters and signs that show nothing although they are no spaces.
BLANKS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800\u034f"), " ")
# They shape the letters around them (Persian, Indic scripts, emoji of several people), and show nothing alone.
JOINERS = "\u200c\u200d"
SHOWS_NOTHING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
PHONE_PART = re.compile(r"[0-9+()./-]+")
NUMBER = re.compile(r"[0-9]+")
# A number of as many digits is sorted by value; none in a name is longer.
DIGITS = 12


def clean_name(text: str) -> str:
    """A name as it is kept: what one sees of it, on one line; empty when one sees nothing.

    Characters that turn the direction of the text around them are dropped with the other invisible ones.
    """
    composed = unicodedata.normalize("NFC", text).translate(BLANKS)
    shown = "".join(one for one in composed if one.isspace() or one in JOINERS or not _shows_nothing(one))
    words = (word.strip(JOINERS) for word in shown.split())
    name = " ".join(word for word in words if word)
    return name if any(not unicodedata.category(one).startswith(("M", "Z")) for one in name) else ""


def _shows_nothing(character: str) -> bool:
    return unicodedata.category(character) in SHOWS_NOTHING


def plain(text: str) -> str:
    """Small Latin letters without accents, of any script: Ärpád is arpad, Øst is ost, жанна is zhanna."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return anyascii(folded).casefold().strip() or folded


def digits(phone: str) -> str:
    return re.sub("[^0-9]", "", plain(phone))


def search_form(*texts: str) -> str:
    """What the words of a search are looked for in (`search_words`)."""
    return " ".join(plain(text) for text in texts if text)


def guest_search_form(name: str, email: str, phone: str) -> str:
    """A phone number is found by its digits alone, however it was typed."""
    return f"{search_form(name, email)} {digits(phone)}".strip()


def search_words(query: str, at_most: int) -> list[tuple[str, ...]]:
    """The words of a search, each as the forms of which one must be found: of part of a phone number also its digits.

    The first zeros of a phone number are left out: they stand for the country or the network.
    """
    return [_forms(word) for word in clean_name(query).split()[:at_most]]


def _forms(word: str) -> tuple[str, ...]:
    form = plain(word)
    number = digits(word).lstrip("0")
    return (form, number) if PHONE_PART.fullmatch(form) and len(number) > 1 and number != form else (form,)


def has_all(words: Sequence[Sequence[str]], form: str) -> bool:
    """Every word of a search is in this form of a name. `has_words` in properties.models asks the database."""
    return all(any(each in form for each in forms) for forms in words)


def sort_key(name: str) -> str:
    """Sorts as people count: Room 2 before Room 10, Élan between Ela and Elb."""
    return NUMBER.sub(lambda found: found[0].lstrip("0").rjust(DIGITS, "0"), plain(name))
