"""Where bodies go over the ground: a closed track, and how far along it one is at each moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EASE_S = 0.45  # to come to rest from a walk, and back
TABLE_HZ = 240


@dataclass(frozen=True, slots=True)
class Track:
    """A stadium: two straights of `straight` metres along x, joined by half circles of `radius`.

    Walked clockwise as seen from above when `direction` is 1; a point when both lengths are 0.
    """

    x: float
    z: float
    straight: float = 0.0
    radius: float = 0.0
    direction: float = 1.0

    @property
    def length(self) -> float:
        return 2 * self.straight + 2 * math.pi * self.radius

    def at(self, distance: float) -> tuple[float, float, float]:
        """World x, z and heading (radians, 0 towards the viewer) after `distance` metres.

        Starts in the middle of the straight nearer to the viewer, towards +x when `direction` is 1.
        """
        if self.length == 0.0:
            return self.x, self.z, 0.0
        along = (distance + self.straight / 2) % self.length
        half, arc = self.straight / 2, math.pi * self.radius
        if along < self.straight:
            x, z, heading = along - half, self.radius, math.pi / 2
        elif along < self.straight + arc:
            turn = (along - self.straight) / self.radius
            x, z = half + self.radius * math.sin(turn), self.radius * math.cos(turn)
            heading = math.pi / 2 + turn
        elif along < 2 * self.straight + arc:
            x, z, heading = half - (along - self.straight - arc), -self.radius, 3 * math.pi / 2
        else:
            turn = (along - 2 * self.straight - arc) / self.radius
            x, z = -half - self.radius * math.sin(turn), -self.radius * math.cos(turn)
            heading = 3 * math.pi / 2 + turn
        return self.x + self.direction * x, self.z + z, self.direction * heading


@dataclass(frozen=True, slots=True)
class Rest:
    """A stop on the way, seconds, with the heading taken while standing."""

    begin: float
    end: float
    heading: float = 0.0

    def share(self, time: float) -> float:
        """0 while walking, 1 while standing, eased between."""
        return ease((time - self.begin) / EASE_S) * (1 - ease((time - self.end + EASE_S) / EASE_S))


def ease(share: float) -> float:
    """0 before 0, 1 after 1, smooth between."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def distances(duration: float, speed: float, rests: Sequence[Rest]) -> NDArray[np.float64]:
    """Metres walked since the start, sampled at TABLE_HZ."""
    times = np.arange(math.ceil(duration * TABLE_HZ) + 2) / TABLE_HZ
    going = [1 - max((rest.share(float(time)) for rest in rests), default=0.0) for time in times]
    return np.concatenate([[0.0], np.cumsum(going)[:-1]]) * (speed / TABLE_HZ)
