"""The first-run checklist: what a new organization still has to do, as a pure function of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Invitation, Membership, Organization, Right, User
from properties.models import AccessCode, ConnectedAccount, Lock, Property
from properties.values.wording import clock, listed


@dataclass(frozen=True)
class Facts:
    """What the checklist is worked out from."""

    place: Property | None = None
    has_account: bool = False
    locks: int = 0
    locks_on_doors: int = 0
    has_proof: bool = False
    colleagues: int = 0
    invited: int = 0
    rights: frozenset[Right] = frozenset(Right)


@dataclass(frozen=True)
class Step:
    """One line: what, how far, and the one link that takes it further (empty: this person lacks the right)."""

    key: str
    title: str
    is_done: bool
    detail: str
    url: str
    action: str
    is_next: bool = False


def steps(facts: Facts) -> list[Step]:
    """Pure: the five steps; the first one that is open is the next."""
    found = [_zone(facts), _link(facts), _doors(facts), _proof(facts), _invite(facts)]
    upcoming = next((step.key for step in found if not step.is_done), "")
    return [_marked(step, step.key == upcoming, facts) for step in found]


NEEDED = {
    "zone": Right.MANAGE_PLACES,
    "link": Right.LINK_ACCOUNTS,
    "doors": Right.MANAGE_PLACES,
    "proof": Right.ISSUE_CODES,
    "invite": Right.MANAGE_PEOPLE,
}


def _marked(step: Step, is_next: bool, facts: Facts) -> Step:
    may = NEEDED[step.key] in facts.rights
    detail = step.detail if may or step.is_done else _("%(detail)s Ask an owner.") % {"detail": step.detail}
    url = step.url if may else ""
    return Step(step.key, step.title, step.is_done, detail, url, step.action, is_next)


def _zone(facts: Facts) -> Step:
    title, place = _("Add your first property"), facts.place
    if place is None:
        detail = _("Its time zone and usual times decide when each code opens and closes.")
        return Step("zone", title, False, detail, reverse("property-add"), _("Add a property"))
    detail = _("%(place)s: %(zone)s, in %(check_in)s, out %(check_out)s.") % {
        "place": place,
        "zone": place.time_zone,
        "check_in": clock(place.check_in_time),
        "check_out": clock(place.check_out_time),
    }
    return Step("zone", title, True, detail, reverse("property-edit", args=[place.pk]), _("Check it"))


def _link(facts: Facts) -> Step:
    detail = _("You need its email, password, Wyze API Key ID and API Key. Each lock needs a gateway and a keypad.")
    if facts.has_account:
        found = ngettext("%(count)s lock found.", "%(count)s locks found.", facts.locks) % {"count": facts.locks}
        detail = found if facts.locks else _("Linked. Its locks are being read.")
    url = reverse("connections")
    return Step("link", _("Link your Wyze account"), facts.has_account, detail, url, _("Go to connections"))


def _doors(facts: Facts) -> Step:
    is_done = facts.locks_on_doors > 0
    detail = _("Their names suggest where they hang: one click accepts it.")
    if facts.locks:
        tally = ngettext(
            "%(on_doors)s of %(count)s lock on doors.", "%(on_doors)s of %(count)s locks on doors.", facts.locks
        )
        tally %= {"on_doors": facts.locks_on_doors, "count": facts.locks}
        detail = tally if is_done else f"{tally} {detail}"
    url = reverse("door-suggestions")
    return Step("doors", _("Put your locks on their doors"), is_done, detail, url, _("Match locks and doors"))


def _proof(facts: Facts) -> Step:
    detail = _("“Test this lock” on a lock's page puts a code on it and takes it off again, each step proved.")
    if facts.has_proof:
        detail = _("A code was proved to be on a lock. The way works, end to end.")
    return Step("proof", _("Prove one code on one door"), facts.has_proof, detail, reverse("locks"), _("Choose a lock"))


def _invite(facts: Facts) -> Step:
    is_done = facts.colleagues > 0 or facts.invited > 0
    detail = _("So that another person can open a door when you cannot.")
    if is_done:
        colleagues = ngettext("%(count)s colleague", "%(count)s colleagues", facts.colleagues)
        invited = ngettext("%(count)s invitation waiting", "%(count)s invitations waiting", facts.invited)
        counted = [(colleagues, facts.colleagues), (invited, facts.invited)]
        detail = f"{listed(words % {'count': count} for words, count in counted if count)}."
    return Step("invite", _("Invite a colleague"), is_done, detail, reverse("invite"), _("Invite a colleague"))


def facts_for(user: User) -> Facts:
    """The facts, in two queries, whatever the number of homes."""
    membership = user.current_membership
    if membership is None:
        return Facts()
    locks = Lock.objects.for_user(user).filter(vanished_at=None, account__unlinked_at=None)
    codes = AccessCode.objects.for_user(user).filter(on_lock_at__isnull=False)
    colleagues = Membership.objects.for_user(user).exclude(user=user)
    invited = Invitation.objects.for_user(user).filter(accepted_at=None, withdrawn_at=None)
    told = Organization.objects.filter(pk=membership.organization_id).values_list(
        Exists(ConnectedAccount.objects.for_user(user).filter(unlinked_at=None)),
        _number_of(locks),
        _number_of(locks.filter(door__isnull=False)),
        Exists(codes),
        _number_of(colleagues),
        _number_of(invited),
    )
    place = Property.objects.for_user(user).order_by("pk").first()
    has_account, found, placed, has_proof, others, asked = told.get()
    return Facts(place, has_account, found, placed, has_proof, others, asked, membership.rights)


def _number_of(rows: QuerySet[Any]) -> Subquery:
    """Of rows, as part of another question. `Count` would group them."""
    return Subquery(rows.order_by().values(n=Func(F("pk"), function="COUNT", output_field=IntegerField())))


@dataclass(frozen=True)
class FirstRun:
    """The checklist as the page shows it."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_done(self) -> bool:
        return self.done == len(self.steps)


def first_run(user: User) -> FirstRun | None:
    """None once it was put away, and for people who only see a part of the organization or cannot set it up."""
    membership = user.current_membership
    if membership is None or membership.is_limited or not membership.can(Right.MANAGE_PLACES):
        return None
    if membership.organization.first_run_put_away_at is not None:
        return None
    return FirstRun(tuple(steps(facts_for(user))))
