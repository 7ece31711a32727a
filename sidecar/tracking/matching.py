"""Pairs with the highest total score."""

from __future__ import annotations

import numpy as np

from sidecar.tracking.similarity import Floats


def match(scores: Floats, *, minimum: float) -> list[tuple[int, int]]:
    """The pairs of row and column with the highest total score; none scores under the minimum.

    Args:
        scores: (R, C).
    """
    fitting = scores >= minimum
    if not fitting.any():
        return []
    if fitting.sum(axis=0).max() == 1 and fitting.sum(axis=1).max() == 1:  # nobody has a choice
        rows, columns = np.nonzero(fitting)
    else:
        from scipy.optimize import linear_sum_assignment  # 0.2 s that a video of one person need not spend

        # Scores under the minimum all count alike, so that a hopeless pair never costs a good one.
        rows, columns = linear_sum_assignment(np.where(fitting, scores, minimum), maximize=True)
    return [(r, c) for r, c in zip(rows.tolist(), columns.tolist(), strict=True) if fitting[r, c]]
