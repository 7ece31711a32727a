"""Seeded noise that tiles: the grain of grass, stone, wood and clouds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

TILE_PX = 512


def fractal_tile(rng: Generator, *, coarsest: int, octaves: int, gain: float = 0.55) -> NDArray[np.float32]:
    """Noise (512, 512) of zero mean and unit deviation that repeats without a seam.

    Args:
        coarsest: cells per side of the first octave, a power of two; each further octave doubles them.
        gain: weight of an octave against the one before.
    """
    tile = np.zeros((TILE_PX, TILE_PX), np.float32)
    for octave in range(octaves):
        cells = min(coarsest << octave, TILE_PX)
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        padded = np.pad(coarse, 2, mode="wrap")
        factor = TILE_PX // cells
        fine = cv2.resize(padded, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        tile += fine[2 * factor : 2 * factor + TILE_PX, 2 * factor : 2 * factor + TILE_PX] * gain**octave
    return np.asarray((tile - tile.mean()) / tile.std(), np.float32)


def sample(tile: NDArray[np.float32], u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    """The tile at (u, v) in periods, repeating; u and v (H, W)."""
    x = (np.mod(u, 1.0) * TILE_PX).astype(np.float32)
    y = (np.mod(v, 1.0) * TILE_PX).astype(np.float32)
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)
