"""The property a person has chosen to see. Kept in the session, applied by the lists that ask for it."""

from dataclasses import dataclass

from dashboard.middleware import TimedRequest
from properties.models import Property

KEY = "property"
# In the menu; the page of properties leads to the others.
SHOWN_AT_MOST = 30


@dataclass(frozen=True)
class PropertyFilter:
    """What the menu in the top bar shows; `chosen` is None for all properties. `zones`: those of all of them."""

    chosen: Property | None
    options: list[Property]
    has_more: bool
    zones: list[str]


def property_filter(request: TimedRequest) -> PropertyFilter:
    """Takes over `?property=7` (anything that is no property of theirs: all) and remembers it."""
    asked = request.GET.get(KEY)
    wanted = str(request.session.get(KEY, "")) if asked is None else asked
    # One question, and rows for the few that are shown: there may be thousands.
    own = list(Property.objects.for_user(request.user).values_list("pk", "name", "time_zone"))
    chosen = next((_row(place) for place in own if str(place[0]) == wanted), None)
    _remember(request, chosen)
    zones = list(dict.fromkeys(zone for _, _, zone in own))
    return PropertyFilter(chosen, [_row(place) for place in own[:SHOWN_AT_MOST]], len(own) > SHOWN_AT_MOST, zones)


def _row(place: tuple[int, str, str]) -> Property:
    """As much of a property as a menu and a filter need."""
    pk, name, zone = place
    return Property(pk=pk, name=name, time_zone=zone)


def _remember(request: TimedRequest, chosen: Property | None) -> None:
    kept = request.session.get(KEY)
    if chosen is not None and kept != chosen.pk:
        request.session[KEY] = chosen.pk
    elif chosen is None and kept is not None:
        del request.session[KEY]
