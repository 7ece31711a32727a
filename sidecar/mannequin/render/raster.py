"""Which surface each ray meets first: analytic intersections over each surface's own rectangle, into a depth buffer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.camera import Camera
from sidecar.mannequin.render.quadric import UNBOUNDED, Surface

NEAR_M = 0.05  # nothing closer to the lens is drawn
EMPTY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What the rays of a window met, at sub-pixel resolution.

    Attributes:
        left, top: sub-pixel corner of the window in the picture; multiples of the supersampling.
        columns, rows: ray slopes x/z (w,) and y/z (h,).
        depth: (h, w) camera z in metres, inf where nothing was met.
        surface: (h, w) index of the surface met, or EMPTY.
    """

    left: int
    top: int
    columns: NDArray[np.float32]
    rows: NDArray[np.float32]
    depth: NDArray[np.float32]
    surface: NDArray[np.int16]


def cast(surfaces: Sequence[Surface], camera: Camera, *, supersample: int, margin: int = 0) -> Hits | None:
    """Meet every ray of the window around `surfaces` with them; None when all are outside the picture.

    Args:
        margin: px to widen the window by.
    """
    columns, rows = camera.ray_grid(supersample)
    boxes = _boxes(surfaces, camera, supersample)
    seen = (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    if not seen.any():
        return None
    low, high = boxes[seen, :2].min(axis=0), boxes[seen, 2:].max(axis=0)
    left, top = (max(0, int(v) // supersample - margin) * supersample for v in low)
    right, bottom = (
        min(limit, (-(-int(v) // supersample) + margin) * supersample)
        for v, limit in zip(high, (len(columns), len(rows)), strict=True)
    )
    columns, rows = columns[left:right], rows[top:bottom]
    depth = np.full((len(rows), len(columns)), np.inf, np.float32)
    index = np.full(depth.shape, EMPTY, np.int16)
    for number in np.flatnonzero(seen).tolist():
        x0, y0, x1, y1 = boxes[number] - (left, top, left, top)
        _meet(surfaces[number], number, columns[x0:x1], rows[y0:y1], depth[y0:y1, x0:x1], index[y0:y1, x0:x1])
    return Hits(left, top, columns, rows, depth, index)


def _boxes(surfaces: Sequence[Surface], camera: Camera, supersample: int) -> NDArray[np.int64]:
    """Sub-pixel rectangles (N, 4) xyxy around the surfaces, clipped to the picture; empty where behind the lens."""
    centre = np.array([surface.centre for surface in surfaces])
    reach = np.array([surface.reach for surface in surfaces])
    near, far = centre[:, 2] - reach[:, 2], centre[:, 2] + reach[:, 2]
    behind = near <= NEAR_M
    near = np.where(behind, 1.0, near)
    far = np.where(behind, 1.0, far)
    scale = camera.focal_px * supersample
    size = np.array([camera.width, camera.height]) * supersample
    boxes = np.zeros((len(surfaces), 4), np.int64)
    for axis in (0, 1):
        low, high = centre[:, axis] - reach[:, axis], centre[:, axis] + reach[:, axis]
        first = np.minimum(low / near, low / far) * scale + size[axis] / 2
        last = np.maximum(high / near, high / far) * scale + size[axis] / 2
        boxes[:, axis] = np.clip(np.floor(first), 0, size[axis])
        boxes[:, axis + 2] = np.clip(np.ceil(last), 0, size[axis])
    boxes[behind] = 0
    return boxes


def _meet(
    surface: Surface,
    number: int,
    columns: NDArray[np.float32],
    rows: NDArray[np.float32],
    depth: NDArray[np.float32],
    index: NDArray[np.int16],
) -> None:
    """Write the surface into its rectangle of the buffers where it is the nearest so far.

    A ray is z * (x, y, 1), so z solves a z^2 + 2 b z + c = 0 with a, b quadratic and linear in x and y. The
    discriminant is one quadratic form in (x, y, 1); it is expanded about the middle of the rectangle, in float64,
    because about the picture's centre its terms are a thousand times their sum and float32 would lose the edges.
    """
    x_middle, y_middle = float(columns.mean()), float(rows.mean())
    x, y = columns - np.float32(x_middle), (rows - np.float32(y_middle))[:, None]
    shift = np.array([[1.0, 0.0, x_middle], [0.0, 1.0, y_middle], [0.0, 0.0, 1.0]])
    form = np.outer(surface.linear, surface.linear) - surface.constant * surface.matrix
    (xx, xy, xw), (_, yy, yw), (_, _, ww) = (shift.T @ form @ shift).astype(np.float32)
    discriminant = ((xx * x + 2 * xw) * x)[None, :] + ((yy * y + 2 * yw) * y + ww)
    discriminant += (2 * xy * y) * x
    met = discriminant > 0
    np.sqrt(np.maximum(discriminant, 0, out=discriminant), out=discriminant)
    bx, by, bw = (surface.linear @ shift).astype(np.float32)
    discriminant -= (bx * x)[None, :]
    discriminant -= by * y + bw
    with np.errstate(divide="ignore", over="ignore"):
        z = np.divide(np.float32(surface.constant), discriminant, out=discriminant)
    met &= z < depth
    met &= z > NEAR_M
    if surface.low > -UNBOUNDED or surface.high < UNBOUNDED:
        ax, ay, aw = (surface.axis @ shift).astype(np.float32)
        along = (ax * x)[None, :] + (ay * y + aw)
        along *= z
        met &= along >= np.float32(surface.low - surface.offset)
        met &= along <= np.float32(surface.high - surface.offset)
    np.copyto(depth, z, where=met)
    index[met] = number
