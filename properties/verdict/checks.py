"""Can this guest get in when the stay begins: named checks, the worst of which is the verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from zoneinfo import ZoneInfo

from properties.codes import capacity
from properties.codes.capacity import TakesPlace
from properties.models.access_codes import PROOF_GRACE, AccessCode, CodeState, Tone
from properties.models.locks import BATTERY_EMPTY, READING_IS_STALE_AFTER, Charge, Lock
from properties.models.places import Door
from properties.models.stays import Stay, Window
from properties.values.local_time import LocalTime
from properties.values.wording import moment, short_day

# Proof is looked for at these times before the guest may enter; what is missing weighs one step more at each.
CHECKPOINTS = (timedelta(hours=72), timedelta(hours=24), timedelta(hours=6), timedelta(hours=1))
# How far ahead a lock that is away, or a battery that is low, is a risk to a stay: before, there is time.
LOCK_MATTERS_AHEAD = timedelta(hours=72)
BATTERY_MATTERS_AHEAD = timedelta(days=7)
# A worker that restarts is silent for a minute; one that is silent for longer leaves what we show unproved.
WORKER_MAY_PAUSE = timedelta(minutes=15)
# Seam's words for a PIN or name that this lock will not take: only another one helps.
NEEDS_ANOTHER_PIN = frozenset(
    {
        "duplicate_code_on_device",
        "wyze_potential_duplicate_code",
        "wyze_duplicate_code_name",
        "code_constraints_violated",
    }
)


class Verdict(Enum):
    """The five words, from good to bad: label, tone and icon in one place."""

    READY = ("ready", "Ready", Tone.OK, "check-circle")
    WORKING = ("working", "Working", Tone.INFO, "clock")
    UNKNOWN = ("unknown", "Unknown", Tone.IDLE, "question-mark-circle")
    AT_RISK = ("at-risk", "At risk", Tone.WARN, "exclamation-triangle")
    NOT_READY = ("not-ready", "Not ready", Tone.BAD, "x-circle")

    def __init__(self, key: str, label: str, tone: Tone, icon: str) -> None:
        self.key = key
        self.label = label
        self.tone = tone
        self.icon = icon
        # Larger is worse: they are listed from good to bad.
        self.rank = len(type(self).__members__)

    @property
    def needs_somebody(self) -> bool:
        return self in (Verdict.AT_RISK, Verdict.NOT_READY)


class Severity(IntEnum):
    """How urgently a missing proof needs attention."""

    NONE = 0
    INFO = 1
    WARN = 2
    URGENT = 3
    PAGE = 4

    @property
    def verdict(self) -> Verdict:
        if self >= Severity.URGENT:
            return Verdict.NOT_READY
        return Verdict.AT_RISK if self is Severity.WARN else Verdict.WORKING


class Subject(Enum):
    """What a check looks at, causes before their effects: the first bad one is where to begin."""

    ACCOUNT = "Account linked"
    DOORS = "Every door has a lock"
    CAPACITY = "Room on the lock"
    LOCK = "Lock answers"
    PROOF = "Code on the lock"
    BATTERY = "Batteries last"
    CONFLICT = "No other stay"
    WORKER = "Latchkey at work"
    REMOVAL = "Code taken away"


class Fix(Enum):
    """What a person can do about it; pages know the words and the address."""

    NONE = "none"
    RECONNECT = "reconnect"
    ADD_DOOR = "add_door"
    PUT_LOCK_ON_DOOR = "put_lock_on_door"
    CHECK_LOCK = "check_lock"
    FREE_PLACES = "free_places"
    RETRY = "retry"
    REISSUE = "reissue"
    GIVE_BACK = "give_back"
    CHANGE_BATTERY = "change_battery"
    MOVE_STAY = "move_stay"


@dataclass(frozen=True)
class Check:
    """One question, answered: what is so, why that matters, what to do. `target_id`: the row that `fix` is about."""

    subject: Subject
    verdict: Verdict
    what: str
    why: str = ""
    todo: str = ""
    fix: Fix = Fix.NONE
    target_id: int | None = None
    severity: Severity = Severity.NONE


@dataclass(frozen=True)
class Readiness:
    """The verdict and all that led to it."""

    verdict: Verdict
    checks: tuple[Check, ...]

    @property
    def first_to_mend(self) -> Check | None:
        """Where to begin: the first cause among the checks that need attention; else the worst one."""
        open_checks = [check for check in self.checks if check.verdict is not Verdict.READY]
        asking = [check for check in open_checks if check.verdict.needs_somebody]
        if asking:
            return min(asking, key=lambda check: _CAUSES_FIRST[check.subject])
        return max(open_checks, key=lambda check: check.verdict.rank, default=None)

    @property
    def severity(self) -> Severity:
        return max((check.severity for check in self.checks), default=Severity.NONE)


_CAUSES_FIRST = {subject: place for place, subject in enumerate(Subject)}


@dataclass(frozen=True)
class DoorFacts:
    """A door of the stay's unit, its lock, and the stay's code on it.

    `others_on_lock`: the other codes that take a place; known where this one has none yet (`needs_place`).
    `withheld`: a code that a person took away, so none is planned.
    """

    door: Door
    lock: Lock | None = None
    code: AccessCode | None = None
    others_on_lock: tuple[TakesPlace, ...] = ()
    withheld: AccessCode | None = None

    @property
    def needs_place(self) -> bool:
        """A code that Seam has accepted has its place; one that is still to come needs a free one."""
        return self.lock is not None and (self.code is None or self.code.seam_id is None)


@dataclass(frozen=True)
class OtherStay:
    """A stay of the same unit that shares time with this one."""

    pk: int
    guest: str
    check_in: LocalTime
    check_out: LocalTime


@dataclass(frozen=True)
class StayFacts:
    """All that the verdict on one stay depends on. `worker_seen_at` is on the same clock as `now`; None is never."""

    stay: Stay
    doors: tuple[DoorFacts, ...] = ()
    others: tuple[OtherStay, ...] = ()
    worker_seen_at: datetime | None = None

    @property
    def required(self) -> list[DoorFacts]:
        return [facts for facts in self.doors if facts.door.is_required]

    @property
    def is_proved(self) -> bool:
        """Each required door has a code that is proved to be on its lock."""
        proved = [each.code is not None and each.code.is_proved_on_lock for each in self.required]
        return bool(proved) and all(proved)


def verdict(facts: StayFacts, now: datetime) -> Readiness:
    """The worst check wins, never an average. For a stay that is not over."""
    checks = [*_doors(facts, now)]
    for door in facts.required:
        if door.lock is not None:
            # What is said of an account that carries two doors is said once.
            checks += [each for each in _door_checks(facts.stay, door, door.lock, now) if each not in checks]
    checks += [_conflict(facts, now), worker(facts.worker_seen_at, facts.is_proved, now)]
    return weighed(checks)


def weighed(checks: Iterable[Check]) -> Readiness:
    """Causes first; the worst one is the verdict."""
    ordered = sorted(checks, key=lambda check: _CAUSES_FIRST[check.subject])
    return Readiness(worst(check.verdict for check in ordered), tuple(ordered))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of none at all: unknown, which is not ready."""
    return max(verdicts, key=lambda each: each.rank, default=Verdict.UNKNOWN)


def checkpoints_passed(lead: timedelta) -> int:
    """How many of the moments T-72 h, T-24 h, T-6 h, T-1 h are behind us; one more once the guest may enter."""
    passed = sum(lead <= before for before in CHECKPOINTS)
    return passed + 1 if lead <= timedelta(0) else passed


def missing(lead: timedelta, steps_behind: int = 0) -> Severity:
    """How much a missing proof weighs: one step for each checkpoint passed, and for each step it is behind."""
    return Severity(min(checkpoints_passed(lead) + steps_behind, Severity.PAGE))


def _door_checks(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> list[Check]:
    return [
        _account(stay, door, lock),
        _capacity(stay, door, lock, now),
        _lock(stay, door, lock, now),
        _proof(stay, door, lock, now),
        _batteries(stay, door, lock, now),
    ]


# --- Places -------------------------------------------------------------------------------------------------


def _doors(facts: StayFacts, now: datetime) -> list[Check]:
    """One answer for the unit: is there a lock on each door that the guest has to pass."""
    severity = missing(facts.stay.starts_at - now, 2)
    required = facts.required
    if not required:
        return [
            Check(
                Subject.DOORS,
                severity.verdict,
                "No door that a guest needs leads to this unit.",
                "No code can be planned.",
                "Add the door, with its lock.",
                Fix.ADD_DOOR,
                facts.stay.unit.property_id,
                severity,
            )
        ]
    bare = [each.door for each in required if each.lock is None]
    if not bare:
        return [Check(Subject.DOORS, Verdict.READY, f"{_count(len(required), 'door')}, each with a lock.")]
    return [
        Check(
            Subject.DOORS,
            severity.verdict,
            f"No lock is on {door.name}.",
            "The guest gets no code for it.",
            "Put a lock on it; the code follows by itself.",
            Fix.PUT_LOCK_ON_DOOR,
            door.pk,
            severity,
        )
        for door in bare
    ]


def _conflict(facts: StayFacts, now: datetime) -> Check:
    """Two guests in one unit, or two windows that overlap because of the buffers."""
    stay = facts.stay
    if not facts.others:
        return Check(Subject.CONFLICT, Verdict.READY, "No other guest has the unit then.")
    other = facts.others[0]
    if not stay.shares_nights(other.check_in, other.check_out):
        return Check(
            Subject.CONFLICT,
            Verdict.AT_RISK,
            f"The codes of {other.guest} and this guest are open at the same time.",
            "The time before check-in reaches into the time after check-out.",
            "Move a check-in or check-out, or shorten the property's buffers.",
            Fix.MOVE_STAY,
            stay.pk,
        )
    is_near = stay.starts_at - now <= CHECKPOINTS[1]
    return Check(
        Subject.CONFLICT,
        Verdict.NOT_READY if is_near else Verdict.AT_RISK,
        f"{other.guest} has the unit too, {other.check_in} to {other.check_out}.",
        "Two guests would stand in one home.",
        "Move one of the two stays.",
        Fix.MOVE_STAY,
        stay.pk,
    )


# --- What carries the code to the lock ----------------------------------------------------------------------


def _account(stay: Stay, door: DoorFacts, lock: Lock) -> Check:
    account = lock.account
    if account.unlinked_at is not None or account.unlink_requested_at is not None:
        return Check(
            Subject.ACCOUNT,
            Verdict.NOT_READY,
            f"{account} is being unlinked.",
            f"Its codes are taken off {lock}.",
            "Keep the account, or put another lock on the door.",
            Fix.PUT_LOCK_ON_DOOR,
            door.door.pk,
        )
    if account.is_dropped:
        return Check(
            Subject.ACCOUNT,
            Verdict.AT_RISK,
            f"{account} is disconnected.",
            "Nothing reaches its locks: no code, no change, no removal.",
            "Reconnect it; codes follow by themselves.",
            Fix.RECONNECT,
            account.pk,
        )
    return Check(Subject.ACCOUNT, Verdict.READY, f"{account} is linked.")


def _capacity(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> Check:
    if lock.code_capacity is None:
        return Check(Subject.CAPACITY, Verdict.READY, f"{lock} names no limit for codes.")
    if not door.needs_place:
        return Check(Subject.CAPACITY, Verdict.READY, f"The code has its place on {lock}.")
    before = capacity.those_before(door.code, door.others_on_lock, now)
    full = capacity.no_room(lock, before, Window(stay.starts_at, stay.ends_at), now)
    if full is None:
        return Check(Subject.CAPACITY, Verdict.READY, f"The code finds a place on {lock}.")
    severity = missing(stay.starts_at - now, 2)
    return Check(
        Subject.CAPACITY,
        severity.verdict,
        capacity.describe_full(lock, full, now, stay.unit.property.time_zone),
        "It takes no further code then.",
        "Revoke a code that is not needed then.",
        Fix.FREE_PLACES,
        lock.pk,
        severity,
    )


def _lock(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> Check:
    """Online, and believed: something was heard or read of it within a day."""
    if lock.vanished_at is not None:
        severity = missing(stay.starts_at - now, 2)
        todo = "Put the lock that is on the door now in its place."
        why = "Its codes cannot be changed or proved."
        what = f"{lock} is no longer in the linked account."
        return Check(Subject.LOCK, severity.verdict, what, why, todo, Fix.PUT_LOCK_ON_DOOR, door.door.pk, severity)
    if lock.account.is_dropped:
        what = f"Whether {lock} is online cannot be said while its account is disconnected."
        return Check(Subject.LOCK, Verdict.UNKNOWN, what)
    trouble = _lock_trouble(lock)
    if not trouble:
        if is_believed(lock, now):
            return Check(Subject.LOCK, Verdict.READY, f"{lock} is online.")
        return Check(
            Subject.LOCK,
            Verdict.UNKNOWN,
            f"Nothing was heard of {lock} for more than a day.",
            "Whether it is online cannot be said.",
            "Read it again; if that fails, check its gateway.",
            Fix.CHECK_LOCK,
            lock.pk,
        )
    if lock.is_online is None and not lock.errors:
        return Check(
            Subject.LOCK, Verdict.UNKNOWN, trouble, "What it says of its codes may be old.", "Read it again.",
            Fix.CHECK_LOCK, lock.pk,
        )  # fmt: skip
    is_near = stay.starts_at - now <= LOCK_MATTERS_AHEAD
    return Check(
        Subject.LOCK,
        Verdict.AT_RISK if is_near else Verdict.WORKING,
        trouble,
        "A code that is on it still opens the door; a new or changed one does not reach it."
        if is_near
        else "There is time until the code has to reach it.",
        "Check the power and internet of its gateway, and the batteries.",
        Fix.CHECK_LOCK,
        lock.pk,
    )


def _lock_trouble(lock: Lock) -> str:
    for error in lock.errors:
        return f"{lock}: {str(error.get('message') or error.get('error_code') or 'a problem').rstrip('.')}."
    if lock.is_online is None:
        return f"Whether {lock} is online is unknown."
    if not lock.is_online:
        return f"{lock} is offline."
    if lock.breaker_until is not None:
        return f"{lock} is paused after repeated failures."
    return ""


def known_at(lock: Lock) -> datetime | None:
    """When something was last heard or read of it."""
    return max((t for t in (lock.heard_at, lock.last_read_at) if t is not None), default=None)


def is_believed(lock: Lock, now: datetime) -> bool:
    at = known_at(lock)
    return at is not None and now - at <= READING_IS_STALE_AFTER


def is_silent(worker_seen_at: datetime | None, now: datetime) -> bool:
    return worker_seen_at is None or now - worker_seen_at > WORKER_MAY_PAUSE


def worker(seen_at: datetime | None, is_proved: bool, now: datetime) -> Check:
    """Without the worker nothing is sent and nothing is read: what we show is what was."""
    if not is_silent(seen_at, now):
        return Check(Subject.WORKER, Verdict.READY, "The worker is alive.")
    return Check(
        Subject.WORKER,
        Verdict.UNKNOWN if is_proved else Verdict.AT_RISK,
        "The worker is silent.",
        "Nothing is sent to locks or read from them.",
        "Start it, or tell whoever runs the server.",
    )


# --- The code -----------------------------------------------------------------------------------------------


def _proof(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> Check:
    """Seam reports the code on this lock for the window that is wanted; nothing else counts as proof."""
    code, name = door.code, door.door.name
    if code is None:
        return _no_code(stay, door, lock, now)
    if code.rejected_at is not None:
        return _unproved(stay, code, missing(stay.starts_at - now, 2), f"The code for {name} was refused.", now)
    if code.is_proved_on_lock:
        return _unsure(code, name, lock) if code.is_unsure else _proved(code, name, now)
    severity = _severity(code, now)
    if code.seam_id is None:
        what = f"The code for {name} is not accepted by Seam yet."
    elif code.own_errors:
        what = f"Seam could not put the code on {name} yet."
    elif code.state(now) is CodeState.CHANGING:
        what = f"The code for {name} is being changed to the new times."
    else:
        what = f"The code for {name} is accepted, not on the lock yet."
    return _unproved(stay, code, severity, what, now)


def _proved(code: AccessCode, name: str, now: datetime) -> Check:
    """On the lock; once the guest may enter, it also has to be live. One made meanwhile has its minutes."""
    begun = code.starts_at is not None and now - max(code.starts_at, code.created_at) > PROOF_GRACE
    if begun and code.live_at is None and code.used_at is None:
        return Check(
            Subject.PROOF,
            Verdict.AT_RISK,
            f"The code is on {name}, but nothing proves that it is live.",
            "The guest may enter by now.",
            "Read the lock again; if the guest cannot get in, unlock the door remotely.",
            Fix.RETRY,
            code.pk,
            Severity.WARN,
        )
    word = "used" if code.used_at else "live" if code.live_at and begun else "on the lock"
    return Check(Subject.PROOF, Verdict.READY, f"The code for {name} is {word}.")


def _unsure(code: AccessCode, name: str, lock: Lock) -> Check:
    what = f"The code for {name} was on the lock when it was last reached; now that cannot be checked."
    why = f"{lock} or its account does not answer."
    return Check(Subject.PROOF, Verdict.UNKNOWN, what, why, "Bring the lock back online.", Fix.CHECK_LOCK, lock.pk)


def _severity(code: AccessCode, now: datetime) -> Severity:
    """What is missing now. A code just made has its minutes; one that opens meanwhile has until it closes."""
    if now < code.created_at + PROOF_GRACE:
        return Severity.NONE
    deadline = code.starts_at or code.created_at
    if _opens_at(code, deadline) and code.seam_ends_at is not None:
        deadline = code.seam_ends_at
    is_behind = code.seam_id is None or bool(code.own_errors)
    return missing(deadline - now, 1 if is_behind else 0)


def _opens_at(code: AccessCode, moment: datetime) -> bool:
    """With the times that Seam holds, which are not the wanted ones, the code opens the door at this moment."""
    is_there = code.on_lock_at is not None and not code.own_errors
    has_begun = code.seam_starts_at is None or code.seam_starts_at <= moment
    return is_there and has_begun and (code.seam_ends_at is None or code.seam_ends_at > moment)


def _unproved(stay: Stay, code: AccessCode, severity: Severity, what: str, now: datetime) -> Check:
    """What is missing, when it should come, and what to do if it does not: retry, gateway, another way in."""
    fix = Fix.NONE
    if severity >= Severity.WARN:
        known = {str(error.get("error_code")) for error in code.errors}
        fix = Fix.REISSUE if known & NEEDS_ANOTHER_PIN else Fix.RETRY
    return Check(
        Subject.PROOF,
        severity.verdict,
        what,
        code.rejection or _why_unproved(stay, code, now),
        TODO_WHEN_MISSING[severity],
        fix,
        code.pk,
        severity,
    )


def _why_unproved(stay: Stay, code: AccessCode, now: datetime) -> str:
    for error in code.errors:
        if error.get("message"):
            return str(error["message"])
    loaded_at = code.will_be_loaded_at
    if code.seam_id is not None and loaded_at is not None and loaded_at > now:
        return f"Wyze loads it on {when(loaded_at, stay.unit.property.time_zone)}."
    return ""


TODO_WHEN_MISSING = {
    Severity.NONE: "",
    Severity.INFO: "",
    Severity.WARN: "Try again: it is sent at once.",
    Severity.URGENT: "Try again, and check the power and internet of the gateway.",
    Severity.PAGE: "Try again. If it does not come, give the guest another way in: unlock remotely, or a key.",
}


def _no_code(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> Check:
    severity = missing(stay.starts_at - now, 2)
    what = f"No code is planned for {door.door.name}."
    if door.withheld is not None:
        todo, fix, target = "Give it back if the guest needs it.", Fix.GIVE_BACK, door.withheld.pk
        why = "A person revoked it."
    elif why := lock.why_no_codes():
        todo, fix, target = "Give the guest another way in, or mark the door as optional.", Fix.CHECK_LOCK, lock.pk
    else:
        todo, fix, target = "Save the stay again: its codes are planned anew.", Fix.MOVE_STAY, stay.pk
    return Check(Subject.PROOF, severity.verdict, what, why, todo, fix, target, severity)


def removal(codes: Iterable[AccessCode], now: datetime, next_starts_at: datetime | None = None) -> Check:
    """Of a stay that is over: is each code proved to be off its lock. Louder as time goes by, or the next guest nears.

    `codes` are all that were made for the stay; those that are wanted again elsewhere do not belong here.
    """
    states = [(code, code.state(now)) for code in codes]
    lingering = [code for code, state in states if state is CodeState.NOT_REMOVED]
    if not lingering:
        is_under_way = any(state is not CodeState.REMOVED for _, state in states)
        what = "The codes are being taken off the locks." if is_under_way else "Every code is proved removed."
        return Check(
            Subject.REMOVAL,
            Verdict.WORKING if is_under_way else Verdict.READY,
            what if states else "No code was made for this stay.",
        )
    code = min(lingering, key=_unwanted_since)
    is_near = next_starts_at is not None and next_starts_at - now <= CHECKPOINTS[1]
    is_long_ago = now - _unwanted_since(code) >= CHECKPOINTS[-1]
    severity = Severity.PAGE if is_near else Severity.URGENT if is_long_ago else Severity.WARN
    return Check(
        Subject.REMOVAL,
        severity.verdict,
        f"Nothing proves that the code is off {code.lock}.",
        "The guest who left may still open the door" + (", and the next one arrives within a day." if is_near else "."),
        "Try again; if that fails, delete the code in the Wyze app.",
        Fix.RETRY,
        code.pk,
        severity,
    )


def _unwanted_since(code: AccessCode) -> datetime:
    return min(t for t in (code.revoked_at, code.ends_at) if t is not None)


# --- Batteries ----------------------------------------------------------------------------------------------


def _batteries(stay: Stay, door: DoorFacts, lock: Lock, now: datetime) -> Check:
    """Both last through the stay, as far as level, status and forecast say."""
    low = [words for words in (_lock_battery(lock), _keypad_battery(lock)) if words]
    runs_out = lock.battery_good_until is not None and lock.battery_good_until <= stay.ends_at
    levels = [level for level in (lock.battery_level, lock.keypad_battery_level) if level is not None]
    todo = f"Change it before {when(stay.starts_at, stay.unit.property.time_zone)}."
    if low or runs_out:
        what = " ".join(low) or _runs_out(lock, stay.unit.property.time_zone)
        is_near = stay.starts_at - now <= BATTERY_MATTERS_AHEAD
        is_empty = bool(levels) and min(levels) <= BATTERY_EMPTY and stay.starts_at - now <= LOCK_MATTERS_AHEAD
        verdict = Verdict.NOT_READY if is_empty else Verdict.AT_RISK if is_near else Verdict.WORKING
        why = "With an empty battery the keypad opens nothing."
        return Check(Subject.BATTERY, verdict, what, why, todo, Fix.CHANGE_BATTERY, lock.pk)
    if lock.charge is Charge.UNKNOWN:
        what = f"The battery level of {lock} is unknown."
        why = "It cannot be said whether it lasts."
        return Check(
            Subject.BATTERY, Verdict.UNKNOWN, what, why, "Look at it in the Wyze app.", Fix.CHECK_LOCK, lock.pk
        )
    return Check(Subject.BATTERY, Verdict.READY, f"{lock}: {_levels(lock)}.")


def _runs_out(lock: Lock, zone: str) -> str:
    there = lock.battery_empty_at.astimezone(ZoneInfo(zone)) if lock.battery_empty_at is not None else None
    return f"A battery of {lock} is likely to be empty by {short_day(there)}." if there is not None else ""


def _lock_battery(lock: Lock) -> str:
    if not lock.charge.is_low:
        return ""
    return f"The battery of {lock} is {lock.charge.value}{_percent(lock.battery_level)}."


def _keypad_battery(lock: Lock) -> str:
    if not lock.keypad_charge.is_low:
        return ""
    return f"The keypad of {lock} is {lock.keypad_charge.value}{_percent(lock.keypad_battery_level)}."


def _levels(lock: Lock) -> str:
    words = [f"lock {lock.battery_level:.0%}" if lock.battery_level is not None else f"lock {lock.battery_status}"]
    if lock.keypad_battery_level is not None:
        words.append(f"keypad {lock.keypad_battery_level:.0%}")
    return ", ".join(words)


# --- Words --------------------------------------------------------------------------------------------------


def when(instant: datetime, zone: str) -> str:
    """An instant as a person in that zone says it: "Tue 24 Nov, 16:00"."""
    return moment(instant.astimezone(ZoneInfo(zone)))


def _percent(level: float | None) -> str:
    return f", {level:.0%}" if level is not None else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
