"""The proof on a stay's page: the verdict with its checks, and each door's way from plan to removal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from dashboard.rows.next_steps import NextStep, next_step
from properties.codes import planning
from properties.models import AccessCode, CodeState, Door, Lock, Stay, Step
from properties.verdict.checks import Check, Readiness, Verdict, removal
from properties.verdict.loading import assess


@dataclass(frozen=True)
class DoorRow:
    """A door of a stay: how far its code has come, or why it has none."""

    door: str
    url: str = ""
    # Where the door is opened remotely; empty where its lock cannot.
    unlock_url: str = ""
    detail: str = ""
    code: AccessCode | None = None
    state: CodeState | None = None
    steps: tuple[Step, ...] = ()
    reason: str = ""
    is_required: bool = True
    is_wanted: bool = False
    can_give_back: bool = False

    @property
    def chip(self) -> dict[str, str]:
        if self.state is None:
            tone = "warn" if self.is_required else "idle"
            return {"label": _("No code"), "tone": tone, "icon": ""}
        return {"label": self.state.label, "tone": self.state.tone.value, "icon": self.state.icon}


@dataclass(frozen=True)
class Proof:
    """What the live part of a stay's page shows."""

    verdict: Verdict
    open_checks: list[tuple[Check, NextStep | None]]
    passed_checks: list[Check]
    rows: list[DoorRow]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The columns of the matrix."""
        return next((row.steps for row in self.rows if row.steps), ())

    def is_settled(self, now: datetime) -> bool:
        return all(row.code is None or row.code.is_settled(now) for row in self.rows)


def proof_of(stay: Stay, now: datetime, worker_seen_at: datetime | None, user: User) -> Proof:
    rows = door_rows(stay, now)
    readiness = _of_removal(stay, rows, now) if stay.is_over(now) else assess([stay], now, worker_seen_at)[0].readiness
    asking = [check for check in readiness.checks if check.verdict is not Verdict.READY]
    asking.sort(key=lambda check: -check.verdict.rank)
    passed = [check for check in readiness.checks if check.verdict is Verdict.READY]
    return Proof(readiness.verdict, [(check, next_step(check, user)) for check in asking], passed, rows)


def _of_removal(stay: Stay, rows: Iterable[DoorRow], now: datetime) -> Readiness:
    """When the stay is over the question is another one: is every code proved gone."""
    following = Stay.objects.standing().filter(unit=stay.unit_id, starts_at__gt=stay.starts_at, ends_at__gt=now)
    next_starts_at = following.order_by("starts_at").values_list("starts_at", flat=True).first()
    check = removal([row.code for row in rows if row.code is not None], now, next_starts_at)
    return Readiness(check.verdict, (check,))


def door_rows(stay: Stay, now: datetime) -> list[DoorRow]:
    """The doors of the unit with their codes, then codes that still are, or were at the end, on other locks."""
    shown = Q(revoked_at=None) | Q(removed_at=None) | Q(is_withheld=True)
    if stay.is_over(now):
        shown |= Q(replaced_by=None)
    codes = list(stay.access_codes.with_places().filter(shown).order_by("revoked_at", "pk"))
    latest = {code.lock_id: code for code in reversed(codes) if not code.is_withheld}
    withheld = {code.lock_id: code for code in codes if code.is_withheld}
    standing = {lock_id: code for lock_id, code in latest.items() if code.revoked_at is None or stay.is_over(now)}
    rows, told = [], set()
    for door in stay.unit.doors.select_related("lock__account"):
        code = standing.get(door.lock_id) if door.lock_id else None
        if code is not None:
            rows.append(_code_row(door.name, code, now))
            told.add(code.pk)
        else:
            rows.append(_bare_row(stay, door, withheld.get(door.lock_id) if door.lock_id else None, now))
    left = [code for code in codes if code.pk not in told and not (code.is_withheld and code.removed_at)]
    return rows + [_code_row(str(code.lock), code, now) for code in left]


def _code_row(name: str, code: AccessCode, now: datetime) -> DoorRow:
    return DoorRow(
        name,
        reverse("lock", args=[code.lock_id]),
        _unlock_url(code.lock),
        _lock_name(code.lock, name),
        code,
        code.state(now),
        tuple(code.ladder(now)),
        code.revoke_reason or code.rejection,
        is_wanted=code.is_wanted(now),
    )


def _unlock_url(lock: Lock) -> str:
    return "" if lock.why_no_command("unlock") else reverse("lock-unlock", args=[lock.pk])


def _lock_name(lock: Lock, door: str) -> str:
    """The lock's own name, where the door's does not say it already."""
    return "" if str(lock).casefold() == door.casefold() else str(lock)


def _bare_row(stay: Stay, door: Door, withheld: AccessCode | None, now: datetime) -> DoorRow:
    reason = planning.why_no_code(stay, door, now) or _("No code is planned.")
    if withheld is not None and not stay.is_over(now):
        reason = _("The code was revoked: %(revoke_reason)s") % {
            "revoke_reason": withheld.revoke_reason or "no reason given"
        }
    return DoorRow(
        door.name,
        reverse("lock", args=[door.lock_id]) if door.lock_id else "",
        _unlock_url(door.lock) if door.lock else "",
        _lock_name(door.lock, door.name) if door.lock else "",
        withheld if withheld is not None and not stay.is_over(now) else None,
        reason=reason,
        is_required=door.is_required,
        can_give_back=withheld is not None and not stay.is_over(now),
    )
