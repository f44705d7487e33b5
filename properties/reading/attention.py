"""What needs attention now: counted in the title of every page, spelled out on Today. One rule for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Q, Subquery, When

from accounts.models import User
from properties.models import AccessCode, ConnectedAccount, StayVerdict
from properties.models.access_codes import AccessCodeQuerySet
from properties.models.stays import StayQuerySet
from properties.models.verdicts import StayVerdictQuerySet, is_due
from properties.reading.day_stays import DayStay
from properties.verdict import storing
from properties.verdict.checks import Check, Readiness, Subject
from properties.verdict.storing import StoredVerdict


class Ahead(NamedTuple):
    """A stay in house or soon to come, what is said of it, and whether that needs attention."""

    row: StoredVerdict
    readiness: Readiness
    is_asking: bool


class Away(NamedTuple):
    """A lock that does not answer, how many stays depend on it, and which of them is first."""

    check: Check
    arrivals: int
    first: int


@dataclass(frozen=True)
class Strip:
    """A trouble that touches several arrivals: which, how many, and the first of them."""

    check: Check
    arrivals: int
    first: DayStay


class Attention:
    """Stays at risk, in house or arriving within the week; other codes that failed; accounts that dropped."""

    def __init__(
        self,
        user: User,
        now: datetime,
        worker_seen_at: datetime | None,
        accounts: list[ConnectedAccount],
        has_marks: bool = True,
    ) -> None:
        self.user = user
        self.now = now
        self.worker_seen_at = worker_seen_at
        self._has_marks = has_marks
        self.dropped = [account for account in accounts if account.is_dropped]
        self._stay_count: int | None = None
        self._failed_codes: int | None = None

    @property
    def rows(self) -> StayVerdictQuerySet:
        """Stored verdicts that need attention. Those that are out of date do until they are judged."""
        near = StayVerdict.objects.for_user(self.user).present(self.now, self.now + storing.LOOK_AHEAD)
        return storing.asking(near, self.now, self.worker_seen_at, self._has_marks)

    def look_ahead(self, wanted: StayQuerySet, leaves_at: Subquery) -> list[Ahead]:
        """The stays that need attention and those that are `wanted`, soonest first, in one query.

        A few that are out of date are judged before. `wanted` are in house or arrive within the week.
        """
        is_wanted = Q(pk__in=wanted.order_by().values("pk"))
        either = StayVerdict.objects.filter(is_wanted | Q(pk__in=self.rows.values("pk")))
        rows = either.annotate(is_wanted=Case(When(is_wanted, then=True), default=False), leaves_at=leaves_at)
        rows = rows.to_show().order_by("starts_at", "pk")
        found = self._read(rows)
        if not all(row.is_current(self.now) for row in found):
            storing.judge_few(either, self.now)
            found = self._read(rows)
        ahead = [self._weigh(row) for row in found]
        self._stay_count = sum(each.is_asking for each in ahead)
        return ahead

    def _read(self, rows: StayVerdictQuerySet) -> list[StoredVerdict]:
        return [StoredVerdict(*row) for row in rows.values_list(*StoredVerdict._fields)]

    def _weigh(self, row: StoredVerdict) -> Ahead:
        readiness = storing.readiness_of(row, self.now, self.worker_seen_at)
        return Ahead(row, readiness, readiness.verdict.needs_somebody or not row.is_current(self.now))

    @property
    def stay_count(self) -> int:
        """Counted by the database alone, unless a page looks at them one by one anyway."""
        if self._stay_count is None:
            due = Count("pk", filter=is_due(self.now, self._has_marks))
            counted = self.rows.aggregate(asking=Count("pk"), due=due)
            self._stay_count = counted["asking"]
            if counted["due"]:
                storing.judge_few(self.rows, self.now)
                self._stay_count = self.rows.count()
        return self._stay_count

    @property
    def codes(self) -> AccessCodeQuerySet:
        """Codes that failed, beyond those of the stays: not removed after a stay, or of no stay at all."""
        failed = AccessCode.objects.for_user(self.user).needs_attention(self.now)
        return failed.exclude(stay__in=self.rows.values("pk")) if self.stay_count else failed

    @property
    def failed_codes(self) -> int:
        if self._failed_codes is None:
            self._failed_codes = self.codes.count()
        return self._failed_codes

    @property
    def count(self) -> int:
        return self.stay_count + self.failed_codes + len(self.dropped)


def locks_away(asking: list[Ahead]) -> list[Away]:
    """Locks that are away, each with the stays that it touches: accounts and worker have their banners.

    Those that touch most come first, then those that are needed soonest.
    """
    found: dict[str, list[tuple[Check, StoredVerdict]]] = {}
    for each in asking:
        for check in each.readiness.checks:
            if check.subject is Subject.LOCK and check.verdict.needs_somebody:
                found.setdefault(check.what, []).append((check, each.row))
    ordered = sorted(found.values(), key=lambda touched: (-len(touched), touched[0][1].starts_at))
    return [Away(touched[0][0], len(touched), touched[0][1].pk) for touched in ordered]


def strips(away: list[Away], stays: Mapping[int, DayStay]) -> list[Strip]:
    """With their first stays, where these were not deleted meanwhile."""
    return [Strip(each.check, each.arrivals, stays[each.first]) for each in away if each.first in stays]
