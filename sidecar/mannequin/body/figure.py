"""The solid parts around a skeleton: trunk and limbs in their clothes. The head has its own file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sidecar.mannequin.body.head import head_parts
from sidecar.mannequin.body.kinematics import SIDES, Joints
from sidecar.mannequin.body.palette import Palette
from sidecar.mannequin.body.shape import Clothes, Shape
from sidecar.mannequin.camera import Camera, Matrix, Vector
from sidecar.mannequin.render.quadric import Ellipsoid, Part, RoundCone


def in_camera(joints: Joints, camera: Camera) -> Joints:
    """The same body in camera space."""
    rotation = camera.rotation
    return replace(
        joints,
        points=camera.to_camera(joints.points),
        frames={name: rotation @ frame for name, frame in joints.frames.items()},
        anchors={name: camera.to_camera(point) for name, point in joints.anchors.items()},
    )


def build(joints: Joints, shape: Shape, clothes: Clothes, palette: Palette) -> list[Part]:
    """Every part of a body, in the space its joints are in. About 60 parts."""
    parts = [*_trunk(joints, shape, palette), *head_parts(joints, shape, clothes, palette)]
    for side, sign in SIDES:
        parts += _arm(joints, shape, clothes, palette, side)
        parts += _hand(joints, shape, palette, side)
        parts += _leg(joints, shape, clothes, palette, side)
        parts += _shoe(joints, shape, palette, side, sign)
    return parts


def _trunk(joints: Joints, shape: Shape, palette: Palette) -> list[Part]:
    girth, pelvis, chest = shape.girth, joints.frames["pelvis"], joints.frames["chest"]
    root, collar = joints["pelvis"], joints["collar"]
    up, ahead = chest[:, 1], chest[:, 2]
    left, right = joints["left_shoulder"], joints["right_shoulder"]
    inwards = (left - right) / np.linalg.norm(left - right)
    shoulder_radius = 0.058 * girth
    neck_top = joints["skull"] - chest[:, 1] * 0.05
    parts: list[Part] = [
        Ellipsoid(
            root + pelvis[:, 1] * 0.01, pelvis * np.array([0.158, 0.125, 0.116]) * girth, palette.trousers
        ),
        RoundCone(
            root + up * 0.055, collar - up * 0.17, 0.156 * girth, 0.158 * girth, palette.shirt,
            flat=ahead, thickness=0.72, caps="both",
        ),
        RoundCone(
            collar - up * 0.19 + ahead * 0.004, collar - up * 0.075, 0.158 * girth, 0.120 * girth, palette.shirt,
            flat=ahead, thickness=0.72, caps="both",
        ),
        RoundCone(
            left - inwards * 0.012, right + inwards * 0.012, shoulder_radius, shoulder_radius, palette.shirt_plain
        ),
        RoundCone(collar + up * 0.005 - ahead * 0.008, neck_top, 0.055 * girth, 0.050 * girth, palette.skin),
        RoundCone(
            collar - up * 0.03 + ahead * 0.014, collar + up * 0.028 + ahead * 0.004, 0.078 * girth, 0.060 * girth,
            palette.collar, caps="start",
        ),
    ]  # fmt: skip
    for shoulder, sign in ((left, 1.0), (right, -1.0)):
        parts.append(
            RoundCone(
                shoulder - inwards * (0.02 * sign) + up * 0.004, collar + up * 0.025 - ahead * 0.008,
                0.052 * girth, 0.055 * girth, palette.shirt_plain, caps="none",
            )
        )  # fmt: skip
    return parts


def _arm(joints: Joints, shape: Shape, clothes: Clothes, palette: Palette, side: str) -> list[Part]:
    girth = shape.girth
    shoulder, elbow, wrist = (joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    if clothes.long_sleeves:
        cuff = elbow + (wrist - elbow) * 0.9
        return [
            RoundCone(shoulder, elbow, 0.057 * girth, 0.047 * girth, palette.shirt_plain),
            RoundCone(elbow, cuff, 0.047 * girth, 0.036 * girth, palette.shirt_plain, caps="end"),
            RoundCone(cuff, wrist, 0.031 * girth, 0.028 * girth, palette.skin, caps="none"),
        ]
    hem = shoulder + (elbow - shoulder) * 0.62
    return [
        RoundCone(shoulder, hem, 0.058 * girth, 0.056 * girth, palette.shirt_plain, caps="start"),
        Ellipsoid(hem, _disc(elbow - shoulder, 0.056 * girth), palette.shirt_plain),
        RoundCone(hem, elbow, 0.045 * girth, 0.039 * girth, palette.skin, caps="end"),
        RoundCone(elbow, elbow + (wrist - elbow) * 0.4, 0.040 * girth, 0.041 * girth, palette.skin, caps="end"),
        RoundCone(elbow + (wrist - elbow) * 0.4, wrist, 0.041 * girth, 0.027 * girth, palette.skin, caps="end"),
    ]


def _disc(along: Vector, radius: float) -> Matrix:
    """Half axes of a thin disc across `along`: closes the open end of a sleeve."""
    unit = along / np.linalg.norm(along)
    outer = np.outer(unit, unit)
    return np.asarray((np.eye(3) - outer) * radius + outer * 0.006)


def _hand(joints: Joints, shape: Shape, palette: Palette, side: str) -> list[Part]:
    scale = shape.height / 1.75
    wrist, frame = joints[f"{side}_wrist"], joints.frames[f"{side}_hand"]
    index, pinky, thumb = (joints[f"{side}_{name}"] for name in ("index", "pinky", "thumb"))
    along = frame[:, 1]
    parts: list[Part] = [
        Ellipsoid(wrist + along * (0.05 * scale), frame * (np.array([0.017, 0.056, 0.043]) * scale), palette.skin),
        RoundCone(
            wrist + along * (0.02 * scale), thumb + along * (0.025 * scale), 0.016 * scale, 0.011 * scale, palette.skin
        ),
    ]
    for share, length in ((0.0, 0.075), (0.36, 0.082), (0.70, 0.072), (1.0, 0.052)):
        knuckle = index + (pinky - index) * share
        parts.append(
            RoundCone(
                knuckle, knuckle + along * (length * scale), 0.0125 * scale, 0.010 * scale, palette.skin, caps="end"
            )
        )
    return parts


def _leg(joints: Joints, shape: Shape, clothes: Clothes, palette: Palette, side: str) -> list[Part]:
    girth = shape.girth
    hip, knee, ankle = (joints[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    if clothes.shorts:
        hem = hip + (knee - hip) * 0.74
        calf = knee + (ankle - knee) * 0.3
        return [
            RoundCone(hip, hem, 0.098 * girth, 0.086 * girth, palette.trousers, caps="start"),
            Ellipsoid(hem, _disc(knee - hip, 0.086 * girth), palette.trousers),
            RoundCone(hem, knee, 0.066 * girth, 0.056 * girth, palette.skin, caps="end"),
            RoundCone(knee, calf, 0.053 * girth, 0.057 * girth, palette.skin, caps="end"),
            RoundCone(calf, ankle, 0.057 * girth, 0.038 * girth, palette.skin, caps="end"),
        ]
    hem = knee + (ankle - knee) * 0.95
    return [
        RoundCone(hip, knee, 0.096 * girth, 0.066 * girth, palette.trousers),
        RoundCone(knee, hem, 0.066 * girth, 0.056 * girth, palette.trousers, caps="end"),
    ]


def _shoe(joints: Joints, shape: Shape, palette: Palette, side: str, sign: float) -> list[Part]:
    frame, ankle = joints.frames[f"{side}_foot"], joints[f"{side}_ankle"]
    left, up, ahead = frame[:, 0], frame[:, 1], frame[:, 2]
    drop = shape.ankle_height
    heel = ankle - up * (drop - 0.042) - ahead * 0.035
    ball = ankle - up * (drop - 0.038) + ahead * 0.125 - left * (0.004 * sign)
    return [
        RoundCone(ankle - up * 0.01, ankle - up * (drop - 0.05) + ahead * 0.05, 0.044, 0.046, palette.shoes),
        RoundCone(heel, ball, 0.040, 0.040, palette.shoes, flat=up, thickness=0.95),
        RoundCone(
            heel - up * 0.032, ball - up * 0.029 + ahead * 0.008, 0.041, 0.043, palette.soles, flat=up, thickness=0.28
        ),
    ]
