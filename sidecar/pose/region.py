"""A square to look into: the one way to tell an estimator where a person may be."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A rotated square in pixels of the upright image (origin top-left, y down).

    Attributes:
        cx, cy: centre, px.
        size: side, px, > 0.
        rotation: radians; positive turns the x axis towards the y axis (clockwise as seen).

    Raises:
        ValueError: a number is not finite, or the size is not positive.
    """

    cx: float
    cy: float
    size: float
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.size > 0 and all(map(math.isfinite, (self.cx, self.cy, self.size, self.rotation)))):
            raise ValueError(f"a region needs finite numbers and a size > 0, got {self}")
