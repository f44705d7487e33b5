"""What of the history is shown: chosen in the address, so that a link can be shared, and undone one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from properties.models import Certainty, Subject
from properties.models.activity import ActivityQuerySet
from properties.models.shared_columns import has_words
from properties.values.local_time import YEARS

# Who did it, when it was no single person. Values of `Activity.source`.
SOURCES = {
    "people": ("Person", gettext_lazy("Any person")),
    "latchkey": ("Latchkey", "Latchkey"),
    "seam": ("Seam", "Seam"),
}
LONGEST = 100


@dataclass(frozen=True)
class Undo:
    """One thing the list is cut to, in words, and the address without it."""

    words: str
    query: str


@dataclass(frozen=True)
class HistoryFilter:
    """Each field is a parameter of the address; empty means all."""

    about: str = ""
    how: str = ""
    who: str = ""
    q: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """What the address asks for. What is no choice is left out, not an error: old links keep working."""
        return cls(
            about=_one_of(asked.get("about", ""), Subject.values),
            how=_one_of(asked.get("how", ""), Certainty.values),
            who=_who(asked.get("who", "")),
            q=" ".join(asked.get("q", "").replace("\0", "").split())[:LONGEST],
            since=_day(asked.get("since", "")),
            until=_day(asked.get("until", "")),
        )

    def apply(self, rows: ActivityQuerySet, zone: str) -> ActivityQuerySet:
        """The rows that fit. Days are those of `zone`."""
        if self.about:
            rows = rows.about(Subject(self.about))
        if self.how:
            rows = rows.filter(certainty=self.how)
        if self.who:
            rows = rows.filter(self._author())
        if self.q:
            rows = rows.filter(has_words(self.q, ""))
        if self.since:
            rows = rows.filter(at__gte=_midnight(self.since, zone))
        if self.until:
            rows = rows.filter(at__lt=_midnight(self.until, zone, days=1))
        return rows

    def _author(self) -> Q:
        return Q(source=SOURCES[self.who][0]) if self.who in SOURCES else Q(actor=int(self.who))

    @property
    def query(self) -> str:
        """As the end of an address, without what is not asked for."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    def undos(self, people: Mapping[str, str]) -> list[Undo]:
        """`people` names those who can be chosen by their number."""
        words = {
            "about": self.about and Subject(self.about).label,
            "how": self.how and Certainty(self.how).label,
            "who": self.who and f"by {people.get(self.who, 'somebody')}",
            "q": self.q and f"“{self.q}”",
            "since": self.since and f"from {self.since}",
            "until": self.until and f"until {self.until}",
        }
        return [Undo(text, replace(self, **{name: ""}).query) for name, text in words.items() if text]


def authors(rows: ActivityQuerySet) -> dict[str, str]:
    """Whom one can choose: people of whom these rows tell, whether they still work here or not, and the machines."""
    acted: QuerySet[User] = User.objects.filter(pk__in=rows.exclude(actor=None).order_by().values("actor"))
    names = {str(person.pk): str(person) for person in acted}
    return {key: str(label) for key, (_, label) in SOURCES.items()} | dict(
        sorted(names.items(), key=lambda one: one[1])
    )


def _one_of(value: str, choices: list[str]) -> str:
    return value if value in choices else ""


def _who(value: str) -> str:
    is_number = value.isascii() and value.isdecimal() and len(value) < 10
    return value if value in SOURCES or is_number else ""


def _day(value: str) -> str:
    try:
        return value if date.fromisoformat(value).year in YEARS else ""
    except ValueError:
        return ""


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), ZoneInfo(zone))
