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
    own = list(Property.objects.for_user(request.user).only("name", "time_zone"))
    chosen = next((place for place in own if str(place.pk) == wanted), None)
    _remember(request, chosen)
    zones = list(dict.fromkeys(place.time_zone for place in own))
    return PropertyFilter(chosen, own[:SHOWN_AT_MOST], len(own) > SHOWN_AT_MOST, zones)


def _remember(request: TimedRequest, chosen: Property | None) -> None:
    kept = request.session.get(KEY)
    if chosen is not None and kept != chosen.pk:
        request.session[KEY] = chosen.pk
    elif chosen is None and kept is not None:
        del request.session[KEY]
