"""A region and the two points that give it: the centre, and the point for scale and rotation.

The detector gives both points, and so do landmarks 33 and 34 for the next frame. The region is upright for a person
whose second point lies straight above the first; its side is 2.5 times the distance (twice, plus a quarter around).
Source: mediapipe/calculators/util/alignment_points_to_rects_calculator.cc and rect_transformation_calculator.cc.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.region import Region

SIDE_PER_DISTANCE = 2 * 1.25

Point = tuple[float, float]


def region_from_points(centre: Point, scale: Point) -> Region | None:
    """The region of two points, px; None where they coincide or are not finite."""
    dx, dy = float(scale[0]) - float(centre[0]), float(scale[1]) - float(centre[1])
    size = SIDE_PER_DISTANCE * math.hypot(dx, dy)
    if not (math.isfinite(size) and size > 0):
        return None
    return Region(float(centre[0]), float(centre[1]), size, _half_open(math.pi / 2 - math.atan2(-dy, dx)))


def points_from_region(region: Region) -> tuple[Point, Point]:
    """The two points a region came from, px: the inverse of `region_from_points`."""
    distance = region.size / SIDE_PER_DISTANCE
    dx, dy = distance * math.sin(region.rotation), -distance * math.cos(region.rotation)
    return (region.cx, region.cy), (region.cx + dx, region.cy + dy)


def from_window(point: NDArray[np.floating[Any]], window: Region) -> Point:
    """A point given in fractions of a window, x right and y down as the window is turned, in px of the image."""
    across, down = (float(point[0]) - 0.5) * window.size, (float(point[1]) - 0.5) * window.size
    cos, sin = math.cos(window.rotation), math.sin(window.rotation)
    return cos * across - sin * down + window.cx, sin * across + cos * down + window.cy


def _half_open(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))
