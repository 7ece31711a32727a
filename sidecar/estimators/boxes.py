"""Which of a person detector's boxes to look into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import LOW_SCORE_MIN

PEOPLE_MAX = 32  # per image; the detector's weaker boxes are dropped
CERTAIN_BOX = 0.3


def boxes_to_read(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The boxes to look into, (N, 5), of those found, best first.

    Boxes under CERTAIN_BOX count only where none reaches it, so that a lower score finds people in otherwise empty
    images and adds no doubtful ones beside the others.
    """
    certain = boxes[boxes[:, 4] >= CERTAIN_BOX]
    return (certain if len(certain) else boxes)[:PEOPLE_MAX]


def lowest_box_score(min_score: float) -> float:
    """What to ask of the detector, for people of at least `min_score`. Below LOW_SCORE_MIN it sees noise."""
    return min(CERTAIN_BOX, max(LOW_SCORE_MIN, min_score))
