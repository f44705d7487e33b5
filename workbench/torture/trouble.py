"""Everything that goes wrong: faults of Seam, lost and doubled webhooks, killed programs, an hour of outage."""

from __future__ import annotations

import random
from collections import Counter

from workbench.installation import NAMES, Installation

REQUESTS = ("status", "empty_503", "html", "reset", "cut_off", "answer_lost", "answer_lost")
WEBHOOKS = ("webhook_duplicate", "webhook_reorder", "webhook_drop", "webhook_delay", "webhook_bad_signature")
PATHS = ("/access_codes/create", "/access_codes/update", "/access_codes/delete", "/access_codes/list", "*")


class Trouble:
    """Makes it, and counts what struck."""

    def __init__(self, latchkey: Installation, dice: random.Random) -> None:
        self.latchkey, self.dice = latchkey, dice
        self.struck: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self._dark = ""

    def new_faults(self) -> None:
        """A few rules at a time; those before are counted and forgotten."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[self._rule() for _ in range(4)])

    def _rule(self) -> dict[str, object]:
        if self.dice.random() < 0.3:
            what = self.dice.choice(WEBHOOKS)
            return {"path": "*", "what": what, "times": self.dice.randint(1, 6)}
        what = self.dice.choice(REQUESTS)
        rule: dict[str, object] = {"path": self.dice.choice(PATHS), "what": what, "times": self.dice.randint(1, 3)}
        if what == "status":
            rule |= {"status": self.dice.choice((429, 500, 502, 504))}
        return rule

    def outage(self) -> None:
        """Seam is away for an hour of its clock."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[{"path": "*", "what": "reset"}])

    def end(self) -> None:
        """No more faults, and every gateway has power again."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[])
        for device_id in self._devices():
            self._power(device_id, True)

    def _devices(self) -> list[str]:
        return [device["device_id"] for device in self.latchkey.ask_seam("/devices/list", limit=500)["devices"]]

    def _power(self, device_id: str, is_on: bool) -> None:
        self.latchkey.ask_seam("/_sandbox/devices", device_id=device_id, set={"hub_online": is_on})

    def unplug_a_gateway(self) -> None:
        """One loses its power; the one before gets it back."""
        if self._dark:
            self._power(self._dark, True)
        self._dark = self.dice.choice(self._devices())
        self._power(self._dark, False)
        self.struck["gateway"] += 1

    def count(self) -> None:
        for rule in self.latchkey.look_at("/_sandbox/faults")["rules"]:
            self.struck[rule["what"]] += rule["hits"]

    def kill_something(self) -> None:
        name = self.dice.choice(sorted(NAMES))
        if name == "sandbox":
            # Its faults live in memory: count them before they are gone.
            self.count()
        if self.latchkey.kill(name):
            self.kills[name] += 1
