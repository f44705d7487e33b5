"""What every page shows around its content: navigation, attention, banners, the worker's pulse, the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Right, User
from dashboard import demo
from dashboard.addresses import address
from dashboard.frame.checklist import FirstRun, first_run
from dashboard.sign_up import can_sign_up
from dashboard.wording import age, local_moment
from properties.models import ConnectedAccount, Property, Stay, VerdictMark
from properties.reading.attention import Attention
from seam_integration import clock, seam_time
from seam_integration.models import Heartbeat

# Three heartbeats missed.
WORKER_IS_SILENT_AFTER = timedelta(seconds=70)
ANY_MARK = Exists(VerdictMark.objects.all())
WORKER_BEAT = Heartbeat.objects.filter(name="worker").values_list("beat_at", flat=True)


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool = False
    # On phones: in the bottom bar, else under "More".
    is_in_bottom_bar: bool = False


@dataclass(frozen=True)
class Banner:
    """Something wrong that every page must say. `tone` is a word of properties' Tone."""

    tone: str
    text: str | Promise
    detail: str | Promise = ""
    action_url: str | Promise = ""
    action_label: str | Promise = ""
    action_method: str = "get"


# Label, icon, url name, paths that count as "here" (None: its own alone), in the bottom bar of phones.
NAVIGATION: list[tuple[str | Promise, str, str, tuple[str, ...] | None, bool]] = [
    (gettext_lazy("Today"), "sun", "overview", None, True),
    (gettext_lazy("Stays"), "calendar-days", "stays", ("/stays/",), True),
    (gettext_lazy("Locks"), "lock-closed", "locks", ("/locks/",), True),
    (gettext_lazy("Codes"), "key", "access-codes", ("/access-codes/", "/staff/"), True),
    (gettext_lazy("Calendars"), "calendar", "calendars", ("/calendars/",), False),
    (gettext_lazy("Properties"), "home-modern", "properties", ("/properties/", "/units/", "/doors/"), False),
    (gettext_lazy("Connections"), "link", "connections", ("/connections/",), False),
    (gettext_lazy("History"), "queue-list", "activity", ("/activity/",), False),
]

# All that a person sees who may not look around.
OWN_NAVIGATION: list[tuple[str | Promise, str, str, tuple[str, ...] | None, bool]] = [
    (gettext_lazy("My day"), "sun", "cleaning-day", ("/my-day/",), True)
]


LINK_BANNER = Banner(
    "info",
    gettext_lazy("No Wyze account is linked yet."),
    gettext_lazy("Link one and its locks appear by themselves."),
    # Resolved when the page is drawn: addresses are not known yet when this file is read.
    reverse_lazy("connection-link"),
    gettext_lazy("Link a Wyze account"),
    "post",
)


class PageContext:
    """Worked out on first use, so that an error page or an email asks for nothing it does not show."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def now(self) -> datetime:
        """The request's instant; an error page of a request that got none asks the clock."""
        return getattr(self.request, "now", None) or clock.now()

    @cached_property
    def user(self) -> User | None:
        """Who is logged in, if they belong to an organization."""
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) and user.organization_id is not None else None

    @cached_property
    def speed(self) -> float:
        """How fast the page's clock runs against the wall's: ages in the browser follow it."""
        return clock.speed()

    @cached_property
    def attention(self) -> Attention:
        """What needs attention; for people who belong to an organization."""
        if self.user is None:
            raise LookupError("No person is logged in, so nothing needs their attention.")
        # Without an account it is not known whether a stay is marked.
        has_marks = self.accounts[0].has_marks if self.accounts else True  # type: ignore[attr-defined]
        return Attention(self.user, self.now, self.worker_seen_at, self.accounts, has_marks)

    @cached_property
    def attention_count(self) -> int:
        """How many things need attention: title, favicon and the mark beside "Today"."""
        return self.attention.count if self.user is not None else 0

    @cached_property
    def demo_login(self) -> demo.LogIn | None:
        """Shown in words on the log-in page of the demo."""
        return demo.log_in() if demo.is_on() else None

    @property
    def single_sign_on(self) -> str:
        """Its name on the log-in page; empty where there is none."""
        return settings.OIDC_NAME if settings.HAS_OIDC else ""

    @cached_property
    def can_sign_up(self) -> bool:
        return can_sign_up()

    @cached_property
    def sandbox_clock(self) -> datetime | None:
        """The simulated instant, on the sandbox only: shows the time control to those who may use it."""
        may = self.user is not None and self.user.can(Right.LINK_ACCOUNTS)
        return self.now if settings.SANDBOX_CLOCK and may else None

    @cached_property
    def shows_outbox(self) -> bool:
        """The demo's Outbox, for people who are not logged in, too: a mail confirms their address."""
        return demo.shows_outbox_to(getattr(self.request, "user", AnonymousUser()))

    @cached_property
    def may_start_afresh(self) -> bool:
        return demo.is_on() and self.user is not None and demo.is_of_demo(self.user)

    @cached_property
    def zone(self) -> str:
        """The zone in which the frame shows times: of the only property, else UTC."""
        if self.user is None:
            return ""
        zones = Property.objects.for_user(self.user).order_by().values_list("time_zone", flat=True).distinct()[:2]
        return str(zones[0]) if len(zones) == 1 else ""

    @cached_property
    def worker_seen_at(self) -> datetime | None:
        """When the worker last said that it lives, on the page's clock; None is "never"."""
        # It comes along with the accounts, which every page asks for.
        beat_at = self.accounts[0].worker_beat_at if self.accounts else WORKER_BEAT.first()  # type: ignore[attr-defined]
        # Heartbeats are in real time; the page may run on a simulated clock, so only the age is carried over.
        return self.now - (timezone.now() - beat_at) if beat_at else None

    @cached_property
    def is_worker_alive(self) -> bool:
        return self.worker_seen_at is not None and self.now - self.worker_seen_at < WORKER_IS_SILENT_AFTER

    @cached_property
    def accounts(self) -> list[ConnectedAccount]:
        if self.user is None:
            return []
        linked = ConnectedAccount.objects.for_user(self.user).filter(unlinked_at=None)
        return list(linked.annotate(worker_beat_at=Subquery(WORKER_BEAT[:1]), has_marks=ANY_MARK))

    @property
    def dropped_accounts(self) -> list[ConnectedAccount]:
        return [account for account in self.accounts if account.is_dropped]

    @cached_property
    def banners(self) -> list[Banner]:
        user = self.user
        if user is None:
            return []
        may_link = user.can(Right.LINK_ACCOUNTS)
        found = [self._dropped_banner(account, user) for account in self.dropped_accounts]
        if ahead := seam_time.apart():
            found.append(_clock_banner(ahead))
        if not self.is_worker_alive:
            found.append(Banner("bad", _("The worker is silent: nothing is sent to locks."), _worker_words(self)))
        if not self.accounts and may_link and not self.request.path.startswith(("/connections/", "/locks/")):
            found.append(LINK_BANNER)
        return found

    def _dropped_banner(self, account: ConnectedAccount, user: User) -> Banner:
        """What is lost with this account, by when, and the way back."""
        coming = Stay.objects.for_user(user).standing().filter(ends_at__gt=self.now, unit__doors__lock__account=account)
        first = coming.order_by("starts_at").values_list("starts_at", "unit__property__time_zone").first()
        detail = _("Doors, stays and codes are kept.")
        if first is not None:
            detail = f"{_affected(coming.distinct().count(), *first, self.now)} {detail}"
        text = _("%(account)s is disconnected: none of its locks can be reached.") % {"account": account}
        if not user.can(Right.LINK_ACCOUNTS):
            return Banner("bad", text, detail)
        return Banner("bad", text, detail, reverse("connection-reconnect", args=[account.pk]), _("Reconnect"), "post")

    @cached_property
    def first_run(self) -> FirstRun | None:
        """The checklist of a new organization, for Today: asked for there only."""
        return first_run(self.user) if self.user is not None else None

    @cached_property
    def navigation(self) -> list[NavItem]:
        user = self.user
        if user is None:
            return []
        path = self.request.path
        items = []
        entries = NAVIGATION if user.can(Right.LOOK_AROUND) else OWN_NAVIGATION
        for label, icon, name, areas, is_in_bottom_bar in entries:
            try:
                url = address(name)
            except NoReverseMatch:
                continue
            is_current = path == url if areas is None else path.startswith(areas)
            items.append(NavItem(label, icon, url, is_current, is_in_bottom_bar))
        return items


def _affected(stays: int, first: datetime, zone: str, now: datetime) -> str:
    """How many stays a trouble touches, and when the first of them begins, on its own property's clock."""
    if first <= now:
        words = ngettext(
            "Affects %(stays)s stay, in house now.", "Affects %(stays)s stays, one of them in house now.", stays
        )
        return words % {"stays": stays}
    words = ngettext(
        "Affects %(stays)s stay: check-in %(at)s.", "Affects %(stays)s stays, the first from %(at)s.", stays
    )
    return words % {"stays": stays, "at": local_moment(first, zone)}


def _clock_banner(ahead: timedelta) -> Banner:
    minutes = round(abs(ahead).total_seconds() / 60)
    if ahead > timedelta(0):
        words = ngettext(
            "This server's clock is %(minutes)s minute ahead of Seam's.",
            "This server's clock is %(minutes)s minutes ahead of Seam's.",
            minutes,
        )
    else:
        words = ngettext(
            "This server's clock is %(minutes)s minute behind Seam's.",
            "This server's clock is %(minutes)s minutes behind Seam's.",
            minutes,
        )
    detail = _(
        "Until both agree, no code is taken off and no stay is called over because of the time. "
        "Set the server's clock and switch on its time service (NTP); this note then goes by itself."
    )
    return Banner("bad", words % {"minutes": minutes}, detail)


def _worker_words(page: PageContext) -> str:
    if page.worker_seen_at is None:
        return _("It was never seen alive. Start it, or ask whoever runs the server.")
    return _("Last alive %(age)s.") % {"age": age(page.worker_seen_at, page.now)}


def rights(request: HttpRequest) -> dict[str, bool]:
    """What this person may do, for templates: `{% if can_issue_codes %}`."""
    user = getattr(request, "user", None)
    can = user.can if isinstance(user, User) else lambda right: False
    return {
        "can_link_accounts": can(Right.LINK_ACCOUNTS),
        "can_operate_locks": can(Right.OPERATE_LOCKS),
        "can_issue_codes": can(Right.ISSUE_CODES),
        "can_reissue_codes": can(Right.REISSUE_CODES),
        "can_see_pins": can(Right.SEE_PIN),
        "can_manage_places": can(Right.MANAGE_PLACES),
        "can_manage_people": can(Right.MANAGE_PEOPLE),
        "can_look_around": can(Right.LOOK_AROUND),
    }


def page_context(request: HttpRequest) -> PageContext:
    """One for each request: the view and its templates ask the same questions once."""
    found: PageContext | None = getattr(request, "page_context", None)
    if found is None:
        found = request.page_context = PageContext(request)  # type: ignore[attr-defined]
    return found


def frame(request: HttpRequest) -> dict[str, object]:
    return {"frame": page_context(request), **rights(request)}
