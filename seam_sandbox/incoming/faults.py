"""Fault rules: which calls fail, and how.

Seam has nothing of the kind; the rules are set under ``/_sandbox/faults``.
"""

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from seam_sandbox.incoming.validation import Field, Params, check, choice, filled, number

# "status" to "reset" fail before the work is done, the others after it. "omit" is a list that is behind: its answer
# leaves out the rows in which `only` stands as a value, or all rows. "misreport" does the work and answers `status`.
# "date" answers with a clock that is `seconds` ahead, or behind when they are negative.
REQUEST_FAULTS = ("status", "empty_503", "html", "reset", "cut_off", "hang", "answer_lost", "omit", "misreport", "date")
# For these, ``path`` is a pattern of event types, such as "access_code.*".
WEBHOOK_FAULTS = (
    "webhook_duplicate",
    "webhook_reorder",
    "webhook_delay",
    "webhook_drop",
    "webhook_bad_signature",
)

RULE: dict[str, Field] = {
    "path": filled.required,
    "what": choice(*REQUEST_FAULTS, *WEBHOOK_FAULTS).required,
    "times": number(least=1, whole=True),
    "on_call": number(least=1, whole=True),
    "probability": number(0, 1),
    "seed": number(),
    "status": number(400, 599, whole=True),
    "retry_after": number(),
    "seconds": number(-1e9),
    "only": filled,
    "type": filled,
}


@dataclass
class Rule:
    path: str
    what: str
    times: int | None = None  # how often it applies; always, if nothing is said
    on_call: int | None = None  # only on the n-th matching call
    probability: float = 1.0
    seed: int = 0
    status: int = 500
    retry_after: int | None = None
    seconds: float = 5.0
    type: str | None = None  # the error's `type`, for "status" and "misreport"
    only: str | None = None  # "omit": the value by which a row is left out
    calls: int = 0
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def applies(self, path: str) -> bool:
        if not fnmatchcase(path, self.path) and not (self.path.endswith("/") and path.startswith(self.path)):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.calls += 1
        if self.on_call is not None and self.calls != self.on_call:
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def shape(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


def omit_rows(answer: dict[str, Any], only: str | None) -> dict[str, Any]:
    """An answer without some rows, or without any, of its lists."""

    def is_kept(row: Any) -> bool:
        return only is not None and not (isinstance(row, dict) and only in map(str, row.values()))

    return {
        key: [row for row in value if is_kept(row)] if isinstance(value, list) else value
        for key, value in answer.items()
    }


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def set(self, rules: list[Params]) -> None:
        self.rules = [Rule(**check(RULE, rule, loose=False)) for rule in rules]

    def find_for_request(self, path: str) -> Rule | None:
        return self._find(path, REQUEST_FAULTS)

    def find_for_event(self, event_type: str) -> Rule | None:
        return self._find(event_type, WEBHOOK_FAULTS)

    def _find(self, path: str, kinds: tuple[str, ...]) -> Rule | None:
        return next((rule for rule in self.rules if rule.what in kinds and rule.applies(path)), None)
