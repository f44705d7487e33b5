"""Staff codes: from a person's doors and hours to the rows that say so, and what people do with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.models import User
from properties.codes import pins, planning
from properties.models import AccessCode, Activity, ActivityKind, Door, KnownPin, Lock, StaffMember
from properties.models.access_codes import opens_alike
from properties.models.stays import Window
from properties.values.encryption import decrypt
from properties.values.names import search_form
from properties.values.staff_hours import Span, wanted_span

# A lock that takes codes again, or for the first time, is found within this.
PLAN_AT_LEAST_EVERY = timedelta(hours=1)
# While a code comes off a lock whose next span has to wait for it.
LOOK_AGAIN = timedelta(minutes=1)


# --- The plan ---------------------------------------------------------------------------------------------


@dataclass
class StaffPlan:
    """What must change so that the rows match the person's doors and hours."""

    create: list[tuple[Lock, Span]] = field(default_factory=list)
    move: list[tuple[AccessCode, Span]] = field(default_factory=list)
    revoke: list[AccessCode] = field(default_factory=list)
    # Locks whose next code waits until the one before is proved to be off: the PIN is the same.
    waiting: list[Lock] = field(default_factory=list)


def plan_staff(member: StaffMember, doors: Iterable[Door], codes: Iterable[AccessCode], now: datetime) -> StaffPlan:
    """Pure: one code on the lock of each door, for the span that is running or comes next.

    `codes` are those of this person that hold a place on a lock, revoked ones too.
    """
    doors, plan = list(doors), StaffPlan()
    wanted = _wanted(member, doors, now)
    kept = set() if member.is_removed else {door.lock_id for door in doors}
    standing: set[int] = set()
    blocked: set[int] = set()
    for code in codes:
        has_pin = code.pin_hash == member.pin_hash
        if code.revoked_at is not None or code.is_over(now):
            blocked |= {code.lock_id} if has_pin else set()
        elif code.lock_id not in kept or not has_pin:
            plan.revoke.append(code)
        else:
            standing.add(code.lock_id)
            span = wanted[code.lock_id][1] if code.lock_id in wanted else None
            if span is not None and not opens_alike(code.window, _window(span), now):
                plan.move.append((code, span))
    for lock_id, (lock, span) in wanted.items():
        if lock_id in blocked:
            plan.waiting.append(lock)
        elif lock_id not in standing:
            plan.create.append((lock, span))
    return plan


def _wanted(member: StaffMember, doors: Iterable[Door], now: datetime) -> dict[int, tuple[Lock, Span]]:
    """Lock id → the lock and what it should hold now. A lock that takes no codes for the moment is left out."""
    found: dict[int, tuple[Lock, Span]] = {}
    for door in doors:
        span = wanted_span(member.rule, door.property.time_zone, now)
        if door.lock is not None and span is not None and not _why_not_planned(member, door, span):
            found[door.lock.pk] = (door.lock, span)
    return found


def _why_not_planned(member: StaffMember, door: Door, span: Span | None) -> str:
    """Why the plan has no code on this door, as a sentence; empty when it has. `span`: which is running or next."""
    if member.is_removed:
        return _("No code is left here.")
    if span is None:
        return _("Their last day is over.")
    return door.why_no_codes()


def why_no_code(member: StaffMember, door: Door, now: datetime, taken: TakenPins) -> str:
    """Why this person gets no code on this door, as a sentence; empty when they get one."""
    span = wanted_span(member.rule, door.property.time_zone, now)
    if reason := _why_not_planned(member, door, span):
        return reason
    return why_pin_unfit(member, door.lock, taken) if door.lock is not None else ""


# Lock id → PINs of others that are on it, will be, or were until not long ago.
TakenPins = Mapping[int, set[str]]


def taken_by_others(member: StaffMember, locks: Iterable[Lock], now: datetime) -> TakenPins:
    """In one query, however many locks."""
    held = AccessCode.objects.filter(lock__in=list(locks)).exclude(removed_at__lt=now - pins.COOLING)
    others = held.filter(Q(staff=None) | ~Q(staff=member)) if member.pk else held
    taken: dict[int, set[str]] = {}
    for lock_id, cipher in others.values_list("lock_id", "pin_encrypted"):
        taken.setdefault(lock_id, set()).add(decrypt(cipher))
    return taken


def why_pin_unfit(member: StaffMember, lock: Lock, taken: TakenPins) -> str:
    """Why this person's PIN cannot go on a lock, as a sentence; empty when it can. Says nothing of the PIN."""
    pin = member.pin
    is_unfit = len(pin) not in pins.common_lengths([lock]) or pins.constraint_broken(pin, lock)
    if is_unfit or pins.clash(pin, taken.get(lock.pk, set())):
        return _(
            "The PIN of %(member)s cannot be used on %(lock)s. Give them a new PIN, which fits all of their doors."
        ) % {"member": member, "lock": lock}
    return ""


# --- Carrying it out ----------------------------------------------------------------------------------------


def apply_staff_plan(member: StaffMember, now: datetime, actor: User | None) -> list[AccessCode]:
    """Carry the plan out in our rows; returns the codes that changed. Locks that have work are due now."""
    with transaction.atomic():
        # One plans at a time, from what is true now: a person removed a moment ago must get no code.
        member = StaffMember.objects.select_for_update().get(pk=member.pk)
        codes = list(member.access_codes.occupying().select_related("lock"))
        plan = plan_staff(member, doors_of(member), codes, now)
        changed = list(plan.revoke)
        for code in plan.revoke:
            planning.revoke(code, now, actor, "Removed from staff" if member.is_removed else "Not needed any more")
        for code, span in plan.move:
            planning.move(code, _window(span), now, actor)
            changed.append(code)
        taken = taken_by_others(member, [lock for lock, _ in plan.create], now) if plan.create else {}
        for lock, span in plan.create:
            if not why_pin_unfit(member, lock, taken):
                window = _window(span)
                changed.append(planning.issue(lock, member.name, window, member.pin, now, actor, staff=member))
        StaffMember.objects.filter(pk=member.pk).update(plan_at=_next_plan(member, plan, now))
    return changed


def doors_of(member: StaffMember) -> list[Door]:
    return list(member.doors.select_related("property", "lock__account"))


def _window(span: Span) -> Window | None:
    return Window(span.starts_at, span.ends_at) if span.starts_at and span.ends_at else None


def _next_plan(member: StaffMember, plan: StaffPlan, now: datetime) -> datetime | None:
    """When the plan can be another one: at the end of a span, or when a code has come off."""
    if member.is_removed:
        return None
    if plan.waiting:
        return now + LOOK_AGAIN
    ends = member.access_codes.standing().filter(ends_at__gt=now).order_by("ends_at").values_list("ends_at", flat=True)
    return min(ends.first() or now + PLAN_AT_LEAST_EVERY, now + PLAN_AT_LEAST_EVERY)


# --- What people do -----------------------------------------------------------------------------------------

# What a person types; the rest of the row is written elsewhere.
TYPED = ["name", "job", "user", "hours_from", "hours_to", "days", "until_on"]


def save_member(member: StaffMember, doors: Iterable[Door], now: datetime, actor: User) -> list[AccessCode]:
    """Write a new or changed person with their doors, and plan their codes; returns the codes that changed.

    Raises pins.NoPinLeft when no PIN, or not this person's PIN, fits all of the doors; then nothing has changed.
    """
    doors = list(doors)
    locks = [door.lock for door in doors if door.lock is not None and not door.lock.why_no_codes()]
    with transaction.atomic():
        is_new = member.pk is None
        if is_new:
            member.set_pin(pins.choose_pin(locks, now))
            member.created_at, member.created_by = now, actor
            member.save(force_insert=True)
        elif reasons := _unfit(member, locks, now):
            raise pins.NoPinLeft(reasons[0])
        else:
            _renew_for_other_login(member, locks, now, actor)
            member.save(update_fields=TYPED)
        member.doors.set(doors)
        member.access_codes.standing().update(holder_name=member.name, search_text=search_form(member.name))
        count = "1 door" if len(doors) == 1 else f"{len(doors)} doors"
        _record(
            member,
            now,
            actor,
            ActivityKind.STAFF_ADDED if is_new else ActivityKind.STAFF_CHANGED,
            f"{count}; {member.rule}",
        )
        return apply_staff_plan(member, now, actor)


def _renew_for_other_login(member: StaffMember, locks: Sequence[Lock], now: datetime, actor: User) -> None:
    """Who logged in as this person has read the PIN, or could have: another one gets a new PIN."""
    before = StaffMember.objects.select_related("user").get(pk=member.pk).user
    if before == member.user:
        return
    member.set_pin(pins.choose_pin(locks, now))
    member.save(update_fields=["pin_encrypted", "pin_hash"])
    member.known_to.all().delete()
    text = (
        f"a new PIN, because another person logs in for them ({before or 'none'} before, {member.user or 'none'} now)"
    )
    _record(member, now, actor, ActivityKind.STAFF_NEW_PIN, text)


def _unfit(member: StaffMember, locks: list[Lock], now: datetime) -> list[str]:
    taken = taken_by_others(member, locks, now)
    return [reason for lock in locks if (reason := why_pin_unfit(member, lock, taken))]


def renew_pin(member: StaffMember, now: datetime, actor: User, reason: str) -> list[AccessCode]:
    """A new PIN on every door; the old one is revoked at once. Raises pins.NoPinLeft; then nothing has changed."""
    with transaction.atomic():
        locks = [door.lock for door in doors_of(member) if door.lock is not None and not door.lock.why_no_codes()]
        member.set_pin(pins.choose_pin(locks, now))
        member.save(update_fields=["pin_encrypted", "pin_hash"])
        member.known_to.all().delete()
        _record(member, now, actor, ActivityKind.STAFF_NEW_PIN, f"a new PIN ({reason})")
        return apply_staff_plan(member, now, actor)


def remove(member: StaffMember, now: datetime, actor: User) -> list[AccessCode]:
    """Take a person off every door, in one action. Each door's code then says for itself when it is gone."""
    with transaction.atomic():
        mine = StaffMember.objects.filter(pk=member.pk, removed_at=None)
        if mine.update(removed_at=now, removed_by=actor, user=None) != 1:
            return []
        member.refresh_from_db()
        _record(member, now, actor, ActivityKind.STAFF_REMOVED, "removed from every door")
        return apply_staff_plan(member, now, actor)


def reveal_pin(member: StaffMember, now: datetime, actor: User) -> str:
    """The PIN for a person's eyes. Recorded."""
    member.access_codes.standing().filter(pin_shown_at=None).update(pin_shown_at=now)
    KnownPin.of_staff(member, actor, now)
    _record(member, now, actor, ActivityKind.STAFF_REVEALED, "the PIN was shown")
    return member.pin


def wake(doors: Iterable[Door], now: datetime) -> None:
    """Doors or their locks changed: plan the codes of the people who open them again, with the next sweep."""
    StaffMember.objects.filter(doors__in=list(doors), removed_at=None).update(plan_at=now)


def _record(member: StaffMember, now: datetime, actor: User, kind: ActivityKind, text: str) -> None:
    Activity.record(member.organization_id, now, kind, f"Staff: {member}: {text}", actor=actor)


# --- What is shown ------------------------------------------------------------------------------------------


def codes_to_show(member: StaffMember) -> list[AccessCode]:
    """What still holds a place on a lock, and the last code of each lock: the proof that it is gone."""
    newest = member.access_codes.order_by().values("lock").annotate(newest=Max("pk")).values("newest")
    shown = member.access_codes.filter(Q(removed_at=None) | Q(pk__in=newest))
    return list(shown.with_places().order_by("lock__name", "-pk"))
