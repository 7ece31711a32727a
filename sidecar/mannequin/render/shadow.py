"""Soft shadows on the ground: parts drawn from the sun's side into a ground-aligned map, warped into the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.camera import Camera, Vector

MAP_PX_PER_M = 48
SOFTNESS_M = 0.045
CONTACT_REACH_M = 0.35  # below this height a part also darkens the ground right under it


@dataclass(frozen=True, slots=True, eq=False)
class ShadowField:
    """Where shadows can fall: a rectangle of the ground, world x and z in metres, and its way into the picture."""

    low: tuple[float, float]
    high: tuple[float, float]
    camera: Camera
    to_sun: Vector

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the map, px."""
        return (
            int((self.high[0] - self.low[0]) * MAP_PX_PER_M),
            int((self.high[1] - self.low[1]) * MAP_PX_PER_M),
        )

    def homography(self) -> NDArray[np.float64]:
        """(3, 3) from map pixels to picture pixels (both with pixel centres at whole numbers)."""
        camera, step = self.camera, 1.0 / MAP_PX_PER_M
        rotation = camera.rotation
        origin = rotation @ (np.array([self.low[0] + step / 2, 0.0, self.low[1] + step / 2]) - camera.position)
        ground = np.stack([rotation[:, 0] * step, rotation[:, 2] * step, origin], axis=1)
        lens = np.array(
            [
                [camera.focal_px, 0.0, camera.width / 2 - 0.5],
                [0.0, camera.focal_px, camera.height / 2 - 0.5],
                [0.0, 0.0, 1.0],
            ]
        )
        return np.asarray(lens @ ground)


def draw_shadow(field: ShadowField, bones: Sequence[tuple[Vector, Vector, float]]) -> NDArray[np.uint8]:
    """Light left on the ground (H, W), 255 for all: bones are world start, end and radius, metres."""
    width, height = field.size
    cast = np.zeros((height, width), np.uint8)
    contact = np.zeros((height, width), np.uint8)
    slope = field.to_sun[[0, 2]] / field.to_sun[1]
    fraction = 16

    def on_map(point: Vector, slide: Vector) -> tuple[int, int]:
        x, z = (point[[0, 2]] - slide * point[1] - np.array(field.low)) * MAP_PX_PER_M - 0.5
        return round(float(x) * fraction), round(float(z) * fraction)

    for start, end, radius in bones:
        thick = max(1, round(2 * radius * MAP_PX_PER_M))
        cv2.line(cast, on_map(start, slope), on_map(end, slope), 255, thick, cv2.LINE_8, 4)
        if min(start[1], end[1]) < CONTACT_REACH_M:
            strength = int(150 * (1 - max(0.0, min(start[1], end[1])) / CONTACT_REACH_M))
            still = np.zeros(2)
            cv2.line(contact, on_map(start, still), on_map(end, still), strength, thick, cv2.LINE_8, 4)
    blur = SOFTNESS_M * MAP_PX_PER_M
    dark = cv2.GaussianBlur(cast, (0, 0), blur).astype(np.uint16) * 150 // 255
    dark += cv2.GaussianBlur(contact, (0, 0), 2 * blur).astype(np.uint16) * 110 // 255
    light = (255 - np.minimum(dark, 215)).astype(np.uint8)
    size = (field.camera.width, field.camera.height)
    return cv2.warpPerspective(
        light, field.homography(), size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    ).astype(np.uint8)
