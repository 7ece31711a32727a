"""From the network's numbers to people: skinning, joints, and the camera of the whole image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.hmr2.camera import focal_px, project, to_full
from sidecar.pose.body import Body
from sidecar.pose.person import Person, observed
from sidecar.pose.region import Region
from sidecar.smpl.body_model import BodyModel
from sidecar.smpl.joints import MID_HIP, joints_44
from sidecar.smpl.rotations import from_six
from sidecar.smpl.skinning import Skinned, skin

LARGEST_NUMBER = 1e4  # of a network that is sound; an untrained one stays below 100
NEAREST_M = 0.1  # a joint that is closer to the lens, or behind it, is not in the picture


@dataclass(frozen=True, slots=True)
class Look:
    """A square of an image in which a person is to be read.

    Attributes:
        image: index of the image.
        width, height: of the image, px.
        score: how certain somebody is there.
        region_index: place among the caller's regions; None where a detector found it.
    """

    image: int
    width: int
    height: int
    region: Region
    score: float
    region_index: int | None


@dataclass(frozen=True, slots=True, eq=False)
class BodyReader:
    """Turns numbers into people.

    Attributes:
        regressor: (19, 6890), the joints beyond OpenPose's.
        meshes: give vertices too?
    """

    model: BodyModel
    regressor: NDArray[np.float32]
    meshes: bool

    def read(
        self, looks: Sequence[Look], pose: NDArray[np.float32], betas: NDArray[np.float32], cameras: NDArray[np.float32]
    ) -> list[Person | None]:
        """One person per look; None where the numbers cannot be meant, or put a joint behind the camera.

        Args:
            pose: (B, 24, 6). betas: (B, 10). cameras: (B, 3) as s, tx, ty of each look's square.
        """
        said = np.hstack([pose.reshape(len(pose), -1), betas, cameras])
        good = np.asarray((np.abs(said) <= LARGEST_NUMBER).all(axis=1))  # also False for what is not a number
        pose = np.where(good[:, None, None], pose, np.float32(0))
        betas = np.where(good[:, None], betas, np.float32(0))
        rotations = from_six(pose)
        turns = np.stack([_turn(look.region.rotation) for look in looks])
        rotations[:, 0] = turns @ rotations[:, 0]
        body = skin(self.model, rotations, betas)
        joints = joints_44(body, self.regressor)
        return [
            self._person(look, rotations[i], betas[i], cameras[i], body, joints[i], i) if good[i] else None
            for i, look in enumerate(looks)
        ]

    def _person(
        self,
        look: Look,
        rotations: NDArray[np.float32],
        betas: NDArray[np.float32],
        camera: NDArray[np.float32],
        body: Skinned,
        joints: NDArray[np.float32],
        index: int,
    ) -> Person | None:
        # In a turned square the network sees the body upright about its own origin, not about its first joint.
        turn, root = _turn(look.region.rotation), body.rest_root[index]
        upright = np.array([camera[0], *(turn[:2, :2] @ camera[1:])])
        translation = to_full(upright, look.region, width=look.width, height=look.height) + (turn @ root - root)
        focal = focal_px(width=look.width, height=look.height)
        placed = joints + translation
        if not (placed[:, 2] >= NEAREST_M).all():
            return None
        hip = joints[MID_HIP]
        keypoints = np.ones((len(joints), 4))
        keypoints[:, :2] = project(joints, translation, focal=focal, width=look.width, height=look.height)
        keypoints[:, 2] = (joints[:, 2] - hip[2]) * focal / placed[MID_HIP, 2]
        return Person(
            keypoints=keypoints.astype(np.float32),
            score=look.score,
            keypoints_world=(joints - hip).astype(np.float32),
            provenance=observed(look.score),
            region_index=look.region_index,
            body=Body(
                global_orient=rotations[0],
                body_pose=rotations[1:],
                betas=betas,
                translation=translation.astype(np.float32),
                focal_px=focal,
                vertices=body.vertices[index].astype(np.float32) if self.meshes else None,
            ),
        )


def _turn(rotation: float) -> NDArray[np.float32]:
    """About the line of sight, x towards y."""
    cos, sin = math.cos(rotation), math.sin(rotation)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], np.float32)
