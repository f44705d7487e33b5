"""The stored verdict on each stay, and the marks of those that have to be judged again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organization
from properties.models.places import Unit
from properties.models.stays import Stay
from properties.models.tenancy import TenantQuerySet


def is_due(now: datetime, has_marks: bool = True) -> Q:
    """Of rows of open stays: marked (unless no stay is), or older than their time."""
    is_old = Q(valid_until__lte=now)
    return Q(pk__in=VerdictMark.objects.values("stay")) | is_old if has_marks else is_old


class StayVerdictQuerySet(TenantQuerySet["StayVerdict"]):
    def at_properties(self, properties: Any) -> StayVerdictQuerySet:
        return self.filter(unit__property__in=properties)

    def marked(self) -> StayVerdictQuerySet:
        """Something that their verdict depends on has changed since it was judged."""
        return self.filter(pk__in=VerdictMark.objects.values("stay"))

    def due(self, now: datetime) -> StayVerdictQuerySet:
        """What they say is not to be trusted."""
        return self.filter(is_due(now), is_open=True)

    def present(self, now: datetime, until: datetime) -> StayVerdictQuerySet:
        """Of stays in house or arriving until then."""
        return self.filter(is_open=True, ends_at__gt=now, starts_at__lte=until)

    def to_show(self) -> StayVerdictQuerySet:
        """With `is_marked`, and the `zone` in which its times are told."""
        marks = VerdictMark.objects.filter(stay=OuterRef("pk"))
        return self.annotate(is_marked=Exists(marks), zone=F("unit__property__time_zone"))


class StayVerdict(models.Model):
    """Can this guest get in: what was judged last, when, and how long that holds.

    The database itself adds a row for each stay and keeps the first group of columns true to it (verdict/marking.py).
    """

    stay = models.OneToOneField(Stay, on_delete=models.CASCADE, primary_key=True, related_name="judgement")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Neither cancelled nor, when it was judged last, over.
    is_open = models.BooleanField()

    # The key of a `Verdict`; empty: never judged, or over.
    verdict = models.CharField(max_length=12, blank=True)
    severity = models.PositiveSmallIntegerField(default=0)
    # Its checks that are not in order, as they are shown: words, what to do, and about which row.
    checks = models.JSONField(default=list)
    # Each required door has a proved code: then a silent worker makes it unknown, else a risk.
    is_proved = models.BooleanField(default=False)
    # A newer reading of a lock, or a place that gets free, could make it better.
    awaits_reading = models.BooleanField(default=False)
    awaits_place = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)
    # The next instant at which time alone could change it.
    valid_until = models.DateTimeField(null=True)
    # Until when it holds and needs no attention: one index serves the count in each page's title.
    fine_until = models.DateTimeField(null=True)
    # Counts judgements: of two at once, the one that began earlier is not written.
    version = models.PositiveIntegerField(default=0)

    objects = StayVerdictQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "fine_until", "starts_at", "ends_at"],
                condition=Q(is_open=True),
                name="verdict_asks",
            ),
            models.Index(fields=["valid_until"], condition=Q(is_open=True), name="verdict_expires"),
            models.Index(fields=["unit"], condition=Q(is_open=True), name="verdict_of_unit"),
        ]

    def __str__(self) -> str:
        return f"Verdict on stay {self.stay_id}: {self.verdict or 'none'}"


class VerdictMark(models.Model):
    """A stay that has to be judged again. Only ever added and deleted, so that writers never wait for each other."""

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    def __str__(self) -> str:
        return f"Mark of stay {self.stay_id}"
