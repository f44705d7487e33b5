"""Finds guests, units, locks and properties by words. Never by PIN: nothing here reads one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When

from accounts.models import User
from dashboard.rows.locks import in_house_and_next
from properties.models import Lock, Property, Stay, StayPhase, Unit
from properties.models.shared_columns import MOST_WORDS, Word, has_word
from properties.models.stays import phase_is
from properties.values.names import search_words

SHOWN = 8
BY_NEARNESS = (StayPhase.IN_HOUSE, StayPhase.UPCOMING, StayPhase.PAST, StayPhase.CANCELLED)
# As long as a PIN can be. Such digits may still be part of a unit's name or of a phone number.
PIN_LIKE = re.compile(r"[0-9]{4,12}")
# A channel's number of a reservation: looked up as a whole.
RESERVATION_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9-]{4,59}")


@dataclass
class Found:
    """What fits, at most SHOWN of a sort; `more` names the sorts of which there are more."""

    stays: list[Stay] = field(default_factory=list)
    units: list[tuple[Unit, Stay | None, Stay | None]] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    more: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.stays) + len(self.units) + len(self.locks) + len(self.properties)


def looks_like_pin(query: str) -> bool:
    return PIN_LIKE.fullmatch(re.sub(r"[\s-]", "", query)) is not None


def search(user: User, query: str, now: datetime, first: Property | None = None) -> Found:
    """Every word must be somewhere in the names that a row goes by.

    What is of the property `first` comes before its equals; nothing is left out for it. At night the guest at the
    door may be one of another house, and who is in house is never behind a person who left.
    """
    words = search_words(query, MOST_WORDS)
    found = Found()
    if not words:
        return found
    found.stays = _some(found, "stays", _stays(user, words, now, first, query.strip()))
    units = _fits(Unit.objects.for_user(user).with_places(), words, "", "property")
    some_units = _some(found, "units", _first(units, "property", first))
    who = in_house_and_next(some_units, now)
    found.units = [(unit, *who.get(unit.pk, (None, None))) for unit in some_units]
    locks = Lock.objects.for_user(user).filter(account__unlinked_at=None).with_places()
    locks = _fits(locks, words, "", "door", "door__property")
    found.locks = _some(found, "locks", _first(locks, "door__property", first))
    places = Property.objects.for_user(user).annotate(unit_count=Count("units", distinct=True))
    found.properties = _some(found, "properties", _first(_fits(places, words, ""), "pk", first))
    return found


def _stays(user: User, words: Sequence[Word], now: datetime, first: Property | None, code: str) -> Any:
    """By guest or reservation number; the unit may narrow it down (“anna lake”).

    In house first, then those to come, then the latest past.
    """
    rows = _fits(Stay.objects.for_user(user).with_places(), words, "guest", "unit", "unit__property")
    by_guest = Q()
    for word in words:
        by_guest |= has_word(word, "guest")
    nearness = Case(
        *(When(phase_is(phase, now), then=Value(place)) for place, phase in enumerate(BY_NEARNESS)),
        output_field=IntegerField(),
    )
    # Soonest first among those to come, latest first among those that are past.
    ahead = Case(When(ends_at__gt=now, then="starts_at"), default=None)
    rows = rows.filter(by_guest)
    if RESERVATION_CODE.fullmatch(code):
        rows = rows | Stay.objects.for_user(user).with_places().filter(reservation_code__iexact=code)
    rows = rows.annotate(nearness=nearness, ahead=ahead, elsewhere=_elsewhere("unit__property", first))
    return rows.order_by("nearness", "elsewhere", "ahead", "-ends_at", "id")


def _first(rows: Any, path: str, place: Property | None) -> Any:
    """Those of the property before the others, each in the order they had."""
    if place is None:
        return rows
    return rows.annotate(elsewhere=_elsewhere(path, place)).order_by("elsewhere", *rows.model._meta.ordering)


def _elsewhere(path: str, place: Property | None) -> Case:
    here = [When(**{path: place.pk}, then=Value(0))] if place else []
    return Case(*here, default=Value(1), output_field=IntegerField())


def _fits(rows: Any, words: Sequence[Word], *paths: str) -> Any:
    for word in words:
        rows = rows.filter(has_word(word, *paths))
    return rows


def _some(found: Found, sort: str, rows: Any) -> Any:
    some = list(rows[: SHOWN + 1])
    if len(some) > SHOWN:
        found.more.add(sort)
    return some[:SHOWN]
