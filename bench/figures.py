"""Numbers from samples, and targets they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles


def spread(samples: Sequence[float], digits: int = 3) -> dict[str, float]:
    """Median with minimum, maximum and, of twenty samples or more, the 99th percentile."""
    figures = {"median": median(samples), "min": min(samples), "max": max(samples), "n": float(len(samples))}
    if len(samples) >= 20:
        figures["p99"] = quantiles(samples, n=100)[98]
    return {name: round(value, digits) for name, value in figures.items()}


def at_most(what: str, value: float, limit: float, unit: str) -> dict[str, object]:
    """A target that the value must not exceed."""
    return {"what": what, "value": f"{_short(value)} {unit}", "target": f"≤ {limit:g} {unit}", "met": value <= limit}


def at_least(what: str, value: float, limit: float, unit: str) -> dict[str, object]:
    """A target that the value must reach."""
    return {"what": what, "value": f"{_short(value)} {unit}", "target": f"≥ {limit:g} {unit}", "met": value >= limit}


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
