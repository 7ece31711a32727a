"""HMR2.0's camera of a crop, and the one of the whole image that sees the same.

The network says (s, tx, ty): a weak perspective of the square, seen with a focal length of 5000 px per 256. The whole
image is seen with 5000/256 times its longer side. Source: 4D-Humans, hmr2/utils/renderer.py, cam_crop_to_full.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.region import Region

FOCAL_PER_SIDE = 5000 / 256

_TINY = 1e-9

Array = NDArray[np.floating[Any]]


def focal_px(*, width: int, height: int) -> float:
    """Of an image, px."""
    return FOCAL_PER_SIDE * max(width, height)


def to_full(camera: Array, region: Region, *, width: int, height: int) -> Array:
    """(s, tx, ty) of a square to the translation (3,), metres, before the camera of the whole image."""
    scale, tx, ty = camera.astype(np.float64)
    size = region.size * scale + _TINY
    return np.array(
        [
            tx + 2 * (region.cx - width / 2) / size,
            ty + 2 * (region.cy - height / 2) / size,
            2 * focal_px(width=width, height=height) / size,
        ]
    )


def to_crop(translation: Array, region: Region, *, width: int, height: int) -> Array:
    """The other way: (s, tx, ty) of the square that gives this translation.

    Raises:
        ValueError: the body does not lie in front of the camera.
    """
    x, y, z = translation.astype(np.float64)
    if not z > 0:
        raise ValueError(f"a body must lie in front of the camera, got a depth of {z:g} m")
    size = 2 * focal_px(width=width, height=height) / z
    return np.array(
        [
            (size - _TINY) / region.size,
            x - 2 * (region.cx - width / 2) / size,
            y - 2 * (region.cy - height / 2) / size,
        ]
    )


def project(points: Array, translation: Array, *, focal: float, width: int, height: int) -> Array:
    """Points (K, 3) of a body, metres, as px (K, 2) of the image.

    Raises:
        ValueError: a point does not lie in front of the camera.
    """
    placed = points + translation
    if not (placed[:, 2] > 0).all():
        raise ValueError(f"a point lies at depth {placed[:, 2].min():g} m, behind the camera")
    pixels: Array = focal * placed[:, :2] / placed[:, 2:] + np.array([width / 2, height / 2])
    return pixels
