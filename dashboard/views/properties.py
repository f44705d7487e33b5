"""Properties, their units and doors, and which lock hangs where."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Right
from dashboard.forms.places import DoorForm, PlaceForm, PropertyForm, UnitForm, loose_holders
from dashboard.middleware import TimedRequest
from dashboard.rows.messages import code_news
from dashboard.views.guards import form_page, held_or_404, needs, once, own_or_404
from properties.changes import stays_and_places, suggestions
from properties.models import AccessCode, Activity, ActivityKind, Door, Lock, Property, Unit
from properties.models.shared_columns import has_words
from properties.reading import place_checks
from properties.values.wording import LISTED_AT_MOST, listed

PER_PAGE = 20
# Of a building with hundreds of units the list names so many.
NAMES_AT_MOST = 12
# One click on "accept all" does this many; each may plan the codes of many stays.
ACCEPT_AT_ONCE = 50
WARN_AT_MOST = 3


# --- Properties ---------------------------------------------------------------------------------------------


@require_GET
def properties(request: TimedRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\0", "").strip()
    rows = _with_doors(Property.objects.for_user(request.user).filter(has_words(search, "")))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for place in page:
        place.problems = place_checks.problems(place, request.now)
    return render(
        request,
        "properties/page.html",
        {
            "page": page,
            "search": search,
            "homeless": _homeless_locks(request).count(),
            "names_at_most": NAMES_AT_MOST,
        },
    )


@require_GET
def property_page(request: TimedRequest, property_id: int) -> HttpResponse:
    place = own_or_404(_with_parts(Property.objects.all()), request, pk=property_id)
    context = {
        "place": place,
        "problems": place_checks.problems(place, request.now),
    }
    return render(request, "properties/property.html", context)


@needs(Right.MANAGE_PLACES)
@form_page
@once
def add(request: TimedRequest) -> HttpResponse:
    place = Property(organization=request.user.organization)
    initial = {"name": request.GET.get("name", "")}
    form = PropertyForm(_typed(request), instance=place, initial=initial)
    if form.is_valid() and form.save_at(request.now, request.user) is not None:
        messages.success(
            request,
            _("%(place)s saved. Add what guests book next: the whole home, or each apartment.") % {"place": place},
        )
        return redirect("property", place.pk)
    return _form(request, form, _("Add a property"), reverse("properties"))


@needs(Right.MANAGE_PLACES)
@form_page
def edit(request: TimedRequest, property_id: int) -> HttpResponse:
    place = held_or_404(Property.objects.all(), request, pk=property_id)
    heading = _("Edit %(place)s") % {"place": place}
    form = PropertyForm(_typed(request), instance=place)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, place, place, changed)
    return _form(request, form, heading, _page_of(place))


@needs(Right.MANAGE_PLACES)
@form_page
def delete(request: TimedRequest, property_id: int) -> HttpResponse:
    place = own_or_404(Property.objects.all(), request, pk=property_id)
    doors = list(place.doors.exclude(lock=None).select_related("lock"))
    effects = [
        _("Deletes its units (%(units)s) and doors (%(doors)s) with it.")
        % {"units": place.units.count(), "doors": place.doors.count()}
    ]
    holders = loose_holders([door.lock_id for door in doors], request.now)
    if doors:
        effects.append(
            _("%(listed)s can then be put on other doors.")
            % {"listed": listed([str(door.lock) for door in doors], LISTED_AT_MOST)}
        )
    return _deletion(request, place, place, effects, holders)


# --- Units --------------------------------------------------------------------------------------------------


@needs(Right.MANAGE_PLACES)
@form_page
@once
def unit_add(request: TimedRequest, property_id: int) -> HttpResponse:
    place = own_or_404(Property.objects.all(), request, pk=property_id)
    unit = Unit(organization_id=place.organization_id, property=place)
    form = UnitForm(_typed(request), instance=unit)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, unit, place, changed)
    return _form(request, form, _("Add a unit to %(place)s") % {"place": place}, _page_of(place), place=place)


@needs(Right.MANAGE_PLACES)
@form_page
def unit_edit(request: TimedRequest, unit_id: int) -> HttpResponse:
    unit = held_or_404(Unit.objects.with_places(), request, pk=unit_id)
    place, heading = unit.property, _("Edit %(unit)s") % {"unit": unit.name}
    form = UnitForm(_typed(request), instance=unit)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, unit, place, changed)
    delete_url = reverse("unit-delete", args=[unit.pk])
    return _form(request, form, heading, _page_of(place), place=place, delete=delete_url)


@needs(Right.MANAGE_PLACES)
@form_page
def unit_delete(request: TimedRequest, unit_id: int) -> HttpResponse:
    unit = own_or_404(Unit.objects.with_places(), request, pk=unit_id)
    doors = list(unit.doors.values_list("name", flat=True))
    effects = [_("%(listed)s will no longer lead to it.") % {"listed": listed(doors, LISTED_AT_MOST)}] if doors else []
    return _deletion(request, unit, unit.property, effects)


# --- Doors --------------------------------------------------------------------------------------------------


@needs(Right.MANAGE_PLACES)
@form_page
@once
def door_add(request: TimedRequest, property_id: int) -> HttpResponse:
    place = own_or_404(Property.objects.all(), request, pk=property_id)
    door = Door(organization_id=place.organization_id, property=place)
    form = DoorForm(
        _typed(request), instance=door, user=request.user, now=request.now, initial={"lock": request.GET.get("lock")}
    )
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, door, place, changed)
    return _form(request, form, _("Add a door to %(place)s") % {"place": place}, _page_of(place), place=place)


@needs(Right.MANAGE_PLACES)
@form_page
def door_edit(request: TimedRequest, door_id: int) -> HttpResponse:
    door = held_or_404(Door.objects.select_related("property"), request, pk=door_id)
    place, heading = door.property, _("Edit %(door)s") % {"door": door.name}
    form = DoorForm(_typed(request), instance=door, user=request.user, now=request.now)
    if form.is_valid() and (changed := form.save_at(request.now, request.user)) is not None:
        return _saved(request, door, place, changed)
    delete_url = reverse("door-delete", args=[door.pk])
    return _form(request, form, heading, _page_of(place), place=place, delete=delete_url)


@needs(Right.MANAGE_PLACES)
@form_page
def door_delete(request: TimedRequest, door_id: int) -> HttpResponse:
    door = own_or_404(Door.objects.select_related("property", "lock"), request, pk=door_id)
    effects, holders = [], loose_holders([door.lock_id], request.now)
    if door.lock is not None:
        codes = AccessCode.objects.standing().filter(lock=door.lock, stay__unit__in=door.units.all()).count()
        effects = [_("%(lock)s can then be put on another door.") % {"lock": door.lock}]
        if codes:
            effects.append(
                _("%(codes)s guest %(codes2)s removed from it.")
                % {"codes": codes, "codes2": "code is" if codes == 1 else "codes are"}
            )
    return _deletion(request, door, door.property, effects, holders)


# --- Which lock on which door -------------------------------------------------------------------------------


@require_GET
def door_suggestions(request: TimedRequest) -> HttpResponse:
    page = Paginator(_homeless_locks(request), PER_PAGE).get_page(request.GET.get("page"))
    places = suggestions.places_of(request.user.organization)
    names = _lock_names(request)
    rows = [(lock, suggestions.suggest(lock.name, places, names)) for lock in page]
    sure = sum(1 for _, found in rows if found[0].is_sure)
    context = {
        "page": page,
        "rows": rows,
        "sure": sure,
        "properties": Property.objects.for_user(request.user),
        "has_locks": bool(names),
    }
    return render(request, "properties/door_suggestions.html", context)


@needs(Right.MANAGE_PLACES)
@require_POST
def accept_suggestion(request: TimedRequest, lock_id: int) -> HttpResponse:
    lock = own_or_404(Lock.objects.all(), request, pk=lock_id)
    places = suggestions.places_of(request.user.organization)
    found = suggestions.suggest(lock.name, places, _lock_names(request))
    chosen = next((s for s in found if s.key == request.POST.get("suggestion")), None)
    if not _homeless_locks(request).filter(pk=lock.pk).exists():
        messages.info(request, _("%(lock)s is on a door already, or no longer linked.") % {"lock": lock})
    elif chosen is None:
        messages.warning(
            request, _("The places changed in the meantime. Look again where %(lock)s belongs.") % {"lock": lock}
        )
    else:
        _accept(request, lock, chosen)
    return redirect("door-suggestions")


@needs(Right.MANAGE_PLACES)
@require_POST
def accept_suggestions(request: TimedRequest) -> HttpResponse:
    names = _lock_names(request)
    accepted = 0
    for lock in _homeless_locks(request)[:ACCEPT_AT_ONCE]:
        # Read anew each time: the property that one lock brings is where the next one belongs.
        best = suggestions.suggest(lock.name, suggestions.places_of(request.user.organization), names)[0]
        accepted += best.is_sure and _accept(request, lock, best, is_quiet=True)
    if accepted:
        messages.success(
            request,
            ngettext("%(count)s lock is on doors now.", "%(count)s locks are on doors now.", accepted)
            % {"count": accepted},
        )
    else:
        messages.info(request, _("No suggestion is sure enough. Choose a door for each lock below."))
    return redirect("door-suggestions")


def _accept(request: TimedRequest, lock: Lock, chosen: suggestions.Suggestion, *, is_quiet: bool = False) -> bool:
    """Put the lock on its door; False, with a message, when that cannot be."""
    if chosen.property_id is None and not suggestions.zone_for(lock):
        messages.error(
            request, _(_("The time zone of %(lock)s is not known. Add its property first.")) % {"lock": lock}
        )
        return False
    try:
        door, changed = suggestions.accept(lock, chosen, request.now, request.user)
    except stays_and_places.TakenMeanwhile as reason:
        messages.error(request, _("%(lock)s was not put on a door. %(reason)s") % {"lock": lock, "reason": reason})
        return False
    _warn_of_stays_without_code(request)
    if not is_quiet:
        optional = "" if door.is_required else _(" It is optional: guests get no code for it.")
        news = code_news(changed, request.now)
        messages.success(
            request,
            (
                _("%(lock)s is on %(door)s at %(property)s now.%(optional)s %(news)s")
                % {"lock": lock, "door": door, "property": door.property, "optional": optional, "news": news}
            ).strip(),
        )
    return True


def _homeless_locks(request: TimedRequest) -> QuerySet[Lock]:
    """Locks that hang on no door yet."""
    return (
        Lock.objects.for_user(request.user)
        .filter(door=None, vanished_at=None, account__unlinked_at=None)
        .select_related("account")
    )


def _lock_names(request: TimedRequest) -> list[str]:
    return list(Lock.objects.for_user(request.user).values_list("name", flat=True))


# --- What the pages above share -----------------------------------------------------------------------------


def _with_doors(rows: Any) -> Any:
    """Properties with their units and doors, and what is wrong with these: four queries, however many.

    Locks come along with their doors: fetched by themselves, a thousand of them are too long a question for SQLite.
    """
    return rows.prefetch_related(
        "units", Prefetch("doors", Door.objects.select_related("lock__account")), "doors__units"
    )


def _with_parts(rows: Any) -> Any:
    """And with the doors of each unit."""
    return _with_doors(rows.prefetch_related("units__doors"))


def _typed(request: TimedRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page_of(place: Property) -> str:
    return reverse("property", args=[place.pk])


def _form(request: TimedRequest, form: PlaceForm, heading: str, back: str, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"place": None, "delete": ""} | context | {"form": form, "heading": heading, "back": back}
    return render(request, "properties/form.html", context, status=status)


def _saved(
    request: TimedRequest, row: Property | Unit | Door, place: Property, changed: list[AccessCode]
) -> HttpResponse:
    _warn_of_stays_without_code(request)
    messages.success(
        request, (_("%(name)s saved. %(news)s") % {"name": row.name, "news": code_news(changed, request.now)}).strip()
    )
    return redirect("property", place.pk)


def _warn_of_stays_without_code(request: TimedRequest) -> None:
    """Tell the person which stays got no code just now, as the history has it."""
    entries = Activity.objects.for_user(request.user).filter(kind=ActivityKind.STAY_NO_CODE, at=request.now)
    for entry in entries[:WARN_AT_MOST]:
        messages.warning(request, entry.text)


DELETIONS: dict[type, Any] = {
    Property: stays_and_places.delete_property,
    Unit: stays_and_places.delete_unit,
    Door: stays_and_places.delete_door,
}


def _deletion(
    request: TimedRequest, row: Property | Unit | Door, place: Property, effects: list[str], holders: str = ""
) -> HttpResponse:
    """GET says what goes, POST does it; a place with stays is kept, and the page says why.

    `holders`: whose codes would stay on its locks, although they follow no stay.
    """
    name, back = row.name, _page_of(place)
    refusal = "" if isinstance(row, Door) else stays_and_places.why_kept(name, stays_and_places.stays_of(row))
    if request.method == "POST" and not refusal:
        try:
            revoke = request.POST.get("keep_loose") != "yes"
            changed = DELETIONS[type(row)](row, request.now, request.user, revoke_loose=revoke)
        except stays_and_places.StillInUse as reason:
            refusal = str(reason)
        else:
            messages.success(
                request,
                (_("%(name)s deleted. %(news)s") % {"name": name, "news": code_news(changed, request.now)}).strip(),
            )
            return redirect("properties" if row is place else back)
    context = {"name": name, "place": place, "back": back, "effects": effects, "holders": holders, "refusal": refusal}
    return render(request, "properties/delete.html", context, status=422 if request.method == "POST" else 200)
