"""What every page shows around its content: navigation, attention, banners, the worker's pulse, the clock."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from seam_integration import clock


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    icon: str
    url: str
    is_current: bool = False
    # On phones: in the bottom bar, else under "More".
    is_in_bottom_bar: bool = False


@dataclass(frozen=True)
class Banner:
    """Something wrong that every page must say. `tone` is a word of properties' Tone."""

    tone: str
    text: str
    detail: str = ""
    action_url: str = ""
    action_label: str = ""
    action_method: str = "get"


# Label, icon, url name, path that counts as "here", in the bottom bar of phones.
NAVIGATION = [
    ("Today", "sun", "overview", "/", True),
    ("Stays", "calendar-days", "stays", "/stays/", True),
    ("Locks", "lock-closed", "locks", "/locks/", True),
    ("Codes", "key", "access-codes", "/access-codes/", True),
    ("Properties", "home-modern", "properties", "/properties/", False),
    ("Connections", "link", "connections", "/connections/", False),
    ("History", "queue-list", "activity", "/activity/", False),
]


class Frame:
    """Worked out on first use, so that an error page or an e-mail asks for nothing it does not show."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    # How fast the page's clock runs against the wall's: ages in the browser follow it.
    speed: float = 1
    # How many things need somebody: title, favicon and the mark beside "Today".
    attention_count: int = 0
    # {"email": …, "password": …}: shown in words on the log-in page of the demo.
    demo_login: dict[str, str] | None = None
    # The simulated instant, on the sandbox only: shows the time control.
    sandbox_clock: datetime | None = None
    # The zone in which the frame shows times; "" is UTC.
    zone: str = ""
    # When the worker last said that it lives; None is "never".
    worker_seen_at: datetime | None = None
    is_worker_alive: bool | None = None

    @cached_property
    def banners(self) -> list[Banner]:
        return []

    @cached_property
    def navigation(self) -> list[NavItem]:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        path = self.request.path
        items = []
        for label, icon, name, area, is_in_bottom_bar in NAVIGATION:
            try:
                url = reverse(name)
            except NoReverseMatch:
                continue
            is_current = path == area if area == "/" else path.startswith(area)
            items.append(NavItem(label, icon, url, is_current, is_in_bottom_bar))
        return items


def frame(request: HttpRequest) -> dict[str, Frame]:
    return {"frame": Frame(request)}
