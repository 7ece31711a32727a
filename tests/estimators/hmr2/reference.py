"""HMR2.0's stages written once more from the formulas, in numpy and float64."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.estimators.vit.reference import Matrix, attended, gelu, normalised


def head(
    context: Matrix, state: Mapping[str, NDArray[Any]], *, heads: int, depth: int
) -> tuple[Matrix, Matrix, Matrix]:
    """(M, C) features of one image -> pose (144,), betas (10,), camera (3,)."""
    p = {key: np.asarray(value, np.float64) for key, value in state.items()}
    x = (np.zeros(1) @ p["transformer.to_token_embedding.weight"].T + p["transformer.to_token_embedding.bias"])[None]
    x = x + p["transformer.pos_embedding"][0]
    for n in range(depth):
        prefix = f"transformer.transformer.layers.{n}."
        b = {key.removeprefix(prefix): value for key, value in p.items() if key.startswith(prefix)}
        y = normalised(x, b["0.norm.weight"], b["0.norm.bias"], 1e-5)
        query, key, value = np.split(y @ b["0.fn.to_qkv.weight"].T, 3, axis=1)
        x = x + attended(query, key, value, heads) @ b["0.fn.to_out.0.weight"].T + b["0.fn.to_out.0.bias"]
        y = normalised(x, b["1.norm.weight"], b["1.norm.bias"], 1e-5)
        key, value = np.split(context @ b["1.fn.to_kv.weight"].T, 2, axis=1)
        seen = attended(y @ b["1.fn.to_q.weight"].T, key, value, heads)
        x = x + seen @ b["1.fn.to_out.0.weight"].T + b["1.fn.to_out.0.bias"]
        y = normalised(x, b["2.norm.weight"], b["2.norm.bias"], 1e-5)
        y = gelu(y @ b["2.fn.net.0.weight"].T + b["2.fn.net.0.bias"])
        x = x + y @ b["2.fn.net.3.weight"].T + b["2.fn.net.3.bias"]
    token = x[0]
    pose, betas, camera = (
        token @ p[f"{name}.weight"].T + p[f"{name}.bias"] for name in ("decpose", "decshape", "deccam")
    )
    return pose + p["init_body_pose"][0], betas + p["init_betas"][0], camera + p["init_cam"][0]


def rotation_of(six: Matrix) -> Matrix:
    """One rotation: x.reshape(2, 3).T has the two columns, then Gram-Schmidt."""
    columns = six.reshape(2, 3).T
    b1 = columns[:, 0] / math.sqrt(columns[:, 0] @ columns[:, 0])
    b2 = columns[:, 1] - (b1 @ columns[:, 1]) * b1
    b2 = b2 / math.sqrt(b2 @ b2)
    return np.column_stack([b1, b2, np.cross(b1, b2)])


def blurred(image: NDArray[np.uint8], sigma: float) -> Matrix:
    """A Gaussian over the whole image, edges repeated, cut at four standard deviations: rows, then columns."""
    radius = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    found = image.astype(np.float64)
    for axis in (0, 1):
        padding = [(radius, radius) if side == axis else (0, 0) for side in range(3)]
        padded = np.pad(found, padding, mode="edge")
        size = found.shape[axis]
        found = np.array(sum(weight * padded.take(range(k, k + size), axis) for k, weight in enumerate(kernel)))
    return found


def sampled(image: Matrix, x: Matrix, y: Matrix) -> Matrix:
    """Bilinear values at pixel centres (x, y), black beyond the image."""
    height, width = image.shape[:2]
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    total = np.zeros((*x.shape, 3))
    for dy in (0, 1):
        for dx in (0, 1):
            column, row = left + dx, top + dy
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            weight = (1 - np.abs(x - column)) * (1 - np.abs(y - row)) * inside
            total += weight[..., None] * image[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return total


def crop(image: NDArray[np.uint8], box: tuple[float, float, float, float]) -> Matrix:
    """The 256 x 192 input of an upright box, without OpenCV's rounding of places and values."""
    x1, y1, x2, y2 = box
    cx, cy, w, h = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    if h / w < 256 / 192:
        h = w * 256 / 192
    else:
        w = h * 192 / 256
    size = max(w, h)
    shrinking = size / 256 / 2
    pixels = blurred(image, (shrinking - 1) / 2) if shrinking > 1.1 else image.astype(np.float64)
    places = (np.arange(256) - 128) * size / 256
    x, y = np.meshgrid(cx + places, cy + places)
    square = sampled(pixels, x, y)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return np.asarray(((square - 255 * mean) / (255 * std)).transpose(2, 0, 1)[:, :, 32:-32])
