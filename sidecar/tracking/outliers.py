"""Hampel's filter: keypoints that stand apart from their neighbours in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.tracking.similarity import Floats

WINDOW_S = 0.12  # before and after: three frames each way at 30 frames/s
MIN_WINDOW = 5  # sightings; fewer cannot outvote an outlier
LIMIT_SIGMAS = 3.0
SIGMA_PER_MAD = 1.4826  # of a normal distribution
LEAST_JUMP_SIDES = 0.06  # of the person's side: what is smaller is noise, for smoothing to deal with


def outliers(points: Floats, middle: int, side: float) -> NDArray[np.bool_]:
    """Which keypoints of one moment are outliers among those around it (Hampel 1974, by the median).

    Whole bodies move faster than limbs do against them, so keypoints are compared relative to their body's centre.

    Args:
        points: (M, K, 2) px, of consecutive sightings.
        middle: which of the M is asked about.
        side: of the person, px.

    Returns:
        (K,) truth values; none for fewer than MIN_WINDOW sightings.
    """
    if len(points) < MIN_WINDOW:
        return np.zeros(points.shape[1], bool)
    relative = points - median(points.transpose(1, 0, 2))[:, None]
    away = np.sqrt(((relative - median(relative)) ** 2).sum(axis=2))
    limit = np.maximum(LIMIT_SIGMAS * SIGMA_PER_MAD * median(away), LEAST_JUMP_SIDES * side)
    return np.asarray(away[middle] > limit)


def median(values: Floats) -> Floats:
    """The median along the first axis; several times faster than NumPy's on arrays of this size."""
    ordered = np.sort(values, axis=0)
    return np.asarray((ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2)
