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
# What Seam does not know is asked for again after this; what has no id, and is only not listed, after the longer one.
ASKED_AGAIN, LISTED_AGAIN = timedelta(seconds=30), timedelta(minutes=2)


@dataclass
class Plan:
    """What to do on one lock. Lists are in the order in which they are carried out."""

    observe: list[tuple[AccessCode, Json]] = field(default_factory=list)
    # Seam has nothing of them: said for the first time, and proved.
    missing: list[AccessCode] = field(default_factory=list)
    gone: list[AccessCode] = field(default_factory=list)
    # Recorded as removed, and listed all the same.
    returned: list[tuple[AccessCode, Json]] = field(default_factory=list)
    lost: list[AccessCode] = field(default_factory=list)
    delete: list[tuple[AccessCode | None, str]] = field(default_factory=list)
    update: list[tuple[AccessCode, Json]] = field(default_factory=list)
    create: list[AccessCode] = field(default_factory=list)
    foreign: list[Json] = field(default_factory=list)

    def leave_alone(self, codes: Collection[AccessCode]) -> None:
        """Drop what was to be done about these; what was seen of them stays."""
        self.missing = [code for code in self.missing if code not in codes]
        self.gone = [code for code in self.gone if code not in codes]
        self.lost = [code for code in self.lost if code not in codes]
        self.create = [code for code in self.create if code not in codes]
        self.delete = [(code, remote_id) for code, remote_id in self.delete if code not in codes]
        self.update = [(code, remote) for code, remote in self.update if code not in codes]


def plan(
    codes: Iterable[AccessCode],
    remotes: Iterable[Json],
    now: datetime,
    ended: Iterable[AccessCode] = (),
    unknown: Collection[str] = (),
) -> Plan:
    """Pure: what must change at Seam so that the lock holds what is wanted.

    `codes`: our rows that may hold a place; `remotes`: Seam's managed codes of the lock; `ended`: rows that were
    removed before, by whose ids and names a code is recognised that turned up after all; `unknown`: ids of ours that
    Seam, asked for them one by one, does not know. That a code is missing from a list proves nothing: lists are behind.
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
        remote: Json | None = by_id.get(code.seam_id or "")
        if remote is None and twins:
            remote = next((r for r in twins if not is_ending(r)), twins[0])
        matched |= {str(r["access_code_id"]) for r in twins}
        if remote is not None:
            matched.add(str(remote["access_code_id"]))
            result.observe.append((code, remote))
        for twin in twins:
            if twin is not remote and not is_ending(twin):
                result.delete.append((None, str(twin["access_code_id"])))
        if code.is_wanted(now):
            _plan_wanted(result, code, remote, now, unknown)
        else:
            _plan_unwanted(result, code, remote, now, unknown)
    removed = {str(key): code for code in ended for key in (code.seam_name, code.seam_id) if key}
    for remote_id, stray in by_id.items():
        if remote_id in matched:
            continue
        record = removed.get(remote_id) or removed.get(str(stray.get("name") or ""))
        if record is None:
            result.foreign.append(stray)
        elif not is_over_and_off(stray, now):
            result.returned.append((record, stray))
        elif not is_ending(stray):
            result.delete.append((None, remote_id))
    result.create.sort(key=lambda code: capacity.need(code, now))
    return result


def _plan_wanted(result: Plan, code: AccessCode, remote: Json | None, now: datetime, unknown: Collection[str]) -> None:
    if remote is None:
        if code.seam_id is not None:
            if str(code.seam_id) in unknown:
                _plan_missing(result, code, now)
        elif code.rejected_at is None and _is_not_in_flight(code, now):
            result.create.append(code)
        return
    if is_ending(remote) or code.rejected_at is not None:
        return
    if not is_as_wanted(code, remote, now):
        result.update.append((code, remote))


def _plan_missing(result: Plan, code: AccessCode, now: datetime) -> None:
    """Seam has nothing of it: said once, that is looked into again; said again later, it is so."""
    # An event that told the removal was the first to say so.
    was_told = code.removed_source != "" and not code.is_wanted(now)
    if not was_told and code.missing_at is None:
        result.missing.append(code)
    elif not was_told and now < asked_again_at(code):
        return
    elif code.is_wanted(now):
        result.lost.append(code)
        result.create.append(code)
    else:
        result.gone.append(code)


def asked_again_at(code: AccessCode) -> datetime:
    """From when on a second word that Seam has nothing of this code is a proof."""
    assert code.missing_at is not None
    return code.missing_at + (LISTED_AGAIN if code.seam_id is None else ASKED_AGAIN)


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
            if code.last_sent_at is None:
                result.gone.append(code)
            elif now - code.last_sent_at > LOST_ANSWER:
                _plan_missing(result, code, now)
        elif code.delete_sent_at is None:
            # Seam is told in any case: a code that is only missing from the list still opens the door.
            result.delete.append((code, str(code.seam_id)))
        elif str(code.seam_id) in unknown:
            _plan_missing(result, code, now)
        return
    over_for = now - code.ends_at if code.ends_at else timedelta(0)
    if over_for > timedelta(0) and is_over_and_off(remote, now) and not is_ending(remote):
        result.gone.append(code)
        return
    if is_ending(remote):
        return
    if code.revoked_at is not None or over_for > SEAM_ENDS_WITHIN:
        result.delete.append((code, str(remote["access_code_id"])))


def is_over_and_off(remote: Json, now: datetime) -> bool:
    """Expired codes will stay listed, Seam's documents announce: as `unset` with their end in the past."""
    ends_at = parse_time(remote.get("ends_at"))
    has_failed = any(e.get("error_code") in REMOVAL_ERRORS for e in remote.get("errors") or [])
    return remote.get("status") == "unset" and ends_at is not None and ends_at <= now and not has_failed


def is_ending(remote: Json) -> bool:
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
