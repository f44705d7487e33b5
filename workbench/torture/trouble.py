"""Makes faults of Seam, lost and doubled webhooks, kills, unplugged gateways and an outage."""

from __future__ import annotations

import random
from collections import Counter

from workbench.installation import NAMES, Installation

REQUESTS = ("status", "empty_503", "html", "reset", "cut_off", "answer_lost", "answer_lost")
WEBHOOKS = ("webhook_duplicate", "webhook_reorder", "webhook_drop", "webhook_delay", "webhook_bad_signature")
PATHS = ("/access_codes/create", "/access_codes/update", "/access_codes/delete", "/access_codes/list", "*")


class Trouble:
    """Causes trouble and counts what happened."""

    def __init__(self, latchkey: Installation, dice: random.Random) -> None:
        self.latchkey, self.dice = latchkey, dice
        self.struck: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self._dark = ""

    def replace_faults(self) -> None:
        """Set a few random rules; count the hits of those before."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[self._random_rule() for _ in range(4)])

    def _random_rule(self) -> dict[str, object]:
        if self.dice.random() < 0.3:
            what = self.dice.choice(WEBHOOKS)
            return {"path": "*", "what": what, "times": self.dice.randint(1, 6)}
        what = self.dice.choice(REQUESTS)
        rule: dict[str, object] = {"path": self.dice.choice(PATHS), "what": what, "times": self.dice.randint(1, 3)}
        if what == "status":
            rule |= {"status": self.dice.choice((429, 500, 502, 504))}
        return rule

    def start_outage(self) -> None:
        """Let Seam fail for an hour of its clock."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[{"path": "*", "what": "reset"}])

    def end_all(self) -> None:
        """Remove all faults and power every gateway."""
        self.count()
        self.latchkey.ask_seam("/_sandbox/faults", rules=[])
        for device_id in self._devices():
            self._set_power(device_id, True)

    def _devices(self) -> list[str]:
        return [device["device_id"] for device in self.latchkey.ask_seam("/devices/list", limit=500)["devices"]]

    def _set_power(self, device_id: str, is_on: bool) -> None:
        self.latchkey.ask_seam("/_sandbox/devices", device_id=device_id, set={"hub_online": is_on})

    def unplug_a_gateway(self) -> None:
        """Unplug one gateway and power the one before again."""
        if self._dark:
            self._set_power(self._dark, True)
        self._dark = self.dice.choice(self._devices())
        self._set_power(self._dark, False)
        self.struck["gateway"] += 1

    def count(self) -> None:
        for rule in self.latchkey.look_at("/_sandbox/faults")["rules"]:
            self.struck[rule["what"]] += rule["hits"]

    def kill_random_program(self) -> None:
        name = self.dice.choice(sorted(NAMES))
        if name == "sandbox":
            # The sandbox keeps hits in memory: count them before the kill.
            self.count()
        if self.latchkey.kill(name):
            self.kills[name] += 1
