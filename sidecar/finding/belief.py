"""How far a pose can be believed: by the model's confidence, its torso, its place in the picture, its steadiness."""

from __future__ import annotations

import math

import numpy as np

from sidecar.finding.proportions import BodyRows, disagreement, stature
from sidecar.pose.falling import falling
from sidecar.pose.person import Person
from sidecar.pose.region import Region

# What poses of people and poses of trees, shadows and snow differ in, measured on some thousand of both. Each costs at
# most a part of the belief: a person may have the torso hidden, or lie along the line of sight.
UNSEEN_OK, UNSEEN_MAX, UNSEEN_COST = 0.02, 0.5, 0.5  # 1 - visibility of the least visible of shoulders and hips
STATURE_OK, STATURE_MIN, STATURE_COST = 0.7, 0.35, 0.6
DISAGREEMENT_OK, DISAGREEMENT_MAX, DISAGREEMENT_COST = 0.2, 0.45, 0.5
INSIDE_MIN = 0.5  # share of keypoints in the picture under which belief falls; poses of nothing lie half outside
SIDE_MIN_PX, SIDE_MAX = 12.0, 4.0  # of a region that can show a person, in px and in sides of the picture
# Of a true person the region found in a picture leads to itself; one that moves on when looked at again is drifting.
# In sizes of the region: half of the poses on people move 0.004, half of those on trees and shadows 0.02.
DRIFT_OK, DRIFT_MAX = 0.02, 0.12
# From one frame to the next, in sizes of the region and as ratios of sizes.
STEP_OK, STEP_MAX = 0.2, 0.6
GROWTH_OK, GROWTH_MAX = math.log(1.25), math.log(2.0)
TURN_OK, TURN_MAX = 0.5, 1.5  # rad; a somersault in half a second turns 0.42 per frame at 30 frames/s
AGREE_STEP, AGREE_GROWTH, AGREE_TURN = 0.25, math.log(1.5), 0.8


def belief(person: Person, *, width: float, height: float, rows: BodyRows | None) -> float:
    """How much this looks like a person, by itself, in [0, 1].

    Args:
        person: as read from a region.
        width, height: of the frame, px.
        rows: of the skeleton; without them, confidence and place are all there is to go by.
    """
    region = person.region
    if region is None or region.size < SIDE_MIN_PX or region.size > SIDE_MAX * max(width, height):
        return 0.0
    x, y, visibility = person.keypoints[:, 0], person.keypoints[:, 1], person.keypoints[:, 3]
    inside = float(np.mean((x >= 0) & (x <= width) & (y >= 0) & (y <= height)))
    worth = person.score * min(1.0, inside / INSIDE_MIN)
    if rows is None:
        return worth
    unseen = 1 - float(visibility[list(rows.torso)].min())
    return (
        worth
        * _reduced(falling(unseen, UNSEEN_OK, UNSEEN_MAX), UNSEEN_COST)
        * _reduced(falling(-stature(person, rows), -STATURE_OK, -STATURE_MIN), STATURE_COST)
        * _reduced(falling(disagreement(person, rows), DISAGREEMENT_OK, DISAGREEMENT_MAX), DISAGREEMENT_COST)
    )


def _reduced(quality: float, cost: float) -> float:
    """1 for the best quality, 1 - cost for the worst."""
    return 1 - cost * (1 - quality)


def steadiness(looked: Region, found: Region) -> float:
    """1 where a look into a region found a person exactly there, less the further it points elsewhere."""
    return falling(distance(looked, found) / looked.size, DRIFT_OK, DRIFT_MAX) * falling(
        growth(looked, found), GROWTH_OK, GROWTH_MAX
    )


def continuity(expected: Region, found: Region, *, frames: int = 1) -> float:
    """1 where a person is about where they were expected and as large, 0 where they cannot be, after some frames."""
    room = _room(frames)
    return (
        nearness(expected, found, frames=frames)
        * falling(growth(expected, found) / room, GROWTH_OK, GROWTH_MAX)
        * falling(turned(expected, found) / room, TURN_OK, TURN_MAX)
    )


def nearness(expected: Region, found: Region, *, frames: int = 1) -> float:
    """`continuity` of the place alone."""
    return falling(distance(expected, found) / expected.size / _room(frames), STEP_OK, STEP_MAX)


def _room(frames: int) -> float:
    """How much more than from one frame to the next may have changed in so many."""
    return 1 + 0.25 * (frames - 1)


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
