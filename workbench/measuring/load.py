"""Load on a Latchkey on this machine: people with open pages, and events at Seam."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from itertools import cycle

import requests

from workbench.installation import Installation

PAGES = ["/", "/locks/", "/locks/{lock}/", "/stays/", "/access-codes/", "/activity/"]
# A fragment that polls, and its interval in seconds, as htmx reads it.
PART = re.compile(r'hx-get="([^"]+)"[^>]* hx-trigger="every (\d+)s')
# Seconds (random between these) that a person stays on a page.
LOOKS_FOR = (8.0, 20.0)


@dataclass
class Seen:
    """The times of all answers, and the errors."""

    pages: list[float] = field(default_factory=list)
    parts: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    events: int = 0
    late: int = 0


class Load:
    """A load limited in time and number, against 127.0.0.1 only."""

    def __init__(self, latchkey: Installation, cookies: requests.cookies.RequestsCookieJar, locks: list[str]) -> None:
        assert latchkey.url.startswith("http://127.0.0.1:")
        self.latchkey, self.cookies, self.locks = latchkey, cookies, locks
        self.seen = Seen()

    def run(self, people: int, events_a_second: int, seconds: float, devices: list[str]) -> Seen:
        self.ends_at = time.monotonic() + seconds
        threads = [threading.Thread(target=self._person, args=(number,)) for number in range(people)]
        threads.append(threading.Thread(target=self._events, args=(events_a_second, devices)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.seen

    def _person(self, number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - it has to be repeatable
        session = requests.Session()
        session.trust_env = False
        session.cookies.update(self.cookies)
        time.sleep(dice.uniform(0, LOOKS_FOR[0]))
        while time.monotonic() < self.ends_at:
            path = dice.choice(PAGES).format(lock=dice.choice(self.locks))
            page = self._get(session, path, self.seen.pages)
            self._look(session, page, min(self.ends_at, time.monotonic() + dice.uniform(*LOOKS_FOR)))

    def _look(self, session: requests.Session, page: str, until: float) -> None:
        """Request each part when it is due; the answer says when it is due again."""
        parts = _parts(page)
        while (now := time.monotonic()) < until:
            for path in [path for path, (at, _) in parts.items() if at <= now]:
                every = parts.pop(path)[1]
                answer = self._get(session, path, self.seen.parts)
                parts |= _parts(answer) or {path: (time.monotonic() + every, every)}
            time.sleep(max(0.0, min([until, *(at for at, _ in parts.values())]) - time.monotonic()))

    def _get(self, session: requests.Session, path: str, taken: list[float]) -> str:
        begun = time.perf_counter()
        try:
            answer = session.get(self.latchkey.url + path, timeout=30)
        except requests.RequestException as error:
            self.seen.wrong[type(error).__name__] += 1
            return ""
        taken.append(time.perf_counter() - begun)
        if answer.status_code not in (200, 204) or re.search(r"/accounts/login/", answer.url):
            self.seen.wrong[f"{answer.status_code} {path}"] += 1
        return answer.text

    def _events(self, a_second: int, devices: list[str]) -> None:
        """Move bolts; the sandbox delivers each move to the webhook."""
        begun = time.monotonic()
        for number, device in enumerate(cycle(devices)):
            at = begun + number / a_second
            if at >= self.ends_at:
                return
            wait = at - time.monotonic()
            self.seen.late += wait < -1
            time.sleep(max(0.0, wait))
            is_locked = (number // len(devices)) % 2 == 1
            self.latchkey.ask_seam("/_sandbox/devices", device_id=device, set={"locked": is_locked})
            self.seen.events += 1


def _parts(page: str) -> dict[str, tuple[float, float]]:
    """List the parts of a page: path → when due, and how often."""
    now = time.monotonic()
    found = [(unescape(path), float(seconds)) for path, seconds in PART.findall(page)]
    return {path: (now + every, every) for path, every in found}
