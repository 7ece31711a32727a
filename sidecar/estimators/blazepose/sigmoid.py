"""The logistic function, without overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + exp(-x)), for any finite x."""
    result: NDArray[np.float32] = np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1))
    return result
