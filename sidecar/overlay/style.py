"""How a person is drawn: widths from the size of the person and the picture, strokes from the provenance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sidecar.pose.person import Provenance

WIDTH_PER_PERSON_PX = 0.015  # of the person's diagonal
THINNEST, THICKEST = 0.0021, 0.0075  # of the picture's diagonal
THINNEST_PX = 1.0

# Visibility from which a joint is drawn, and with how much of its colour; a bone counts as its fainter end.
VISIBILITY_LEVELS: tuple[tuple[float, float], ...] = ((-math.inf, 0.22), (0.2, 0.5), (0.5, 1.0))


@dataclass(frozen=True, slots=True)
class Stroke:
    """Provenance made visible.

    Attributes:
        width: factor on the width of bones.
        on, off: dash and gap in widths with outline; no dashes where off is 0.
        hollow: joints are rings.
    """

    width: float
    on: float = 1.0
    off: float = 0.0
    hollow: bool = False


STROKES: dict[Provenance, Stroke] = {
    "detected": Stroke(1.0),
    "low_score": Stroke(0.6),
    "interpolated": Stroke(0.9, on=1.8, off=3.2, hollow=True),
    "predicted": Stroke(1.2, on=0.05, off=2.3, hollow=True),
}


def bone_width(person_diagonal_px: float, image_diagonal_px: float) -> float:
    """Width of a limb, px."""
    wanted = person_diagonal_px * WIDTH_PER_PERSON_PX if math.isfinite(person_diagonal_px) else math.inf
    return max(THINNEST_PX, min(max(wanted, THINNEST * image_diagonal_px), THICKEST * image_diagonal_px))
