"""Pure: what must change at Seam so that one lock holds exactly the codes that are wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from properties.codes import capacity
from properties.models import AccessCode, Lock
from properties.models.access_codes import REMOVAL_ERRORS, opens_alike
from properties.models.stays import Window
from seam_integration.api.client import Json, parse_time

# Seam ends time-bound codes by itself; after this we ask for it in so many words.
SEAM_ENDS_WITHIN = timedelta(minutes=2)
# A request that got no answer may still be on its way: list the codes again only after this.
IN_FLIGHT = timedelta(seconds=60)
# A create that got no answer may have been done and be missing from the list for a while.
LOST_ANSWER = timedelta(minutes=5)


@dataclass
class Plan:
    """What to do on one lock. Lists are in the order in which they are carried out."""

    observe: list[tuple[AccessCode, Json]] = field(default_factory=list)
    gone: list[AccessCode] = field(default_factory=list)
    lost: list[AccessCode] = field(default_factory=list)
    delete: list[tuple[AccessCode | None, str]] = field(default_factory=list)
    update: list[tuple[AccessCode, Json]] = field(default_factory=list)
    create: list[AccessCode] = field(default_factory=list)
    foreign: list[Json] = field(default_factory=list)


def plan(
    codes: Iterable[AccessCode],
    remotes: Iterable[Json],
    now: datetime,
    ended: Iterable[AccessCode] = (),
    unknown: Collection[str] = (),
) -> Plan:
    """Pure: what must change at Seam so that the lock holds what is wanted.

    `codes`: our rows that may hold a place; `remotes`: Seam's managed codes of the lock; `ended`: rows that were
    removed before, by whose names a code is recognised that turned up after all; `unknown`: ids of ours that Seam,
    asked for them one by one, does not know. That a code is missing from a list proves nothing: lists are behind.
    A code is matched by id, else by our unique name: Seam knows no idempotency key, so a create whose answer was
    lost is adopted, never repeated.
    """
    result = Plan()
    by_id = {str(r["access_code_id"]): r for r in remotes}
    by_name: dict[str, list[Json]] = {}
    for each in by_id.values():
        by_name.setdefault(str(each.get("name") or ""), []).append(each)
    matched: set[str] = set()
    for code in codes:
        twins = by_name.get(code.seam_name, [])
        remote: Json | None = by_id.get(str(code.seam_id))
        if remote is None and twins:
            remote = next((r for r in twins if not _is_ending(r)), twins[0])
        matched |= {str(r["access_code_id"]) for r in twins}
        if remote is not None:
            matched.add(str(remote["access_code_id"]))
            result.observe.append((code, remote))
        for twin in twins:
            if twin is not remote and not _is_ending(twin):
                result.delete.append((None, str(twin["access_code_id"])))
        if code.is_wanted(now):
            _plan_wanted(result, code, remote, now, unknown)
        else:
            _plan_unwanted(result, code, remote, now, unknown)
    ended_names = {code.seam_name for code in ended}
    for remote_id, stray in by_id.items():
        if remote_id in matched:
            continue
        if str(stray.get("name") or "") in ended_names:
            if not _is_ending(stray):
                result.delete.append((None, remote_id))
        else:
            result.foreign.append(stray)
    result.create.sort(key=lambda code: capacity.need(code, now))
    return result


def _plan_wanted(result: Plan, code: AccessCode, remote: Json | None, now: datetime, unknown: Collection[str]) -> None:
    if remote is None:
        if code.seam_id is not None:
            if str(code.seam_id) in unknown:
                result.lost.append(code)
                result.create.append(code)
        elif code.rejected_at is None and _is_not_in_flight(code, now):
            result.create.append(code)
        return
    if _is_ending(remote) or code.rejected_at is not None:
        return
    if not is_as_wanted(code, remote, now):
        result.update.append((code, remote))


def is_as_wanted(code: AccessCode, remote: Json, now: datetime) -> bool:
    """Whether Seam's code has the window and, as far as Seam tells, the PIN of ours."""
    return opens_alike(_window_of(remote), code.window, now) and not has_other_pin(code, remote)


def _window_of(remote: Json) -> Window | None:
    starts_at, ends_at = parse_time(remote.get("starts_at")), parse_time(remote.get("ends_at"))
    return Window(starts_at, ends_at) if starts_at and ends_at else None


def has_other_pin(code: AccessCode, remote: Json) -> bool:
    """It was changed elsewhere; None means that Seam does not tell (Wyze PINs cannot be read back)."""
    return bool(remote.get("code")) and remote["code"] != code.pin


def _plan_unwanted(
    result: Plan, code: AccessCode, remote: Json | None, now: datetime, unknown: Collection[str]
) -> None:
    if remote is None:
        if code.seam_id is None:
            if code.create_sent_at is None or now - code.create_sent_at > LOST_ANSWER:
                result.gone.append(code)
        elif code.delete_sent_at is None:
            # Seam is told in any case: a code that is only missing from the list still opens the door.
            result.delete.append((code, str(code.seam_id)))
        elif str(code.seam_id) in unknown:
            result.gone.append(code)
        return
    over_for = now - code.ends_at if code.ends_at else timedelta(0)
    # Seam's documents announce that expired codes will stay listed, as `unset` with their end in the past.
    has_failed = any(e.get("error_code") in REMOVAL_ERRORS for e in remote.get("errors") or [])
    if remote.get("status") == "unset" and over_for > timedelta(0) and not has_failed and not _is_ending(remote):
        result.gone.append(code)
        return
    if _is_ending(remote):
        return
    if code.revoked_at is not None or over_for > SEAM_ENDS_WITHIN or _opens_after(code, remote, now):
        result.delete.append((code, str(remote["access_code_id"])))


def _opens_after(code: AccessCode, remote: Json, now: datetime) -> bool:
    """Its end was moved to the past: Seam, which holds a later one, would not end it by itself."""
    ends_at = parse_time(remote.get("ends_at"))
    return code.is_over(now) and (ends_at is None or ends_at > now)


def _is_ending(remote: Json) -> bool:
    """Seam is already taking this code off the lock."""
    return remote.get("status") == "removing" or any(
        m.get("mutation_code") == "deleting" for m in remote.get("pending_mutations") or []
    )


def _is_not_in_flight(code: AccessCode, now: datetime) -> bool:
    return code.create_sent_at is None or abs(now - code.create_sent_at) > IN_FLIGHT


def taken_places(lock: Lock, todo: Plan, remotes: Iterable[Json], now: datetime) -> list[capacity.Span]:
    """The places that are taken by what Seam listed just now, and by codes that were not made through Seam."""
    gone = {id(remote) for code, remote in todo.observe if code in todo.gone}
    revoked = {id(remote): code.revoked_at for code, remote in todo.observe if code.revoked_at is not None}
    spans = [*capacity.spans_of_unrecognized((r for r in lock.other_codes if not r.get("is_managed")), now)]
    for remote in remotes:
        if id(remote) not in gone:
            starts_at, ends_at = parse_time(remote.get("starts_at")), parse_time(remote.get("ends_at"))
            leaves_at = min((at for at in (ends_at, revoked.get(id(remote))) if at is not None), default=None)
            spans.append(capacity.span_until_gone(starts_at, leaves_at, now))
    return spans
