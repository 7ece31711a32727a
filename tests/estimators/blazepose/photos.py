"""Reading the pictures of ../shared/fixtures as the peer read them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Upright RGB, (H, W, 3)."""
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return np.ascontiguousarray(pixels[:, :, ::-1], np.uint8)
