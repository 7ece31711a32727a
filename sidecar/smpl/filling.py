"""Bodies between two that were seen: rotations turn on the shortest arc, a person's shape stays the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.body import Body
from sidecar.smpl.rotations import slerp


def between(before: Body, after: Body, share: float) -> Body:
    """The body at `share` of the way (0: before, 1: after); camera and shape move in straight lines.

    Vertices are left out: they belong to the seen bodies, and skinning gives those of this one.

    Raises:
        ValueError: `share` is not in [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    return Body(
        global_orient=slerp(before.global_orient, after.global_orient, share).astype(np.float32),
        body_pose=slerp(before.body_pose, after.body_pose, share).astype(np.float32),
        betas=_mixed(before.betas, after.betas, share),
        translation=_mixed(before.translation, after.translation, share),
        focal_px=(1 - share) * before.focal_px + share * after.focal_px,
    )


def one_shape(betas: NDArray[np.float32]) -> NDArray[np.float32]:
    """The shape of a person of whom N frames said (N, 10): the median of each number, which a bad frame cannot pull.

    Raises:
        ValueError: nobody said anything.
    """
    if betas.ndim != 2 or not len(betas):
        raise ValueError(f"betas must have shape (N, 10) with at least one row, got {betas.shape}")
    return np.median(betas, axis=0).astype(np.float32)


def _mixed(one: NDArray[np.float32], other: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    return np.asarray((1 - share) * one + share * other, np.float32)
