"""The tracker's cameras: joints to pixels of the original frame.

PHALP pads a frame of W x H to a square of side S = max(W, H) and centres it; its camera looks at that square with
the focal length 5000/256 · S.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FOCAL_PER_SIDE = 5000 / 256

Rows = NDArray[np.float64]


def margins(width: int, height: int) -> tuple[int, int]:
    """What the square adds on the left and at the top, px."""
    side = max(width, height)
    return (side - width) // 2, (side - height) // 2


def from_square(joints: Rows, *, width: int, height: int) -> Rows:
    """Joints (J, 2) in [0, 1] of the square to px of the frame."""
    pixels: Rows = joints * max(width, height) - np.array(margins(width, height))
    return pixels


def project(joints: Rows, camera: Rows, *, width: int, height: int) -> Rows:
    """Body-centred joints (J, 3), metres, seen by a camera (3,) that is their translation; (J, 2) px.

    Raises:
        ValueError: a joint is not in front of the camera.
    """
    side = max(width, height)
    placed = joints + camera
    if not (placed[:, 2] > 0).all():
        raise ValueError(f"a joint lies at depth {placed[:, 2].min():g} m, behind the camera")
    centre = side / 2 - np.array(margins(width, height))
    pixels: Rows = FOCAL_PER_SIDE * side * placed[:, :2] / placed[:, 2:] + centre
    return pixels


def depth_px(joints: Rows, camera: Rows, *, root: Rows, width: int, height: int) -> Rows:
    """Depth of joints (J, 3) behind `root` (3,) in px, as large as the same metres look sideways there; (J,).

    Raises:
        ValueError: the root is not in front of the camera.
    """
    distance = float(root[2] + camera[2])
    if not distance > 0:
        raise ValueError(f"the hips lie at depth {distance:g} m, behind the camera")
    depths: Rows = (joints[:, 2] - root[2]) * FOCAL_PER_SIDE * max(width, height) / distance
    return depths


def scale_px(scale: float, *, width: int, height: int) -> float:
    """The longer side of a padded box, px, of the `scale` that the tracker keeps."""
    return scale * max(width, height)
