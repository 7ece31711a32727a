"""Line segments made safe to draw: cut to the picture, broken into dashes, rounded to sub-pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Segments = NDArray[np.float64]  # (N, 2, 2): start and end, each x, y in px
SUBPIXEL_BITS = 4


def cut(segments: Segments, low: tuple[float, float], high: tuple[float, float]) -> tuple[Segments, NDArray[np.bool_]]:
    """The part of each segment inside a rectangle, and which segments have one (Liang and Barsky, 1984).

    Ends may be anywhere, infinitely far or not a number: such segments have no part inside.
    """
    if np.all(segments >= low) and np.all(segments <= high):
        return segments, np.ones(len(segments), np.bool_)
    finite = np.all(np.isfinite(segments), axis=(1, 2))
    start, end = np.where(finite[:, None, None], segments, 0.0).transpose(1, 0, 2)
    with np.errstate(over="ignore"):
        span = end - start
    finite &= np.isfinite(span).all(axis=1)
    enter, leave = np.zeros(len(segments)), np.ones(len(segments))
    for axis in (0, 1):
        moving = span[:, axis] != 0
        step = np.where(moving, span[:, axis], 1.0)
        with np.errstate(over="ignore"):
            first = np.where(moving, (low[axis] - start[:, axis]) / step, -np.inf)
            second = np.where(moving, (high[axis] - start[:, axis]) / step, np.inf)
        outside = ~moving & ((start[:, axis] < low[axis]) | (start[:, axis] > high[axis]))
        enter = np.where(outside, np.inf, np.maximum(enter, np.minimum(first, second)))
        leave = np.minimum(leave, np.maximum(first, second))
    kept = np.asarray(finite & (enter <= leave))
    share = np.stack([np.where(kept, enter, 0.0), np.where(kept, leave, 0.0)], axis=1)
    inside = start[:, None, :] + share[..., None] * span[:, None, :]
    return np.clip(inside, low, high), kept


def dashes(segments: Segments, on_px: float, off_px: float) -> Segments:
    """Each segment as dashes of `on_px` with gaps of `off_px`, beginning and ending with half a dash."""
    start, span = segments[:, 0], segments[:, 1] - segments[:, 0]
    count = np.maximum(1, np.round(np.hypot(span[:, 0], span[:, 1]) / (on_px + off_px))).astype(np.int64)
    of = np.repeat(np.arange(len(segments)), count + 1)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count + 1) - count - 1, count + 1)
    half = on_px / (on_px + off_px) / 2
    shares = np.clip((number[:, None] + (-half, half)) / count[of, None], 0, 1)
    return np.asarray(start[of, None, :] + shares[..., None] * span[of, None, :])


def subpixels(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Points in px, whose origin is the corner of a pixel, as OpenCV takes them with SUBPIXEL_BITS of shift."""
    return np.asarray(np.round((points - 0.5) * (1 << SUBPIXEL_BITS)), np.int32)
