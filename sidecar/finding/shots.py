"""Where a video cuts to another scene: nobody is followed across."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Image

# Correlation of two thumbnails. Frames of a camera that is swung about stay over 0.8, another scene is about 0.
SAME_SCENE = 0.4
_COARSE, _THUMBNAIL = (64, 36), (16, 9)


class Shots:
    """The cuts among the frames seen so far."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._cuts: list[int] = []

    def add(self, index: int, image: Image) -> None:
        """The next frame."""
        thumbnail = _thumbnail(image)
        if self._last is not None and _correlation(self._last, thumbnail) < SAME_SCENE:
            self._cuts.append(index)
        self._last = thumbnail

    def together(self, one: int, other: int) -> bool:
        """Whether two frames belong to one shot."""
        low, high = min(one, other), max(one, other)
        return not any(low < cut <= high for cut in self._cuts)


def _thumbnail(image: Image) -> NDArray[np.float32]:
    coarse = cv2.resize(image, _COARSE, interpolation=cv2.INTER_LINEAR)  # an exact mean of everything takes 1 ms
    small = cv2.resize(coarse, _THUMBNAIL, interpolation=cv2.INTER_AREA)
    return np.asarray(np.asarray(small, np.float32).mean(axis=2), np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """1 for the same picture, brighter or not; 1 too where both are of one colour."""
    a, b = one - one.mean(), other - other.mean()
    spread = math.sqrt(float((a * a).sum() * (b * b).sum()))
    if spread == 0:
        return 1.0 if not a.any() and not b.any() else 0.0
    return float((a * b).sum()) / spread
