"""What is known of every rendered person: joints in pixels and metres, and which of them can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.body.kinematics import Joints
from sidecar.mannequin.camera import Camera
from sidecar.mannequin.render.raster import EMPTY, Hits
from sidecar.pose.skeleton import BLAZEPOSE_33

# How deep a joint lies under the skin and cloth of its own body, metres.
BURIED_M = {
    "shoulder": 0.085, "elbow": 0.060, "wrist": 0.050, "hip": 0.170, "knee": 0.085, "ankle": 0.075,
    "heel": 0.065, "foot_index": 0.065, "pinky": 0.035, "index": 0.035, "thumb": 0.035,
    "nose": 0.025, "eye_inner": 0.030, "eye": 0.025, "eye_outer": 0.025, "ear": 0.035, "mouth": 0.030,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TruthPerson:
    """One mannequin in one frame, joints in the order of BLAZEPOSE_33.

    Attributes:
        id: 1 for the first of the scene.
        joints2d: (33, 2) px of the picture, also outside of it.
        joints3d: (33, 3) metres from the middle of the hips; x right, y down, z away from the viewer.
        visible: (33,) bool; in the picture and not hidden by this or another body.
        root: (3,) metres, the middle of the hips in the camera's space (same axes, the lens at the origin).
    """

    id: int
    joints2d: NDArray[np.float64]
    joints3d: NDArray[np.float64]
    visible: NDArray[np.bool_]
    root: NDArray[np.float64]

    @property
    def bbox_xyxy(self) -> tuple[float, float, float, float]:
        """Hull of the joints, px, unclipped."""
        (x0, y0), (x1, y1) = self.joints2d.min(axis=0), self.joints2d.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


def _buried() -> NDArray[np.float64]:
    def depth(name: str) -> float:
        bare = name.removeprefix("left_").removeprefix("right_").removesuffix("_left").removesuffix("_right")
        return BURIED_M[bare]

    return np.array([depth(name) for name in BLAZEPOSE_33.keypoints])


BURIED = _buried()


def observe(
    people: Sequence[Joints], camera: Camera, hits: Hits | None, owners: NDArray[np.int64], supersample: int
) -> list[TruthPerson]:
    """Truth of a frame.

    Args:
        people: joints in camera space.
        hits: what the rays met; None when no body is in the picture.
        owners: for every surface, the number of its person.
    """
    truths = []
    for number, joints in enumerate(people):
        pixels = camera.project(joints.points)
        root = (joints["left_hip"] + joints["right_hip"]) / 2
        visible = _visible(number, joints, pixels, camera, hits, owners, supersample)
        truths.append(TruthPerson(number + 1, pixels, joints.points - root, visible, root))
    return truths


def _visible(
    number: int, joints: Joints, pixels: NDArray[np.float64], camera: Camera, hits: Hits | None,
    owners: NDArray[np.int64], supersample: int,
) -> NDArray[np.bool_]:  # fmt: skip
    inside: NDArray[np.bool_] = np.all((pixels >= 0) & (pixels < (camera.width, camera.height)), axis=1)
    if hits is None:
        return inside
    height, width = hits.depth.shape
    spots = np.floor(np.where(inside[:, None], pixels, 0) * supersample).astype(np.int64) - (hits.left, hits.top)
    covered: NDArray[np.bool_] = np.all((spots >= 0) & (spots < (width, height)), axis=1)
    column, row = np.where(covered[:, None], spots, 0).T
    surface = np.where(covered, hits.surface[row, column], EMPTY)
    met = surface != EMPTY
    front = np.where(met, hits.depth[row, column], np.inf)
    own = owners[np.where(met, surface, 0)] == number
    hidden = met & (front < joints.points[:, 2] - np.where(own, BURIED, 0.0))
    return np.asarray(inside & ~hidden)
