"""Builders of bodies and scenes for these tests."""

from __future__ import annotations

import numpy as np

from sidecar.mannequin.body.kinematics import BodyPose, FootPose, Joints, solve
from sidecar.mannequin.body.shape import Shape
from sidecar.mannequin.camera import Camera

SHAPE = Shape(height=1.75, girth=1.0)


def make_camera(*, width: int = 320, height: int = 180, back: float = 4.0) -> Camera:
    """A level lens one metre above the ground."""
    return Camera(np.array([0.0, 1.0, back]), 0.0, height * 1.4, width, height)


def make_standing(*, x: float = 0.0, z: float = 0.0, heading: float = 0.0) -> BodyPose:
    """Someone standing with straight legs and hanging arms."""
    cos, sin = np.cos(heading), np.sin(heading)
    feet = tuple(FootPose(ground=(x + 0.1 * s * cos, z - 0.1 * s * sin), heading=heading) for s in (1.0, -1.0))
    return BodyPose(root=(x, z), pelvis=SHAPE.leg - 0.01, heading=heading, feet=(feet[0], feet[1]))


def make_joints(*, x: float = 0.0, z: float = 0.0, heading: float = 0.0) -> Joints:
    """The solved body of `make_standing`, in the world."""
    return solve(SHAPE, make_standing(x=x, z=z, heading=heading))
