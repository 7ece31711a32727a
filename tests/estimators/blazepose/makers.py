"""People, regions and networks made up for tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person
from sidecar.pose.region import Region

Array = NDArray[np.float32]


def make_person(x: float = 100, y: float = 100, *, size: float = 200, score: float = 0.9) -> Person:
    """33 keypoints spread over a square of `size` px with its centre at x, y."""
    spread = np.random.default_rng(2).uniform(-0.5, 0.5, (33, 2)) * size + (x, y)
    keypoints = np.concatenate([spread, np.zeros((33, 1)), np.ones((33, 1))], axis=1).astype(np.float32)
    return Person(keypoints=keypoints, score=score, region=Region(x, y, size * 1.5 + 1))


class ScriptedLandmarks:
    """Stands in for the landmark network: the middle of the crop, with the flags of a script.

    Attributes:
        runs: how often it ran.
    """

    def __init__(self, *flags: float, rows: Array | None = None) -> None:
        self.input = np.zeros((1, 256, 256, 3), np.float32)
        self.runs = 0
        self._flags = flags
        self._rows = np.full((1, 195), 128, np.float32) if rows is None else rows

    def __call__(self) -> tuple[Array, ...]:
        flag = self._flags[self.runs % len(self._flags)]
        self.runs += 1
        heatmaps, metres = np.full((1, 64, 64, 39), -20, np.float32), np.zeros((1, 117), np.float32)
        return self._rows, np.array([[flag]], np.float32), heatmaps, metres
