"""Measures pages as a browser gets them, against their rows read as plain values and joined.

Measured: processor time and queries of a request. Floor: `values_list` of the same rows, joined into one string. Each
page is measured over one and over ten times the data.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organization, User
from properties.models import AccessCode, ConnectedAccount, Lock, Stay
from properties.reading.attention import Attention
from properties.verdict import storing
from seam_integration.models import Heartbeat
from workbench.measuring.figures import Cost, Row, cost, interleaved, median, seconds, times
from workbench.measuring.fleet import bare_fleet, homes_with_units, years_of_stays
from workbench.measuring.place import fresh_database, owner, server_pid

ARRIVALS = 300
MOST, QUERIES, GROWTH = 0.040, 12, 1.2
# Stays that one sweep judges.
SWEPT = 3000
# Rows on a page of the Locks list.
PER_PAGE = 100
# Of the time that healthchecks takes for as many rows.
PEER_MOST = 0.4
PEER_PAGES = [("Locks, a page of 100, uncompressed", "/locks/"), ("Today, 100 arrivals, uncompressed", "/")]


class Page(NamedTuple):
    """A page and the rows that it shows."""

    name: str
    url: str
    rows: Callable[[User], str]
    most: float | None


class PageResult(NamedTuple):
    """Measured for one page over one amount of data."""

    page: Cost
    floor: Cost
    queries: int
    size: int


def measure(stays: int, repeats: int) -> list[Row]:
    small, large = _measure_pages(stays // 10, repeats), _measure_pages(stays, repeats)
    rows = [_row(page, small[page.name], large[page.name], stays) for page in PAGES]
    return [*rows, _count_row(stays // 10, repeats), *_peer_rows(repeats)]


def _peer_rows(repeats: int) -> list[Row]:
    """Our pages beside the main page of healthchecks, a well-kept Django project, where its folder is at hand.

    HEALTHCHECKS_DIR: the folder. HEALTHCHECKS_PYTHON: an interpreter with its requirements and with our Python version;
    by default that of the folder's own `.venv`, else the one that runs this.
    """
    home = os.environ.get("HEALTHCHECKS_DIR", "")
    if not home:
        return []
    own = Path(home, ".venv", "bin", "python")
    python = os.environ.get("HEALTHCHECKS_PYTHON") or (str(own) if own.exists() else sys.executable)
    client = _browser(_fill(2 * PER_PAGE, 4 * PER_PAGE, PER_PAGE))
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})
    with _peer(python, home) as open_theirs:
        return [_peer_row(client, open_theirs, name, url, repeats) for name, url in PEER_PAGES]


def _peer_row(client: Client, open_theirs: Callable[[], float], name: str, url: str, repeats: int) -> Row:
    def open_ours() -> float:
        begun = time.process_time()
        assert client.get(url).status_code == 200
        return time.process_time() - begun

    taken = [(open_ours(), open_theirs()) for _ in range(repeats * 6)][repeats:]
    ours, theirs = (statistics.median(each) for each in zip(*taken, strict=True))
    return Row(
        name,
        seconds(ours),
        f"{seconds(theirs)}: healthchecks' page of {PER_PAGE} checks",
        times(ours / theirs),
        f"≤ {PEER_MOST:g} ×",
        ours <= PEER_MOST * theirs,
    )


@contextmanager
def _peer(python: str, home: str) -> Iterator[Callable[[], float]]:
    """Opens their page in a process of their own, and gives the processor seconds that it took."""
    script = Path(__file__).parents[1] / "measuring" / "peer_page.py"
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
        command = [python, "-W", "ignore", str(script), str(PER_PAGE), folder]
        with subprocess.Popen(  # noqa: S603 - the program that the environment names
            command, cwd=home, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            asking, answering = process.stdin, process.stdout
            assert asking is not None
            assert answering is not None

            def open_page() -> float:
                asking.write("\n")
                asking.flush()
                return float(answering.readline())

            yield open_page
            asking.close()


def _fill(locks: int, stays: int, arrivals: int) -> User:
    """Create healthy locks with years of stays: `arrivals` begin today, as many began yesterday."""
    fresh_database()
    user = owner()
    now = timezone.now()
    # An organization of years has put the first-run checklist away.
    Organization.objects.update(first_run_put_away_at=now)
    fleet = bare_fleet(user.organization, locks, next_look=now + timedelta(hours=20))
    years_of_stays(homes_with_units(user.organization, fleet), fleet, stays, arrivals, now)
    # As the sweeps of the next minutes do.
    while storing.judge_marked(now, SWEPT) == SWEPT:
        pass
    return user


def _count_row(locks: int, repeats: int) -> Row:
    """Measure the attention count of each page's title: every lock has a guest, none needs attention."""
    small, large = (_measure_count(size, repeats) for size in (locks // 10, locks))
    return Row(
        f"Attention count for each page's title: {locks:,} stays in house or coming",
        seconds(large.cpu),
        seconds(small.cpu) + f" for {locks // 10:,}",
        f"{large.cpu / locks * 1e6:.1f} µs a stay",
        "–",
        None,
        times(large.cpu / small.cpu),
    )


def _measure_count(locks: int, repeats: int) -> Cost:
    user = _fill(locks, 2 * locks, locks // 2)

    def count() -> int:
        now = timezone.now()
        return Attention(user, now, now, list(ConnectedAccount.objects.all())).count

    assert count() == 0
    return median([cost(count, server_pid()) for _ in range(repeats * 3)])


def _browser(user: User, encoding: str = "identity") -> Client:
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_ENCODING=encoding)
    client.force_login(user)
    return client


def _measure_pages(stays: int, repeats: int) -> dict[str, PageResult]:
    user = _fill(max(stays // 10, 2 * ARRIVALS), stays, ARRIVALS)
    client = _browser(user, "gzip")
    results = {}
    for page in PAGES:
        Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})
        results[page.name] = _measure_page(client, user, page, repeats)
    return results


def _measure_page(client: Client, user: User, page: Page, repeats: int) -> PageResult:
    def get() -> Any:
        answer = client.get(page.url)
        assert answer.status_code == 200, f"{page.url} answered {answer.status_code}"
        return answer

    get()
    with CaptureQueriesContext(connection) as asked:
        answer = get()
        queries = len(asked)
    figure, floor = interleaved(get, lambda: page.rows(user), repeats * 3, server_pid())
    return PageResult(figure, floor, queries, len(answer.content))


def _row(page: Page, small: PageResult, large: PageResult, stays: int) -> Row:
    growth = large.page.cpu / small.page.cpu
    is_met = large.queries <= QUERIES and growth <= GROWTH and (page.most is None or large.page.cpu <= page.most)
    most = f"≤ {page.most * 1000:.0f} ms, " if page.most else ""
    return Row(
        f"{page.name}, of {stays:,} stays on {stays // 10:,} locks",
        seconds(large.page.cpu),
        seconds(large.floor.cpu),
        times(large.page.cpu / large.floor.cpu),
        f"{most}≤ {QUERIES} queries, 10 × data ≤ {GROWTH} × time",
        is_met,
        times(growth),
        f"{large.queries} queries, {large.size / 1024:.0f} KiB compressed",
    )


def _today(user: User) -> str:
    now = timezone.now()
    stays = Stay.objects.filter(starts_at__range=(now - timedelta(days=1), now + timedelta(days=1)), cancelled_at=None)
    rows = list(stays.values_list("pk", "guest__name", "unit__name", "unit__property__name", "starts_at", "ends_at"))
    codes = AccessCode.objects.filter(stay__in=[row[0] for row in rows])
    return _joined([*rows, *codes.values_list("stay", "lock__name", "on_lock_at", "live_at", "errors")])


def _locks(user: User) -> str:
    fields = ("name", "door__name", "door__property__name", "is_online", "is_locked", "battery_level", "errors")
    return _joined(list(Lock.objects.for_user(user).order_by("name", "pk").values_list(*fields)[:PER_PAGE]))


def _timeline(user: User) -> str:
    now = timezone.now()
    near = Stay.objects.filter(starts_at__lt=now + timedelta(days=15), ends_at__gt=now - timedelta(days=15))
    units = list(near.order_by("unit").values_list("unit", flat=True).distinct()[:50])
    fields = ("unit", "guest__name", "starts_at", "ends_at", "cancelled_at")
    return _joined(list(near.filter(unit__in=units).values_list(*fields)))


def _joined(rows: list[tuple[Any, ...]]) -> str:
    return "".join(" ".join(map(str, row)) for row in rows)


PAGES = [
    Page("Today, 300 arrivals", "/", _today, MOST),
    Page("Locks, a page of 100", "/locks/", _locks, MOST),
    Page("Stays timeline, 50 units × 30 days", "/stays/timeline/", _timeline, None),
]
