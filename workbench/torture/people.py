"""Acts as a manager all day, through the pages: stays and codes made, changed, cancelled, revoked."""

from __future__ import annotations

import html
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

from properties.models import AccessCode
from workbench.installation import Installation

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PIN = re.compile(r'aria-label="PIN ([\d ]+)"')


@dataclass
class Expectation:
    """What a manager asked for, which the check at the end compares with Seam."""

    name: str
    page: str
    pins: set[str] = field(default_factory=set)
    is_ended: bool = False


class People:
    """One logged-in person with a browser, who tries a page again when it does not answer."""

    def __init__(self, latchkey: Installation, dice: random.Random) -> None:
        self.latchkey, self.dice = latchkey, dice
        self.session = requests.Session()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.unanswered = self.retried = 0
        self.expectations: list[Expectation] = []
        self.units: list[str] = []
        self.locks: list[str] = []
        self._number = 0

    # --- The browser ----------------------------------------------------------------------------------------------

    def get(self, path: str) -> str:
        for _ in range(40):
            try:
                answer = self.session.get(self.latchkey.url + path, timeout=20)
            except requests.RequestException:
                self.unanswered += 1
                time.sleep(0.5)
                continue
            if answer.status_code < 500:
                return answer.text
            self.unanswered += 1
            time.sleep(0.5)
        raise TimeoutError(f"{path} does not answer")

    def post(self, path: str, form_page: str = "/stays/", **fields: str) -> requests.Response | None:
        """Send a form once; None when no answer came, so that it may have been done or not."""
        token = TOKEN.search(self.get(form_page))
        fields["csrfmiddlewaretoken"] = token[1] if token else ""
        headers = {"Referer": self.latchkey.url + form_page}
        try:
            return self.session.post(self.latchkey.url + path, data=fields, headers=headers, timeout=30)
        except requests.RequestException:
            self.unanswered += 1
            return None

    # --- Setting up ------------------------------------------------------------------------------------------------

    def set_up(self, email: str, password: str, accounts: list[str]) -> None:
        """Log in, link the accounts, put every lock on its door."""
        self.post("/accounts/login/", "/accounts/login/", login=email, password=password)
        for account in accounts:
            self._link(account)
        time.sleep(3)
        self.post("/doors/suggestions/accept/", "/doors/suggestions/")
        self.units = re.findall(r'<option value="(\d+)"', _select(self.get("/stays/add/"), "unit"))
        choices = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)', _select(self.get("/access-codes/issue/"), "lock"))
        self.locks = [number for number, label in choices if "takes no codes" not in label]

    def _link(self, account: str) -> None:
        launch = self.post("/connections/link/", "/connections/")
        if launch is None:
            raise TimeoutError("the Connect Webview did not open")
        credentials = {"email": account, "password": "1234", "api_key_id": "ABC123ABC", "api_key": "ABC123ABC"}
        self.session.post(launch.url, data=credentials | {"action": "connect"}, timeout=30)

    # --- Actions ---------------------------------------------------------------------------------------------

    def act(self, now: datetime) -> None:
        """Do one random action."""
        actions = [
            (self.add_stay, 22),
            (self.move_stay, 20),
            (self.cancel_stay, 8),
            (self.issue_code, 18),
            (self.change_code, 8),
            (self.revoke_code, 8),
            (self.reissue_code, 8),
            (self.reveal_pin, 8),
        ]
        action = self.dice.choices([a for a, _ in actions], [weight for _, weight in actions])[0]
        action(now)
        self.done[action.__name__] += 1

    def _is_accepted(self, what: str, answer: requests.Response | None) -> bool:
        if answer is not None and answer.status_code == 422:
            self.refused[what] += 1
        return answer is not None and answer.ok

    def _new_name(self, kind: str) -> str:
        self._number += 1
        return f"{kind} {self._number:05d}"

    def _pick(self, kind: str) -> Expectation | None:
        standing = [
            each for each in self.expectations if each.name.startswith(kind) and not each.is_ended and each.page
        ]
        return self.dice.choice(standing) if standing else None

    def add_stay(self, now: datetime) -> None:
        name = self._new_name("Guest")
        start = now.date() + timedelta(days=self.dice.randint(0, 12))
        answer = self.post(
            "/stays/add/",
            "/stays/add/",
            unit=self.dice.choice(self.units),
            guest_name=name,
            check_in_on=start.isoformat(),
            check_in_time=self._random_time(),
            check_out_on=(start + timedelta(days=self.dice.randint(1, 4))).isoformat(),
            check_out_time=self._random_time(),
        )
        if self._is_accepted("add_stay", answer) and answer is not None:
            self.expectations.append(Expectation(name, urlsplit(answer.url).path))

    def _random_time(self) -> str:
        return f"{self.dice.randint(0, 23):02d}:{self.dice.choice((0, 15, 30, 45)):02d}"

    def move_stay(self, now: datetime) -> None:
        stay = self._pick("Guest")
        if stay is None:
            return
        page = self.get(f"{stay.page}edit/")
        fields = {name: _value(page, name) for name in ("unit", "check_in_on", "check_in_time", "check_out_time")}
        end = date.fromisoformat(_value(page, "check_out_on") or now.date().isoformat())
        end += timedelta(days=self.dice.choice((-1, 1, 1, 2)))
        self._is_accepted(
            "move_stay",
            self.post(
                f"{stay.page}edit/",
                f"{stay.page}edit/",
                **{name: value for name, value in fields.items() if value},
                guest_name=stay.name,
                check_out_on=end.isoformat(),
            ),
        )

    def cancel_stay(self, now: datetime) -> None:
        stay = self._pick("Guest")
        if stay is not None and self._is_accepted("cancel_stay", self.post(f"{stay.page}cancel/")):
            stay.is_ended = True

    def issue_code(self, now: datetime) -> None:
        name = self._new_name("Code")
        fields = {"holder_name": name, "lock": self.dice.choice(self.locks)}
        if self.dice.random() < 0.85:
            start = now.astimezone(ZoneInfo("America/Los_Angeles")) + timedelta(hours=self.dice.randint(-1, 120))
            end = start + timedelta(hours=self.dice.randint(4, 100))
            fields |= {"starts_on": f"{start:%Y-%m-%dT%H:%M}", "ends_on": f"{end:%Y-%m-%dT%H:%M}"}
        answer = self.post("/access-codes/issue/", "/access-codes/issue/", **fields)
        if self._is_accepted("issue_code", answer) and answer is not None:
            self.expectations.append(Expectation(name, urlsplit(answer.url).path))

    def change_code(self, now: datetime) -> None:
        code = self._pick("Code")
        if code is None:
            return
        page = self.get(f"{code.page}change/")
        ends = _value(page, "ends_on")
        if ends:
            moved = datetime.fromisoformat(ends) + timedelta(hours=self.dice.choice((-3, 2, 12, 30)))
            fields = {"starts_on": _value(page, "starts_on"), "ends_on": f"{moved:%Y-%m-%dT%H:%M}"}
            self._is_accepted("change_code", self.post(f"{code.page}change/", f"{code.page}change/", **fields))

    def revoke_code(self, now: datetime) -> None:
        code = self._pick("Code")
        if code is not None and self._is_accepted("revoke_code", self.post(f"{code.page}revoke/")):
            code.is_ended = True

    def reissue_code(self, now: datetime) -> None:
        code = self._pick("Code")
        if code is None:
            return
        answer = self.post(f"{code.page}reissue/", f"{code.page}reissue/", reason="Torture")
        if answer is None:
            # Whether the old or the new code is current is unknown: its PIN is not revealed any more.
            code.page = ""
        elif self._is_accepted("reissue_code", answer):
            code.page = urlsplit(answer.url).path
            code.pins.clear()

    def retry_refused(self) -> None:
        """Press the button that a refused code shows."""
        for pk in AccessCode.objects.standing().filter(rejected_at__isnull=False).values_list("pk", flat=True):
            self.retried += 1
            self.post(f"/access-codes/{pk}/retry/")

    def reveal_pin(self, now: datetime) -> None:
        """Reveal a PIN: from now on it must not change by itself."""
        code = self._pick("Code")
        if code is None:
            return
        answer = self.post(f"{code.page}reveal/")
        shown = PIN.search(answer.text) if answer is not None and answer.ok else None
        if shown:
            code.pins.add(shown[1].replace(" ", ""))


def _select(page: str, name: str) -> str:
    found = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    return found[0] if found else ""


def _value(page: str, name: str) -> str:
    """Read what a form shows in a field."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', tag[0]) if tag else None
    if value:
        return html.unescape(value[1])
    chosen = re.search(r'<option value="(\d+)" selected', _select(page, name))
    return chosen[1] if chosen else ""
