"""The property a person has chosen to see. Kept in the session, applied by the lists that ask for it."""

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from dashboard.middleware import TimedRequest
from properties.models import Property

KEY = "property"
# In the menu; the page of properties leads to the others.
SHOWN_AT_MOST = 30


class Place(NamedTuple):
    """A property's name and zone."""

    name: str
    zone: str


@dataclass(frozen=True)
class PropertyFilter:
    """What the menu in the top bar shows; `chosen` is None for all properties. `by_id`: all of them.

    `options`: id and name of those in the menu.
    """

    chosen: Property | None
    options: list[tuple[int, str]]
    has_more: bool
    by_id: dict[int, Place]

    @property
    def zones(self) -> list[str]:
        return list(dict.fromkeys(place.zone for place in self.by_id.values()))


def property_filter(request: TimedRequest) -> PropertyFilter:
    """Takes over `?property=7` (anything that is no property of theirs: all) and remembers it."""
    asked = request.GET.get(KEY)
    wanted = str(request.session.get(KEY, "")) if asked is None else asked
    # One query, and plain values: there may be thousands.
    own = Property.objects.for_user(request.user).values_list("pk", "name", "time_zone")
    places = {pk: Place(name, zone) for pk, name, zone in own}
    chosen = next((_chosen(pk, place) for pk, place in places.items() if str(pk) == wanted), None)
    _remember(request, chosen)
    options = [(pk, place.name) for pk, place in islice(places.items(), SHOWN_AT_MOST)]
    return PropertyFilter(chosen, options, len(places) > SHOWN_AT_MOST, places)


def _chosen(pk: int, place: Place) -> Property:
    """As much of a property as a filter needs."""
    return Property(pk=pk, name=place.name, time_zone=place.zone)


def _remember(request: TimedRequest, chosen: Property | None) -> None:
    kept = request.session.get(KEY)
    if chosen is not None and kept != chosen.pk:
        request.session[KEY] = chosen.pk
    elif chosen is None and kept is not None:
        del request.session[KEY]
