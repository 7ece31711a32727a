"""What a person looks like: the colours of the body, by which somebody else, a tree or a board is told apart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.falling import falling

Colours = NDArray[np.float32]  # (7, 3), RGB in [0, 1]: middle of the torso, towards its corners, the thighs

# Differences of a channel. Of a person's colours from the nearest of those some frames before, 99 of 100 are under
# 0.05 taken together and under 0.15 place by place; of what lies beside them, 19 of 20 are over 0.06 and 0.12.
TOGETHER_OK, TOGETHER_MAX = 0.03, 0.075
APART_OK, APART_MAX = 0.13, 0.25


def likeness(one: Colours, others: Iterable[Colours]) -> float:
    """How much the colours are those of the likest of the others, in [0, 1]; 1 where there are no others.

    Arms and legs cross the body, so that colours change places: they are compared as a set, and place by place too.
    """
    return max((_alike(one, other) for other in others), default=1.0)


def difference(one: Colours, other: Colours) -> float:
    """Of two people's colours taken together, whatever their places: of a channel, in [0, 1]."""
    return _together(np.abs(one[:, None] - other[None]).mean(axis=2))


def _alike(one: Colours, other: Colours) -> float:
    apart = np.abs(one[:, None] - other[None]).mean(axis=2)
    in_place = float(np.diagonal(apart).mean())
    return falling(_together(apart), TOGETHER_OK, TOGETHER_MAX) * falling(in_place, APART_OK, APART_MAX)


def _together(apart: NDArray[np.float32]) -> float:
    return float(apart.min(axis=0).mean() + apart.min(axis=1).mean()) / 2
