"""A person's body as a mesh model's parameters, and where it stands before the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Parameters of SMPL, seen by a camera in the middle of the image.

    A point p of the body lies at p + translation before the camera (x right, y down, z away, metres) and is seen at
    pixel focal_px * (x, y) / z + (width, height) / 2.

    Attributes:
        global_orient: float32 (3, 3), the rotation of the whole body about its first joint.
        body_pose: float32 (23, 3, 3), each further joint's rotation relative to its parent.
        betas: float32 (10,), the shape.
        translation: float32 (3,), metres.
        focal_px: of the whole image, px.
        vertices: float32 (V, 3), metres, before translation; None where nobody asked for them.
    """

    global_orient: NDArray[np.float32]
    body_pose: NDArray[np.float32]
    betas: NDArray[np.float32]
    translation: NDArray[np.float32]
    focal_px: float
    vertices: NDArray[np.float32] | None = None
