"""Rows of the calendars' pages: how a feed fares, what waits, what an answer changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calendars.deciding.changes import Act, Target, target_from
from calendars.deciding.channels import LABELS, Channel
from calendars.deciding.classify import Outcome
from calendars.models import ChangeItem, Feed
from calendars.reasons import reason_from
from properties.models import SetField, Stay
from properties.values.wording import day, listed

# Longer without news is shown in red: someone may have booked.
STALE_AFTER = timedelta(hours=2)
IGNORED = [Outcome.BLOCK, Outcome.EDGE, Outcome.EXTRA, Outcome.REPEATS, Outcome.ECHO, Outcome.OCCUPIED]
OUTCOMES = {
    Outcome.STAY: ("ok", gettext_lazy("Stay")),
    Outcome.UNCLEAR: ("warn", gettext_lazy("Unclear")),
    Outcome.BLOCK: ("idle", gettext_lazy("Block")),
    Outcome.EDGE: ("idle", gettext_lazy("Booking window")),
    Outcome.EXTRA: ("idle", gettext_lazy("Extra")),
    Outcome.ECHO: ("idle", gettext_lazy("Mirror")),
    Outcome.OCCUPIED: ("idle", gettext_lazy("Occupied")),
    Outcome.REPEATS: ("idle", gettext_lazy("Repeats")),
    Outcome.PAST: ("idle", gettext_lazy("Past")),
    Outcome.CANCELLED: ("idle", gettext_lazy("Cancelled")),
    Outcome.ERROR: ("bad", gettext_lazy("Not readable")),
}


def result_words(counts: Mapping[str, int]) -> str:
    """ "kept 7, ignored 3 blocks, 1 unclear"."""
    ignored = sum(counts.get(outcome, 0) for outcome in IGNORED)
    unclear, errors = counts.get(Outcome.UNCLEAR, 0), counts.get(Outcome.ERROR, 0)
    parts = [_("kept %(count)s") % {"count": counts.get(Outcome.STAY, 0)}]
    if ignored:
        parts.append(ngettext("ignored %(count)s block", "ignored %(count)s blocks", ignored) % {"count": ignored})
    if unclear:
        parts.append(_("%(count)s unclear") % {"count": unclear})
    if errors:
        parts.append(_("%(count)s not readable") % {"count": errors})
    return ", ".join(parts)


@dataclass(frozen=True)
class Health:
    """How a feed fares, as a chip with a sentence."""

    tone: str
    label: str
    detail: str = ""


def health_of(feed: Feed, now: datetime) -> Health:
    problem = feed.why_unhealthy
    if feed.removed_at is not None:
        return Health("idle", _("Stopped"))
    if problem is not None and feed.failed_since is not None:
        is_stale = now - (feed.fetched_at or feed.created_at) > STALE_AFTER
        return Health("bad" if is_stale else "warn", _("No news"), str(problem))
    if feed.fetched_at is None:
        return Health("info", _("First check under way"))
    return Health("ok", _("In order"))


@dataclass(frozen=True)
class EventRow:
    """One event of the last answer, with the reason for what it is."""

    span: str
    tone: str
    label: str
    why: str


def event_rows(events: Iterable[Mapping[str, object]]) -> list[EventRow]:
    rows = []
    for event in events:
        tone, label = OUTCOMES[Outcome(str(event["outcome"]))]
        because = [event["reason"], *_notes(event["notes"])]
        why = " ".join(str(one) for one in map(_reason, because) if one)
        rows.append(EventRow(_span(str(event["starts_on"]), str(event["ends_on"])), tone, str(label), why))
    return rows


def _notes(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _reason(stored: object) -> str:
    found = reason_from(stored) if isinstance(stored, dict) else None
    return str(found) if found else ""


def reasons_in(stored: Iterable[object]) -> list[str]:
    return [text for text in map(_reason, stored) if text]


def _span(starts_on: str, ends_on: str) -> str:
    if not starts_on:
        return "–"
    return f"{day(date.fromisoformat(starts_on))} – {day(date.fromisoformat(ends_on))}"


@dataclass(frozen=True)
class ItemRow:
    """One change in words."""

    item: ChangeItem
    what: str
    why: str
    tone: str


ACTS = {
    Act.ADD: gettext_lazy("New stay"),
    Act.MOVE: gettext_lazy("Other dates"),
    Act.DETAILS: gettext_lazy("Other details"),
    Act.CANCEL: gettext_lazy("Cancel"),
    Act.REVIVE: gettext_lazy("Back again"),
}
TONES = {
    ChangeItem.State.APPLIED: "ok",
    ChangeItem.State.WAITING: "warn",
    ChangeItem.State.FAILED: "bad",
}


def item_row(item: ChangeItem) -> ItemRow:
    """ "Other dates: Robin, Tue 10 Jun – Fri 13 Jun → Tue 10 Jun – Sun 15 Jun"."""
    before = target_from(item.before) if "check_in_on" in item.before else None
    after = target_from(item.after) if "check_in_on" in item.after else None
    guest = item.stay.guest.name if item.stay else (after.guest if after else "")
    if before is None and after is None and item.booking is not None:
        before = Target(item.booking.starts_on, item.booking.ends_on)
    spans = dict.fromkeys(_dates(one) for one in (before, after) if one is not None)
    what = f"{ACTS[Act(item.act)]}: {listed(filter(None, [guest]))}".rstrip(": ")
    why = " ".join(filter(None, [_reason(item.held), _reason(item.reason), item.problem]))
    return ItemRow(item, f"{what}, {' → '.join(spans)}", why, TONES.get(ChangeItem.State(item.state), "idle"))


def _dates(target: Target) -> str:
    return f"{day(target.check_in_on)} – {day(target.check_out_on)}"


# Fields of a stay that a person may set against its calendar.
FIELDS = {
    "unit_id": gettext_lazy("Unit"),
    "check_in_on": gettext_lazy("Check-in day"),
    "check_in_time": gettext_lazy("Check-in time"),
    "check_out_on": gettext_lazy("Check-out day"),
    "check_out_time": gettext_lazy("Check-out time"),
    "guest": gettext_lazy("Guest"),
    "party_size": gettext_lazy("Party size"),
}


@dataclass(frozen=True)
class Booked:
    """Where a stay was booked, and the fields that a person set since."""

    channel: str
    code: str
    party: int | None
    fields: list[tuple[SetField, str]]


def booked(stay: Stay) -> Booked | None:
    """None for a stay that a person typed in."""
    if stay.channel not in LABELS:
        return None
    set_by_people = stay.set_fields.select_related("set_by").order_by("set_at", "pk")
    fields = [(one, str(FIELDS.get(one.field, one.field))) for one in set_by_people]
    return Booked(Channel(stay.channel).label, stay.reservation_code, stay.party_size, fields)
