"""Two homes with a shared gate and a stay in every state, for tests that change one fact of it."""

import uuid
from datetime import timedelta

from properties.codes import planning
from properties.models import AccessCode, Stay, StayVerdict, VerdictMark
from properties.tests.builders import (
    NOW,
    make_account,
    make_code,
    make_door,
    make_lock,
    make_organization,
    make_property,
    make_stay,
    make_unit,
)
from properties.verdict import storing
from properties.verdict.checks import Check, Verdict
from properties.verdict.loading import assess


def build() -> None:
    organization = make_organization()
    account = make_account(organization, synced_at=NOW)
    make_account(organization, display_name="other@example.com")
    lake, harbor = make_property(organization), make_property(organization, "Harbor", time_zone="Asia/Tokyo")
    home, loft = make_unit(lake), make_unit(harbor, "Loft")
    make_door(home, make_lock(organization, "Front", account=account, code_capacity=3))
    make_door(loft, make_lock(organization, "Loft", account=account, code_capacity=None), "Loft door")
    make_lock(organization, "Spare", account=account)
    gate = make_door(home, make_lock(organization, "Gate", account=account), "Gate")
    gate.units.add(loft)
    make_door(home, None, "Shed", is_required=False)
    for unit, days, guest in [(home, 0, "Anna"), (home, 5, "Kim"), (loft, 1, "Robin"), (loft, -1, "Ina")]:
        prove(planned(make_stay(unit, guest, days, nights=2)))
    # One whose code is still to come, one without any, one who shares time with another, one that is over.
    planned(make_stay(home, "Late", 8))
    make_stay(loft, "Bare", 9)
    make_stay(home, "Double", 5, nights=1)
    make_stay(home, "Past", -9)
    make_code(gate.lock, "Trades", "730514", seam_id=str(uuid.uuid4()))


def planned(stay: Stay) -> Stay:
    planning.apply_stay_plan(stay, NOW - timedelta(days=1), None)
    return stay


def prove(stay: Stay) -> None:
    for code in stay.access_codes.all():
        AccessCode.objects.filter(pk=code.pk).update(
            seam_id=str(uuid.uuid4()),
            accepted_at=NOW,
            observed_at=NOW,
            on_lock_at=NOW,
            live_at=NOW if stay.starts_at <= NOW else None,
            seam_starts_at=code.starts_at,
            seam_ends_at=code.ends_at,
        )


def settle(now=NOW) -> None:
    storing.judge_marked(now, 1000)
    assert not VerdictMark.objects.exists()


Told = tuple[Verdict, tuple[Check, ...]]


def stored(now=NOW) -> dict[int, Told]:
    """By stay that is not over, what its row says."""
    rows = storing.stored(StayVerdict.objects.filter(is_open=True, ends_at__gt=now))
    found = {row.pk: storing.readiness_of(row, now, now) for row in rows}
    return {pk: (readiness.verdict, readiness.checks) for pk, readiness in found.items()}


def judged(now=NOW) -> dict[int, Told]:
    """The same, judged anew."""
    ahead = Stay.objects.standing().filter(ends_at__gt=now)
    return {
        each.stay.pk: (
            each.verdict,
            tuple(check for check in each.readiness.checks if check.verdict is not Verdict.READY),
        )
        for each in assess(ahead.with_places(), now, now)
    }
