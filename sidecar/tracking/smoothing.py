"""Smoothing without lag: a parabola through the sightings around each moment.

Robust local regression with the tricube kernel (Cleveland, "Robust locally weighted regression and smoothing
scatterplots", 1979), the robust weights taken within each window, so that it never looks further. On even frames it is
a Savitzky-Golay filter; unlike that it takes any time stamps and missing frames, and at the ends of a track it uses
the sightings that there are. Its slope is the velocity that gaps are filled with.
"""

from __future__ import annotations

import numpy as np

from sidecar.tracking.similarity import Floats

WINDOW_S = 0.2  # before and after: five frames each way at 30 frames/s
DEGREE = 2
LEAST_WEIGHT = 1e-3  # a sighting at the rim of the window still keeps the fit from being singular
RIDGE = 1e-6
ROBUST_SIDES = 0.18  # a keypoint so far from the curve, in sides of the person, does not count
CALM_SHARE = 0.3  # of that, within which all count as they are
ROBUST_PASSES = 2


def fit(offsets_s: Floats, values: Floats, trust: Floats, side: float) -> tuple[Floats, Floats]:
    """The value and the slope at offset 0 of a curve through values.

    Args:
        offsets_s: (M,) times, within WINDOW_S of 0.
        values: (M, K, D) of K keypoints, the first two of D in px.
        trust: (M,) > 0, how much more one sighting counts than another.
        side: of the person, px.

    Returns:
        (K, D) values and (K, D) slopes per second; slopes are 0 for a single sighting.
    """
    scaled = offsets_s / WINDOW_S
    design = scaled[:, None] ** np.arange(min(DEGREE + 1, len(offsets_s)))
    kernel = np.maximum((1 - np.abs(scaled) ** 3) ** 3, LEAST_WEIGHT) * trust
    weighted = design.T * kernel
    normal = weighted @ design + RIDGE * kernel.sum() * np.eye(design.shape[1])
    rows = np.linalg.solve(normal, weighted)
    curve = (rows @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])  # (degree + 1, K, D)
    away = _away(design, values, curve)
    rough = np.flatnonzero(away.max(axis=0) > CALM_SHARE * ROBUST_SIDES * side)
    if len(rough):
        chosen = values[:, rough]
        part = curve[:, rough]
        for _ in range(ROBUST_PASSES):
            part = _again(design, chosen, kernel, _away(design, chosen, part) / (ROBUST_SIDES * side))
        curve[:, rough] = part
    slope = curve[1] / WINDOW_S if len(curve) > 1 else np.zeros_like(curve[0])
    return curve[0], slope


def _away(design: Floats, values: Floats, curve: Floats) -> Floats:
    """Distances of keypoints from the curve: (M, K) px."""
    keypoints = values.shape[1]
    there = (design @ curve[:, :, :2].reshape(len(curve), -1)).reshape(-1, keypoints, 2)
    return np.asarray(np.sqrt(((values[:, :, :2] - there) ** 2).sum(axis=2)))


def _again(design: Floats, values: Floats, kernel: Floats, away: Floats) -> Floats:
    """The curves of keypoints that count the less the further away they are, each with weights of its own."""
    weights = kernel[:, None] * np.maximum((1 - np.minimum(away, 1.0) ** 2) ** 2, LEAST_WEIGHT)  # (M, K)
    weighted = design.T[None] * weights.T[:, None]  # (K, degree + 1, M)
    normal = weighted @ design + RIDGE * weights.sum(axis=0)[:, None, None] * np.eye(design.shape[1])
    return np.linalg.solve(normal, weighted @ values.transpose(1, 0, 2)).transpose(1, 0, 2)
