"""A person's square out of an image, as HMR2.0 was trained to see it.

Source: 4D-Humans, hmr2/datasets/vitdet_dataset.py and utils.py.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sidecar.estimators.protocol import Image
from sidecar.pose.region import Region

SIDE_PX = 256
MARGIN_PX = 32  # cut off left and right: the network reads 192 of the 256 columns

_ASPECT = 256 / 192
_BLUR_FROM = 1.1  # half as many times as the square is larger than the crop
_TRUNCATE = 4.0  # of the Gaussian, in standard deviations; scikit-image's default
_MEAN = 255 * np.array([0.485, 0.456, 0.406], np.float32)
_STD = 255 * np.array([0.229, 0.224, 0.225], np.float32)


def square_of(x1: float, y1: float, x2: float, y2: float) -> Region | None:
    """The upright square to look into for a box, px; None for a box without area."""
    width, height = x2 - x1, y2 - y1
    if not (width > 0 and height > 0 and math.isfinite(width + height)):
        return None
    return Region((x1 + x2) / 2, (y1 + y2) / 2, max(height, width * _ASPECT))


def crop(image: Image, region: Region) -> NDArray[np.float32]:
    """The network's input for one person, (3, 256, 192), RGB, normalised; black where the image ends."""
    shrinking = region.size / SIDE_PX / 2
    left, top = 0, 0
    pixels: NDArray[Any] = image
    if shrinking > _BLUR_FROM:
        left, top, pixels = _blurred(image, region, sigma=(shrinking - 1) / 2)
    square = np.zeros((SIDE_PX, SIDE_PX, 3), np.float32)
    if pixels.size:
        square[:] = cv2.warpAffine(
            pixels,
            _matrix(region, left, top),
            (SIDE_PX, SIDE_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
    normalised = (square[:, MARGIN_PX:-MARGIN_PX] - _MEAN) / _STD
    return np.ascontiguousarray(normalised.transpose(2, 0, 1))


def _matrix(region: Region, left: int, top: int) -> NDArray[np.float64]:
    """From px of an image whose corner is at (left, top) to px of the crop."""
    cos, sin, half = math.cos(region.rotation), math.sin(region.rotation), region.size / 2
    centre = np.array([region.cx - left, region.cy - top])
    source = np.array([centre, centre + half * np.array([-sin, cos]), centre + half * np.array([cos, sin])])
    middle = SIDE_PX / 2
    target = np.array([[middle, middle], [middle, SIDE_PX], [SIDE_PX, middle]])
    return np.asarray(cv2.getAffineTransform(source.astype(np.float32), target.astype(np.float32)))


def _blurred(image: Image, region: Region, *, sigma: float) -> tuple[int, int, NDArray[np.float64]]:
    """The image blurred as a whole, but only as much of it as the region reads; and where that begins."""
    reach = region.size / 2 * (abs(math.cos(region.rotation)) + abs(math.sin(region.rotation)))
    reach += int(_TRUNCATE * sigma + 0.5) + 2
    height, width = image.shape[:2]
    left, right = (min(max(0, round(region.cx + side * reach)), width) for side in (-1, 1))
    top, bottom = (min(max(0, round(region.cy + side * reach)), height) for side in (-1, 1))
    window = image[top:bottom, left:right].astype(np.float64)
    if window.size:
        window = gaussian_filter(window, (sigma, sigma, 0), mode="nearest", truncate=_TRUNCATE)
    return left, top, window
