"""Object keypoint similarity: how well two sets of COCO keypoints agree, from 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Spread of human annotators per keypoint, in units of the square root of the person's area. Source: cocoapi,
# PythonAPI/pycocotools/cocoeval.py.
COCO_SIGMAS: NDArray[np.float64] = np.array(
    [
        0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062,
        0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
    ]
)  # fmt: skip

# Row of blazepose_33 for each row of coco_17.
BLAZEPOSE_TO_COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)


def oks(points: ArrayLike, truth: ArrayLike, *, area: float, visible: ArrayLike | None = None) -> float:
    """Mean of exp(-d^2 / (8 sigma^2 area)) over the visible keypoints; 0 where none is visible.

    Args:
        points: (17, 2) x, y in px; further columns are ignored.
        truth: (17, 2) likewise.
        area: of the person, px^2, > 0.
        visible: (17,) truth values; None means all.

    Raises:
        ValueError: a shape or the area is wrong.
    """
    ours, theirs = np.asarray(points, np.float64), np.asarray(truth, np.float64)
    count = len(COCO_SIGMAS)
    for name, array in (("points", ours), ("truth", theirs)):
        if array.ndim != 2 or len(array) != count or array.shape[1] < 2:
            raise ValueError(f"{name} must have shape ({count}, 2), got {array.shape}")
    if not area > 0:
        raise ValueError(f"area must be > 0 px^2, got {area}")
    shown = np.ones(count, bool) if visible is None else np.asarray(visible, bool)
    if shown.shape != (count,):
        raise ValueError(f"visible must have shape ({count},), got {shown.shape}")
    if not shown.any():
        return 0.0
    squared_distance = ((ours[:, :2] - theirs[:, :2]) ** 2).sum(axis=1)
    similarity = np.exp(-squared_distance / (8 * COCO_SIGMAS**2 * area))
    return float(similarity[shown].mean())
