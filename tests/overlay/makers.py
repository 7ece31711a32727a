"""Builders of people and pictures for these tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person, Provenance
from sidecar.pose.skeleton import BLAZEPOSE_33, Skeleton


def make_picture(*, width: int = 320, height: int = 240, grey: int = 128) -> NDArray[np.uint8]:
    return np.full((height, width, 3), grey, np.uint8)


def make_person(
    *, skeleton: Skeleton = BLAZEPOSE_33, low: tuple[float, float] = (100, 60), high: tuple[float, float] = (200, 200),
    visibility: float = 0.9, score: float = 0.87, identity: int | None = 1, provenance: Provenance = "detected",
    seed: int = 0,
) -> Person:  # fmt: skip
    """Keypoints spread over a rectangle."""
    spread = np.random.default_rng(seed).uniform(low, high, (len(skeleton.keypoints), 2))
    rest = np.tile([0.0, visibility], (len(spread), 1))
    return Person(np.hstack([spread, rest]).astype(np.float32), score, id=identity, provenance=provenance)


def with_points(person: Person, change: dict[int, tuple[float, float]]) -> Person:
    """The same person with some keypoints elsewhere."""
    keypoints = person.keypoints.copy()
    for index, point in change.items():
        keypoints[index, :2] = point
    return Person(keypoints, person.score, id=person.id, provenance=person.provenance)


def changed(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    """Pixels (H, W) that differ."""
    return np.asarray((before != after).any(axis=2))
