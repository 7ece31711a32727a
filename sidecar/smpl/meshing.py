"""Meshes out of the parameters that a result keeps of its bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sidecar.pose.body import Body
from sidecar.smpl.body_model import BodyModel
from sidecar.smpl.skinning import skin


def with_meshes(model: BodyModel, bodies: Sequence[Body]) -> list[Body]:
    """The bodies with their vertices (V, 3); those that they had are replaced."""
    if not bodies:
        return []
    rotations = np.stack([np.concatenate([body.global_orient[None], body.body_pose]) for body in bodies])
    skinned = skin(model, rotations, np.stack([body.betas for body in bodies]))
    return [
        replace(body, vertices=vertices.astype(np.float32))
        for body, vertices in zip(bodies, skinned.vertices, strict=True)
    ]
