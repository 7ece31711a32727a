"""From heatmaps to points between their pixels (DARK, Zhang et al., CVPR 2020, in mmpose's unbiased form)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BLUR_PX = 11
# What OpenCV makes of "sigma 0" at this kernel, and so what mmpose uses. transformers blurs with 0.8.
BLUR_SIGMA = 2.0
_LOG_MIN, _LOG_MAX = 0.001, 50.0
_EPSILON = float(np.finfo(np.float32).eps)


def decode(heatmaps: Array) -> tuple[NDArray[np.float64], Array]:
    """Where each keypoint is, and how sure the network is of it.

    Args:
        heatmaps: (K, rows, columns), finite.

    Returns:
        (K, 2) x, y in pixels of the heatmap, and (K,) scores. A heatmap without a positive value has the score 0, and
        its point, which nobody should use, is its highest pixel.
    """
    peaks, scores = find_peaks(heatmaps)
    points = refine(peaks, blur(heatmaps))
    return np.where(scores[:, None] > 0, points, peaks), np.clip(scores, 0.0, 1.0)


def find_peaks(heatmaps: Array) -> tuple[NDArray[np.int64], Array]:
    """(K, 2) x, y of the highest pixel of each heatmap, and its (K,) values."""
    count, _, columns = heatmaps.shape
    flat = heatmaps.reshape(count, -1)
    best = flat.argmax(axis=1)
    return np.stack([best % columns, best // columns], axis=1), flat[np.arange(count), best]


def blur(heatmaps: Array) -> Array:
    """Each heatmap smoothed, mirrored at its borders."""
    kernel = (BLUR_PX, BLUR_PX)
    return np.stack([cv2.GaussianBlur(one, kernel, BLUR_SIGMA, borderType=cv2.BORDER_REFLECT_101) for one in heatmaps])


def refine(peaks: NDArray[np.int64], blurred: Array) -> NDArray[np.float64]:
    """One step of Newton's method on the logarithm of the blurred heatmaps, from each peak.

    Returns:
        (K, 2); a peak stays where the step is no number.
    """
    logs = np.log(np.clip(blurred, _LOG_MIN, _LOG_MAX)).astype(np.float64)
    padded = np.pad(logs, ((0, 0), (1, 1), (1, 1)), mode="edge")
    each, x, y = np.arange(len(peaks)), peaks[:, 0] + 1, peaks[:, 1] + 1

    def at(dx: int, dy: int) -> NDArray[np.float64]:
        values: NDArray[np.float64] = padded[each, y + dy, x + dx]
        return values

    here = at(0, 0)
    slope = np.stack([0.5 * (at(1, 0) - at(-1, 0)), 0.5 * (at(0, 1) - at(0, -1))], axis=1)
    xx = at(1, 0) - 2 * here + at(-1, 0)
    yy = at(0, 1) - 2 * here + at(0, -1)
    xy = 0.5 * (at(1, 1) - at(1, 0) - at(0, 1) + 2 * here - at(-1, 0) - at(0, -1) + at(-1, -1))
    xx, yy = xx + _EPSILON, yy + _EPSILON
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        determinant = xx * yy - xy * xy
        step = np.stack([yy * slope[:, 0] - xy * slope[:, 1], xx * slope[:, 1] - xy * slope[:, 0]], axis=1)
        points = peaks - step / determinant[:, None]
    return np.where(np.isfinite(points.sum(axis=1, keepdims=True)), points, peaks)
