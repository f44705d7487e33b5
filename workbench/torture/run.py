"""One run: a calm part that is measured, a day of trouble, then peace, and the look from outside."""

from __future__ import annotations

import argparse
import random
import sys
import time
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections

from workbench.installation import Installation
from workbench.torture.invariants import pins_in_logs, rosy_verdicts, violations
from workbench.torture.people import People
from workbench.torture.trouble import Trouble

DEMO = ("demo@example.com", "latchkey-demo")
ACCOUNTS = ["jane@example.com", "fleet-12@example.com"]
CALM_CODES = 24
# After the last fault: at most so many rounds of five simulated minutes until all is as it should be.
MOST_ROUNDS = 200


def say(line: str) -> None:
    """To the person who started this, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Run:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.dice = random.Random(options.seed)  # noqa: S311 - it has to be repeatable
        self.latchkey = Installation(folder, options.database_url)
        self.people = People(self.latchkey, self.dice)
        self.trouble = Trouble(self.latchkey, self.dice)
        # Seen in the middle of the trouble, too: a mark is there from the change on.
        self.rosy: list[str] = []

    def go(self) -> int:
        say(f"seed {self.options.seed}")
        self.latchkey.start()
        try:
            self.people.begin(*DEMO, ACCOUNTS)
            # One of the demo's gateways is off from the beginning.
            self.trouble.end()
            calls_per_code = self._calm()
            self._storm()
            found, seconds, simulated = self._peace()
            found += self.rosy + pins_in_logs(self.latchkey.folder)
            self._report(calls_per_code, found, seconds, simulated)
            return 1 if found else 0
        finally:
            self.latchkey.stop()

    def _now(self) -> datetime:
        return datetime.fromisoformat(self.latchkey.look_at("/_sandbox/clock")["now"])

    def _advance(self, minutes: int) -> None:
        self.latchkey.ask_seam("/_sandbox/clock", advance=f"PT{minutes}M")

    def _calm(self) -> float:
        """API calls per code without any fault, from the form to the proof."""
        time.sleep(5)
        before = self._code_calls()
        for _ in range(CALM_CODES):
            self.people.issue_code(self._now())
        made = len(self.people.wishes)
        for _ in range(6):
            time.sleep(2)
            self._advance(1)
        return (self._code_calls() - before) / max(1, made)

    def _code_calls(self) -> int:
        counts: dict[str, int] = self.latchkey.look_at("/_sandbox/requests")["counts"]
        return sum(n for path, n in counts.items() if path.startswith("/access_codes/"))

    def _storm(self) -> None:
        """People act, time passes, things break: all by the same dice."""
        actions, least_faults = self.options.actions, self.options.faults
        kills_at = set(self.dice.sample(range(actions), min(self.options.kills, actions)))
        outages_at = set(self.dice.sample(range(actions), min(self.options.outages, actions)))
        for step in range(actions):
            if step % 8 == 0:
                self.trouble.new_faults()
            if step in kills_at:
                self.trouble.kill_something()
            if step % 25 == 24:
                self.trouble.unplug_a_gateway()
            if step in outages_at:
                self._hour_without_seam()
            self.people.act(self._now())
            if self.dice.random() < 0.35:
                self._advance(self.dice.choice((1, 5, 15, 60)))
            if step % 20 == 19:
                close_old_connections()
                self.rosy += rosy_verdicts(self._now())
            if step % 100 == 99:
                say(f"  {step + 1} actions, {sum(self.trouble.struck.values())} faults")
        while sum(self.trouble.struck.values()) < least_faults:
            self.trouble.new_faults()
            self.people.act(self._now())
            time.sleep(0.5)
            self._advance(5)

    def _hour_without_seam(self) -> None:
        self.trouble.outage()
        for _ in range(6):
            self._advance(10)
            self.people.act(self._now())
            time.sleep(1)
        self.trouble.new_faults()

    def _peace(self) -> tuple[list[str], float, int]:
        """The faults stop, time passes. What is still wrong after that, real seconds, simulated minutes."""
        self.trouble.end()
        self.latchkey.wait_until_well()
        begun, simulated = time.monotonic(), 0
        found: list[str] = ["not looked at yet"]
        for round_number in range(MOST_ROUNDS):
            if round_number % 20 == 19:
                say(f"  still {len(found)} to settle, such as: {found[0]}")
            self._advance(5)
            simulated += 5
            time.sleep(1.5)
            found = self._look()
            if not found:
                break
        seconds = time.monotonic() - begun
        # It must stay so while check-ins and check-outs pass.
        for _ in range(4):
            for _ in range(6):
                self._advance(60)
                time.sleep(1)
            found += self._settled_look()
        return found, seconds, simulated

    def _settled_look(self) -> list[str]:
        """After a jump of the clock codes come and go: give them the minutes that they take."""
        found = self._look()
        for _ in range(12):
            if not found:
                return []
            self._advance(2)
            time.sleep(1.5)
            found = self._look()
        return found

    def _look(self) -> list[str]:
        close_old_connections()
        return violations(self.latchkey, self._now(), self.people.wishes)

    def _report(self, calls_per_code: float, found: list[str], seconds: float, simulated: int) -> None:
        done, struck, kills = self.people.done, self.trouble.struck, self.trouble.kills
        say(f"actions           {sum(done.values())}  {_listed(done)}")
        say(f"refused in words  {sum(self.people.refused.values())}  {_listed(self.people.refused)}")
        say(f"no answer         {self.people.unanswered}")
        say(f"faults survived   {sum(struck.values())}  {_listed(struck)}")
        say(f"kills survived    {sum(kills.values())}  {_listed(kills)}")
        say(f"API calls a code  {calls_per_code:.2f}  (without faults)")
        say(f"converged in      {seconds:.0f} s, {simulated} simulated minutes")
        say(f"violations        {len(found)}")
        for line in found[:40]:
            say(f"  {line}")
        say(f"seed              {self.options.seed}")


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()) if number)
