"""What needs somebody now: counted in the title of every page, spelled out on Today. One rule for both."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from accounts.models import User
from properties.models import AccessCode, ConnectedAccount, Stay
from properties.models.access_codes import AccessCodeQuerySet
from properties.verdict.checks import Check, Subject
from properties.verdict.glance import Ahead, Glance, stays_ahead
from properties.verdict.loading import Judged, Reading, judge, with_neighbours


@dataclass(frozen=True)
class Strip:
    """A trouble that touches several arrivals: which, how many, and the first of them."""

    check: Check
    arrivals: int
    first: Stay


class Attention:
    """Stays at risk, in house or arriving within the week; other codes that failed; accounts that dropped."""

    def __init__(
        self, user: User, now: datetime, worker_seen_at: datetime | None, accounts: list[ConnectedAccount]
    ) -> None:
        self.user = user
        self.now = now
        self.worker_seen_at = worker_seen_at
        self.accounts = accounts
        self.dropped = [account for account in accounts if account.is_dropped]
        self._ahead: list[Ahead] | None = None

    def look_ahead(self, wanted: Q | None = None, leavers: Q | None = None) -> list[Ahead]:
        """What may need somebody, and what else is `wanted` for the page, in one question.

        Kept for all who only want to know who needs somebody; asked again for whoever wants more.
        """
        if self._ahead is None or wanted is not None:
            stays = Stay.objects.for_user(self.user)
            self._ahead = stays_ahead(stays, self.accounts, self.now, self.worker_seen_at, wanted, leavers)
        return self._ahead

    def judge(self, stays: Iterable[Stay], reading: Reading | None = None) -> dict[int, Judged]:
        """A closer look, by id."""
        return {each.stay.pk: each for each in judge(stays, self.now, self.worker_seen_at, reading=reading)}

    @cached_property
    def judged(self) -> dict[int, Judged]:
        """The doubtful ones, by id, soonest first."""
        doubtful = [each.pk for each in self.look_ahead() if each.glance is Glance.DOUBTFUL]
        if not doubtful:
            return {}
        return self.judge(with_neighbours(Stay.objects.filter(pk__in=doubtful)).order_by("starts_at", "pk"))

    @cached_property
    def stays(self) -> list[Judged]:
        return [each for each in self.judged.values() if each.verdict.needs_somebody]

    @property
    def codes(self) -> AccessCodeQuerySet:
        """Codes that failed, beyond those of the stays: not removed after a stay, or of no stay at all."""
        failed = AccessCode.objects.for_user(self.user).needs_attention(self.now)
        return failed.exclude(stay__in=[each.stay.pk for each in self.stays])

    @cached_property
    def failed_codes(self) -> int:
        return self.codes.count()

    @property
    def count(self) -> int:
        return len(self.stays) + self.failed_codes + len(self.dropped)

    def strips(self) -> list[Strip]:
        """Locks that are away, each with the arrivals that it touches: accounts and worker have their banners.

        Those that touch most come first, then those that are needed soonest.
        """
        found: dict[str, list[tuple[Check, Stay]]] = {}
        for each in self.stays:
            for check in each.readiness.checks:
                if check.subject is Subject.LOCK and check.verdict.needs_somebody:
                    found.setdefault(check.what, []).append((check, each.stay))
        strips = [Strip(touched[0][0], len(touched), touched[0][1]) for touched in found.values()]
        return sorted(strips, key=lambda strip: (-strip.arrivals, strip.first.starts_at))
