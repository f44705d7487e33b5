"""The Wyze models that the sandbox simulates.

Gateway locks with and without a keypad and a Bluetooth-only Bolt, as Seam's Wyze guide tells them apart. Code lengths,
capacity, thresholds and drain are assumed: Seam does not document those of its own sandbox.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    display_name: str
    product_model: str
    has_gateway: bool
    has_keypad: bool
    code_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)
    capacity: int = 50


MODELS = {
    "gateway": Model("Lock", "YD.LO1", has_gateway=True, has_keypad=True),
    "no_keypad": Model("Lock", "YD.LO1", has_gateway=True, has_keypad=False),
    "bolt": Model("Lock Bolt", "YD_BT1", has_gateway=False, has_keypad=False),
}


def battery_status(percent: int) -> str:
    if percent < 10:
        return "critical"
    if percent < 25:
        return "low"
    return "good" if percent < 95 else "full"
