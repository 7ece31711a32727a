"""Whether two things in a frame are one: boxes that overlap, poses that coincide."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sidecar.pose.person import Person

Box = tuple[float, float, float, float]  # xyxy, px

# Mean distance of keypoints over the size of the bodies. Readings of one person from different regions lie within
# 0.1, neighbours in a row of people 0.25 and more apart.
SAME_POSE = 0.18
PART_INSIDE, PART_AREA = 0.8, 0.6  # of a box in another one, and of its area in the other's
SAME_HEAD = 0.35  # distance of noses over the size of the smaller body


def box_overlap(one: Box, other: Box) -> float:
    """Intersection over union, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    union = _area(one) + _area(other) - shared
    return shared / union if union > 0 else 0.0


def covered(one: Box, other: Box) -> float:
    """Share of the first box that the other covers, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    area = _area(one)
    return max(0.0, width) * max(0.0, height) / area if area > 0 else 0.0


def share_within(person: Person, others: Iterable[Person]) -> float:
    """Share of a person's keypoints that lie in the boxes of others, in [0, 1]."""
    x, y = person.keypoints[:, 0], person.keypoints[:, 1]
    within = np.zeros(len(x), bool)
    for x1, y1, x2, y2 in (other.bbox_xyxy for other in others):
        within |= (x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)
    return float(within.mean())


def same_pose(one: Person, other: Person) -> bool:
    """Whether two poses are two readings of one person."""
    size = ((_area(one.bbox_xyxy) + _area(other.bbox_xyxy)) / 2) ** 0.5
    apart = np.linalg.norm(one.keypoints[:, :2] - other.keypoints[:, :2], axis=1)
    return bool(apart.mean() < SAME_POSE * size)


def part_of(one: Box, other: Box) -> bool:
    """Whether a box shows a part of what the other shows."""
    return covered(one, other) > PART_INSIDE and _area(one) < PART_AREA * _area(other)


def same_person(one: Person, other: Person) -> bool:
    """Whether two poses are readings of one person, of the whole or of a half: heads are at one place."""
    if same_pose(one, other):
        return True
    small, large = sorted((one, other), key=lambda person: _area(person.bbox_xyxy))
    if covered(small.bbox_xyxy, large.bbox_xyxy) < PART_INSIDE:
        return False
    apart = np.linalg.norm(small.keypoints[0, :2] - large.keypoints[0, :2])
    return bool(apart < SAME_HEAD * _area(small.bbox_xyxy) ** 0.5)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
