"""The upright or turned rectangle of an image that the network sees, in unbiased coordinates.

Source: open-mmlab/mmpose, mmcv-style `get_warp_matrix` (Huang et al., The Devil is in the Details, CVPR 2020): the
first and the last pixel of the crop lie on the rectangle's sides, so scales are (pixels - 1) / length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Image
from sidecar.estimators.vit.sizes import INPUT_HEIGHT_PX, INPUT_WIDTH_PX
from sidecar.pose.region import Region

PADDING = 1.25
ASPECT = INPUT_WIDTH_PX / INPUT_HEIGHT_PX


@dataclass(frozen=True, slots=True)
class Window:
    """Centre, sides and turn, px and radians; 3 wide to 4 high."""

    cx: float
    cy: float
    width: float
    height: float
    rotation: float = 0.0


def around_box(x1: float, y1: float, x2: float, y2: float) -> Window | None:
    """A box grown to the network's aspect, with a margin; None for a box without area."""
    width, height = x2 - x1, y2 - y1
    if not (width > 0 and height > 0 and math.isfinite(width + height + x1 + y1)):
        return None
    if width > ASPECT * height:
        height = width / ASPECT
    else:
        width = height * ASPECT
    return Window((x1 + x2) / 2, (y1 + y2) / 2, width * PADDING, height * PADDING)


def around_region(region: Region) -> Window:
    """All of a region's square; it fills the width, and above and below more of the image is seen."""
    return Window(region.cx, region.cy, region.size, region.size / ASPECT, region.rotation)


def crop(image: Image, window: Window) -> NDArray[np.uint8]:
    """The window's pixels, (256, 192, 3), black beyond the image."""
    size = (INPUT_WIDTH_PX, INPUT_HEIGHT_PX)
    return np.asarray(cv2.warpAffine(image, matrix(window), size, flags=cv2.INTER_LINEAR), np.uint8)


def matrix(window: Window) -> NDArray[np.float32]:
    """2 x 3, from pixels of the image to pixels of the crop."""
    cos, sin = math.cos(window.rotation), math.sin(window.rotation)
    scale_x, scale_y = (INPUT_WIDTH_PX - 1) / window.width, (INPUT_HEIGHT_PX - 1) / window.height
    return np.array(
        [
            [scale_x * cos, scale_x * sin, scale_x * (window.width / 2 - cos * window.cx - sin * window.cy)],
            [-scale_y * sin, scale_y * cos, scale_y * (window.height / 2 + sin * window.cx - cos * window.cy)],
        ],
        np.float32,
    )


def to_image(points: NDArray[np.float64], window: Window, *, columns: int, rows: int) -> NDArray[np.float64]:
    """(K, 2) points of a heatmap of that size as points of the image, px."""
    x = points[:, 0] * (window.width / (columns - 1)) - window.width / 2
    y = points[:, 1] * (window.height / (rows - 1)) - window.height / 2
    cos, sin = math.cos(window.rotation), math.sin(window.rotation)
    return np.stack([window.cx + cos * x - sin * y, window.cy + sin * x + cos * y], axis=1)
