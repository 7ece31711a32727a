"""A network that sees the brightest pixel, a detector that says what it was told, and pictures for both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.estimators.protocol import CancelToken, Image, ModelRef


class Bright:
    """An engine whose every heatmap has a spot at the crop's brightest pixel, as high as that is bright."""

    def __init__(self) -> None:
        self.crops = 0

    def __call__(self, crops: Sequence[Any], *, cancel: CancelToken | None) -> list[Any]:
        self.crops += len(crops)
        rows, columns = np.mgrid[0:64, 0:48]
        found = []
        for crop in crops:
            grey = crop.sum(axis=2).astype(float)
            y, x = np.argwhere(grey == grey.max()).mean(axis=0) / [255 / 63, 191 / 47]
            spot = grey.max() / 765 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
            found.append(np.repeat(spot[None], 17, axis=0).astype(np.float32))
        return found


class Boxes:
    """A detector that answers what it was told to."""

    name = "boxes"
    model = ModelRef("boxes", Path("boxes"), "0" * 64)

    def __init__(self, *boxes: Sequence[float]) -> None:
        self.boxes = np.array(boxes, np.float32).reshape(-1, 5)
        self.asked: list[float] = []

    def detect(self, images: Sequence[Image], *, min_score: float) -> list[Any]:
        self.asked.append(min_score)
        return [self.boxes[self.boxes[:, 4] >= min_score] for _ in images]


def dotted(*dots: tuple[int, int, int]) -> Image:
    image = np.zeros((300, 400, 3), np.uint8)
    for x, y, grey in dots:
        image[y - 2 : y + 3, x - 2 : x + 3] = grey
    return image
