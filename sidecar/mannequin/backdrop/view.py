"""Where the rays of a picture leave for: ground, wall and sky coordinates of every pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.camera import Camera

FAR_M = 400.0
Plane = NDArray[np.float32]  # (H, W)
Paint = NDArray[np.float32]  # (H, W, 3) sRGB in [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Rays of a picture, twice as fine each way: (2H, 2W) arrays.

    Attributes:
        ground_x, ground_z: world metres where a ray meets y = 0; its distance is cut at FAR_M.
        distance: metres along the ground to that point.
        is_ground: the ray meets the ground before FAR_M.
        rise: slope dy/dz of the ray, 0 at the horizon, positive above.
        azimuth: slope dx/dz of the ray.
    """

    camera: Camera
    ground_x: Plane
    ground_z: Plane
    distance: Plane
    is_ground: NDArray[np.bool_]
    rise: Plane
    azimuth: Plane

    def wall(self, z: float) -> tuple[Plane, Plane]:
        """World x and y where rays meet the vertical plane at world depth `z`."""
        depth = float(self.camera.position[2]) - z
        x = float(self.camera.position[0]) + self.azimuth * depth
        return x, float(self.camera.position[1]) + self.rise * depth


def look(camera: Camera) -> View:
    """All rays of the camera."""
    columns, rows = camera.ray_grid(2)
    x, y = np.meshgrid(columns, rows)
    rotation = camera.rotation.T.astype(np.float32)
    world = [rotation[i, 0] * x + rotation[i, 1] * y + rotation[i, 2] for i in range(3)]
    ahead = -world[2]
    rise, azimuth = world[1] / ahead, world[0] / ahead
    below = rise < -float(camera.position[1]) / FAR_M
    distance = np.where(below, float(camera.position[1]) / np.maximum(-rise, 1e-6), FAR_M).astype(np.float32)
    return View(
        camera=camera,
        ground_x=(float(camera.position[0]) + azimuth * distance).astype(np.float32),
        ground_z=(float(camera.position[2]) - distance).astype(np.float32),
        distance=distance,
        is_ground=below,
        rise=rise.astype(np.float32),
        azimuth=azimuth.astype(np.float32),
    )


def mix(first: Paint | tuple[float, float, float], second: Paint | tuple[float, float, float], share: Plane) -> Paint:
    """`first` where share is 0, `second` where it is 1."""
    return np.asarray(
        np.asarray(first, np.float32) * (1 - share[..., None]) + np.asarray(second, np.float32) * share[..., None],
        np.float32,
    )


def smooth(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, without a corner between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def develop(paint: Paint, camera: Camera) -> NDArray[np.uint8]:
    """The finished picture (H, W, 3), each pixel the mean of four."""
    exact = (np.clip(paint, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.asarray(cv2.resize(exact, (camera.width, camera.height), interpolation=cv2.INTER_AREA), np.uint8)
