"""The head: skull, hair and a face that reads as one at thirty pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sidecar.mannequin.body.kinematics import SIDES, Joints
from sidecar.mannequin.body.palette import Palette
from sidecar.mannequin.body.shape import Clothes, Shape
from sidecar.mannequin.camera import Vector
from sidecar.mannequin.render.quadric import Ellipsoid, Part, RoundCone

At = Callable[[float, float, float], Vector]
Ball = Callable[[Vector, float, float, float, int], Ellipsoid]

REFERENCE_HALF_HEIGHT_M = 0.1155  # the measures below are for a head 0.231 m high


def head_parts(joints: Joints, shape: Shape, clothes: Clothes, palette: Palette) -> list[Part]:
    """All parts of the head, in the space of the joints."""
    scale = shape.head_half_height / REFERENCE_HALF_HEIGHT_M
    skull, frame = joints["skull"], joints.frames["head"]

    def at(left: float, up: float, ahead: float) -> Vector:
        return np.asarray(skull + frame @ (np.array([left, up, ahead]) * scale))

    def ball(centre: Vector, left: float, up: float, ahead: float, material: int) -> Ellipsoid:
        return Ellipsoid(centre, frame * (np.array([left, up, ahead]) * scale), material)

    parts: list[Part] = [
        ball(at(0, 0.018, 0.000), 0.077, 0.097, 0.097, palette.skin),
        ball(at(0, -0.050, 0.034), 0.056, 0.066, 0.060, palette.skin),
        RoundCone(at(0, 0.010, 0.098), at(0, -0.022, 0.112), 0.009 * scale, 0.014 * scale, palette.skin),
        *_hair(at, ball, clothes, palette),
    ]
    for _, sign in SIDES:
        parts += [
            ball(at(0.077 * sign, -0.006, -0.004), 0.011, 0.031, 0.019, palette.skin),
            ball(at(0.032 * sign, 0.012, 0.083), 0.016, 0.0095, 0.011, palette.eye_white),
            ball(at(0.032 * sign, 0.012, 0.0895), 0.0085, 0.0088, 0.007, palette.iris),
            RoundCone(
                at(0.017 * sign, 0.038, 0.091), at(0.047 * sign, 0.036, 0.078), 0.0052 * scale, 0.0042 * scale,
                palette.brows,
            ),
            RoundCone(
                at(0.0, -0.066, 0.0885), at(0.023 * sign, -0.060, 0.083), 0.0080 * scale, 0.0060 * scale, palette.lips
            ),
        ]  # fmt: skip
    return parts


def _hair(at: At, ball: Ball, clothes: Clothes, palette: Palette) -> list[Part]:
    cap = ball(at(0, 0.040, -0.022), 0.086, 0.094, 0.098, palette.hair)
    back = ball(at(0, -0.005, -0.042), 0.080, 0.085, 0.070, palette.hair)
    fringe = ball(at(0, 0.088, 0.052), 0.062, 0.030, 0.048, palette.hair)
    if clothes.hair_style == "bob":
        sides = [ball(at(0.074 * sign, -0.020, -0.014), 0.020, 0.085, 0.048, palette.hair) for sign in (1.0, -1.0)]
        return [cap, fringe, ball(at(0, -0.035, -0.050), 0.080, 0.090, 0.058, palette.hair), *sides]
    if clothes.hair_style == "bun":
        return [cap, back, fringe, ball(at(0, 0.085, -0.105), 0.038, 0.036, 0.036, palette.hair)]
    return [cap, back, fringe]
