"""The pinhole camera of a scene: world metres to camera metres to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]  # (3,) or (N, 3)
Matrix = NDArray[np.float64]  # (3, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """World: x right, y up, z towards the viewer, metres. Camera: x right, y down, z away from the viewer, metres.

    Attributes:
        position: (3,) of the lens in the world.
        pitch: radians the lens looks down.
        focal_px: focal length.
        width, height: px of the picture; the optical axis meets its centre.
    """

    position: Vector
    pitch: float
    focal_px: float
    width: int
    height: int

    @property
    def rotation(self) -> Matrix:
        """(3, 3), turns world directions into camera directions."""
        cos, sin = math.cos(self.pitch), math.sin(self.pitch)
        return np.array([[1.0, 0.0, 0.0], [0.0, -cos, sin], [0.0, -sin, -cos]])

    def to_camera(self, points: Vector) -> Vector:
        """World points (N, 3) as camera points (N, 3)."""
        return np.asarray((points - self.position) @ self.rotation.T)

    def project(self, points: Vector) -> NDArray[np.float64]:
        """Camera points (N, 3) as pixels (N, 2), origin at the top-left corner of the top-left pixel."""
        centre = np.array([self.width / 2, self.height / 2])
        return np.asarray(points[:, :2] / points[:, 2:3] * self.focal_px + centre)

    def ray_grid(self, supersample: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Slopes x/z of every column (W * s,) and y/z of every row (H * s,), at the centres of the sub-pixels."""
        columns = ((np.arange(self.width * supersample) + 0.5) / supersample - self.width / 2) / self.focal_px
        rows = ((np.arange(self.height * supersample) + 0.5) / supersample - self.height / 2) / self.focal_px
        return columns.astype(np.float32), rows.astype(np.float32)
