"""Rotations as matrices, axis-angle vectors, quaternions and the six numbers that networks answer with.

Arrays of any leading shape; matrices turn column vectors; quaternions are (w, x, y, z) of length 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_TINY = 1e-8  # added to a vector before its length is taken, as the published models do
_NEARLY_ALIKE = 0.9995  # cosine of half the angle from which a straight line is as good as the arc


def from_six(numbers: Array) -> Array:
    """(..., 6) -> (..., 3, 3) as HMR2.0 lays them out: the first column, then the second, made orthonormal.

    Others (SPIN) interleave the two columns; the same numbers then mean another rotation.
    Source: Zhou et al., On the Continuity of Rotation Representations, CVPR 2019; 4D-Humans, hmr2/utils/geometry.py.
    """
    first = _unit(numbers[..., :3])
    second = numbers[..., 3:]
    second = _unit(second - (first * second).sum(axis=-1, keepdims=True) * first)
    return np.stack([first, second, np.cross(first, second)], axis=-1)


def to_six(matrices: Array) -> Array:
    """(..., 3, 3) -> (..., 6), such that `from_six` gives the matrices back."""
    return np.concatenate([matrices[..., 0], matrices[..., 1]], axis=-1)


def from_axis_angle(vectors: Array) -> Array:
    """(..., 3), radians along the axis -> (..., 3, 3). Source: Rodrigues' formula."""
    angle = np.linalg.norm(vectors + _TINY, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(vectors / angle, -1, 0)
    zero = np.zeros_like(x)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    sine, cosine = np.sin(angle)[..., None], np.cos(angle)[..., None]
    rotated: Array = np.eye(3, dtype=skew.dtype) + sine * skew + (1 - cosine) * (skew @ skew)
    return rotated


def to_axis_angle(matrices: Array) -> Array:
    """(..., 3, 3) -> (..., 3) with angles in [0, pi]."""
    quaternion = to_quaternion(matrices)
    quaternion = np.where(quaternion[..., :1] < 0, -quaternion, quaternion)
    sine = np.linalg.norm(quaternion[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, quaternion[..., :1])
    # Near no rotation at all the vector is twice the quaternion's.
    scale = np.where(sine > _TINY, angle / np.maximum(sine, _TINY), 2.0)
    vectors: Array = quaternion[..., 1:] * scale
    return vectors


def to_quaternion(matrices: Array) -> Array:
    """(..., 3, 3) -> (..., 4). Of four equal formulas the one with the largest divisor is taken, for precision."""
    m = matrices
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    xy, yx, xz, zx, yz, zy = m[..., 0, 1], m[..., 1, 0], m[..., 0, 2], m[..., 2, 0], m[..., 1, 2], m[..., 2, 1]
    # Row k is the quaternion times four times its own k-th number.
    rows = np.stack(
        [
            np.stack([1 + xx + yy + zz, zy - yz, xz - zx, yx - xy], axis=-1),
            np.stack([zy - yz, 1 + xx - yy - zz, xy + yx, xz + zx], axis=-1),
            np.stack([xz - zx, xy + yx, 1 - xx + yy - zz, yz + zy], axis=-1),
            np.stack([yx - xy, xz + zx, yz + zy, 1 - xx - yy + zz], axis=-1),
        ],
        axis=-2,
    )
    largest = np.diagonal(rows, axis1=-2, axis2=-1).argmax(axis=-1)
    chosen = np.take_along_axis(rows, largest[..., None, None], axis=-2)[..., 0, :]
    return _unit(chosen)


def from_quaternion(quaternions: Array) -> Array:
    """(..., 4) -> (..., 3, 3)."""
    w, x, y, z = np.moveaxis(_unit(quaternions), -1, 0)
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return np.stack(rows, axis=-1).reshape(*w.shape, 3, 3)


def slerp(start: Array, end: Array, share: float) -> Array:
    """Rotations (..., 3, 3) on the shortest arc from `start` (share 0) to `end` (share 1), at constant speed.

    Source: Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985.
    """
    one, other = to_quaternion(start), to_quaternion(end)
    cosine = (one * other).sum(axis=-1, keepdims=True)
    other = np.where(cosine < 0, -other, other)  # both signs are the same rotation; this one is the nearer
    cosine = np.minimum(np.abs(cosine), 1.0)
    angle = np.arccos(cosine)
    sine = np.maximum(np.sin(angle), _TINY)
    near = cosine > _NEARLY_ALIKE
    before = np.where(near, 1 - share, np.sin((1 - share) * angle) / sine)
    after = np.where(near, share, np.sin(share * angle) / sine)
    return from_quaternion(before * one + after * other)


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Array = vectors / np.maximum(lengths, 1e-12)
    return unit
