"""One run: a part without faults that is measured, a day of faults, then the check."""

from __future__ import annotations

import argparse
import random
import sys
import time
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections

from workbench.installation import Installation
from workbench.torture.invariants import find_lies, find_pins_in_logs, find_rosy_verdicts, find_violations
from workbench.torture.people import People
from workbench.torture.trouble import Trouble

DEMO = ("demo@example.com", "latchkey-demo")
ACCOUNTS = ["jane@example.com", "fleet-12@example.com"]
CALM_CODES = 24
# Rounds of five simulated minutes, after the last fault, until everything must be settled.
MAX_ROUNDS = 200
LOOK_EVERY = 10


def say(line: str) -> None:
    """Print to the terminal at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Run:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.dice = random.Random(options.seed)  # noqa: S311 - it has to be repeatable
        self.latchkey = Installation(folder, options.database_url)
        self.people = People(self.latchkey, self.dice)
        self.trouble = Trouble(self.latchkey, self.dice)
        # Seen in the middle of the trouble.
        self.seen_on_the_way: set[str] = set()
        self.looks, self.next_look = 0, time.monotonic() + LOOK_EVERY

    def go(self) -> int:
        say(f"seed {self.options.seed}")
        self.latchkey.start()
        try:
            self.people.set_up(*DEMO, ACCOUNTS)
            # One of the demo's gateways starts offline.
            self.trouble.end_all()
            calls_per_code = self._measure_calls_without_faults()
            self._run_faults()
            found, seconds, simulated = self._wait_until_settled()
            found += sorted(self.seen_on_the_way) + find_pins_in_logs(self.latchkey.folder)
            self._report(calls_per_code, found, seconds, simulated)
            return 1 if found else 0
        finally:
            self.latchkey.stop()

    def _now(self) -> datetime:
        return datetime.fromisoformat(self.latchkey.look_at("/_sandbox/clock")["now"])

    def _advance(self, minutes: int) -> None:
        self.latchkey.ask_seam("/_sandbox/clock", advance=f"PT{minutes}M")

    def _measure_calls_without_faults(self) -> float:
        """Count API calls per code without faults, from the form to the proof."""
        time.sleep(5)
        before = self._count_code_calls()
        for _ in range(CALM_CODES):
            self.people.issue_code(self._now())
        made = len(self.people.expectations)
        for _ in range(6):
            time.sleep(2)
            self._advance(1)
        return (self._count_code_calls() - before) / max(1, made)

    def _count_code_calls(self) -> int:
        counts: dict[str, int] = self.latchkey.look_at("/_sandbox/requests")["counts"]
        return sum(n for path, n in counts.items() if path.startswith("/access_codes/"))

    def _run_faults(self) -> None:
        """Let people act, time pass and things break, all from one random generator."""
        actions, least_faults = self.options.actions, self.options.faults
        kills_at = set(self.dice.sample(range(actions), min(self.options.kills, actions)))
        outages_at = set(self.dice.sample(range(actions), min(self.options.outages, actions)))
        for step in range(actions):
            if step % 8 == 0:
                self.trouble.replace_faults()
            if step in kills_at:
                self.trouble.kill_random_program()
            if step % 25 == 24:
                self.trouble.unplug_a_gateway()
            if step in outages_at:
                self._run_outage()
            self.people.act(self._now())
            if self.dice.random() < 0.35:
                self._advance(self.dice.choice((1, 5, 15, 60)))
            self._look()
            if step % 100 == 99:
                say(f"  {step + 1} actions, {sum(self.trouble.struck.values())} faults")
        while sum(self.trouble.struck.values()) < least_faults:
            self.trouble.replace_faults()
            self.people.act(self._now())
            time.sleep(0.5)
            self._advance(5)
            self._look()

    def _look(self) -> None:
        """Every ten seconds, whatever is under way: nothing that a page says may be untrue."""
        if time.monotonic() < self.next_look:
            return
        close_old_connections()
        found = find_lies(self.latchkey) + find_rosy_verdicts(self._now())
        for line in found:
            if line not in self.seen_on_the_way:
                say(f"  seen on the way: {line}")
        self.seen_on_the_way.update(found)
        self.looks, self.next_look = self.looks + 1, time.monotonic() + LOOK_EVERY

    def _run_outage(self) -> None:
        self.trouble.start_outage()
        for _ in range(6):
            self._advance(10)
            self.people.act(self._now())
            time.sleep(1)
        self.trouble.replace_faults()

    def _wait_until_settled(self) -> tuple[list[str], float, int]:
        """Stop the faults and wait until no violation is left.

        Returns the violations that stay, real seconds and simulated minutes.
        """
        self.trouble.end_all()
        self.latchkey.wait_until_well()
        begun, simulated = time.monotonic(), 0
        found: list[str] = ["not checked yet"]
        for round_number in range(MAX_ROUNDS):
            if round_number % 20 == 19:
                say(f"  still {len(found)} to settle, such as: {found[0]}")
            self.people.retry_refused()
            self._advance(5)
            simulated += 5
            time.sleep(1.5)
            found = self._check()
            if not found:
                break
        seconds = time.monotonic() - begun
        # It must stay settled while check-ins and check-outs pass.
        for _ in range(4):
            for _ in range(6):
                self._advance(60)
                time.sleep(1)
            found += self._check_after_settling()
        return found, seconds, simulated

    def _check_after_settling(self) -> list[str]:
        """Check; after a jump of the clock give codes some minutes to arrive and leave."""
        found = self._check()
        for _ in range(12):
            if not found:
                return []
            self._advance(2)
            time.sleep(1.5)
            found = self._check()
        return found

    def _check(self) -> list[str]:
        close_old_connections()
        return find_violations(self.latchkey, self._now(), self.people.expectations)

    def _report(self, calls_per_code: float, found: list[str], seconds: float, simulated: int) -> None:
        done, struck, kills = self.people.done, self.trouble.struck, self.trouble.kills
        say(f"actions           {sum(done.values())}  {_format_counts(done)}")
        say(f"refused in words  {sum(self.people.refused.values())}  {_format_counts(self.people.refused)}")
        say(f"no answer         {self.people.unanswered}")
        say(f"faults survived   {sum(struck.values())}  {_format_counts(struck)}")
        say(f"kills survived    {sum(kills.values())}  {_format_counts(kills)}")
        say(f"API calls a code  {calls_per_code:.2f}  (without faults)")
        say(f"looks on the way  {self.looks}")
        say(f"refusals retried  {self.people.retried}")
        say(f"converged in      {seconds:.0f} s, {simulated} simulated minutes")
        say(f"violations        {len(found)}")
        for line in found[:40]:
            say(f"  {line}")
        say(f"seed              {self.options.seed}")


def _format_counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()) if number)
