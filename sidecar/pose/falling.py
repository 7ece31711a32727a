"""How good something is by one measure."""

from __future__ import annotations


def falling(value: float, full: float, none: float) -> float:
    """1 up to `full`, 0 from `none` on, in a straight line between."""
    return min(1.0, max(0.0, (none - value) / (none - full)))
