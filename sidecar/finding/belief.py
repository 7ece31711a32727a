"""How far a pose can be believed: by the model's confidence, its torso, its place in the picture, its steadiness."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import Skeleton

TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
TORSO_SHARE = 0.4  # how much of the belief an unseen torso costs
INSIDE_MIN = 0.5  # share of keypoints in the picture under which belief falls; poses of nothing lie half outside
SIDE_MIN_PX = 12.0  # a region smaller than this shows no person
# Of a true person the region found in a picture leads to itself; one that moves on when looked at again is drifting.
# In sizes of the region: half of the poses on people move 0.004, half of those on trees and shadows 0.02.
DRIFT_OK, DRIFT_MAX = 0.02, 0.12
# From one frame to the next, in sizes of the region and as ratios of sizes.
STEP_OK, STEP_MAX = 0.2, 0.6
GROWTH_OK, GROWTH_MAX = math.log(1.25), math.log(2.0)
TURN_OK, TURN_MAX = 0.5, 1.5  # rad; a somersault in half a second turns 0.42 per frame at 30 frames/s
AGREE_STEP, AGREE_GROWTH, AGREE_TURN = 0.25, math.log(1.5), 0.8


def torso_rows(skeleton: Skeleton) -> tuple[int, ...]:
    """Rows of shoulders and hips; every row for a skeleton without them."""
    if set(TORSO) <= set(skeleton.keypoints):
        return tuple(skeleton.index(name) for name in TORSO)
    return tuple(range(len(skeleton.keypoints)))


def belief(person: Person, *, width: float, height: float, torso: Sequence[int]) -> float:
    """How much this looks like a person, by itself, in [0, 1]."""
    region = person.region
    if region is None or region.size < SIDE_MIN_PX or region.size > 4 * max(width, height):
        return 0.0
    x, y, visibility = person.keypoints[:, 0], person.keypoints[:, 1], person.keypoints[:, 3]
    inside = float(np.mean((x >= 0) & (x <= width) & (y >= 0) & (y <= height)))
    seen = float(visibility[list(torso)].min())
    return person.score * (1 - TORSO_SHARE * (1 - seen)) * min(1.0, inside / INSIDE_MIN)


def steadiness(looked: Region, found: Region) -> float:
    """1 where a look into a region found a person exactly there, less the further it points elsewhere."""
    return falling(distance(looked, found) / looked.size, DRIFT_OK, DRIFT_MAX) * falling(
        growth(looked, found), GROWTH_OK, GROWTH_MAX
    )


def continuity(expected: Region, found: Region, *, frames: int = 1) -> float:
    """1 where a person is about where they were expected and as large, 0 where they cannot be, after some frames."""
    room = 1 + 0.25 * (frames - 1)
    step = distance(expected, found) / expected.size / room
    return (
        falling(step, STEP_OK, STEP_MAX)
        * falling(growth(expected, found) / room, GROWTH_OK, GROWTH_MAX)
        * falling(turned(expected, found) / room, TURN_OK, TURN_MAX)
    )


def agrees(one: Region, other: Region) -> bool:
    """Whether two regions show the same person in the same way."""
    return (
        distance(one, other) < AGREE_STEP * max(one.size, other.size)
        and growth(one, other) < AGREE_GROWTH
        and turned(one, other) < AGREE_TURN
    )


def distance(one: Region, other: Region) -> float:
    """Between the middles, px."""
    return math.hypot(one.cx - other.cx, one.cy - other.cy)


def growth(one: Region, other: Region) -> float:
    """Logarithm of the larger size over the smaller."""
    return abs(math.log(one.size / other.size))


def turned(one: Region, other: Region) -> float:
    """Angle between the rotations, rad, in [0, pi]."""
    return abs(math.remainder(one.rotation - other.rotation, math.tau))


def falling(value: float, full: float, none: float) -> float:
    """1 up to `full`, 0 from `none` on, in a straight line between."""
    return min(1.0, max(0.0, (none - value) / (none - full)))
