"""Whether a pose has the proportions of a body: limbs as long as its region lets expect, alike in image and space."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton

_SIDES = ("left", "right")
_PAIRS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("shoulder", "hip"))
_ACROSS = (("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"))
_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_BODY = tuple(f"{side}_{joint}" for side in _SIDES for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"))


@dataclass(frozen=True, slots=True, eq=False)
class BodyRows:
    """Rows of a skeleton's keypoints that proportions are taken from.

    Attributes:
        torso: shoulders and hips.
        body: shoulders to ankles.
        limbs: (N, 2, 2), for each kind of limb the rows of its ends, left and right; twice the same for what goes
            across.
        thighs: (2, 2), of each its ends.
    """

    torso: tuple[int, ...]
    body: tuple[int, ...]
    limbs: NDArray[np.intp]
    thighs: NDArray[np.intp]


def body_rows(skeleton: Skeleton) -> BodyRows | None:
    """The rows of a skeleton; None for one without shoulders, elbows and so on."""
    if not set(_BODY) <= set(skeleton.keypoints):
        return None
    limbs = [[[skeleton.index(f"{side}_{end}") for end in ends] for side in _SIDES] for ends in _PAIRS]
    limbs += [[[skeleton.index(end) for end in ends]] * 2 for ends in _ACROSS]
    return BodyRows(
        torso=tuple(map(skeleton.index, _TORSO)),
        body=tuple(map(skeleton.index, _BODY)),
        limbs=np.array(limbs),
        thighs=np.array(limbs[_PAIRS.index(("hip", "knee"))]),
    )


def stature(person: Person, rows: BodyRows) -> float:
    """Lengths in the image of arm, leg, torso, shoulders and hips, the longer of two, over the region's size.

    0.9 is usual, standing or crouching; poses seen in trees and snow have thin bodies.
    """
    assert person.region is not None
    ends = person.keypoints[rows.limbs, :2]
    lengths = np.linalg.norm(ends[:, :, 0] - ends[:, :, 1], axis=2).max(axis=1)
    return float(lengths.sum()) / person.region.size


def disagreement(person: Person, rows: BodyRows) -> float:
    """How far the keypoints are from a picture of the world keypoints, over their spread; 0 without any of the latter.

    The network reads both from one look; on a person they show one body.
    """
    if person.keypoints_world is None:
        return 0.0
    seen = person.keypoints[list(rows.body), :2].astype(np.float64)
    space = person.keypoints_world[list(rows.body), :2].astype(np.float64)
    seen -= seen.mean(axis=0)
    space -= space.mean(axis=0)
    spread, extent = float((seen**2).sum()), float((space**2).sum())
    if spread == 0 or extent == 0:
        return 1.0
    scale = float((seen * space).sum()) / extent
    return math.sqrt(float(((seen - scale * space) ** 2).sum()) / spread)
