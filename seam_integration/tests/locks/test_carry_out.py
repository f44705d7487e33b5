"""What one turn sends at most: a lock's budget of a minute for each kind of call, and what is left over is told."""

from dataclasses import dataclass, field

import pytest

from properties.tests.builders import NOW, make_code, make_lock
from seam_integration.locks.carry_out import BUDGET, carry_out
from seam_integration.locks.plan import Plan

# Seam's own limits per lock and minute.
LIMITS = {"create": 10, "update": 10, "delete": 20}


@dataclass
class CountingClient:
    """In place of Seam: counts the calls of each kind."""

    calls: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BUDGET, 0))

    def delete_code(self, remote_id: str) -> None:
        self.calls["delete"] += 1

    def update_code(self, remote_id: str, window: object, pin: str) -> None:
        self.calls["update"] += 1

    def create_code(self, device_id: str, name: str, pin: str, window: object) -> dict[str, object]:
        self.calls["create"] += 1
        return {"access_code_id": f"00000000-0000-0000-0000-{self.calls['create']:012d}"}


def plan_of(lock, kind: str, how_many: int) -> Plan:
    """That many calls of one kind."""
    codes = [make_code(lock, pin=f"4829{number:02d}") for number in range(how_many)] if kind != "delete" else []
    return {
        "delete": Plan(delete=[(None, str(number)) for number in range(how_many)]),
        "update": Plan(update=[(code, {"access_code_id": str(code.pk)}) for code in codes]),
        "create": Plan(create=codes),
    }[kind]


@pytest.mark.parametrize("kind", BUDGET)
@pytest.mark.parametrize("too_many", [0, 1, 5])
def test_turn_keeps_to_its_budget(organization, kind, too_many):
    lock, client, renewed = make_lock(organization), CountingClient(), []
    plan = plan_of(lock, kind, BUDGET[kind] + too_many)
    is_complete = carry_out(lock, plan, [], NOW, client, lambda: renewed.append(kind))
    assert client.calls[kind] == len(renewed) == BUDGET[kind]
    assert is_complete is (too_many == 0)


@pytest.mark.parametrize("kind", BUDGET)
def test_budget_leaves_room_below_limit_of_seam(kind):
    assert BUDGET[kind] < LIMITS[kind]
