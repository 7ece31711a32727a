"""The landmark network's output: 33 keypoints in the image and in metres, and where to look next.

Source: mediapipe/modules/pose_landmark/tensors_to_pose_landmarks_and_segmentation.pbtxt and the calculators it names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.blazepose.geometry import region_from_points
from sidecar.estimators.blazepose.sigmoid import sigmoid
from sidecar.pose.region import Region

INPUT_PX = 256
BODY = 33
AUXILIARY = (33, 34)  # centre and scale point of the next region; 35 to 38 are unused

_ROWS = 39
_USED = BODY + len(AUXILIARY)
# 9 is what the released 0.10.21 wheel computes with; the sources of its time say 7.
_KERNEL = 9
_MIN_CONFIDENCE = 0.5
_FAR = 1e6

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """One person in pixels of the image and in metres.

    Attributes:
        keypoints: (33, 4) rows [x, y, z, visibility], px.
        world: (33, 3) metres, hip-centred.
        next_region: where to look for this person in the next frame.
    """

    keypoints: Array
    world: Array
    next_region: Region | None


def decode_landmarks(raw: Array, heatmaps: Array, world: Array, region: Region) -> Landmarks | None:
    """Turn the network's output for one region into landmarks; None where it holds a number that is not finite.

    Args:
        raw: (195,) = 39 rows [x, y, z, visibility, presence], px of the 256 px crop, logits.
        heatmaps: (64, 64, 39), logits.
        world: (117,) = 39 rows [x, y, z], metres, in the region's axes.
        region: the square that was cropped.
    """
    rows, metres = raw.reshape(_ROWS, 5)[:_USED], world.reshape(_ROWS, 3)[:BODY]
    if not (np.isfinite(rows).all() and np.isfinite(metres).all()):
        return None
    across = refine(rows[:, :2] / np.float32(INPUT_PX), heatmaps)
    turn = _rotation(region.rotation)
    points = (across - 0.5) @ turn.T * region.size + (region.cx, region.cy)

    keypoints = np.empty((BODY, 4), np.float32)
    keypoints[:, :2] = points[:BODY]
    keypoints[:, 2] = rows[:BODY, 2] * (region.size / INPUT_PX)
    keypoints[:, 3] = sigmoid(rows[:BODY, 3])
    turned = metres.copy()
    turned[:, :2] = metres[:, :2] @ turn.T
    centre, scale = points[AUXILIARY[0]], points[AUXILIARY[1]]
    next_region = region_from_points((centre[0], centre[1]), (scale[0], scale[1]))
    return Landmarks(keypoints=keypoints, world=turned, next_region=next_region)


def refine(points: Array, heatmaps: Array) -> Array:
    """Move each point to the centre of mass of its heatmap, within a window around it.

    A point outside the map, or whose window holds no probability of at least one half, stays. Source:
    mediapipe/calculators/util/refine_landmarks_from_heatmap_calculator.cc.

    Args:
        points: (n, 2) x, y in fractions of the crop; n at most the number of maps.
        heatmaps: (h, w, maps) logits.
    """
    height, width = heatmaps.shape[:2]
    reach = np.arange(_KERNEL) - _KERNEL // 2
    # Clipped far outside, so that every number fits an integer; truncated towards zero, as the original does.
    column = (points[:, 0] * width).clip(-_FAR, _FAR).astype(np.int32)
    row = (points[:, 1] * height).clip(-_FAR, _FAR).astype(np.int32)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)

    columns, rows = column[:, None] + reach, row[:, None] + reach
    in_columns, in_rows = (columns >= 0) & (columns < width), (rows >= 0) & (rows < height)
    at = (rows.clip(0, height - 1)[:, :, None], columns.clip(0, width - 1)[:, None, :])
    window = sigmoid(heatmaps[*at, np.arange(len(points))[:, None, None]])
    window *= in_rows[:, :, None] & in_columns[:, None, :]

    sure = inside & (window.max(axis=(1, 2)) >= _MIN_CONFIDENCE)
    mass = np.maximum(window.sum(axis=(1, 2)), np.finfo(np.float32).tiny)
    x = (window.sum(axis=1) * columns).sum(axis=1) / mass / width
    y = (window.sum(axis=2) * rows).sum(axis=1) / mass / height
    return np.where(sure[:, None], np.stack([x, y], axis=1), points).astype(np.float32)


def _rotation(angle: float) -> NDArray[np.float64]:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])
