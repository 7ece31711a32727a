"""One human in one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.appearance import Colours
from sidecar.pose.body import Body
from sidecar.pose.region import Region

Provenance = Literal["detected", "low_score", "interpolated", "predicted"]

DETECTED_MIN_SCORE = 0.5
LOW_SCORE_MIN = 0.1


def observed(score: float) -> Provenance:
    """Provenance of a network's own output with this score."""
    return "detected" if score >= DETECTED_MIN_SCORE else "low_score"


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One human in one frame, in pixels of the upright image.

    Attributes:
        keypoints: float32 (K, 4), rows [x, y, z, visibility]; x, y, z in px (z 0 where the skeleton has none),
            visibility in [0, 1]. Never NaN.
        score: the model's confidence in the person, in [0, 1].
        keypoints_world: float32 (K, 3), metres, hip-centred; None where the model has none.
        region: where to look for this person in the next frame; None where the estimator cannot say.
        id: track id >= 1 in order of first appearance; None for single images.
        provenance: where the numbers came from.
        region_index: which of the caller's regions this person answers; None when the estimator looked by itself.
        distance: frames to the nearest in which this person was seen; 0 where they were.
        keypoints_raw: keypoints before cleaning; None where they are the same or not kept.
        body: parameters of a mesh model, and where it stands; None where the estimator has none.
        colours: of the body, by which people are told apart; None where they were not taken.
    """

    keypoints: NDArray[np.float32]
    score: float
    keypoints_world: NDArray[np.float32] | None = None
    region: Region | None = None
    id: int | None = None
    provenance: Provenance = "detected"
    region_index: int | None = None
    distance: int = 0
    keypoints_raw: NDArray[np.float32] | None = None
    body: Body | None = None
    colours: Colours | None = None

    @property
    def bbox_xyxy(self) -> tuple[float, float, float, float]:
        """Hull of the keypoints, px, unclipped."""
        low, high = self.keypoints[:, :2].min(axis=0), self.keypoints[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])
