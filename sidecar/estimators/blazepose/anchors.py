"""Where the detector's 2254 predictions sit."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

# (cells per side, predictions per cell). Strides 8, 16, 32, 32, 32 on 224 px, two predictions each; layers of equal
# stride share their cells (mediapipe/calculators/tflite/ssd_anchors_calculator.cc).
_GRIDS = ((28, 2), (14, 2), (7, 6))


@cache
def anchor_centres() -> NDArray[np.float32]:
    """Centres of all anchors, (2254, 2) as x, y in fractions of the input; ordered layer, y, x, prediction."""
    layers = []
    for cells, predictions in _GRIDS:
        middle = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        layers.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), predictions, axis=0))
    return np.concatenate(layers)
