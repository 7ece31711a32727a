"""What the tests of several families ask with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Cancelled


class CancelAtQuestion:
    """Fires when asked for the nth time."""

    def __init__(self, question: int) -> None:
        self.left = question

    def raise_if_cancelled(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled


def make_boxes(*scores: float) -> NDArray[np.float32]:
    return np.array([[100 * i, 0, 100 * i + 50, 80, score] for i, score in enumerate(scores)], np.float32).reshape(
        -1, 5
    )
