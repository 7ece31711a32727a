"""From angles and foot targets to the 33 joints and the frames of the bones, in world metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from sidecar.mannequin.body.shape import Shape
from sidecar.mannequin.camera import Matrix, Vector
from sidecar.pose.skeleton import BLAZEPOSE_33

SIDES = (("left", 1.0), ("right", -1.0))


@dataclass(frozen=True, slots=True)
class ArmPose:
    """Radians. `lift` sideways from hanging, `swing` forwards, `bend` of the elbow; `bend_to` where the forearm turns:
    (outwards, up, forwards) seen from the chest."""

    lift: float = 0.14
    swing: float = 0.0
    bend: float = 0.25
    bend_to: tuple[float, float, float] = (0.0, 0.15, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class FootPose:
    """Where the ankle's plumb point is on the ground, how high the sole is, how far the toes point down, heading."""

    ground: tuple[float, float]
    lift: float = 0.0
    toes_down: float = 0.0
    heading: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class BodyPose:
    """One moment of one body: `root` world x, z of the pelvis, `pelvis` its height; angles in radians.

    `heading` 0 faces the viewer, positive turns to the body's left. `lean` is forwards, `turn` and `nod` of the head
    are to its left and downwards.
    """

    root: tuple[float, float]
    pelvis: float
    heading: float
    feet: tuple[FootPose, FootPose]
    arms: tuple[ArmPose, ArmPose] = (ArmPose(), ArmPose())
    lean: float = 0.03
    twist: float = 0.0
    roll: float = 0.0
    turn: float = 0.0
    nod: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """The solved body. `points` (33, 3) in BlazePose order; `frames` have columns left, up, forwards."""

    points: Vector
    frames: dict[str, Matrix]
    anchors: dict[str, Vector] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Vector:
        found = self.anchors.get(name)
        return self.points[BLAZEPOSE_33.index(name)] if found is None else found


def turn_y(angle: float) -> Matrix:
    """Rotation about the world's up axis; takes forwards (z) towards left (x)."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])


def turn_x(angle: float) -> Matrix:
    """Rotation about the left axis; takes up towards forwards."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])


def turn_z(angle: float) -> Matrix:
    """Rotation about the forward axis; takes left towards up."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def frame_along(up: Vector, forwards: Vector) -> Matrix:
    """The frame whose up axis is `up` (unit) and whose forward axis is as near to `forwards` as can be."""
    left = np.cross(up, forwards)
    norm = math.sqrt(float(left @ left))
    left = left / norm if norm > 1e-6 else np.cross(up, [0.0, 0.0, 1.0]) + np.array([1e-6, 0.0, 0.0])
    return np.stack([left, up, np.cross(left, up)], axis=1)


def solve(shape: Shape, pose: BodyPose) -> Joints:
    """Joints and frames of a pose; feet out of reach are pulled towards the hips."""
    base = turn_y(pose.heading)
    pelvis = base @ turn_y(-pose.twist) @ turn_z(pose.roll)
    chest = base @ turn_y(pose.twist) @ turn_x(pose.lean)
    head = chest @ turn_y(pose.turn) @ turn_x(pose.nod - 0.7 * pose.lean)
    root = np.array([pose.root[0], pose.pelvis, pose.root[1]])
    collar = root + chest @ np.array([0.0, shape.torso, -0.01])
    skull = collar + chest @ np.array([0.0, 0.35 * shape.neck, 0.0]) + head @ np.array([0.0, 0.65 * shape.neck, 0.015])
    anchors = {"pelvis": root, "collar": collar, "skull": skull}
    frames = {"pelvis": pelvis, "chest": chest, "head": head}
    named: dict[str, Vector] = {}
    for number, (side, sign) in enumerate(SIDES):
        _solve_leg(side, sign, shape, pose.feet[number], root, pelvis, named, frames)
        _solve_arm(side, sign, shape, pose.arms[number], collar, chest, named, frames)
    _place_face(shape, skull, head, named)
    return Joints(np.array([named[name] for name in BLAZEPOSE_33.keypoints]), frames, anchors)


def _solve_leg(
    side: str, sign: float, shape: Shape, foot: FootPose, root: Vector, pelvis: Matrix,
    named: dict[str, Vector], frames: dict[str, Matrix],
) -> None:  # fmt: skip
    hip = root + pelvis @ np.array([sign * shape.hip_half_width, 0.0, 0.0])
    heading = turn_y(foot.heading)
    tilt = heading @ turn_x(foot.toes_down)
    pivot = np.array([0.0, 0.0, 0.11 if foot.toes_down > 0 else -0.04])  # the ball of the foot, or the heel
    sole = np.array([foot.ground[0], foot.lift, foot.ground[1]])
    target = sole + heading @ pivot + tilt @ (np.array([0.0, shape.ankle_height, 0.0]) - pivot)
    span = target - hip
    distance = math.sqrt(float(span @ span))
    reach = min(distance, 0.998 * (shape.thigh + shape.shank))
    along = span / distance
    before = (shape.thigh**2 - shape.shank**2 + reach**2) / (2 * reach)
    beside = math.sqrt(max(shape.thigh**2 - before**2, 0.0))
    ahead = heading[:, 2] * 0.94 + pelvis[:, 2] * 0.3 + heading[:, 0] * (0.06 * sign)
    ahead = ahead - along * float(ahead @ along)
    knee = hip + along * before + ahead / math.sqrt(float(ahead @ ahead)) * beside
    ankle = hip + along * reach
    named[f"{side}_hip"], named[f"{side}_knee"], named[f"{side}_ankle"] = hip, knee, ankle
    named[f"{side}_heel"] = ankle + tilt @ np.array([0.0, -0.6 * shape.ankle_height, -0.055])
    named[f"{side}_foot_index"] = ankle + tilt @ np.array([0.0, -0.75 * shape.ankle_height, 0.155])
    frames[f"{side}_foot"] = tilt


def _solve_arm(
    side: str, sign: float, shape: Shape, arm: ArmPose, collar: Vector, chest: Matrix,
    named: dict[str, Vector], frames: dict[str, Matrix],
) -> None:  # fmt: skip
    raised = 0.035 * max(0.0, arm.lift - 0.6)  # the shoulder goes up with the arm
    shoulder = collar + chest @ np.array([sign * shape.shoulder_half_width, raised - 0.012, 0.0])
    upper = chest @ np.array(
        [sign * math.sin(arm.lift), -math.cos(arm.lift) * math.cos(arm.swing), math.cos(arm.lift) * math.sin(arm.swing)]
    )
    to = chest @ (np.array(arm.bend_to) * np.array([sign, 1.0, 1.0]))
    to = to - upper * float(to @ upper)
    lower = upper * math.cos(arm.bend) + to / math.sqrt(float(to @ to)) * math.sin(arm.bend)
    elbow = shoulder + upper * shape.upper_arm
    wrist = elbow + lower * shape.forearm
    hand = frame_along(lower, chest @ _thumb_side(sign, chest.T @ lower))
    scale = shape.height / 1.75
    named[f"{side}_shoulder"], named[f"{side}_elbow"], named[f"{side}_wrist"] = shoulder, elbow, wrist
    for finger, along, across in (("pinky", 0.080, -0.034), ("index", 0.090, 0.030), ("thumb", 0.050, 0.046)):
        named[f"{side}_{finger}"] = wrist + hand @ (np.array([0.0, along, across]) * scale)
    frames[f"{side}_hand"] = hand


def _thumb_side(sign: float, lower: Vector) -> Vector:
    """Where the thumb points, in the chest's frame: ahead on a hanging arm, up on a level one, in on a raised one."""
    return np.array([-sign * max(0.0, lower[1]), max(0.0, lower[2]) + abs(lower[0]), max(0.0, -lower[1]) + 1e-3])


FACE_M = {  # from the middle of a head 0.23 m high, in (left, up, forwards); mirrored for the right
    "nose": (0.0, -0.022, 0.118),
    "eye_inner": (0.018, 0.012, 0.094),
    "eye": (0.033, 0.012, 0.091),
    "eye_outer": (0.046, 0.011, 0.082),
    "ear": (0.079, -0.006, -0.004),
    "mouth": (0.024, -0.062, 0.090),
}


def _place_face(shape: Shape, skull: Vector, head: Matrix, named: dict[str, Vector]) -> None:
    scale = shape.head_half_height / 0.1155
    named["nose"] = skull + head @ (np.array(FACE_M["nose"]) * scale)
    for side, sign in SIDES:
        mirror = np.array([sign, 1.0, 1.0]) * scale
        for part in ("eye_inner", "eye", "eye_outer", "ear"):
            named[f"{side}_{part}"] = skull + head @ (np.array(FACE_M[part]) * mirror)
        named[f"mouth_{side}"] = skull + head @ (np.array(FACE_M["mouth"]) * mirror)
