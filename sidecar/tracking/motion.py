"""Where a track is going: its velocity, from where its person was seen lately."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from sidecar.tracking.similarity import Floats, Shapes

WINDOW_S = 0.4  # sightings that speak for the velocity
MOST_SIGHTINGS = 32  # the same, for videos of many frames per second
COAST_S = 0.6  # how long motion goes on by itself: velocity falls by e in that time


class Motion:
    """The last sighting of one person, and a steady velocity."""

    def __init__(self, shape: Shapes, time_s: float) -> None:
        self.shape = shape
        self.time_s = time_s
        self._seen: deque[tuple[float, float, float]] = deque(maxlen=MOST_SIGHTINGS)  # time, x, y
        self.velocity = np.zeros(2)  # px/s
        self.see(shape, time_s)

    def see(self, shape: Shapes, time_s: float) -> None:
        """The person was seen again. `shape` is that of one person."""
        x, y = shape.centres[0].tolist()
        self.shape, self.time_s = shape, time_s
        self._seen.append((time_s, x, y))
        while time_s - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        self.velocity = _slope(self._seen)

    def copy(self) -> Motion:
        """One that goes on by itself."""
        other = Motion(self.shape, self.time_s)
        other.velocity = self.velocity
        other._seen = self._seen.copy()
        return other

    def shift(self, time_s: float) -> Floats:
        """How far the person will have gone from the last sighting: (2,) px."""
        return self.velocity * coasted(time_s - self.time_s)


def coasted(time_s: float) -> float:
    """For how long at full speed one gets as far as by coasting for `time_s`."""
    return COAST_S * (1 - math.exp(-time_s / COAST_S))


def _slope(seen: deque[tuple[float, float, float]]) -> Floats:
    """Velocity of a straight line through the sightings, by least squares."""
    if len(seen) < 2:
        return np.zeros(2)
    count = len(seen)
    middle = [sum(values) / count for values in zip(*seen, strict=True)]
    spread = sum((t - middle[0]) ** 2 for t, _, _ in seen)
    if spread <= 0:
        return np.zeros(2)
    along_x = sum((t - middle[0]) * (x - middle[1]) for t, x, _ in seen) / spread
    along_y = sum((t - middle[0]) * (y - middle[2]) for t, _, y in seen) / spread
    return np.array([along_x, along_y])
