"""What a person looks like: the colours of the body, by which somebody else, a tree or a board is told apart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Image
from sidecar.finding.belief import falling
from sidecar.finding.proportions import BodyRows
from sidecar.pose.person import Person

Colours = NDArray[np.float32]  # (7, 3), RGB in [0, 1]: middle of the torso, towards its corners, the thighs

_TOWARDS_CORNER = 0.6  # the corners themselves often lie on the background
_PATCH = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2)
_PATCH_STEP = 0.015  # in sizes of the region
# Differences of a channel. Of a person's colours from the nearest of those some frames before, 99 of 100 are under
# 0.05 taken together and under 0.15 place by place; of what lies beside them, 19 of 20 are over 0.06 and 0.12.
TOGETHER_OK, TOGETHER_MAX = 0.03, 0.075
APART_OK, APART_MAX = 0.13, 0.25


def colours(image: Image, person: Person, rows: BodyRows) -> Colours:
    """The colours of a person in an image.

    Args:
        image: RGB uint8 (H, W, 3).
        person: in px of the image, with a region.
        rows: of the skeleton.
    """
    assert person.region is not None
    points = person.keypoints[:, :2]
    corners = points[list(rows.torso)]
    middle = corners.mean(axis=0)
    thighs = points[rows.thighs].mean(axis=1)
    places = np.concatenate([middle[None], middle + _TOWARDS_CORNER * (corners - middle), thighs])
    patches = places[:, None] + _PATCH * max(1.0, _PATCH_STEP * person.region.size)
    height, width = image.shape[:2]
    x = patches[..., 0].clip(0, width - 1).astype(np.intp)
    y = patches[..., 1].clip(0, height - 1).astype(np.intp)
    return np.asarray(image[y, x].mean(axis=1) / 255, np.float32)


def likeness(one: Colours, others: Iterable[Colours]) -> float:
    """How much the colours are those of the likest of the others, in [0, 1]; 1 where there are no others.

    Arms and legs cross the body, so that colours change places: they are compared as a set, and place by place too.
    """
    return max((_alike(one, other) for other in others), default=1.0)


def _alike(one: Colours, other: Colours) -> float:
    apart = np.abs(one[:, None] - other[None]).mean(axis=2)
    together = float(apart.min(axis=0).mean() + apart.min(axis=1).mean()) / 2
    in_place = float(np.diagonal(apart).mean())
    return falling(together, TOGETHER_OK, TOGETHER_MAX) * falling(in_place, APART_OK, APART_MAX)
