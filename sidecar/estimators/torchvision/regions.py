"""A region as a picture of its own, for a network that looks at pictures; and the one person meant by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Image
from sidecar.pose.person import Person
from sidecar.pose.region import Region

SIDE_MAX_PX = 1333  # the network scales larger pictures down to this


@dataclass(frozen=True, slots=True)
class View:
    """A region's pixels, upright, and where they came from.

    Attributes:
        pixels: (side_px, side_px, 3), black beyond the image.
        to_source: 2 x 3, from pixels of the view to pixels of the image.
    """

    pixels: Image
    to_source: NDArray[np.float64]

    @property
    def side_px(self) -> int:
        """Width and height."""
        return len(self.pixels)

    def to_image(self, keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
        """(K, 4) keypoints of the view as keypoints of the image."""
        placed = keypoints.copy()
        placed[:, :2] = keypoints[:, :2] @ self.to_source[:, :2].T + self.to_source[:, 2]
        return placed


def upright(image: Image, region: Region) -> View:
    """Cut a region out, one pixel for one as far as SIDE_MAX_PX allows."""
    side = max(1, min(SIDE_MAX_PX, math.ceil(region.size)))
    step = region.size / side
    cos, sin = step * math.cos(region.rotation), step * math.sin(region.rotation)
    half = side / 2
    to_source = np.array(
        [
            [cos, -sin, region.cx - half * cos + half * sin],
            [sin, cos, region.cy - half * sin - half * cos],
        ]
    )
    # OpenCV counts from pixel centres, we count from corners.
    centred = to_source.copy()
    centred[:, 2] += to_source[:, :2] @ np.array([0.5, 0.5]) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return View(np.asarray(cv2.warpAffine(image, centred, (side, side), flags=flags), np.uint8), to_source)


def nearest_to_middle(people: Sequence[Person], side_px: int) -> Person | None:
    """Who is meant by a region: whoever's box has its middle closest to the region's."""

    def distance(person: Person) -> float:
        x1, y1, x2, y2 = person.bbox_xyxy
        return math.hypot((x1 + x2 - side_px) / 2, (y1 + y2 - side_px) / 2)

    return min(people, key=distance, default=None)
