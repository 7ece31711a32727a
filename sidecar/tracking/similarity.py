"""How much two persons of neighbouring frames look like one: overlap of boxes, nearness of keypoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person

# Tolerance per keypoint as a part of the person's size. COCO's run from 0.05 (eyes) to 0.21 (hips); one number serves
# every skeleton here, for the question is who it is, and not how exact.
KEYPOINT_TOLERANCE = 0.15

Point = tuple[float, float]


def centre(person: Person) -> Point:
    """Middle of the box, px."""
    x1, y1, x2, y2 = person.bbox_xyxy
    return (x1 + x2) / 2, (y1 + y2) / 2


def side(person: Person) -> float:
    """Square root of the box's area, px; at least 1."""
    x1, y1, x2, y2 = person.bbox_xyxy
    return float(max(1.0, ((x2 - x1) * (y2 - y1)) ** 0.5))


def box_overlap(one: Person, other: Person, *, shift: Point = (0.0, 0.0)) -> float:
    """Intersection over union of the boxes, in [0, 1], after moving the first by `shift` px."""
    ax1, ay1, ax2, ay2 = one.bbox_xyxy
    bx1, by1, bx2, by2 = other.bbox_xyxy
    dx, dy = shift
    width = min(ax2 + dx, bx2) - max(ax1 + dx, bx1)
    height = min(ay2 + dy, by2) - max(ay1 + dy, by1)
    shared = max(0.0, width) * max(0.0, height)
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared
    return shared / union if union > 0 else 0.0


def keypoint_similarity(one: Person, other: Person, *, shift: Point = (0.0, 0.0)) -> float:
    """Object keypoint similarity, in [0, 1], after moving the first by `shift` px.

    Source: the COCO keypoint task, `mean(exp(-d^2 / (2 s^2 k^2)))`, s^2 the mean area of the boxes, k the tolerance.
    """
    moved: NDArray[np.float64] = one.keypoints[:, :2] + np.array(shift)
    squared = ((moved - other.keypoints[:, :2]) ** 2).sum(axis=1)
    area = (side(one) ** 2 + side(other) ** 2) / 2
    return float(np.exp(-squared / (2 * area * KEYPOINT_TOLERANCE**2)).mean())
