"""Smoothing without lag: a parabola through the sightings around each moment.

Local regression with the tricube kernel (Cleveland, "Robust locally weighted regression", 1979). On even frames it is
a Savitzky-Golay filter; unlike that it takes any time stamps and missing frames, and at the ends of a track it uses
the sightings that there are. Its slope is the velocity that gaps are filled with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.tracking.similarity import Floats

WINDOW_S = 0.17  # before and after: five frames each way at 30 frames/s
DEGREE = 2
LEAST_WEIGHT = 1e-3  # a sighting just inside the window still keeps the fit from being singular
RIDGE = 1e-6


def weights(offsets_s: Floats, trust: Floats) -> tuple[Floats, Floats]:
    """How much each sighting counts for the value and for the slope at offset 0.

    Args:
        offsets_s: (M,) times of the sightings, within WINDOW_S of 0.
        trust: (M,) > 0, how much more one counts than another.

    Returns:
        (M,) weights of the value, which add up to 1, and (M,) of the slope per second, which add up to 0.
    """
    scaled = offsets_s / WINDOW_S
    kernel = np.maximum((1 - np.abs(scaled) ** 3) ** 3, LEAST_WEIGHT) * trust
    degree = min(DEGREE, len(offsets_s) - 1)
    design = scaled[:, None] ** np.arange(degree + 1)
    weighted = design.T * kernel
    normal = weighted @ design
    normal[np.arange(1, degree + 1), np.arange(1, degree + 1)] += RIDGE * kernel.sum()
    rows: NDArray[np.float64] = np.linalg.solve(normal, weighted)
    slope = rows[1] / WINDOW_S if degree else np.zeros(len(offsets_s))
    return rows[0], slope
