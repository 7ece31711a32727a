"""The backbone written once more, in numpy and float64, from the formulas: loops over images, tokens and heads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Matrix = NDArray[np.float64]


def normalised(x: Matrix, weight: Matrix, bias: Matrix, epsilon: float) -> Matrix:
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon) * weight + bias)


def gelu(x: Matrix) -> Matrix:
    return np.asarray(0.5 * x * (1 + erf(x / math.sqrt(2))))


def softmax(x: Matrix) -> Matrix:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def attended(query: Matrix, key: Matrix, value: Matrix, heads: int) -> Matrix:
    """(N, C), (M, C), (M, C) -> (N, C); each head has its own run of channels."""
    size = query.shape[1] // heads
    parts = []
    for head in range(heads):
        own = slice(head * size, (head + 1) * size)
        parts.append(softmax((query[:, own] / math.sqrt(size)) @ key[:, own].T) @ value[:, own])
    return np.concatenate(parts, axis=1)


def backbone(image: Matrix, state: Mapping[str, NDArray[Any]], *, heads: int, depth: int) -> Matrix:
    """(3, H, W) -> (C, rows, columns)."""
    p = {key: np.asarray(value, np.float64) for key, value in state.items()}
    rows, columns = image.shape[1] // 16, image.shape[2] // 16
    padded = np.zeros((3, image.shape[1] + 4, image.shape[2] + 4))
    padded[:, 2:-2, 2:-2] = image
    kernel = p["patch_embed.proj.weight"]
    tokens = np.array(
        [
            (kernel * padded[None, :, 16 * r : 16 * r + 16, 16 * c : 16 * c + 16]).sum(axis=(1, 2, 3))
            for r in range(rows)
            for c in range(columns)
        ]
    )
    x = tokens + p["patch_embed.proj.bias"] + p["pos_embed"][0, 1:] + p["pos_embed"][0, 0]
    for n in range(depth):
        b = {key.removeprefix(f"blocks.{n}."): value for key, value in p.items() if key.startswith(f"blocks.{n}.")}
        y = normalised(x, b["norm1.weight"], b["norm1.bias"], 1e-6)
        query, key, value = np.split(y @ b["attn.qkv.weight"].T + b["attn.qkv.bias"], 3, axis=1)
        x = x + attended(query, key, value, heads) @ b["attn.proj.weight"].T + b["attn.proj.bias"]
        y = normalised(x, b["norm2.weight"], b["norm2.bias"], 1e-6)
        y = gelu(y @ b["mlp.fc1.weight"].T + b["mlp.fc1.bias"])
        x = x + y @ b["mlp.fc2.weight"].T + b["mlp.fc2.bias"]
    x = normalised(x, p["last_norm.weight"], p["last_norm.bias"], 1e-6)
    return x.T.reshape(-1, rows, columns)
