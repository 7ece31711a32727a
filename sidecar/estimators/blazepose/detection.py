"""The detector's output: the two points that place the most certain person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.blazepose.anchors import anchor_centres
from sidecar.estimators.blazepose.sigmoid import sigmoid
from sidecar.pose.person import LOW_SCORE_MIN

INPUT_PX = 224
CERTAIN = 0.5  # predictions at least this certain are averaged
_OVERLAP = 0.3
_SAME_PLACE = 0.6  # of half a body's length: how near the middles of two people may be

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detection:
    """A person as the detector places it, in fractions of the square it saw.

    Attributes:
        centre: mid hip, (2,).
        scale: the point whose distance from the centre is half the body's size and whose direction is up, (2,).
        score: in [0, 1].
    """

    centre: Array
    scale: Array
    score: float


def best_detection(boxes: Array, logits: Array, *, min_score: float) -> Detection | None:
    """The most certain person, averaged over the predictions that overlap it; None where there is none.

    Predictions under CERTAIN take part only where none reaches it, so that a lower `min_score` adds people and moves
    none; those under LOW_SCORE_MIN are noise. A higher one asks more of the landmarks, not of the detector.

    Weighted non-maximum suppression as in mediapipe/calculators/util/non_max_suppression_calculator.cc. Its further
    rounds would give further people, and this detector does not find those reliably.

    Args:
        boxes: (2254, 12): x, y, w, h of the face box, then x, y of four points, in px relative to the anchors.
        logits: (2254,).
        min_score: in [0, 1].
    """
    points, scores = _predictions(boxes, logits, min_score=min(CERTAIN, max(LOW_SCORE_MIN, min_score)))
    if len(scores) == 0:
        return None
    best = int(scores.argmax())
    corners = np.concatenate([points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2], axis=1)
    near = _overlaps(corners, best) > _OVERLAP
    if scores[best] >= CERTAIN:
        near &= scores >= CERTAIN
    near[best] = True  # a box without area does not overlap itself
    weights = scores[near] / scores[near].sum()
    centre, scale = np.tensordot(weights, points[near, 2:4], axes=1)
    return Detection(centre=centre, scale=scale, score=float(scores[best]))


def detections(boxes: Array, logits: Array, *, min_score: float, limit: int) -> list[Detection]:
    """Up to `limit` people, most certain first, each as its best prediction places it.

    Further ones are doubtful: this detector knows no crowds. They are places worth a look, and no more. Two within
    a part of their size from each other count as one.

    Args:
        boxes, logits: as for `best_detection`.
        min_score: predictions below are left out; so are those under LOW_SCORE_MIN.
        limit: most to return.
    """
    points, scores = _predictions(boxes, logits, min_score=max(LOW_SCORE_MIN, min_score))
    found: list[Detection] = []
    for row in np.argsort(-scores, kind="stable"):
        centre, scale = points[row, 2], points[row, 3]
        reach = _SAME_PLACE * float(np.linalg.norm(scale - centre))
        if all(float(np.linalg.norm(centre - other.centre)) > reach for other in found):
            found.append(Detection(centre=centre, scale=scale, score=float(scores[row])))
            if len(found) == limit:
                break
    return found


def _predictions(boxes: Array, logits: Array, *, min_score: float) -> tuple[Array, Array]:
    """Box and points, (N, 6, 2) in fractions of the input, and scores, (N,), of the sound ones at or over a score."""
    scores = sigmoid(logits)
    keep = np.flatnonzero(scores >= min_score)
    boxes = boxes[keep]
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:4] >= 0).all(axis=1)
    keep, boxes = keep[sound], boxes[sound]
    points: Array = boxes.reshape(-1, 6, 2) / np.float32(INPUT_PX)
    points[:, [0, 2, 3, 4, 5]] += anchor_centres()[keep, None]
    return points, scores[keep]


def _overlaps(corners: Array, which: int) -> Array:
    """Intersection over union of every box (N, 4) with one of them, (N,)."""
    low = np.maximum(corners[:, :2], corners[which, :2])
    high = np.minimum(corners[:, 2:], corners[which, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    union = areas + areas[which] - shared
    return np.asarray(shared / np.maximum(union, np.finfo(np.float32).tiny), np.float32)
