"""The audit of codes: which failed, wait, should be removed, end soon or are unrecognized, and the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from properties.codes import capacity
from properties.models import AccessCode, CodeKind, Lock
from properties.models.access_codes import OTHER_WINDOW, AccessCodeQuerySet, bad_state, is_unwanted, is_wanted
from properties.models.locks import LockQuerySet
from properties.models.shared_columns import MOST_WORDS
from properties.models.steps import without_event_id
from properties.values.names import has_all, search_form, search_words

EXPIRES_SOON = timedelta(days=3)


def waiting(now: datetime) -> Q:
    """Wanted and not proved to be on the lock now, and nothing has failed: on its way, or cannot be checked."""
    unproved = Q(on_lock_at=None) | ~Q(errors=[]) | Q(seam_status="unknown") | OTHER_WINDOW
    return is_wanted(now) & unproved & Q(rejected_at=None) & ~bad_state(now)


def to_remove(now: datetime) -> Q:
    """Revoked or over, and not proved to be off the lock."""
    return Q(removed_at=None) & is_unwanted(now)


def expiring(now: datetime) -> Q:
    return is_wanted(now) & Q(ends_at__lte=now + EXPIRES_SOON)


# Which codes, and in which order.
Filter = tuple[Callable[[datetime], Q], tuple[str, ...]]
NEWEST = ("-created_at", "-id")
FILTERS: Mapping[str, Filter] = {
    "current": (lambda now: Q(removed_at=None), NEWEST),
    "failed": (bad_state, ("starts_at", "id")),
    "waiting": (waiting, ("starts_at", "id")),
    "remove": (to_remove, ("ends_at", "id")),
    "expiring": (expiring, ("ends_at", "id")),
    "ended": (lambda now: Q(removed_at__isnull=False), NEWEST),
    "all": (lambda now: Q(), NEWEST),
}
# Filters that show their count; they read only codes that hold a place.
TALLIED = ("current", "failed", "waiting", "remove", "expiring")


def select(codes: AccessCodeQuerySet, name: str, now: datetime) -> AccessCodeQuerySet:
    condition, order = FILTERS[name]
    return codes.filter(condition(now)).order_by(*order)


def tallies(codes: AccessCodeQuerySet, now: datetime) -> dict[str, int]:
    """How many codes each filter finds, in one query."""
    counts = {name: Count("pk", filter=FILTERS[name][0](now)) for name in TALLIED}
    found: dict[str, int] = codes.occupying().order_by().aggregate(**counts)
    return found


def proof(code: AccessCode) -> tuple[datetime, str] | None:
    """The last proof there is, and how we know it in a word; None: nothing was ever proved."""
    proofs = [
        (code.removed_at, code.removed_source),
        (code.live_at, code.live_source),
        (code.on_lock_at, code.on_lock_source),
    ]
    at, source = next(((at, source) for at, source in proofs if at is not None), (None, ""))
    return (at, without_event_id(source)) if at is not None else None


# --- Unrecognized codes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnrecognizedCode:
    """A code on a lock that was not created in Latchkey. Its PIN cannot be read."""

    lock: Lock
    holder_name: str
    starts_at: datetime | None
    ends_at: datetime | None
    seen_at: datetime | None


def unrecognized_codes(lock: Lock) -> Iterator[UnrecognizedCode]:
    for row in lock.other_codes:
        starts_at, ends_at = capacity.listed_time(row, "starts_at"), capacity.listed_time(row, "ends_at")
        yield UnrecognizedCode(lock, str(row.get("name") or ""), starts_at, ends_at, lock.unmanaged_read_at)


def with_unrecognized_codes(locks: LockQuerySet) -> LockQuerySet:
    """Locks that hold unrecognized codes."""
    return locks.exclude(other_codes=[]).filter(account__unlinked_at=None, vanished_at=None)


class AuditRows(Sequence[AccessCode | UnrecognizedCode]):
    """Our codes, then unrecognized ones, as one list: a page of it reads only the rows that it shows."""

    def __init__(
        self, codes: AccessCodeQuerySet | None, places: Sequence[tuple[int, int]], count: int | None = None
    ) -> None:
        """`places`: (lock id, position in its list) of each unrecognized code; `count` of our codes, if known."""
        self.codes, self.places = codes, places
        self.ours = 0 if codes is None else codes.count() if count is None else count

    def __len__(self) -> int:
        return self.ours + len(self.places)

    def __getitem__(self, wanted: Any) -> Any:
        first, last, _ = wanted.indices(len(self))
        rows: list[AccessCode | UnrecognizedCode] = []
        if self.codes is not None and first < self.ours:
            # Ids first: the places are joined for the rows of the page only.
            ids = list(self.codes.values_list("pk", flat=True)[first : min(last, self.ours)])
            found = AccessCode.objects.with_places().in_bulk(ids)
            rows += [found[pk] for pk in ids if pk in found]
        rows += _load(self.places[max(0, first - self.ours) : max(0, last - self.ours)])
        return rows


def find_unrecognized_codes(locks: LockQuerySet, name_contains: str = "") -> list[tuple[int, int]]:
    """Where unrecognized codes are; `name_contains`: in their own name or their lock's."""
    words = search_words(name_contains, MOST_WORDS)
    return [
        (lock_id, position)
        for lock_id, lock_name, rows in with_unrecognized_codes(locks).values_list("pk", "name", "other_codes")
        for position, row in enumerate(rows)
        if has_all(words, search_form(str(row.get("name") or ""), lock_name))
    ]


def _load(places: Sequence[tuple[int, int]]) -> list[UnrecognizedCode]:
    if not places:
        return []
    locks = Lock.objects.select_related("door__property").in_bulk({lock_id for lock_id, _ in places})
    held = {lock_id: list(unrecognized_codes(lock)) for lock_id, lock in locks.items()}
    return [held[lock_id][position] for lock_id, position in places if position < len(held.get(lock_id, []))]


# --- What a lock holds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """How many of a lock's places go to one sort of code."""

    key: str
    label: str
    count: int


def census(lock: Lock, now: datetime) -> list[Share]:
    """What takes the places on the lock at the moment to come when the most are taken."""
    codes = capacity.load_codes([lock.pk])[lock.pk]
    at = capacity.worst_moment(capacity.spans_on(lock, codes, now), capacity.Span(now, capacity.FOREVER))
    counts: Counter[str] = Counter()
    for code in codes:
        taken = capacity.span_of(code, now)
        if taken is not None and taken.holds(at):
            counts[_sort(code, now)] += 1
    unrecognized = capacity.spans_of_unrecognized(lock.other_codes, now)
    counts["unrecognized"] = sum(one.holds(at) for one in unrecognized)
    labels = {
        "guest": "for guests now",
        "future": "for guests to come",
        **{kind.value: kind.label.lower() for kind in CodeKind if kind is not CodeKind.GUEST},
        "leaving": "to remove",
        "unrecognized": "not ours",
    }
    return [Share(key, label, counts[key]) for key, label in labels.items() if counts[key]]


def _sort(code: capacity.CodeOnLock, now: datetime) -> str:
    if capacity.is_leaving(code, now):
        return "leaving"
    if code.kind == CodeKind.GUEST:
        return "future" if code.starts_at is not None and code.starts_at > now else "guest"
    return str(code.kind)
