"""The colours of a person's body, taken from the image."""

from __future__ import annotations

import numpy as np

from sidecar.estimators.protocol import Image
from sidecar.finding.proportions import BodyRows
from sidecar.pose.appearance import Colours
from sidecar.pose.person import Person

_TOWARDS_CORNER = 0.6  # the corners themselves often lie on the background
_PATCH = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2)
_PATCH_STEP = 0.015  # in sizes of the region
_REGION_SIDES = 1.25  # size of a region, in the longer sides of boxes


def colours(image: Image, person: Person, rows: BodyRows) -> Colours:
    """The colours of a person in an image.

    Args:
        image: RGB uint8 (H, W, 3).
        person: in px of the image.
        rows: of the skeleton.
    """
    points = person.keypoints[:, :2]
    corners = points[list(rows.torso)]
    middle = corners.mean(axis=0)
    thighs = points[rows.thighs].mean(axis=1)
    places = np.concatenate([middle[None], middle + _TOWARDS_CORNER * (corners - middle), thighs])
    patches = places[:, None] + _PATCH * max(1.0, _PATCH_STEP * _size(person))
    height, width = image.shape[:2]
    x = patches[..., 0].clip(0, width - 1).astype(np.intp)
    y = patches[..., 1].clip(0, height - 1).astype(np.intp)
    return np.asarray(image[y, x].mean(axis=1) / 255, np.float32)


def _size(person: Person) -> float:
    """Of the region, or of one around the keypoints."""
    if person.region is not None:
        return person.region.size
    x1, y1, x2, y2 = person.bbox_xyxy
    return _REGION_SIDES * max(x2 - x1, y2 - y1)
