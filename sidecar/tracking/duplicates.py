"""One human, one sighting: estimators sometimes answer twice for the same body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking.similarity import box_overlap, keypoint_similarity, shapes_of

# Two crops of one body give nearly one pose; two bodies, also one behind the other, differ in their limbs.
SAME_BODY_SIMILARITY = 0.85


def without_duplicates(people: Sequence[Person], torso: Sequence[int]) -> list[Person]:
    """The people without those who lie on a better one, best first; equals keep their order."""
    ranked = sorted(people, key=lambda person: -person.score)
    if len(ranked) < 2:
        return ranked
    shapes = shapes_of(ranked, torso)
    same = keypoint_similarity(shapes, shapes, box_overlap(shapes, shapes) > 0) >= SAME_BODY_SIMILARITY
    kept: list[int] = []
    for index in range(len(ranked)):
        if not same[index, kept].any():
            kept.append(index)
    return [ranked[index] for index in np.asarray(kept).tolist()]
