"""Makes faults of Seam, lost and doubled webhooks, kills, unplugged gateways and an outage."""

from __future__ import annotations

import random
from collections import Counter

from workbench.installation import NAMES, Installation

REQUESTS = ("status", "empty_503", "html", "reset", "cut_off", "answer_lost", "answer_lost")
WEBHOOKS = (
    *("webhook_duplicate", "webhook_reorder", "webhook_drop", "webhook_delay", "webhook_bad_signature"),
    "webhook_future",
)
LIST, GET = "/access_codes/list", "/access_codes/get"
ODD = ("row_without_id", "row_of_wrong_types", "row_with_nul", "row_with_huge_numbers", "row_is_null")
LISTS = (LIST, LIST, "/devices/list", "/events/list", "/access_codes/unmanaged/list")
# Answers that are wrong, not only missing: what the rule is, and for which paths.
WRONG: list[tuple[dict[str, object], tuple[str, ...]]] = [
    ({"what": "behind", "seconds": 20}, (LIST,)),
    ({"what": "omit"}, (LIST, "/devices/list")),
    (
        {"what": "misreport", "status": 404, "type": "access_code_not_found"},
        ("/access_codes/create", "/access_codes/*"),
    ),
    ({"what": "misreport", "status": 400, "type": "device_temporarily_unavailable"}, ("/access_codes/create",)),
    ({"what": "status", "status": 404, "type": "not_found"}, (GET, "/access_codes/delete", "/devices/get", "*")),
    ({"what": "status", "status": 400, "type": "never_heard_of"}, ("/access_codes/create", "/access_codes/update")),
    ({"what": "no_cursor"}, LISTS),
    ({"what": "count_too_large"}, LISTS),
    ({"what": "old_failure"}, (LIST, GET)),
    ({"what": "future"}, ("/events/list",)),
    ({"what": "date", "seconds": 172_800}, ("*",)),
    ({"what": "date", "seconds": -172_800}, ("*",)),
]
WRONG += [({"what": what}, (*LISTS, GET, "/connected_accounts/get")) for what in ODD]
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
        if self.dice.random() < 0.5:
            wrong, paths = self.dice.choice(WRONG)
            # A single 404 is a fault; one that is repeated is the truth.
            times = 1 if wrong.get("status") == 404 else self.dice.randint(1, 3)
            return {"path": self.dice.choice(paths), "times": times, **wrong}
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
