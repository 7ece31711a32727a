"""How much people of neighbouring frames look like each other: overlap of boxes, nearness of keypoints, size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person

# Tolerance per keypoint as a part of the person's size. COCO's run from 0.05 (eyes) to 0.21 (hips); one number serves
# every skeleton here, for the question is who it is, and not how exact.
KEYPOINT_TOLERANCE = 0.15
SMALLEST_SIDE_PX = 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Where N people are, as arrays.

    Attributes:
        points: (N, K, 2) keypoints, px.
        boxes: (N, 4) their hulls, xyxy.
        centres: (N, 2) mean keypoint of the torso, px: arms that swing do not move it.
        sides: (N,) square root of the box's area, px, at least 1.
    """

    points: Floats
    boxes: Floats
    centres: Floats
    sides: Floats

    def __len__(self) -> int:
        return len(self.points)

    def take(self, rows: Sequence[int]) -> Shapes:
        """Some of them."""
        chosen = np.asarray(rows, np.int64)
        return Shapes(self.points[chosen], self.boxes[chosen], self.centres[chosen], self.sides[chosen])

    def moved(self, shifts: Floats) -> Shapes:
        """Everybody moved by their row of (N, 2) px."""
        return Shapes(
            self.points + shifts[:, None],
            self.boxes + np.concatenate([shifts, shifts], axis=1),
            self.centres + shifts,
            self.sides,
        )


def shapes_of(people: Sequence[Person], torso: Sequence[int]) -> Shapes:
    """The shapes of people who have one skeleton; `torso` names the keypoints that make the centre."""
    points = np.stack([person.keypoints[:, :2] for person in people]).astype(np.float64)
    low, high = points.min(axis=1), points.max(axis=1)
    sides = np.maximum(SMALLEST_SIDE_PX, np.sqrt(np.prod(high - low, axis=1)))
    return Shapes(points, np.concatenate([low, high], axis=1), points[:, list(torso)].mean(axis=1), sides)


def joined(parts: Sequence[Shapes]) -> Shapes:
    """Several groups, at least one, as one."""
    return Shapes(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.centres for part in parts]),
        np.concatenate([part.sides for part in parts]),
    )


def box_overlap(one: Shapes, other: Shapes) -> Floats:
    """Intersection over union of every box of one (R) with every box of the other (C): (R, C) in [0, 1]."""
    first, second = one.boxes[:, None], other.boxes[None]
    size = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.prod(np.maximum(size, 0.0), axis=2)
    areas = [np.prod(boxes[..., 2:] - boxes[..., :2], axis=2) for boxes in (first, second)]
    union = areas[0] + areas[1] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def keypoint_similarity(one: Shapes, other: Shapes, where: NDArray[np.bool_]) -> Floats:
    """Object keypoint similarity (R, C) in [0, 1], worked out for the pairs in `where` (R, C) and 0 elsewhere.

    Source: the COCO keypoint task, `mean(exp(-d^2 / (2 s^2 k^2)))`, s^2 the mean area of the boxes, k the tolerance.
    """
    similarity = np.zeros(where.shape)
    rows, columns = np.nonzero(where)
    if len(rows):
        squared = ((one.points[rows] - other.points[columns]) ** 2).sum(axis=2)
        area = (one.sides[rows] ** 2 + other.sides[columns] ** 2) / 2
        similarity[rows, columns] = np.exp(-squared / (2 * area[:, None] * KEYPOINT_TOLERANCE**2)).mean(axis=1)
    return similarity


def distances(one: Shapes, other: Shapes) -> Floats:
    """Between centres, px: (R, C)."""
    return np.asarray(np.linalg.norm(one.centres[:, None] - other.centres[None], axis=2))


def size_ratios(one: Shapes, other: Shapes) -> Floats:
    """The smaller side over the larger: (R, C) in (0, 1]."""
    ratio = one.sides[:, None] / other.sides[None]
    return np.minimum(ratio, 1 / ratio)
