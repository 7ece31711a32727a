"""Linear blend skinning: shape and pose to vertices and joints.

Source: Loper et al., SMPL: A Skinned Multi-Person Linear Model, SIGGRAPH Asia 2015, equations 2 to 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.smpl.body_model import BodyModel

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Skinned:
    """B posed bodies: vertices (B, V, 3) and joints (B, J, 3), metres, in the model's own frame.

    `rest_root` (B, 3) is the first joint of the unposed body, about which the first rotation turns everything.
    """

    vertices: Array
    joints: Array
    rest_root: Array


def skin(model: BodyModel, rotations: Array, betas: Array) -> Skinned:
    """Pose bodies.

    Args:
        rotations: (B, J, 3, 3), each joint's relative to its parent's.
        betas: (B, S), S at most the model's.

    Raises:
        ValueError: a shape does not fit the model.
    """
    joints, vertices = len(model.parents), len(model.template)
    count = len(rotations)
    if rotations.shape != (count, joints, 3, 3):
        raise ValueError(f"rotations must have shape (B, {joints}, 3, 3), got {rotations.shape}")
    if betas.ndim != 2 or len(betas) != count or betas.shape[1] > len(model.shape_directions):
        raise ValueError(f"betas must have shape ({count}, {len(model.shape_directions)}), got {betas.shape}")
    shaped = model.template + (betas @ model.shape_directions[: betas.shape[1]]).reshape(count, vertices, 3)
    rest = model.joint_regressor @ shaped
    bends = (rotations[:, 1:] - np.eye(3, dtype=rotations.dtype)).reshape(count, 9 * (joints - 1))
    posed = shaped + (bends @ model.pose_directions).reshape(count, vertices, 3)
    turned, placed = _chain(model, rotations, rest)
    # A vertex follows each joint as if it were fixed to it; what that joint does to its own rest place is taken out.
    shift = placed - np.einsum("bjik,bjk->bji", turned, rest)
    moves = np.concatenate([turned, shift[..., None]], axis=3).reshape(count, joints, 12)
    blended = (model.weights @ moves).reshape(count, vertices, 3, 4)
    moved = np.einsum("bvik,bvk->bvi", blended[..., :3], posed) + blended[..., 3]
    return Skinned(moved, placed, rest[:, 0])


def _chain(model: BodyModel, rotations: Array, rest: Array) -> tuple[Array, Array]:
    """From the root outwards: the rotation (B, J, 3, 3) and the place (B, J, 3) of each joint in the model's frame."""
    turned, placed = rotations.copy(), rest.copy()
    for joint, parent in enumerate(model.parents.tolist()):
        if parent >= 0:
            turned[:, joint] = turned[:, parent] @ rotations[:, joint]
            bone = rest[:, joint] - rest[:, parent]
            placed[:, joint] = placed[:, parent] + np.einsum("bik,bk->bi", turned[:, parent], bone)
    return turned, placed
