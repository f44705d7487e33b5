"""What needs somebody now: counted in the title of every page, spelled out on Today. One rule for both."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from properties.models import AccessCode, ConnectedAccount, Stay
from properties.models.access_codes import AccessCodeQuerySet
from properties.readiness import Check, Subject
from properties.stay_facts import Judged, needing_somebody


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
        self.dropped = [account for account in accounts if account.is_dropped]

    @cached_property
    def stays(self) -> list[Judged]:
        return needing_somebody(Stay.objects.for_user(self.user), self.now, self.worker_seen_at)

    @property
    def codes(self) -> AccessCodeQuerySet:
        """Codes that failed, beyond those of the stays: not removed after a stay, or of no stay at all."""
        failed = AccessCode.objects.for_user(self.user).needs_attention(self.now)
        return failed.exclude(stay__in=[each.stay.pk for each in self.stays])

    @cached_property
    def count(self) -> int:
        return len(self.stays) + self.codes.count() + len(self.dropped)

    def strips(self) -> list[Strip]:
        """Locks that are away, each with the arrivals that it touches: accounts and worker have their banners."""
        found: dict[str, list[tuple[Check, Stay]]] = {}
        for each in self.stays:
            for check in each.readiness.checks:
                if check.subject is Subject.LOCK and check.verdict.needs_somebody:
                    found.setdefault(check.what, []).append((check, each.stay))
        strips = [Strip(touched[0][0], len(touched), touched[0][1]) for touched in found.values()]
        return sorted(strips, key=lambda strip: strip.first.starts_at)
