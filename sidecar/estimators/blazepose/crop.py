"""Cutting a rotated square out of an image, at a network's input size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.pose.region import Region

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image

BLACK = cv2.BORDER_CONSTANT
REPLICATE = cv2.BORDER_REPLICATE


def whole(image: Image) -> Region:
    """The square around the image, centred."""
    height, width = image.shape[:2]
    return Region(width / 2, height / 2, float(max(height, width)))


def crop(image: Image, region: Region, *, side_px: int, border: int) -> NDArray[np.uint8]:
    """The region's pixels, (side_px, side_px, 3), bilinear without smoothing.

    A perspective warp although an affine one would do: OpenCV rounds the two differently, and the network notices
    (mediapipe/calculators/tensor/image_to_tensor_converter_opencv.cc warps so).
    """
    box = ((region.cx, region.cy), (region.size, region.size), math.degrees(region.rotation))
    corners = cv2.boxPoints(box)
    target = np.array([[0, side_px], [0, 0], [side_px, 0], [side_px, side_px]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    pixels = cv2.warpPerspective(image, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(pixels, np.uint8)
