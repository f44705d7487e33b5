"""Tools that drive a whole Latchkey of their own, with real processes: torture, bench, screens."""
